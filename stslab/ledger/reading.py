"""Ledgers that runs have left: what each still has to answer for."""

from __future__ import annotations

import fcntl
import json
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

from stslab.errors import BadInput
from stslab.ledger.file import SCHEMA, SUFFIX, Heading, LedgerFile


@dataclass
class Entry:
    """One thing of a ledger: whether it was made for certain, when the last word on it was said, and what is known."""

    kind: str
    name: str
    made: bool = False
    since: str = ""
    known: dict[str, str] = field(default_factory=dict)


@dataclass
class Left:
    """A ledger whose run has ended without finishing it, locked for whoever holds this."""

    heading: Heading
    file: LedgerFile
    entries: list[Entry]

    def of(self, kind: str) -> list[Entry]:
        """The things of one kind that are not known to be gone."""
        return [entry for entry in self.entries if entry.kind == kind]


def ledger_folder(told: Path | None, environ: Mapping[str, str]) -> Path:
    """Where ledgers are.

    Args:
        told: the folder, where one is told.
        environ: the environment variables. Source: XDG Base Directory Specification, XDG_STATE_HOME.
    """
    state = environ.get("XDG_STATE_HOME", "")
    return told or (Path(state) if state.startswith("/") else Path.home() / ".local" / "state") / "stslab"


def left_in(folder: Path) -> Iterator[Left | Path]:
    """Go through the ledgers that are left in a folder, the oldest first.

    Yields:
        a ledger, unlocked again when the next one is asked for; or the path of one whose run is still alive.

    Raises:
        BadInput: a ledger cannot be read.
    """
    if not folder.is_dir():
        return
    found = []
    for path in folder.glob(f"*{SUFFIX}"):
        try:
            found.append((path.stat().st_mtime, path))
        except FileNotFoundError:
            continue  # its run has just finished it
    for _, path in sorted(found):
        left = _taken(path)
        if left is None:
            continue
        try:
            yield left
        finally:
            if isinstance(left, Left):
                left.file.close()


def _taken(path: Path) -> Left | Path | None:
    """Lock a ledger and read it; its path where its run lives, ``None`` where it is finished."""
    try:
        descriptor = os.open(path, os.O_RDWR | os.O_APPEND)
    except FileNotFoundError:
        return None
    except OSError as fault:
        raise BadInput(str(path), f"it cannot be read ({fault.strerror})", "look who owns it") from None
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(descriptor)
        return path
    file = LedgerFile(path, descriptor)
    try:
        if not path.exists():
            file.close()
            return None
        heading, entries = _read(path)
    except BaseException:
        file.close()
        raise
    return Left(heading, file, entries)


def _read(path: Path) -> tuple[Heading, list[Entry]]:
    text = path.read_text(encoding="utf-8", errors="replace")
    # A line without its end was being written when the run died: before the thing that it announces was made.
    lines = text.split("\n")[:-1]
    try:
        first, *rest = [json.loads(line) for line in lines]
        if first["schema"] != SCHEMA:
            raise ValueError(f"schema {first['schema']!r}")
        heading = Heading(**{each.name: str(first[each.name]) for each in fields(Heading)})
        return heading, _entries(rest)
    except (ValueError, KeyError, TypeError) as fault:
        problem = f"it is no ledger of this version of stslab ({fault})"
        raise BadInput(str(path), problem, "look into it, take away by hand what it names, and delete it") from None


def _entries(lines: list[dict[str, Any]]) -> list[Entry]:
    entries: dict[tuple[str, str], Entry] = {}
    for line in lines:
        kind, name, event = str(line["kind"]), str(line["name"]), str(line["event"])
        known = {k: str(v) for k, v in line.items() if k not in ("time", "event", "kind", "name")}
        if event == "gone":
            entries.pop((kind, name), None)
            continue
        entry = entries.setdefault((kind, name), Entry(kind, name))
        entry.made = entry.made or event == "made"
        entry.since = str(line["time"])
        entry.known |= known
    return list(entries.values())
