"""What came of a class, as a table for a terminal."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal, TextIO

from rich.box import SIMPLE_HEAD
from rich.console import Console, RenderableType
from rich.table import Table
from rich.text import Text

from stslab.grading.graded import Graded
from stslab.report.figures import Bin, distribution, lowest, percent, spread
from stslab.report.visible import counted, named, needing, one_line
from stslab.result import CheckResult, Outcome

ROWS = 40
"""How large a class may be for each submission to have a row, and how many of those that need a person have one."""

LOWEST = 20
"""How many of the lowest scores of a larger class are shown."""

_PERSON, _CARRIED = "?", "*"
_MARKS = {
    Outcome.PASSED: "P",
    Outcome.FAILED: "F",
    Outcome.BLOCKED: "B",
    Outcome.ERROR: _PERSON,
    Outcome.UNDETERMINED: _PERSON,
}
_STYLES = {"F": "red", "B": "yellow", _PERSON: "magenta"}
_WORDS = {
    "P": "passed",
    _CARRIED: "passed with a reference document",
    "F": "failed",
    "B": "blocked",
    _PERSON: "undecided",
}
"""What the marks mean, in the order of their columns."""


def console(stream: TextIO, width: int | None = None) -> Console:
    """A console on a stream, that takes no text for markup and writes control characters to terminals only.

    Args:
        stream: where to write.
        width: its columns; found out unless given.
    """
    return Console(
        file=stream,
        width=width,
        force_terminal=stream.isatty(),
        force_jupyter=False,
        markup=False,
        emoji=False,
        highlight=False,
    )


def summary(graded: Sequence[Graded], stream: TextIO, width: int | None = None, reports: str = "") -> None:
    """Write what came of a class: a row a submission, or where these are too many, those to look at first.

    Args:
        graded: the class, in the order of its names.
        stream: where to write.
        width: the columns of the terminal; found out unless given.
        reports: the folder in which the reports are; not named where it is empty.
    """
    on = console(stream, width)
    terminal = _Terminal(on.width, on.encoding)
    for part in _parts(graded, terminal):
        on.print(part)
    if reports:
        on.print(terminal.text(f"Reports: {one_line(reports)}; begin with class.html there."), soft_wrap=True)


@dataclass(frozen=True)
class _Terminal:
    """What a terminal can show: how many columns, and which characters."""

    width: int
    encoding: str

    @property
    def overflow(self) -> Literal["crop", "ellipsis"]:
        """What becomes of a text that is too wide."""
        return "ellipsis" if self.encoding.startswith("utf") else "crop"

    @property
    def block(self) -> str:
        """What a bar is made of."""
        return "\N{FULL BLOCK}" if self.encoding.startswith("utf") else "#"

    def text(self, said: str, style: str = "") -> Text:
        """A text; what the terminal has no characters for is spelled out."""
        return Text(said.encode(self.encoding, "backslashreplace").decode(self.encoding), style)


def _parts(graded: Sequence[Graded], on: _Terminal) -> Iterator[RenderableType]:
    people = [one for one in graded if one.needs_person]
    yield Text(_counts(graded, len(people)))
    if spreading := spread(graded):
        quarters = f"quartiles {percent(spreading.lower)} and {percent(spreading.upper)}"
        yield Text(f"Scores: mean {percent(spreading.mean)}, median {percent(spreading.median)}, {quarters}.\n")
    if len(graded) > ROWS:
        yield _distribution(distribution(graded), on)
        yield Text(f"\nThe {LOWEST} lowest scores\n", "bold")
        yield _table(lowest(graded)[:LOWEST], on)
        yield Text("\nNeed a person\n" if people else "", "bold")
        yield _table(people[:ROWS], on) if people else ""
        if len(people) > ROWS:
            yield Text(f"and {len(people) - ROWS:,} more: class.html has them all")
    elif graded:
        yield _table(graded, on)
    words = ", ".join(f"{mark} {_WORDS[mark]}" for mark in _columns(graded))
    yield Text(f"\n{words}" if graded else "")


def _counts(graded: Sequence[Graded], people: int) -> str:
    ungraded = sum(bool(one.problem) for one in graded)
    return (
        f"{counted(len(graded), 'submission')}: {len(graded) - ungraded:,} graded, {ungraded:,} could not be graded; "
        f"{needing(people)}."
    )


def _distribution(bins: Sequence[Bin], on: _Terminal) -> Table:
    table = Table.grid(padding=(0, 1))
    table.add_column(justify="right")
    highest = max(1, *(column.total for column in bins))
    for column in bins:
        length = -(-column.total * on.width // (2 * highest))
        table.add_row(f"{column.label} %", Text(on.block * length, "blue"), f"{column.total:,}")
    return table


def _table(graded: Sequence[Graded], on: _Terminal) -> Table:
    table = Table(box=SIMPLE_HEAD, show_edge=False, pad_edge=False, padding=(0, 1, 0, 0), expand=True)
    table.add_column("Submission", no_wrap=True, overflow=on.overflow, max_width=max(on.width * 3 // 10, 12))
    marks = _columns(graded)
    for heading in ("Score", *marks):
        table.add_column(heading, no_wrap=True, justify="right")
    table.add_column("To look at first", no_wrap=True, overflow=on.overflow, ratio=1)
    for one in graded:
        counts = Counter(_mark(check) for check in one.result.checks)
        first, why = _first(one)
        table.add_row(
            on.text(named(one.name)),
            f"{one.result.score} / {one.result.max_score}",
            *(Text(str(counts[mark] or ""), _STYLES.get(mark, "")) for mark in marks),
            on.text(f"{first} {one_line(why, on.width)}", _STYLES[first]) if first else "",
        )
    return table


def _columns(graded: Sequence[Graded]) -> list[str]:
    """The marks that have a column: that of what was carried on only where something was."""
    carried = any(check.carried_on for one in graded for check in one.result.checks)
    return [mark for mark in _WORDS if carried or mark != _CARRIED]


def _mark(check: CheckResult) -> str:
    return _CARRIED if check.carried_on and check.outcome is Outcome.PASSED else _MARKS[check.outcome]


def _first(one: Graded) -> tuple[str, str]:
    """The mark and the text of what is to be looked at first in a submission; empty where all passed."""
    if one.problem:
        return _PERSON, one.problem
    for mark in (_PERSON, "F", "B"):
        for check in one.result.checks:
            if _mark(check) == mark:
                return mark, f"{check.id}: {check.reason}"
    return "", ""
