"""How far the lab has been done: decided from what an account shows, pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum

from stslab.observing.event import Event
from stslab.observing.history import DEPLOYING
from stslab.observing.names import named_in
from stslab.observing.next_step import Next, left, next_step, once_more
from stslab.observing.profiles import ASSUMED, STS
from stslab.observing.survey import GONE, SeenStack, Survey
from stslab.verdict import all_needed

CLEANUP = frozenset({"cleanup.complete", "cleanup.residue"})
OF_SESSION = frozenset(
    {
        "session.assumed",
        "session.identity",
        "session.lists-buckets",
        "session.reads-bucket",
        "session.least-privilege",
        "user.still-no-s3",
    }
)


class Phase(Enum):
    """Where in the lab somebody is."""

    DOING = "doing the lab"
    CLEANING = "cleaning up"
    CLEAN = "cleaned up"


@dataclass(frozen=True)
class Progress:
    """How far the lab has been done: the phase, the ids of the checks that can be made now, and what comes next."""

    phase: Phase
    reached: frozenset[str]
    next: Next


def progress(survey: Survey, needs: Mapping[str, Sequence[str]]) -> Progress:
    """Decide how far the lab has been done.

    Args:
        survey: what the account shows.
        needs: the ids of the checks that each check needs.
    """
    stands = survey.stack is not None and survey.stack.status != GONE
    if not _cleaning_has_begun(survey):
        there = _there(survey)
        reached = frozenset(check for check in there if all_needed([check], needs) <= there)
        return Progress(Phase.DOING, reached, next_step(survey))
    if survey.user is not None or stands:
        return Progress(Phase.CLEANING, frozenset(), left(survey)[0])
    return Progress(Phase.CLEAN, CLEANUP, once_more(survey))


def _there(survey: Survey) -> set[str]:
    """The checks whose subject is there."""
    stack, there = survey.stack, set()
    settled = stack is not None and stack.status != GONE and not stack.status.endswith("_IN_PROGRESS")
    if survey.user is not None and survey.user.keys:
        there.add("user.created")
    if STS in survey.profiles:
        there |= {"user.identity", "user.no-s3"}
    if settled:
        there |= {"submission.template", "stack.deploys", "stack.bucket", "role.trust"}
    if survey.policy:
        there |= {"submission.policy", "policy.attached"} | ({"policy.targets-role"} if settled else set())
    if there & {"submission.template", "submission.policy"}:
        there.add("submission.secrets")
    return there | OF_SESSION if settled and _is_of_now(survey) else there


def _is_of_now(survey: Survey) -> bool:
    """Whether profile assumed has been written by now, and is not what is left of another time."""
    held, role = survey.profiles.get(ASSUMED), survey.stack.role if survey.stack else ""
    if held is None:
        return False
    return held.role == role or isinstance(survey.events, str) or bool(_of_user(survey, "AssumeRole"))


def _cleaning_has_begun(survey: Survey) -> bool:
    user, stack = survey.user, survey.stack
    if stack is not None and stack.status.startswith("DELETE") and stack.status != GONE:
        return True
    if user is None:
        return bool(_of_user(survey, "DeleteUser")) if stack is None else _is_left_over(survey, stack)
    if stack is not None and stack.status == GONE:
        # One that was torn down before this user was made is of an earlier time.
        return (stack.deleted is None or stack.deleted >= user.created) and _role_was_assumed(survey)
    no_key = not user.keys and _of_user(survey, "DeleteAccessKey")
    no_policy = not survey.policy and _of_user(survey, "DeleteUserPolicy")
    # One of them may have been taken away to be made anew.
    return bool(no_key and no_policy) and _role_was_assumed(survey)


def _role_was_assumed(survey: Survey) -> bool:
    """Whether the lab was done before: who takes something away before the role was ever assumed is still at work."""
    if isinstance(survey.events, str):
        return ASSUMED in survey.profiles
    return bool(_of_user(survey, "AssumeRole"))


def _is_left_over(survey: Survey, stack: SeenStack) -> bool:
    """Whether a stack without a user is what is left of the lab, and not what somebody has begun it with."""
    shown = [event for event in survey.calls if not event.error]
    deployed = [e for e in shown if e.name in DEPLOYING and e.stack_name == stack.name]
    gone = _of_user(survey, "DeleteUser")
    if stack.status != GONE:
        return bool(gone) and not any(event.time > gone[-1].time for event in deployed)
    # A stack whose beginning is in the history, and nobody beside it, was tried out.
    somebody = (e for e in shown if e.name == "CreateUser" or (e.name == "AssumeRole" and ":user/" in e.arn))
    return not deployed or bool(gone) or any(somebody)


def _of_user(survey: Survey, name: str) -> list[Event]:
    """The calls of an operation that succeeded by the lab's user or for it, since it was created, oldest first."""
    named = named_in(survey)
    mine = [
        event
        for event in survey.calls_of_now
        if event.name == name
        and not event.error
        and (event.parameters.get("userName") == named.user or named.by_user(event))
    ]
    return sorted(mine, key=lambda event: event.time)
