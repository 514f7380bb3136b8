"""A submission in a zip, read where it stands: nothing of it is unpacked into any folder."""

from __future__ import annotations

import stat
import zipfile
import zlib
from functools import partial
from pathlib import Path, PurePosixPath

from stslab.submission.contents import DEPTH, UNSEEN, Contents, File, Refused, shown

_RATIO, _SMALL = 200, 1_000_000
"""How many times its size in the zip a file may have once it has more than so many bytes; deflate's limit is 1,032."""

_BROKEN = (OSError, zipfile.BadZipFile, zlib.error, RuntimeError, NotImplementedError, EOFError, ValueError)
"""What zipfile raises on a zip that is damaged, encrypted, or packed in a way that it does not know."""


def unzipped(path: Path) -> Contents:
    """List the files in a zip.

    Raises:
        Refused: it is no zip, leads out of itself, is encrypted, or unpacks to more than a lab has.
    """
    name, contents = shown(path.name), Contents()
    seen: set[PurePosixPath] = set()
    try:
        with zipfile.ZipFile(path) as archive:
            entries = archive.infolist()
    except _BROKEN as error:
        raise Refused(name, f"this is no zip that can be read ({error})", "hand in a folder or a zip") from None
    for entry in entries:
        within = _inside(name, entry)
        if entry.is_dir() or UNSEEN & set(within.parts):
            continue
        if stat.S_ISLNK(entry.external_attr >> 16):
            contents.strange[within] = f"{shown(within)} is a link, which is not followed"
            continue
        if entry.flag_bits & 1:
            raise Refused(name, f"{shown(within)} is encrypted", "hand in a zip without a password")
        if entry.file_size > _SMALL and entry.file_size > _RATIO * max(entry.compress_size, 1):
            raise Refused(name, f"{shown(within)} unpacks to over {_RATIO} times its size", "hand in the lab only")
        if within in seen:
            raise Refused(name, f"{shown(within)} is in it twice", "zip the folder again")
        seen.add(within)
        contents.add(File(within, entry.file_size, partial(_read, path, entry)), name)
    return contents


def _inside(name: str, entry: zipfile.ZipInfo) -> PurePosixPath:
    # As it stands in the zip: zipfile cuts a name off at a NUL.
    written = entry.orig_filename.replace("\\", "/")
    path = PurePosixPath(written)
    if path.is_absolute() or ".." in path.parts or "\0" in written or not path.parts or ":" in path.parts[0]:
        said = shown(written)
        raise Refused(name, f"its entry {said} leads out of it, so nothing of it is read", "zip the folder again")
    if len(path.parts) > DEPTH:
        raise Refused(name, f"there are more than {DEPTH} folders in one another", "hand in the lab only")
    return path


def _read(path: Path, entry: zipfile.ZipInfo, limit: int) -> bytes:
    try:
        with zipfile.ZipFile(path) as archive, archive.open(entry) as file:
            return file.read(limit)
    except _BROKEN as error:
        raise OSError(str(error)) from None
