"""What an evaluation answers, and AWS's words for a refusal."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum


class Outcome(Enum):
    """The decision; ``UNDETERMINED`` where the target cannot tell a condition key that makes the difference."""

    ALLOWED = "allowed"
    EXPLICIT_DENY = "explicitDeny"
    IMPLICIT_DENY = "implicitDeny"
    UNDETERMINED = "undetermined"


class Layer(Enum):
    """The kinds of policies that have a say, by AWS's names for them."""

    IDENTITY = "identity-based policy"
    BOUNDARY = "permissions boundary"
    SESSION = "session policy"
    RESOURCE = "resource-based policy"
    TRUST = "role trust policy"


@dataclass(frozen=True)
class MatchedStatement:
    """A statement that decided: the document it stands in, its index from 0, its Sid or an empty string."""

    source: str
    index: int
    sid: str

    @property
    def name(self) -> str:
        """What to call the statement in a sentence."""
        return f"statement {self.index + 1}{f' ({self.sid})' if self.sid else ''} of {self.source}"


@dataclass(frozen=True)
class Decision:
    """The answer to one request.

    ``reason`` finishes the sentence "User: … is not authorized to perform: … on resource: …" for a refusal, and is a
    sentence part on its own for the rest. ``layer`` is, for a denial, the kind of policy that denies or fails to allow;
    ``None`` where policies have no say in it.
    """

    outcome: Outcome
    reason: str
    matched: tuple[MatchedStatement, ...] = ()
    layer: Layer | None = None

    @property
    def allowed(self) -> bool:
        """Whether the request is allowed, and known to be."""
        return self.outcome is Outcome.ALLOWED

    @property
    def denied(self) -> bool:
        """Whether the request is refused, and known to be."""
        return self.outcome in (Outcome.EXPLICIT_DENY, Outcome.IMPLICIT_DENY)


def explicit_deny(layer: Layer) -> str:
    """Word an explicit deny as AWS does, for example ``with an explicit deny in an identity-based policy``.

    Source: IAM user guide, "Troubleshoot access denied error messages".
    """
    article = {Layer.IDENTITY: "an", Layer.TRUST: "the"}.get(layer, "a")
    return f"with an explicit deny in {article} {layer.value}"


def implicit_deny(layer: Layer, action: str) -> str:
    """Word an implicit deny as AWS does: ``because no identity-based policy allows the … action``.

    Source: IAM user guide, "Troubleshoot access denied error messages".
    """
    return f"because no {layer.value} allows the {action} action"


def refused_action(action: str, resource: str, decision: Decision) -> str:
    """The part of the sentence that follows "is not authorized to perform: "."""
    return f"{action} on resource: {resource} {decision.reason}"


def denial_message(principal_arn: str, refused: str) -> str:
    """The message of an AccessDenied error in AWS's words.

    Args:
        principal_arn: who asked.
        refused: what :func:`refused_action` gives.

    Source: IAM user guide, "Troubleshoot access denied error messages".
    """
    return f"User: {principal_arn} is not authorized to perform: {refused}"
