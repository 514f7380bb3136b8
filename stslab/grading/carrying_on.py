"""Try what a failed document blocks, with the reference in its place, so that one mistake does not hide the others.

A check tried so earns its points only where every document that it judges is the submission's own: what a session may
do is the template's merit, also where the user's own policy would not have let it come about.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace

from stslab.result import CheckResult, LabResult, Outcome

TEMPLATE, POLICY = "template", "policy"

_JUDGED = {
    "submission.policy": {POLICY},
    "policy.attached": {POLICY},
    "policy.targets-role": {POLICY, TEMPLATE},
    "session.assumed": {POLICY, TEMPLATE},
    "user.still-no-s3": {POLICY},
}
"""The documents that a check says something of; all others say something of the template, or of neither."""


def to_replace(result: LabResult) -> tuple[str, ...]:
    """The documents that block a check by a failure of their own.

    Args:
        result: what came of the lab with the submission's own documents.
    """
    failed = {check.id for check in result.checks if check.outcome is Outcome.FAILED}
    roots = {check.blocked_by or "" for check in result.checks if check.outcome is Outcome.BLOCKED} & failed
    # Where the trust is right and there is still no session, it is the policy that does not allow it.
    found = {POLICY if root == "session.assumed" or _judged(root) == {POLICY} else TEMPLATE for root in roots}
    return tuple(document for document in (TEMPLATE, POLICY) if document in found)


def carried_on(first: LabResult, second: LabResult, replaced: Collection[str]) -> LabResult:
    """Put what came of the blocked checks in a second run in their place, marked as such.

    Args:
        first: the run with the submission's own documents.
        second: the run with reference documents in place of some.
        replaced: the documents that were replaced.
    """
    others = {check.id: check for check in second.checks}
    checks = [
        _marked(check, others[check.id], replaced) if check.outcome is Outcome.BLOCKED and check.id in others else check
        for check in first.checks
    ]
    mine = {check.id for check in first.checks if check.outcome is not Outcome.BLOCKED}
    calls = [
        replace(call, id=_second(call.id), check=None if call.check in mine else call.check) for call in second.calls
    ]
    return replace(first, checks=checks, calls=[*first.calls, *calls], finished=second.finished)


def _judged(check_id: str) -> set[str]:
    return _JUDGED.get(check_id, {TEMPLATE})


def _marked(blocked: CheckResult, tried: CheckResult, replaced: Collection[str]) -> CheckResult:
    documents = " and ".join(replaced)
    said = f"{blocked.reason}; tried with the reference {documents}: {tried.outcome.value}"
    return replace(
        tried,
        reason=f"{said}. {tried.reason}".strip() if tried.reason else f"{said}.",
        points=0 if _judged(tried.id) & set(replaced) else tried.points,
        max_points=tried.max_points,
        evidence=[_second(call) for call in tried.evidence],
        carried_on=documents,
    )


def _second(call_id: str) -> str:
    return f"r{call_id}"
