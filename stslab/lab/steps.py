"""Taking away: step by step, on past a failure, and saying what stayed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from botocore.exceptions import ClientError

from stslab.answers import is_absence
from stslab.errors import StslabError


@dataclass(frozen=True)
class Step:
    """One step of a clean-up and what went wrong in it, if anything did.

    ``lab_fault`` tells a failure that AWS or the lab explains from one of the suite.
    """

    name: str
    problem: str = ""
    lab_fault: bool = False


def attempt(name: str, action: Callable[[], None]) -> Step:
    """Take one step of a clean-up and keep what went wrong, so that the next one is taken too."""
    try:
        action()
    except (ClientError, StslabError) as fault:
        return Step(name, str(fault), lab_fault=True)
    except Exception as fault:
        return Step(name, f"{type(fault).__name__}: {fault}")
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
