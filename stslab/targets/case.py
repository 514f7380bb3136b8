"""One request under decision: who makes it, how it is signed, and what may be asked about it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from stslab.errors import Undetermined
from stslab.iam import Decision, Outcome, Policies, Request
from stslab.iam.decision import denial_message, refused_action
from stslab.iam.evaluate import decide
from stslab.targets.brought import by_resource
from stslab.targets.callers import Actor
from stslab.targets.context import context_of
from stslab.targets.refusals import refusal
from stslab.targets.signatures import Signature
from stslab.targets.wish import Wish


@dataclass(frozen=True)
class Weighed:
    """A wish as it was decided: what was asked, by which policies, and the decision."""

    request: Request
    policies: Policies
    decision: Decision


def _unheard(_: Weighed) -> None:
    """Nobody wants to know."""


@dataclass(frozen=True)
class Case:
    """One request.

    Args:
        call: moto's response object of the request.
        service: the service that is asked, by its IAM prefix.
        operation: the operation as moto names it.
        actor: who calls.
        signature: how the request is signed; ``None`` where it is not.
        hear: is told of every wish that the request is demanded to be allowed, once it is decided.
    """

    call: Any
    service: str
    operation: str
    actor: Actor
    signature: Signature | None
    hear: Callable[[Weighed], None] = _unheard

    def decide(self, wish: Wish) -> Decision:
        """Decide one action on one resource for who calls."""
        return self._weigh(wish).decision

    def _weigh(self, wish: Wish) -> Weighed:
        theirs, brought = by_resource(self.service, wish)
        owner = wish.account or _account_in(wish.resource) or self.actor.caller.account
        brought = {"aws:ResourceAccount": owner, **brought}
        context = context_of(self.call, self.service, self.actor, self.signature, wish, brought)
        request = Request(self.actor.caller, wish.action, wish.resource, owner, context)
        policies = replace(self.actor.policies, resource_policy=theirs)
        return Weighed(request, policies, decide(request, policies))

    def may(self, wish: Wish) -> bool:
        """Whether who calls is allowed something.

        Raises:
            Undetermined: that cannot be known here.
        """
        return self._known(wish).decision.allowed

    def demand(self, wish: Wish) -> None:
        """Make sure that who calls is allowed something.

        Raises:
            Undetermined: that cannot be known here.
            Exception: AccessDenied, in AWS's words.
        """
        weighed = self._known(wish)
        self.hear(weighed)
        decision = weighed.decision
        if decision.allowed:
            return
        if self.signature is None:
            raise self.refusal("AccessDenied", "Access Denied")
        message = denial_message(self.actor.caller.arn, refused_action(wish.action, wish.resource, decision))
        raise self.refusal("AccessDenied", message)

    def _known(self, wish: Wish) -> Weighed:
        weighed = self._weigh(wish)
        decision = weighed.decision
        if decision.outcome is Outcome.UNDETERMINED:
            raise Undetermined(
                f"moto cannot know what AWS answers to {wish.action} by {self.actor.caller.arn}: {decision.reason}."
            )
        return weighed

    def refusal(self, code: str, message: str, status: int = 403) -> Exception:
        """An error in the form of the service that is asked."""
        return refusal(self.service, self.call.headers, code, message, status)


def _account_in(arn: str) -> str:
    parts = arn.split(":", 5)
    return parts[4] if len(parts) == 6 else ""
