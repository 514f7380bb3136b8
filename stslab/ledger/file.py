"""The ledger of one run on the disk: each line is there before the next step is taken."""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from stslab.errors import BadInput
from stslab.ledger.ledger import Ledger
from stslab.result import now

SCHEMA = 1
SUFFIX = ".ledger"


@dataclass(frozen=True)
class Heading:
    """The first line of a ledger: which run it is, and where its things are."""

    run: str
    owner: str
    expires: str
    target: str
    endpoint_url: str
    account: str
    region: str


class LedgerFile(Ledger):
    """A ledger on the disk, locked as long as its run lives.

    Args:
        path: the file.
        descriptor: the file, open and locked.
    """

    def __init__(self, path: Path, descriptor: int) -> None:
        self.path = path
        self._descriptor = descriptor

    @classmethod
    def begin(cls, folder: Path, heading: Heading, profiles: Path) -> LedgerFile:
        """Start the ledger of a new run.

        Args:
            folder: where ledgers are, made if need be; nobody else reads in it.
            heading: the first line.
            profiles: the folder of the run's credentials file, which is the first thing to be taken away.

        Raises:
            BadInput: it cannot be written.
        """
        path = folder / f"{heading.run}{SUFFIX}"
        # It gets its name when it is locked and has its first line, so that no sweep takes it for a dead run's.
        nameless = path.with_suffix(".new")
        try:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            descriptor = os.open(nameless, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_APPEND, 0o600)
            ledger = cls(path, descriptor)
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            ledger._append({"schema": SCHEMA, "started": now(), **asdict(heading)})
            ledger.write("made", "file", str(profiles))
            nameless.rename(path)
            _sync(folder)
        except OSError as fault:
            with contextlib.suppress(OSError):
                nameless.unlink(missing_ok=True)
            problem = f"the ledger cannot be written ({fault.strerror}), so nothing is made"
            raise BadInput(str(path), problem, "make room or choose another folder with --ledger") from None
        return ledger

    def write(self, event: str, kind: str, name: str, **more: str) -> None:
        """Write a line, and return when it is on the disk."""
        self._append({"time": now(), "event": event, "kind": kind, "name": name, **more})

    def _append(self, line: dict[str, Any]) -> None:
        text = json.dumps(line, ensure_ascii=False).encode() + b"\n"
        while text:
            text = text[os.write(self._descriptor, text) :]
        os.fsync(self._descriptor)

    def finish(self) -> None:
        """Delete the ledger: nothing is left of what the run made, and its reports say what there was."""
        self.path.unlink(missing_ok=True)

    def close(self) -> None:
        """Unlock the ledger, so that a sweep may have it."""
        if self._descriptor >= 0:
            os.close(self._descriptor)
            self._descriptor = -1


def _sync(folder: Path) -> None:
    """Make sure that the names in a folder are on the disk, too."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
