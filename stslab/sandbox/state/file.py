"""The file of ``stslab sandbox --state`` as a file: whose it is, who may have it open, and how SQLite is to use it.

Source for SQLite's part: sqlite.org, "Write-Ahead Logging" and "Pragma statements": with ``synchronous=NORMAL`` a
transaction of a write-ahead log outlives the process that has made it, however that ends; only a power failure may take
the last ones away, and none is ever there by half.
"""

from __future__ import annotations

import fcntl
import os
import sqlite3
import stat
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from stslab.errors import BadInput

OPTION = "--state"
APPLICATION_ID = 0x5354534C
"""What SQLite's header says of whose file it is, at offset 68. Source: sqlite.org, "Database File Format"."""

_MAGIC = b"SQLite format 3\0"
_ANOTHER = "give another file, or a new one"
_BUSY = frozenset({sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED})
_DAMAGED = frozenset({sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB})


def take(path: Path, layout: str) -> tuple[int, sqlite3.Connection]:
    """Open a state file, which is made if need be, and have it alone until the connection and then the lock is closed.

    Args:
        path: the file.
        layout: the SQL that makes the tables of a new one.

    Returns:
        the descriptor that holds the lock, which the kernel gives back however the process ends; and the connection.

    Raises:
        BadInput: it is not a file of this sandbox's, or in use, or damaged, or cannot be read and written.
    """
    # SQLite resolves links, too, and looks for its journal beside the file itself.
    real = Path(os.path.realpath(path))
    with _unusable(path):
        descriptor = _own(real, layout)
    try:
        with translated(path):
            return descriptor, _connected(real)
    except BaseException:
        os.close(descriptor)
        raise


@contextmanager
def translated(path: Path) -> Iterator[None]:
    """Have what SQLite raises said in a sentence.

    Raises:
        BadInput: SQLite cannot read or write the file.
    """
    try:
        yield
    except (sqlite3.Error, OverflowError) as fault:
        code = getattr(fault, "sqlite_errorcode", sqlite3.SQLITE_ERROR) & 0xFF
        if code in _BUSY:
            raise _in_use(path) from None
        if code in _DAMAGED:
            raise damaged(path) from None
        remedy = "make room, or give a file that can be written"
        raise BadInput(OPTION, f"{path} cannot be read or written ({fault})", remedy) from None


def damaged(path: Path, what: str = "") -> BadInput:
    """What to say of a file that is ours and has been changed by something else."""
    detail = f" ({what})" if what else ""
    return BadInput(OPTION, f"{path} is damaged{detail}", "delete it and begin anew, or put a copy of it back")


def _in_use(path: Path) -> BadInput:
    return BadInput(OPTION, f"{path} is in use by another sandbox", "stop that one, or give another file")


@contextmanager
def _unusable(path: Path) -> Iterator[None]:
    try:
        yield
    except BlockingIOError:
        raise _in_use(path) from None
    except IsADirectoryError:
        raise BadInput(OPTION, f"{path} is a folder", "give a file") from None
    except OSError as fault:
        problem = f"{path} cannot be read and written ({fault.strerror})"
        raise BadInput(OPTION, problem, "give a file in a folder of your own") from None


def _own(path: Path, layout: str) -> int:
    """Open and lock a file that is ours or new; nothing is written to one that is neither."""
    try:
        descriptor = os.open(path, os.O_RDWR | os.O_NONBLOCK)
    except FileNotFoundError:
        return _made(path, layout)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        found = os.fstat(descriptor)
        if not os.path.samestat(found, path.stat()):
            raise BlockingIOError  # another sandbox has just put its own in the place of this one
        if stat.S_ISREG(found.st_mode) and found.st_size == 0:
            made = _made(path, layout, empty=True)
            os.close(descriptor)
            return made
        if not stat.S_ISREG(found.st_mode) or not _is_ours(os.pread(descriptor, 100, 0)):
            raise BadInput(OPTION, f"{path} is not a state file of stslab sandbox", _ANOTHER)
        if found.st_mode & 0o077:
            os.fchmod(descriptor, 0o600)
    except BaseException:
        os.close(descriptor)
        raise
    return descriptor


def _is_ours(header: bytes) -> bool:
    return header.startswith(_MAGIC) and int.from_bytes(header[68:72]) == APPLICATION_ID


def _made(path: Path, layout: str, *, empty: bool = False) -> int:
    """Make a state file, which gets its name when it is whole and locked.

    Args:
        path: its name.
        layout: the SQL that makes its tables.
        empty: whether there is an empty file of that name, whose place it takes.
    """
    for suffix in ("-wal", "-journal"):
        # SQLite would take it for this file's, and put what is in it into this one.
        left = path.with_name(path.name + suffix)
        if left.exists():
            raise BadInput(OPTION, f"{left} is left over from a file that is gone", "delete it, or give another file")
    # mkstemp gives it the mode 0600.
    descriptor, name = tempfile.mkstemp(prefix=f".{path.name}.", suffix=".new", dir=path.parent)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        with translated(path):
            connection = sqlite3.connect(name, isolation_level=None)
            try:
                connection.executescript(
                    "PRAGMA locking_mode=EXCLUSIVE; PRAGMA journal_mode=WAL;"
                    f"BEGIN; {layout} PRAGMA application_id={APPLICATION_ID}; COMMIT"
                )
            finally:
                connection.close()
        if empty:
            Path(name).replace(path)
        else:
            _give_name(name, path)
    except BaseException:
        os.close(descriptor)
        with suppress(OSError):
            Path(name).unlink()
        raise
    return descriptor


def _give_name(name: str, path: Path) -> None:
    """Rename a file, but not over another that somebody has made in the meantime."""
    try:
        os.link(name, path)
    except FileExistsError:
        raise BlockingIOError from None
    except OSError:  # a file system without links
        Path(name).replace(path)
    else:
        Path(name).unlink()


def _connected(path: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(path, timeout=0, isolation_level=None, check_same_thread=False)
    try:
        # Alone: then SQLite needs no shared memory beside the file, and no other program can change it meanwhile.
        connection.execute("PRAGMA locking_mode=EXCLUSIVE")
        connection.execute("PRAGMA synchronous=NORMAL")
        connection.execute("BEGIN EXCLUSIVE")
        connection.execute("COMMIT")
        (health,) = connection.execute("PRAGMA quick_check(1)").fetchone()
        if health != "ok":
            raise damaged(path)
    except BaseException:
        connection.close()
        raise
    return connection
