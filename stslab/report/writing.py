"""Put rendered reports into their folder."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from stslab.files import write_whole
from stslab.result import DOCUMENTS


def write_reports(folder: Path, files: Sequence[tuple[str, str]]) -> None:
    """Write each file whole, and take away documents that an earlier run has left there.

    Args:
        folder: the folder of the reports.
        files: texts by their path in it, with slashes.

    Raises:
        OSError: there is no writing there.
    """
    for path, text in files:
        write_whole(folder / path, text)
    ours = {folder / path for path, _ in files}
    for found in (folder / DOCUMENTS).glob("*"):
        # Signed with the others, it would pass for what was tested.
        if found not in ours and not found.is_dir():
            found.unlink()
