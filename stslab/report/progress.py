"""How far the grading of a class is, on a terminal or in a log."""

from __future__ import annotations

import time
from collections.abc import Callable
from types import TracebackType
from typing import Self, TextIO

from rich.progress import BarColumn, MofNCompleteColumn, ProgressColumn, Task, TextColumn, TimeRemainingColumn
from rich.progress import Progress as Bar
from rich.text import Text

from stslab.grading.graded import Graded
from stslab.report.summary import console
from stslab.report.visible import needing

LINES = 20
"""How many lines a log gets, however large the class is."""


class Progress:
    """Shows how far the grading is; a context manager, to be told of each submission by one thread.

    On a terminal it is a bar. Elsewhere it is a plain line now and then, with no control characters in it.

    Args:
        total: how many submissions there are.
        stream: where to show it.
        clock: gives the seconds since some moment.
    """

    def __init__(self, total: int, stream: TextIO, clock: Callable[[], float] = time.monotonic) -> None:
        self._total, self._stream, self._clock = total, stream, clock
        self._done = self._ungraded = self._people = 0
        self._started = clock()
        on = console(stream)
        live = on.is_terminal and not on.is_dumb_terminal
        self._bar = (
            Bar(
                TextColumn("Grading", markup=False),
                BarColumn(bar_width=None),
                MofNCompleteColumn(),
                _Rate(),
                TimeRemainingColumn(compact=True),
                TextColumn("{task.fields[problems]}", markup=False),
                console=on,
                expand=True,
                get_time=clock,
            )
            if live
            else None
        )

    def __enter__(self) -> Self:
        if self._bar:
            self._bar.start()
            self._task = self._bar.add_task("", total=self._total, problems="")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, fault: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._bar:
            self._bar.stop()

    def advance(self, graded: Graded) -> None:
        """Count a submission that is done."""
        before = self._lines_due
        self._done += 1
        self._ungraded += bool(graded.problem)
        self._people += graded.needs_person
        if self._bar:
            self._bar.update(self._task, advance=1, problems=self._problems)
        elif self._lines_due > before:
            self._stream.write(self._line + "\n")
            self._stream.flush()

    @property
    def _lines_due(self) -> int:
        return 1 + self._done * (LINES - 1) // self._total if self._done else 0

    @property
    def _problems(self) -> str:
        people = [needing(self._people)] if self._people else []
        return ", ".join([*people, f"{self._ungraded} not graded"] if self._ungraded else people)

    @property
    def _line(self) -> str:
        passed = self._clock() - self._started
        parts = [f"Graded {self._done} of {self._total} ({self._done * 100 // self._total} %)"]
        if passed > 0:
            left = passed / self._done * (self._total - self._done)
            parts.append(f"{self._done / passed:.1f} a second")
            parts.append(f"{_duration(left)} left" if self._done < self._total else f"{_duration(passed)} in all")
        return ", ".join([*parts, self._problems] if self._problems else parts)


class _Rate(ProgressColumn):
    """How many submissions are done in a second."""

    def render(self, task: Task) -> Text:
        speed = task.finished_speed or task.speed
        return Text("" if speed is None else f"{speed:.1f}/s")


def _duration(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest:02} s" if minutes else f"{rest} s"
