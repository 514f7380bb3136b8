"""What was asked and what came, check by check."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from stslab.audit.people import People
from stslab.result import Call, CheckResult, LabResult, Outcome, Wait

IDENTITY = "sts:GetCallerIdentity"
"""Asks who calls: proves that a credential is live, and needs no permission."""


@dataclass(frozen=True)
class Shown:
    """A check as the report shows it: itself, what was observed, its calls and waits, when it passed on AWS.

    ``where`` names the places in the documents that a failed check is about.
    """

    check: CheckResult
    observed: str
    calls: Sequence[Call]
    waits: Sequence[Wait]
    validated: str
    where: str


def answer(call: Call) -> str:
    """A call's answer in words: ``allowed``, ``denied (AccessDenied)``, or the error code."""
    if call.outcome == "success":
        return "allowed"
    if call.outcome == "denied":
        return f"denied ({call.error_code})"
    # An answer to a HEAD request has no room for a code.
    return "NotFound" if call.error_code == "404" else str(call.error_code)


def observed(check: CheckResult, calls: Sequence[Call], people: People) -> str:
    """What came of a check, as one sentence part.

    Args:
        check: the check.
        calls: the calls that it made.
        people: who they are.
    """
    if check.outcome is Outcome.BLOCKED:
        return f"not tried, since {check.blocked_by} did not pass"
    if check.actual:
        return check.actual
    if check.outcome is not Outcome.PASSED:
        return "nothing that decides it" if check.outcome is not Outcome.FAILED else "something else"
    answers = "; ".join(_answers(calls, people))
    return f"as expected: {answers}" if answers else "as expected"


def _answers(calls: Sequence[Call], people: People) -> list[str]:
    """The answers, those alike to one caller together; that a credential is live only where it is all there is."""
    telling = [call for call in calls if call.action != IDENTITY or call.outcome != "success"] or calls
    actions: dict[tuple[str, str], dict[str, None]] = {}
    for call in telling:
        actions.setdefault((people.name(call.principal), answer(call)), {})[call.action] = None
    return [f"{who}, {came}: {', '.join(asked)}" for (who, came), asked in actions.items()]


def decided(result: LabResult, people: People) -> list[Call]:
    """The calls that the lab is about: those of its user and of the role's session, but for questions of identity.

    What is asked again in the same words with the same answer is there once.
    """
    found: dict[tuple[str, ...], Call] = {}
    for call in result.calls:
        if people.name(call.principal) in ("user", "session") and call.action != IDENTITY:
            found.setdefault((call.principal, call.action, call.resource, answer(call), str(call.check)), call)
    return list(found.values())
