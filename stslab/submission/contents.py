"""The files of a submission, in a folder or a zip: listed and read without following anything out of it."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from hashlib import sha256
from pathlib import Path, PurePosixPath

from stslab.errors import BadInput

FILES, DEPTH, BYTES = 2_000, 20, 50_000_000
"""What a submission may have at most: files, folders in one another, bytes in all."""

UNSEEN = frozenset({"__MACOSX", ".DS_Store", "Thumbs.db"})
"""What an operating system leaves in folders of its own accord."""


class Refused(BadInput):
    """A submission that is not looked into."""


@dataclass(frozen=True)
class File:
    """One regular file: its path within the submission, its size in bytes, and how to read at most so many of them."""

    path: PurePosixPath
    size: int
    reader: Callable[[int], bytes]

    def read(self) -> bytes:
        """The bytes of the file.

        Raises:
            BadInput: it cannot be read, or is larger than it was said to be.
        """
        try:
            data = self.reader(self.size + 1)
        except OSError as error:
            raise BadInput(shown(self.path), f"it cannot be read ({error})", "hand it in again") from None
        if len(data) > self.size:
            raise BadInput(shown(self.path), "it is larger than it says", "hand it in again")
        return data

    def text(self) -> str:
        """The file as text, without a byte order mark.

        Raises:
            BadInput: it is not UTF-8, or cannot be read.
        """
        try:
            return self.read().decode("utf-8-sig")
        except UnicodeDecodeError as error:
            problem = f"byte {error.start} is not UTF-8"
            raise BadInput(shown(self.path), problem, "save the file as UTF-8") from None


@dataclass
class Contents:
    """The files of a submission in the order of their paths, and a sentence for each thing that is none."""

    files: list[File] = field(default_factory=list)
    strange: dict[PurePosixPath, str] = field(default_factory=dict)

    def add(self, file: File, name: str) -> None:
        """Take a file in.

        Raises:
            Refused: that is more than the submission of this name may have.
        """
        self.files.append(file)
        if len(self.files) > FILES:
            raise Refused(name, f"there are more than {FILES:,} files in it", "hand in the lab only")
        if sum(each.size for each in self.files) > BYTES:
            raise Refused(name, f"it has more than {BYTES // 1_000_000} MB", "hand in the lab only")

    def find(self, path: str) -> File | None:
        """The file of a path within the submission, as somebody writes it; ``None`` where there is none."""
        wanted = parts_of(path)
        return next((file for file in self.files if list(file.path.parts) == wanted), None)

    def digest(self) -> str:
        """A SHA-256 over all paths and contents, in hex; what cannot be read counts as such."""
        whole = sha256()
        for path in sorted(self.strange):
            whole.update(f"{shown(path)}\0strange\0".encode())
        for file in self.files:
            try:
                content = sha256(file.read()).hexdigest()
            except BadInput as fault:
                content = str(fault)
            whole.update(f"{shown(file.path)}\0{content}\0".encode())
        return whole.hexdigest()


def parts_of(path: str) -> list[str]:
    """The folders and the name in a path as somebody writes it, on whatever system."""
    return [part for part in path.replace("\\", "/").split("/") if part not in ("", ".")]


def shown(path: PurePosixPath | str) -> str:
    """A path as it may be printed: what is no text, or no printable character, is escaped."""
    text = os.fsencode(str(path)).decode("utf-8", "backslashreplace")
    return "".join(char if char.isprintable() else char.encode("unicode_escape").decode() for char in text)


def contents_of(path: Path) -> Contents:
    """List the files of a submission.

    A folder or zip that holds one folder only, as a downloaded repository does, counts as that folder.

    Raises:
        Refused: it is too large, leads out of itself, or is neither a folder nor a zip.
    """
    if path.is_symlink():
        raise Refused(shown(path.name), "it is a link, which is not followed", "hand in the folder itself")
    if path.is_dir():
        contents = Contents()
        _walk(path, PurePosixPath(), contents, shown(path.name))
    elif path.is_file():
        # Only now: few submissions are zips.
        from stslab.submission.archive import unzipped

        contents = unzipped(path)
    else:
        raise Refused(shown(path.name), "there is no such folder or zip", "give one")
    contents.files.sort(key=lambda file: file.path)
    return _descended(contents)


def _descended(contents: Contents) -> Contents:
    everything = [*(file.path for file in contents.files), *contents.strange]
    if {path.parts[0] for path in everything} in (set(), {"bin"}) or any(len(path.parts) == 1 for path in everything):
        return contents
    if len({path.parts[0] for path in everything}) > 1:
        return contents
    files = [File(PurePosixPath(*file.path.parts[1:]), file.size, file.reader) for file in contents.files]
    return _descended(Contents(files, {PurePosixPath(*p.parts[1:]): said for p, said in contents.strange.items()}))


def _walk(folder: Path, at: PurePosixPath, contents: Contents, name: str) -> None:
    if len(at.parts) > DEPTH:
        raise Refused(name, f"there are more than {DEPTH} folders in one another", "hand in the lab only")
    try:
        entries = sorted(os.scandir(folder), key=lambda entry: entry.name)
    except OSError as error:
        contents.strange[at / "*"] = f"{shown(at)} cannot be looked into ({error.strerror})"
        return
    for entry in entries:
        path = at / entry.name
        if entry.name in UNSEEN:
            continue
        if entry.is_symlink():
            contents.strange[path] = f"{shown(path)} is a link, which is not followed"
        elif entry.is_dir(follow_symlinks=False):
            _walk(Path(entry.path), path, contents, name)
        elif entry.is_file(follow_symlinks=False):
            size = entry.stat(follow_symlinks=False).st_size
            contents.add(File(path, size, partial(_read_regular, Path(entry.path))), name)
        else:
            contents.strange[path] = f"{shown(path)} is no regular file"
        if len(contents.strange) > FILES:
            raise Refused(name, f"there are more than {FILES:,} links and devices in it", "hand in the lab only")


def _read_regular(path: Path, limit: int) -> bytes:
    """Read at most so many bytes of a file, if it is a regular one at this very moment."""
    handle = os.open(path, os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0))
    with os.fdopen(handle, "rb") as file:
        if not stat.S_ISREG(os.fstat(handle).st_mode):
            raise OSError("it is no regular file any more")
        return file.read(limit)
