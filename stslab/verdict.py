"""From what happened in a check to what its outcome is called."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from stslab.errors import CheckFailed, Undetermined
from stslab.result import Outcome


@dataclass(frozen=True)
class Judgement:
    """An outcome with its reason and, where there is one, what was expected and what came.

    ``credit`` is the share of a failed check's parts that hold, from 0 to 1.
    """

    outcome: Outcome
    reason: str = ""
    expected: str = ""
    actual: str = ""
    credit: float = 0


PASSED = Judgement(Outcome.PASSED)


def judge(fault: BaseException | None) -> Judgement:
    """Name the outcome of a check that ended with an exception, or with none.

    A failed claim is the lab's fault; everything that nobody foresaw is the environment's or the suite's.
    """
    if fault is None:
        return PASSED
    if isinstance(fault, CheckFailed):
        return Judgement(Outcome.FAILED, fault.reason, fault.expected, fault.actual, fault.credit)
    if isinstance(fault, AssertionError):
        return Judgement(Outcome.FAILED, str(fault) or "An assertion of the check does not hold.")
    if isinstance(fault, Undetermined):
        return Judgement(Outcome.UNDETERMINED, str(fault))
    said = str(fault) or type(fault).__name__
    named = said if type(fault).__module__.startswith("stslab.") else f"{type(fault).__name__}: {said}"
    return Judgement(Outcome.ERROR, named)


def root_of_block(
    check: str, prerequisites: Mapping[str, Sequence[str]], outcomes: Mapping[str, Outcome], order: Sequence[str]
) -> str | None:
    """Find what blocks a check in the end.

    Args:
        check: the blocked check's id.
        prerequisites: the ids that each check directly needs.
        outcomes: what became of the checks so far.
        order: all ids in the order of the contract.

    Returns:
        the first check in that order, among all that the blocked one needs, that did not pass and was not itself
        blocked; ``None`` where there is none.
    """
    needed = all_needed(prerequisites.get(check, ()), prerequisites)
    fine = (Outcome.PASSED, Outcome.BLOCKED)
    return next((c for c in order if c in needed and c in outcomes and outcomes[c] not in fine), None)


def all_needed(checks: Iterable[str], prerequisites: Mapping[str, Sequence[str]]) -> set[str]:
    """The checks themselves, what they need, what that needs, and so on.

    Args:
        checks: ids of checks.
        prerequisites: the ids that each check directly needs.
    """
    needed: set[str] = set()
    ahead = list(checks)
    while ahead:
        one = ahead.pop()
        if one not in needed:
            needed.add(one)
            ahead.extend(prerequisites.get(one, ()))
    return needed
