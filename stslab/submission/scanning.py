"""Look through the files of a submission for secrets."""

from __future__ import annotations

from dataclasses import dataclass, field

from stslab.errors import BadInput
from stslab.submission.contents import Contents, shown
from stslab.submission.secrets import Finding, find_secrets

LIMIT = 5_000_000
"""Bytes of a file that is looked through; a lab has none as large."""

_MARKS = {b"\xff\xfe": "utf-16", b"\xfe\xff": "utf-16"}
"""Byte order marks: PowerShell writes what a command prints as UTF-16."""


@dataclass
class Secrets:
    """What was found: secrets and key ids with the place where they stand, in which files, and in which was not looked.

    A file that is no text is in neither list.
    """

    found: list[tuple[str, Finding]] = field(default_factory=list)
    unread: list[str] = field(default_factory=list)
    read: list[str] = field(default_factory=list)


def scan(contents: Contents, refusal: str = "") -> Secrets:
    """Look through every file; one that is no text is passed over.

    Args:
        contents: the files.
        refusal: why there are none to look through, where that is so.
    """
    secrets = Secrets(unread=[refusal] if refusal else [])
    for file in contents.files:
        path = shown(file.path)
        if file.size > LIMIT:
            secrets.unread.append(f"{path} has {file.size:,} bytes")
            continue
        try:
            data = file.read()
        except BadInput as fault:
            secrets.unread.append(str(fault))
            continue
        encoding = _MARKS.get(data[:2], "utf-8")
        if encoding == "utf-8" and b"\0" in data:
            continue
        secrets.read.append(path)
        for finding in find_secrets(data.decode(encoding, "replace")):
            secrets.found.append((f"{path}:{finding.line}", finding))
    return secrets
