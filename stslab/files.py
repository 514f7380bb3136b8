"""Write a file whole or not at all."""

from __future__ import annotations

import tempfile
from pathlib import Path


def write_whole(path: Path, text: str) -> None:
    """Replace a file's content in one step, making its folder where there is none.

    Args:
        path: the file.
        text: the new content, written as UTF-8.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile(
        "w", encoding="utf-8", dir=path.parent, prefix=f".{path.name}.", delete=False
    ) as out:
        fresh = Path(out.name)
        try:
            out.write(text)
            out.close()
            fresh.chmod(0o644)
            fresh.replace(path)
        except BaseException:
            fresh.unlink()
            raise
