"""Taking away: step by step, on past a failure, and saying what stayed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from botocore.exceptions import ClientError

from stslab.answers import is_absence, tells_nothing
from stslab.errors import CheckFailed, StslabError, SuiteError, TargetError, Undetermined


@dataclass(frozen=True)
class Step:
    """One step of a clean-up, and what came up in it, if anything did."""

    name: str
    fault: Exception | None = None

    @property
    def problem(self) -> str:
        """What came up, as a sentence; empty where nothing did."""
        if self.fault is None or isinstance(self.fault, ClientError | StslabError):
            return str(self.fault or "")
        return f"{type(self.fault).__name__}: {self.fault}"

    @property
    def is_the_labs(self) -> bool:
        """Whether what came up is the lab's doing: AWS refused the step, or it did not have its effect."""
        refused = isinstance(self.fault, ClientError) and not tells_nothing(self.fault)
        return refused or isinstance(self.fault, CheckFailed)

    def claim(self) -> None:
        """Claim that the step succeeded.

        Raises:
            CheckFailed: AWS refused it, or it did not have its effect.
            Undetermined: that cannot be known here.
            SuiteError: it failed for a reason that is not the lab's.
        """
        if self.fault is None:
            return
        said = f"The clean-up cannot {self.name}: {self.problem}"
        if isinstance(self.fault, Undetermined):
            raise Undetermined(said) from self.fault
        if self.is_the_labs:
            raise CheckFailed(said) from self.fault
        raise SuiteError(said) from self.fault


def attempt(name: str, action: Callable[[], None]) -> Step:
    """Take one step of a clean-up and keep what comes up, so that the next one is taken too.

    Raises:
        TargetError: the target cannot be trusted any more, which ends the run and leaves the rest to the finalizers.
    """
    try:
        action()
    except TargetError:
        raise
    except Exception as fault:
        return Step(name, fault)
    return Step(name)


def unless_absent(operation: Any, **params: Any) -> Any:
    """Call an operation; that the thing is not there (any more) is as good as an answer.

    Returns:
        the answer, or ``None`` where there is no such thing.
    """
    try:
        return operation(**params)
    except ClientError as error:
        if is_absence(operation, error):
            return None
        raise
