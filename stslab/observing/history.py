"""Whether the lab's steps did happen, in order, by the right principals: read from an account's history, pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from stslab.observing.event import KEY_ID, Event

DEPLOYING = ("CreateStack", "ExecuteChangeSet")
DENIED = ("AccessDenied", "AccessDeniedException", "Client.UnauthorizedOperation")


@dataclass(frozen=True)
class Named:
    """The names of the lab's things: of the user, the stack and the role; empty where none was found."""

    user: str = ""
    stack: str = ""
    role: str = ""

    def by_user(self, event: Event) -> bool:
        """Whether the lab's user made a call with its own key."""
        return bool(self.user) and ":user/" in event.arn and event.arn.rpartition("/")[2] == self.user

    def by_session(self, event: Event) -> bool:
        """Whether a session of the lab's role made a call."""
        return bool(self.role) and f":assumed-role/{self.role}/" in event.arn

    def by_admin(self, event: Event) -> bool:
        """Whether somebody else made a call."""
        return not (self.by_user(event) or self.by_session(event))


Is = Callable[[Event, Named], bool]


@dataclass(frozen=True)
class Step:
    """One step of the lab, as it shows in a history.

    Args:
        id: for :attr:`after`.
        title: the step, for people; ``{user}``, ``{stack}``, ``{role}`` stand for the names.
        names: the operations by which it may be done.
        is_it: whether an event of such a name is this step, done as it should be, whoever did it.
        by: whether the right principal did it.
        who: the right principal, for people.
        after: the steps that have to come before.
        denied: whether it has to be refused.
        undoes: the step that it takes back.
    """

    id: str
    title: str
    names: tuple[str, ...]
    is_it: Is
    by: Is
    who: str
    after: tuple[str, ...] = ()
    denied: bool = False
    undoes: str = ""


def _about_user(event: Event, named: Named) -> bool:
    return bool(named.user) and event.parameters.get("userName", "") == named.user


def _about_stack(event: Event, named: Named) -> bool:
    return bool(named.stack) and event.stack_name == named.stack


def _about_role(event: Event, named: Named) -> bool:
    return bool(named.role) and event.parameters.get("roleArn", "").rpartition("/")[2] == named.role


def _any(_: Event, __: Named) -> bool:
    return True


def _admin(event: Event, named: Named) -> bool:
    return named.by_admin(event)


def _user(event: Event, named: Named) -> bool:
    return named.by_user(event)


def _session(event: Event, named: Named) -> bool:
    return named.by_session(event)


_OTHER, _ITSELF, _ROLE = "somebody who administers the account", "the user itself", "the role's session"


def _undoing(undoes: str, id: str, title: str, name: str, is_it: Is, after: tuple[str, ...] = ("lists",)) -> Step:  # noqa: A002
    return Step(id, title, (name,), is_it, _admin, _OTHER, after, undoes=undoes)


STEPS = (
    Step("user", "create user {user}", ("CreateUser",), _about_user, _admin, _OTHER),
    Step("key", "create its access key", ("CreateAccessKey",), _about_user, _admin, _OTHER, ("user",)),
    Step("identity", "be recognised as {user}", ("GetCallerIdentity",), _any, _user, _ITSELF, ("key",)),
    Step("no-s3", "be denied S3 as {user}", ("ListBuckets",), _any, _user, _ITSELF, ("key",), denied=True),
    Step("stack", "deploy stack {stack}", DEPLOYING, _about_stack, _admin, _OTHER),
    Step("policy", "put the policy on {user}", ("PutUserPolicy",), _about_user, _admin, _OTHER, ("user",)),
    Step("assume", "assume role {role}", ("AssumeRole",), _about_role, _user, _ITSELF, ("no-s3", "policy")),
    Step("session", "be recognised as the session", ("GetCallerIdentity",), _any, _session, _ROLE, ("assume",)),
    Step("lists", "list the buckets as the session", ("ListBuckets",), _any, _session, _ROLE, ("assume",)),
    _undoing("stack", "no-stack", "tear down stack {stack}", "DeleteStack", _about_stack),
    _undoing("key", "no-key", "delete the access key", "DeleteAccessKey", _about_user),
    _undoing("policy", "no-policy", "delete the policy", "DeleteUserPolicy", _about_user),
    _undoing("user", "no-user", "delete user {user}", "DeleteUser", _about_user, ("no-key", "no-policy")),
)
"""The steps of the lab in its order; what has to come after what is what the lab teaches, and what IAM demands.

A role that was assumed was there, so nobody can have been too early for the stack: what a history shows of it then is
an update, and the stack is older than the history.
"""


CLEAN_UP = frozenset(step.id for step in STEPS if step.undoes)
"""The steps that take others back."""


@dataclass(frozen=True)
class Trace:
    """What a history shows of a step: the event, or why there is none that will do.

    ``wrong`` tells a step that was done as it should not have been from one that does not show.
    """

    id: str
    title: str
    event: Event | None = None
    problem: str = ""
    wrong: bool = False


def traced(events: Sequence[Event], named: Named) -> list[Trace]:
    """Find the lab's steps in a history.

    Args:
        events: the account's events. CloudTrail gives whole seconds, so two of one second may be in either order.
        named: the names of the lab's things.
    """
    ordered = sorted((event for event in events if not event.is_a_check), key=lambda event: event.time)
    mine = _last_round(ordered, named)
    found: dict[str, datetime] = {}
    traces = []
    for step in STEPS:
        trace = _trace(step, mine, named, found)
        if trace.event is not None and not (trace.wrong and step.by is _admin):
            found[step.id] = trace.event.time
        traces.append(trace)
    return traces


def _done(events: Sequence[Event], names: Sequence[str], is_it: Is, named: Named) -> list[Event]:
    return [event for event in events if event.name in names and not event.error and is_it(event, named)]


def _last_round(events: Sequence[Event], named: Named) -> Sequence[Event]:
    """The events since the user was created for the last time: before that somebody practised.

    A stack that was there before the user, and stayed, is of this round.
    """
    created = _done(events, ("CreateUser",), _about_user, named)
    if not created:
        return events
    begun = created[-1].time
    stands = len(created) > len(_done(events, ("DeleteUser",), _about_user, named))
    deployed = [event for event in _done(events, DEPLOYING, _about_stack, named) if event.time < begun][-1:]
    torn_down = _done(events, ("DeleteStack",), _about_stack, named)
    kept = [stack for stack in deployed if not any(stack.time <= event.time <= begun for event in torn_down)]
    # Where the user is there, a deletion of the very second was of the one before.
    rest = [e for e in events if e.time > begun or (e.time == begun and not (stands and e.name.startswith("Delete")))]
    return [*kept, *rest]


def _trace(step: Step, events: Sequence[Event], named: Named, found: Mapping[str, datetime]) -> Trace:
    title = _titled(step, named)
    such = [event for event in events if event.name in step.names and step.is_it(event, named)]
    done = [event for event in such if (event.error in DENIED if step.denied else not event.error)]
    if step.undoes:
        done = _for_good(step, done, events, named)
    right = [event for event in done if step.by(event, named)]
    due = max((found[other] for other in step.after if other in found), default=None)
    fit = next((event for event in right if due is None or event.time >= due), None)
    if fit is not None:
        return Trace(step.id, title, fit)
    if right:
        before = next(_titled(each, named) for each in STEPS if each.id in step.after and found.get(each.id) == due)
        if "user" in found:
            return Trace(step.id, title, right[0], f'done too early: it comes after "{before}"', wrong=True)
        # A history that begins in the middle may have lost the first time that something was done.
        return Trace(step.id, title, right[0], f'before "{before}", as far back as the history goes')
    # Everybody may ask who he is, and list buckets; the rest is done by the right one or wrongly.
    if done and step.is_it is not _any:
        return Trace(step.id, title, done[0], f"done by {done[0].caller}, and not by {step.who}", wrong=True)
    let_in = next((event for event in such if step.denied and not event.error and step.by(event, named)), None)
    if let_in is not None:
        return Trace(step.id, title, let_in, "it was not denied", wrong=True)
    return Trace(step.id, title, None, "not in the history")


def _for_good(step: Step, gone: Sequence[Event], events: Sequence[Event], named: Named) -> list[Event]:
    """Of the events that took something away, those after which it was not made anew; none where one is still there.

    Who deletes a key to have another, or a stack that would not do, is not cleaning up.
    """
    maker = next(each for each in STEPS if each.id == step.undoes)
    made = {_which(event): event.time for event in _done(events, maker.names, maker.is_it, named)}
    last = {_which(event): event.time for event in gone}
    # Which key was made may not be known; then any deletion after it will do.
    ends = {which: last.get(which) if which else max(last.values(), default=None) for which in made}
    if any(end is None or end < made[which] for which, end in ends.items()):
        return []
    return [event for event in gone if all(event.time >= time for time in made.values())]


def _which(event: Event) -> str:
    """Which of a user's several keys or policies an event is about."""
    return event.parameters.get("policyName") or event.parameters.get(KEY_ID, "")


def _titled(step: Step, named: Named) -> str:
    return step.title.format(user=named.user or "?", stack=named.stack or "?", role=named.role or "?")
