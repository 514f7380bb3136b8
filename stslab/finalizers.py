"""What takes things away at the end, in the lab's order, whatever happened before."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import IntEnum

from stslab.errors import TargetError
from stslab.lab.steps import Step, attempt


class Turn(IntEnum):
    """The order of the lab's clean-up: stack, access keys, policy, user.

    The object goes first, since its bucket has to be empty to go.
    """

    OBJECT = 1
    STACK = 2
    KEYS = 3
    POLICY = 4
    USER = 5
    CANARY = 6


@dataclass
class Finalizers:
    """Takes away each thing once, and goes on past what it cannot.

    Args:
        hold: called before anything is taken away, so that no signal breaks in.
        say: is told at once what could not be taken away.
        done: called at the end with what went wrong, a sentence each; gives back what the run took.
    """

    hold: Callable[[], None] = lambda: None
    say: Callable[[str], None] = lambda _: None
    done: Callable[[list[str]], None] = lambda _: None
    _due: list[tuple[Turn, str, Callable[[], None]]] = field(default_factory=list)
    _ended: bool = False

    def add(self, turn: Turn, what: str, take_away: Callable[[], None]) -> None:
        """Have something taken away at the end.

        Args:
            turn: when.
            what: the thing, for people.
            take_away: takes it away; harmless when there is nothing to take.
        """
        self._due.append((turn, what, take_away))

    def run(self) -> None:
        """Take everything away; harmless when repeated."""
        if self._ended:
            return
        self.hold()
        left: list[str] = []
        while self._due:
            due = min(self._due, key=lambda each: each[0])
            step = _surely(due[1], due[2])
            self._due.remove(due)
            if step.problem:
                left.append(f"{step.name}: {step.problem}")
                self.say(f"going on without having taken away {left[-1]}")
        self._ended = True
        self.done(left)


def _surely(what: str, take_away: Callable[[], None]) -> Step:
    try:
        return attempt(what, take_away)
    except TargetError as fault:
        return Step(what, fault)
