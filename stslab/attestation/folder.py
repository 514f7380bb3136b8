"""A run's folder on the disk: the digests of its files, its result, and the attestation."""

from __future__ import annotations

import errno
import hashlib
import os
import stat
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from io import BufferedReader
from pathlib import Path

from stslab.errors import BadInput
from stslab.report.visible import visible
from stslab.result import LabResult
from stslab.result_file import RESULT, parse_result

ATTESTATION = "attestation.json"
REQUIRED = (RESULT, "audit.html")
LIMIT = 1 << 24
"""Bytes that an attestation may have; a statement has about 150 for a file."""


@dataclass(frozen=True)
class Survey:
    """A folder's files, by their paths in it, with ``/``.

    ``digests`` has their SHA-256 in hex; ``unfit`` has what can be no file of a report, with why.
    """

    digests: Mapping[str, str]
    unfit: Mapping[str, str]


def survey(folder: Path) -> Survey:
    """Look through a folder and those below it.

    Not looked at: whatever is hidden (its name begins with a dot), where files are while they are being written, and
    the attestation. No symbolic link is followed.

    Raises:
        BadInput: the folder cannot be read.
    """
    try:
        os.scandir(folder).close()
    except OSError as error:
        problem = f"the folder cannot be read ({error.strerror})"
        raise BadInput(visible(str(folder)), problem, "give the folder with a run's reports") from None
    digests: dict[str, str] = {}
    unfit: dict[str, str] = {}
    for name, fault in _names(folder):
        try:
            if fault:
                unfit[name] = fault
            else:
                with opened_file(folder / name) as file:
                    digests[name] = hashlib.file_digest(file, "sha256").hexdigest()
        except OSError as error:
            unfit[name] = f"cannot be read ({error.strerror})"
    return Survey(digests, unfit)


def _names(folder: Path) -> Iterator[tuple[str, str]]:
    """The paths of a folder's files, each with why it can be none of a report's, or nothing."""
    waiting = [""]
    while waiting:
        below = waiting.pop()
        try:
            entries = list(os.scandir(folder / below))
        except OSError as error:
            yield below or ".", f"cannot be read ({error.strerror})"
            continue
        for entry in entries:
            name = f"{below}{entry.name}"
            if entry.name.startswith(".") or name == ATTESTATION:
                continue
            if entry.is_symlink():
                yield name, "is a symbolic link"
            elif entry.is_dir(follow_symlinks=False):
                waiting.append(f"{name}/")
            elif not entry.is_file(follow_symlinks=False):
                yield name, "is not a regular file"
            else:
                yield name, "" if _is_text(name) else "has a name that is not UTF-8"


def _is_text(name: str) -> bool:
    try:
        name.encode()
    except UnicodeEncodeError:
        return False
    return True


def opened_file(path: Path) -> BufferedReader:
    """Open a file that nobody may have put a link or a pipe in the place of.

    Raises:
        OSError: it cannot be read, or is no regular file.
    """
    if path.is_symlink():
        raise OSError(errno.ELOOP, "it is a symbolic link")
    number = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    if not stat.S_ISREG(os.fstat(number).st_mode):
        os.close(number)
        raise OSError(errno.EINVAL, "it is not a regular file")
    return os.fdopen(number, "rb")


def read_result(folder: Path, digest: str) -> LabResult:
    """Read a run's result.

    Args:
        folder: the run's folder.
        digest: the SHA-256, in hex, that the file has to have.

    Raises:
        BadInput: it is damaged, of another schema, or another file by now.
    """
    path = folder / RESULT
    try:
        with opened_file(path) as file:
            raw = file.read()
    except OSError as fault:
        raise BadInput(visible(str(path)), f"it cannot be read ({fault.strerror})", "make it readable") from None
    if hashlib.sha256(raw).hexdigest() != digest:
        raise BadInput(visible(str(path)), "it was changed while it was being read", "wait until the run has ended")
    return parse_result(str(path), raw)


def read_attestation(path: Path) -> bytes:
    """Read an attestation's bytes.

    Raises:
        BadInput: there is none.
    """
    try:
        with opened_file(path) as file:
            raw = file.read(LIMIT + 1)
    except OSError as fault:
        problem = f"the attestation cannot be read ({fault.strerror})"
        raise BadInput(visible(str(path)), problem, "name it with --attestation") from None
    if len(raw) > LIMIT:
        raise BadInput(visible(str(path)), "the attestation is far too large", "name the one that stslab attest wrote")
    return raw
