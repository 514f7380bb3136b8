"""The decision: which statements apply, and what AWS makes of them.

Source: IAM user guide, "Policy evaluation logic": an explicit deny in any policy decides; a permissions boundary and a
session policy each have to allow as well; everything that nothing allows is denied.

Conditions, policy variables and NotPrincipal are not evaluated yet: a statement that depends on one may or may not
apply, and where that makes a difference the decision is ``UNDETERMINED``.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from stslab.iam.decision import Decision, MatchedStatement, Outcome, explicit_deny, implicit_deny
from stslab.iam.document import Policy, Statement
from stslab.iam.matching import Answer, all_of, any_of, matches_action, matches_resource, negated
from stslab.iam.principal import Caller, Naming, naming

IDENTITY = "identity-based policy"
TRUST = "role trust policy"
RESOURCE = "resource-based policy"


@dataclass(frozen=True)
class Request:
    """One request: who calls, the action (``s3:GetObject``) and the resource's ARN or ``*``."""

    caller: Caller
    action: str
    resource: str


@dataclass(frozen=True)
class Ceiling:
    """A limit that has to allow as well: its name in AWS's words and the policies that make it up."""

    name: str
    policies: tuple[Policy, ...]


@dataclass
class _Verdicts:
    """The statements that apply, sorted by what they say and by whether that is certain."""

    denies: list[Statement] = field(default_factory=list)
    allows: list[Statement] = field(default_factory=list)
    may_deny: list[Statement] = field(default_factory=list)
    may_allow: list[Statement] = field(default_factory=list)

    def add(self, statement: Statement, applies: Answer) -> None:
        if applies is None:
            (self.may_allow if statement.allows else self.may_deny).append(statement)
        elif applies:
            (self.allows if statement.allows else self.denies).append(statement)


_Limit = tuple[str, _Verdicts]


def evaluate(
    request: Request,
    identity: Sequence[Policy],
    *,
    ceilings: Sequence[Ceiling] = (),
    resource_policy: Policy | None = None,
) -> Decision:
    """Decide a request within one account.

    Args:
        request: who wants what.
        identity: the caller's identity-based policies: inline, attached, and those of its groups.
        ceilings: the caller's permissions boundary and session policy, where there are any.
        resource_policy: the resource's own policy; naming the caller, it allows by itself.

    Source: IAM user guide, "Policy evaluation logic" and "Cross account policy evaluation logic": within one account
    the union of identity-based and resource-based policies counts.
    """
    own = _sort(identity, lambda s: _about(s, request))
    theirs = _sort([resource_policy] if resource_policy else [], lambda s: _addressed(s, request))
    limits = [(c.name, _sort(c.policies, lambda s: _about(s, request))) for c in ceilings]
    denied = _denied((f"an {IDENTITY}", own), (f"a {RESOURCE}", theirs), *_articled(limits)) or _capped(request, limits)
    if denied:
        return denied
    granted = _allowed([*own.allows, *_naming(theirs.allows, request)], [*own.may_allow, *theirs.may_allow])
    if granted is None:
        return Decision(Outcome.IMPLICIT_DENY, implicit_deny(IDENTITY, request.action))
    return _unless_denied(granted, own, theirs, limits)


def evaluate_assume_role(
    request: Request, identity: Sequence[Policy], trust: Policy, *, ceilings: Sequence[Ceiling] = ()
) -> Decision:
    """Decide sts:AssumeRole, which a role's trust policy always has to allow.

    Within one account, a trust policy that names the caller (its ARN, its role's ARN, or ``*``) is enough; one that
    names the account leaves it to the caller's identity-based policies. From another account both have to allow.

    Args:
        request: the caller and, as the resource, the role's ARN.
        identity: the caller's identity-based policies.
        trust: the role's trust policy.
        ceilings: the caller's permissions boundary and session policy, where there are any.

    Source: IAM user guide, "IAM roles: trust policies", "AWS JSON policy elements: Principal" ("When you specify an AWS
    account, … the permissions delegate authority to the account"), and "Update a role trust policy" (a boundary has to
    allow the action even where the trust policy names the user).
    """
    own = _sort(identity, lambda s: _about(s, request))
    theirs = _sort([trust], lambda s: _addressed(s, request))
    limits = [(c.name, _sort(c.policies, lambda s: _about(s, request))) for c in ceilings]
    denied = _denied((f"an {IDENTITY}", own), (f"the {TRUST}", theirs), *_articled(limits)) or _capped(request, limits)
    if denied:
        return denied
    trusted = _allowed(theirs.allows, theirs.may_allow)
    if trusted is None:
        return Decision(Outcome.IMPLICIT_DENY, implicit_deny(TRUST, request.action))
    same_account = request.resource.split(":")[4:5] == [request.caller.account]
    if same_account and _naming(theirs.allows, request):
        return _unless_denied(trusted, own, theirs, limits)
    permitted = _allowed(own.allows, own.may_allow)
    if permitted is None:
        if same_account and _naming(theirs.may_allow, request):
            return _unknown(theirs.may_allow)
        return Decision(Outcome.IMPLICIT_DENY, implicit_deny(IDENTITY, request.action))
    if not (trusted.allowed and permitted.allowed):
        return trusted if permitted.allowed else permitted
    both = Decision(Outcome.ALLOWED, "allowed by both policies", (*trusted.matched, *permitted.matched))
    return _unless_denied(both, own, theirs, limits)


def _sort(policies: Sequence[Policy], applies: Callable[[Statement], Answer]) -> _Verdicts:
    verdicts = _Verdicts()
    for policy in policies:
        for statement in policy.statements:
            verdicts.add(statement, applies(statement))
    return verdicts


def _about(statement: Statement, request: Request) -> Answer:
    """Whether a statement is about the request's action and resource, condition included."""
    action: Answer = any_of(matches_action(a, request.action) for a in statement.actions)
    resource: Answer = True
    if statement.resources is not None:
        resource = any_of(matches_resource(r, request.resource) for r in statement.resources)
    return all_of(
        (
            negated(action) if statement.not_action else action,
            negated(resource) if statement.not_resource else resource,
            None if statement.has_condition else True,
        )
    )


def _addressed(statement: Statement, request: Request) -> Answer:
    """Whether a statement of a resource's policy is about the request and addressed to its caller."""
    if statement.not_principal:
        meant: Answer = None
    else:
        meant = naming(statement.principals or {}, request.caller) is not Naming.NOT
    return all_of((meant, _about(statement, request)))


def _naming(statements: Sequence[Statement], request: Request) -> list[Statement]:
    """Those that grant to the caller itself, not to its account; a NotPrincipal may."""
    return [s for s in statements if s.not_principal or naming(s.principals or {}, request.caller) is Naming.BY_NAME]


def _articled(limits: Sequence[_Limit]) -> list[_Limit]:
    return [(f"a {name}", found) for name, found in limits]


def _denied(*sorted_policies: _Limit) -> Decision | None:
    """The explicit deny, where one is certain."""
    for policy_type, found in sorted_policies:
        if found.denies:
            return Decision(Outcome.EXPLICIT_DENY, explicit_deny(policy_type), _refer(found.denies))
    return None


def _capped(request: Request, limits: Sequence[_Limit]) -> Decision | None:
    """The refusal of a ceiling that allows nothing of the kind, or may not."""
    for name, found in limits:
        granted = _allowed(found.allows, found.may_allow)
        if granted is None:
            return Decision(Outcome.IMPLICIT_DENY, implicit_deny(name, request.action))
        if not granted.allowed:
            return granted
    return None


def _unless_denied(granted: Decision, own: _Verdicts, theirs: _Verdicts, limits: Sequence[_Limit]) -> Decision:
    """Take an Allow back to "not known" where a Deny may apply; what nothing allows is denied either way."""
    doubts = [s for found in (own, theirs, *(f for _, f in limits)) for s in found.may_deny]
    return _unknown(doubts) if doubts and granted.allowed else granted


def _allowed(certain: Sequence[Statement], possible: Sequence[Statement]) -> Decision | None:
    if certain:
        return Decision(Outcome.ALLOWED, f"allowed by {certain[0].source}", _refer(certain))
    return _unknown(possible) if possible else None


def _unknown(statements: Sequence[Statement]) -> Decision:
    first = statements[0]
    return Decision(
        Outcome.UNDETERMINED,
        f"statement {first.index + 1} of {first.source} depends on a condition, a policy variable or a NotPrincipal, "
        "which is not evaluated offline",
        _refer(statements),
    )


def _refer(statements: Sequence[Statement]) -> tuple[MatchedStatement, ...]:
    return tuple(MatchedStatement(s.source, s.index, s.sid) for s in statements)
