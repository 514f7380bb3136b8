"""The zip that makes Gradescope grade with this installation of stslab."""

from __future__ import annotations

import io
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path

from stslab.exporters.pins import pins
from stslab.exporters.scripts import RUBRIC, run_autograder, setup
from stslab.suite import suite_folder

SUITE = ("conftest.py", "pytest.ini", "tests", "fixtures", "policies", "docs/validated.json")
"""What of a clone is the suite; an installed package has the same in ``suite/``."""

PYTHONS = ("3.11", "3.12", "3.13")

_EPOCH = (1980, 1, 1, 0, 0, 0)


def autograder(rubric: bytes | None = None) -> bytes:
    """Build the upload; the same installation always gives the same bytes.

    Args:
        rubric: a rubric file to grade by, instead of the suite's own.

    Returns:
        a zip with ``setup.sh`` and ``run_autograder`` at its top.

    Raises:
        SuiteError: the installation is not whole.

    Source: Gradescope autograder documentation, "Autograder Specifications".
    """
    mine = f"{sys.version_info.major}.{sys.version_info.minor}"
    files = {
        **dict(_project()),
        "requirements.txt": "".join(f"{pin}\n" for pin in pins(suite_folder())).encode(),
        "setup.sh": setup(sorted(PYTHONS, key=lambda version: version != mine)).encode(),
        "run_autograder": run_autograder().encode(),
    }
    if rubric is not None:
        files[RUBRIC] = rubric
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in sorted(files.items()):
            archive.writestr(_member(name, executable=content.startswith(b"#!")), content, zipfile.ZIP_DEFLATED)
    return out.getvalue()


def _project() -> Iterator[tuple[str, bytes]]:
    package, suite = Path(__file__).resolve().parent.parent, suite_folder()
    yield from _tree(package, "stslab")
    # Of an installed package these are there already.
    for part in SUITE:
        yield from _tree(suite / part, f"stslab/suite/{part}")


def _tree(path: Path, name: str) -> Iterator[tuple[str, bytes]]:
    if path.is_file():
        yield name, path.read_bytes()
        return
    for inner in path.iterdir():
        if not inner.name.startswith((".", "__pycache__")):
            yield from _tree(inner, f"{name}/{inner.name}")


def _member(name: str, *, executable: bool) -> zipfile.ZipInfo:
    member = zipfile.ZipInfo(name, _EPOCH)
    member.create_system = 3  # Unix, wherever it is made: Windows has no executable bit
    member.external_attr = (0o100755 if executable else 0o100644) << 16
    return member
