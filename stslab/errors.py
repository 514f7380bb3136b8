"""The exceptions that decide what a check's outcome is called."""

from __future__ import annotations


class StslabError(Exception):
    """Anything that this project raises on purpose."""


class CheckFailed(StslabError, AssertionError):
    """The lab is wrong: what a check claims does not hold.

    Args:
        reason: one sentence, what is wrong and where.
        expected: what AWS should have answered, where there is one such thing.
        actual: what it did answer.
        credit: the share of the claim's parts that hold all the same, from 0 to 1.
    """

    def __init__(self, reason: str, *, expected: str = "", actual: str = "", credit: float = 0) -> None:
        super().__init__(reason)
        self.reason = reason
        self.expected = expected
        self.actual = actual
        self.credit = credit


class Undetermined(StslabError):
    """The target cannot know what AWS would answer, so nobody may call it passed."""


class SuiteError(StslabError):
    """The environment or the suite is at fault, and the lab has not been judged."""


class TargetError(SuiteError):
    """The target cannot be trusted, or is not there: no verdict may rest on it."""


class NotPermitted(SuiteError):
    """The run's own admin may not do what the lab needs done, which says nothing of the lab."""


class UnreadableAnswer(SuiteError):
    """An answer was broken off or garbled on the way; what was in it is not shown, since it may be a secret."""


class BadInput(StslabError):
    """A person gave something that cannot be used.

    Args:
        where: the file (with ``:line`` where one is known) or the option.
        problem: what is wrong with it.
        remedy: what to do about it.
    """

    def __init__(self, where: str, problem: str, remedy: str) -> None:
        super().__init__(f"{where}: {problem}; {remedy}.")
        self.where = where
