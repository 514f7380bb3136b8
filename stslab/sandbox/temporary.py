"""A folder for as long as a sandbox runs, which the next sandbox takes away where this one was killed."""

from __future__ import annotations

import fcntl
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

PREFIX = "stslab-sandbox-"
"""How the name of such a folder begins."""

LOCK = "lock"


@contextmanager
def temporary_folder() -> Iterator[Path]:
    """Make a folder for its owner only, and take it away in the end; first those that others have left."""
    _remove_left()
    folder = Path(tempfile.mkdtemp(prefix=PREFIX))
    # Held by the process, and given back by the kernel however it ends.
    held = os.open(folder / LOCK, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        os.close(held)


def _remove_left() -> None:
    """Take away the folders of sandboxes that run no more."""
    for folder in Path(tempfile.gettempdir()).glob(f"{PREFIX}*"):
        # Somebody else's cannot be opened; one without a lock is just being made.
        with suppress(OSError), (folder / LOCK).open("rb") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            shutil.rmtree(folder)
