"""The names of the lab's things, also of those that are gone."""

from __future__ import annotations

from collections.abc import Sequence

from stslab.observing.event import Event
from stslab.observing.history import DEPLOYING, Named
from stslab.observing.profiles import ASSUMED, STS
from stslab.observing.survey import GONE, ROLE, SeenStack, Survey
from stslab.settings import DEFAULTS


def named_in(survey: Survey) -> Named:
    """Find the names: of what is there, as told, in the history, and the lab's own where nothing else tells them.

    Args:
        survey: what the account shows.
    """
    done = [event for event in survey.calls if not event.error]
    user = _user(survey, done)
    by_user = [event for event in done if event.name == "AssumeRole" and Named(user).by_user(event)]
    roles = [event.parameters.get("roleArn", "").rpartition("/")[2] for event in by_user]
    if survey.stack is not None:
        return Named(user, survey.stack.name, _role(survey.stack, roles))
    stacks = [event.stack_name for event in done if event.name in DEPLOYING]
    likely = [name for name in stacks if name == DEFAULTS["stack-name"]] or stacks
    of_session = survey.profiles[ASSUMED].role if ASSUMED in survey.profiles else ""
    return Named(user, survey.told.get("stack-name") or (likely or [""])[-1], of_session or (roles or [""])[-1])


def _user(survey: Survey, done: Sequence[Event]) -> str:
    if survey.user is not None:
        return survey.user.name
    by_key = survey.profiles[STS].user if STS in survey.profiles else ""
    made = [event.parameters.get("userName", "") for event in done if event.name == "CreateUser"]
    # Of several that are gone: the lab's own name, else whoever has assumed a role, else the last.
    assuming = [n for n in made if any(e.name == "AssumeRole" and Named(n).by_user(e) for e in done)]
    likely = [name for name in made if name == DEFAULTS["user-name"]] or assuming or made
    return survey.told.get("user-name") or by_key or (likely or [""])[-1] or DEFAULTS["user-name"]


def _role(stack: SeenStack, assumed: Sequence[str]) -> str:
    """The name of the stack's role; of a stack that is gone, and was deployed several times, the one that was assumed.

    Source: CloudFormation user guide, "Name type": a name that it gives begins with the stack's.
    """
    own = [role for role in assumed if role in stack.named(ROLE) or role.startswith(f"{stack.name}-")]
    if stack.status != GONE:
        return stack.role or ([role for role in own if role in stack.named(ROLE)] or [""])[-1]
    return stack.role if stack.role in assumed else (own or [stack.role or ""])[-1] or (list(assumed) or [""])[-1]
