"""Write a file whole or not at all."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterable
from pathlib import Path


def write_whole(path: Path, text: str) -> None:
    """Replace a file's content in one step, making its folder where there is none.

    Args:
        path: the file.
        text: the new content, written as UTF-8.
    """
    write_lines(path, [text])


def write_lines(path: Path, lines: Iterable[str]) -> None:
    """Replace a file's content in one step by lines as they come, making its folder where there is none.

    Args:
        path: the file.
        lines: the new content, written as UTF-8; each line brings its own end.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile(
        "w", encoding="utf-8", newline="", dir=path.parent, prefix=f".{path.name[:50]}.", delete=False
    ) as out:
        fresh = Path(out.name)
        try:
            out.writelines(lines)
            out.close()
            fresh.chmod(0o644)
            fresh.replace(path)
        except BaseException:
            fresh.unlink()
            raise


def write_private(path: Path, text: str) -> None:
    """Replace the content of a file that its owner alone may read, in one step.

    What is half written has one name, so that the next time takes away what a crash has left of a secret.

    Args:
        path: the file, in a folder that there is.
        text: the new content, written as UTF-8.
    """
    fresh = path.with_name(f".{path.name}.new")
    fresh.unlink(missing_ok=True)
    with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as out:
        out.write(text)
    fresh.replace(path)
