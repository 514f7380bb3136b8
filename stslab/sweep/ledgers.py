"""Replay ledgers that runs have left: take away what each has made, the credentials first."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path

from stslab.errors import StslabError, SuiteError
from stslab.lab.means import Means
from stslab.lab.standing import Stack, StackResource
from stslab.lab.steps import Step, attempt
from stslab.lab.user import LabUser
from stslab.ledger.file import Heading
from stslab.ledger.reading import Entry, Left, left_in
from stslab.marks import Marks
from stslab.profiles import PREFIX
from stslab.result import now


@dataclass
class Swept:
    """What a sweep has done with one ledger, or with what it has found of a run without one.

    Args:
        run: the run's id.
        where: its account, and how it was come by.
        things: what there was to take away, for people.
        problems: why something is still there, a sentence each.
        alive: whether the run is still going on, and was left alone.
        done: whether it was swept, and not only looked at.
    """

    run: str
    where: str = ""
    things: list[str] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    alive: bool = False
    done: bool = False

    @property
    def sentence(self) -> str:
        """What became of it."""
        if self.alive:
            return f"run {self.run} is still going on, and is left alone."
        things = ", ".join(self.things) or "nothing"
        if self.problems:
            return f"run {self.run}{self.where} has left something behind: {'; '.join(self.problems)}"
        done = "was swept" if self.done else "would be swept"
        return f"run {self.run}{self.where}, which had not ended, {done}: {things}."


def sweep_ledgers(
    folder: Path, wanted: Callable[[Heading], bool], means_for: Callable[[Heading], Means], *, delete: bool
) -> Iterator[Swept]:
    """Go through the ledgers of a folder, and take away what their runs have left.

    Args:
        folder: where ledgers are.
        wanted: whether a ledger is to be looked at.
        means_for: gives the hands in the account of a ledger.
        delete: take away, and not only say what would be.

    Raises:
        BadInput: a ledger cannot be read.
    """
    for left in left_in(folder):
        if isinstance(left, Path):
            yield Swept(left.stem, alive=True)
            continue
        if not wanted(left.heading):
            continue
        yield _sweep(left, means_for, delete=delete)


def _sweep(left: Left, means_for: Callable[[Heading], Means], *, delete: bool) -> Swept:
    heading = left.heading
    things = [f"{entry.kind} {entry.name}" for entry in left.entries]
    swept = Swept(heading.run, f" in account {heading.account}", things, done=delete)
    if not delete:
        return swept
    try:
        means = means_for(heading)
    except StslabError as fault:
        swept.problems.append(str(fault))
        return swept
    marks = Marks(heading.run, heading.owner, heading.expires)
    means = replace(means, marks=marks, ledger=left.file)
    steps = replay(left, means)
    swept.problems += [f"{step.name}: {means.scrubber.clean(step.problem)}" for step in steps if step.problem]
    if not swept.problems:
        left.file.finish()
    return swept


def replay(left: Left, means: Means) -> Iterator[Step]:
    """Take away the things of a ledger, each as far as it is the run's own.

    The access keys go first, whatever the lab's order is: they are the danger.
    """
    users = [LabUser(means, e.name).claimed(e.known.get("id", ""), _since(e, means)) for e in left.of("user")]
    for user in users:
        yield attempt(f"access keys of user {user.name}", user.delete_access_keys)
    for entry in left.of("file"):
        yield attempt(f"credentials file {entry.name}", lambda path=Path(entry.name): _remove_profiles(path))  # type: ignore[misc]
    for entry in left.of("stack"):
        made = [
            StackResource(each.known["logical_id"], each.known["type"], each.name)
            for each in left.of("resource")
            if each.known.get("stack") == entry.name
        ]
        stack = Stack(means, entry.name).claimed(entry.known.get("id", ""), made, _since(entry, means))
        yield attempt(f"stack {entry.name}", stack.remove)
    for user in users:
        yield attempt(f"user {user.name}", user.remove)


def _since(entry: Entry, means: Means) -> float:
    """When a thing was begun, by the means' clock."""
    age = datetime.fromisoformat(now()) - datetime.fromisoformat(entry.since)
    return means.now() - age.total_seconds()


def _remove_profiles(folder: Path) -> None:
    """Delete the credentials file that a run has left, and nothing else."""
    if not folder.name.startswith(PREFIX):
        raise SuiteError(f"{folder} is no folder of a run's, and is left alone.")
    for name in ("credentials", "credentials.new", "config"):
        (folder / name).unlink(missing_ok=True)
    with contextlib.suppress(FileNotFoundError):
        folder.rmdir()
