"""Why a request was decided as it was: every statement looked at, and one sentence for the person who asks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

from stslab.iam.applying import about_action, about_resource, how_addressed, unmet
from stslab.iam.conditions import Condition
from stslab.iam.decision import Decision, Layer, MatchedStatement, Outcome
from stslab.iam.document import Policy, Statement
from stslab.iam.evaluate import Policies, decide, layers, resource_layer
from stslab.iam.matching import Answer, all_of
from stslab.iam.principal import Naming
from stslab.iam.request import Request
from stslab.iam.variables import Unresolved, resolve_arn


@dataclass(frozen=True)
class Finding:
    """One statement held against a request, part by part.

    ``principal`` is ``None`` in a layer whose policies name none; ``resource`` and the whole may be unknown (``None``).
    ``unmet`` holds the conditions that are not met, each with ``False`` or ``None``.
    """

    layer: Layer
    statement: Statement
    principal: bool | None
    action: bool
    resource: Answer
    unmet: tuple[tuple[Condition, Answer], ...]

    @property
    def applies(self) -> Answer:
        """Whether the statement is about the request."""
        return all_of((self.principal is not False, self.action, self.resource, *(answer for _, answer in self.unmet)))

    @property
    def name(self) -> str:
        """What to call the statement in a sentence."""
        return MatchedStatement(self.statement.source, self.statement.index, self.statement.sid).name

    @property
    def nearness(self) -> tuple[int, ...]:
        """How near the statement comes to being about the request; the greater, the nearer."""
        parts = (self.action, self.resource is not False, self.principal is not False)
        return (sum(parts), *(int(part) for part in parts), -len(self.unmet))


@dataclass(frozen=True)
class Explanation:
    """A decision with its reasons: one sentence, and what was found of every statement."""

    decision: Decision
    sentence: str
    findings: tuple[Finding, ...]


def explain(
    request: Request,
    identity: Sequence[Policy],
    *,
    boundary: Policy | None = None,
    session_policies: Sequence[Policy] = (),
    resource_policy: Policy | None = None,
) -> Explanation:
    """Decide a request and say why.

    Args:
        request: who wants what.
        identity: the caller's identity-based policies.
        boundary: the caller's permissions boundary.
        session_policies: the policies given when the caller's session was made.
        resource_policy: the policy of the resource; for sts:AssumeRole the role's trust policy.
    """
    return explain_all(request, Policies(identity, boundary, session_policies, resource_policy))


def explain_all(request: Request, policies: Policies) -> Explanation:
    """Decide a request and say why, given all policies that have a say in it."""
    decision = decide(request, policies)
    findings = tuple(
        _finding(layer, statement, request, policies)
        for layer in layers(request)
        for policy in policies.of(layer)
        for statement in policy.statements
    )
    return Explanation(decision, _sentence(request, decision, findings), findings)


def reason(request: Request, policies: Policies, decision: Decision) -> str:
    """The sentence alone, for a decision that has been made."""
    findings: list[Finding] = []
    if decision.outcome is Outcome.IMPLICIT_DENY:
        findings = [
            _finding(layer, statement, request, policies)
            for layer in _lacking(request, decision)
            for policy in policies.of(layer)
            for statement in policy.statements
        ]
    return _sentence(request, decision, findings)


def _lacking(request: Request, decision: Decision) -> tuple[Layer, ...]:
    """The layers in which an Allow is missing.

    Within one account the policy of the resource might have allowed what the caller's own policies do not.
    """
    if decision.layer is Layer.IDENTITY and not _abroad(request):
        return (Layer.IDENTITY, resource_layer(request))
    return () if decision.layer is None else (decision.layer,)


def _abroad(request: Request) -> bool:
    return request.caller.account not in ("", request.owner)


def _finding(layer: Layer, statement: Statement, request: Request, policies: Policies) -> Finding:
    names = layer in (Layer.RESOURCE, Layer.TRUST)
    return Finding(
        layer,
        statement,
        how_addressed(statement, request, policies.boundary is not None) is not Naming.NOT if names else None,
        about_action(statement, request),
        about_resource(statement, request),
        tuple(unmet(statement, request)),
    )


def _sentence(request: Request, decision: Decision, findings: Sequence[Finding]) -> str:
    wish = f"{request.action} on {request.target}"
    if decision.outcome is Outcome.ALLOWED:
        if not decision.matched:
            return f"{wish} is {decision.reason}."
        return f"{wish} is allowed by {_list(decision)}."
    if decision.outcome is Outcome.EXPLICIT_DENY:
        return f"{wish} is denied by {_list(decision)}: an explicit deny overrides every allow."
    if decision.outcome is Outcome.UNDETERMINED:
        return f"Whether {wish} is allowed cannot be told here: {decision.reason}."
    if decision.layer is None:
        return f"{wish} is denied {decision.reason}."
    lacking = [finding for finding in findings if finding.layer in _lacking(request, decision)]
    refused = f"{wish} is denied, {decision.reason}"
    nearest = _nearest([finding for finding in lacking if finding.statement.allows], decision.layer)
    if nearest is None:
        none = "there is no Allow in any" if lacking else "there is none"
        return f"{refused}: {none}{_what_it_takes(request, decision.layer, bool(lacking))}."
    return f"{refused}; {nearest.name} comes nearest, but {miss(nearest, request)}."


def _nearest(allows: Sequence[Finding], layer: Layer) -> Finding | None:
    """The Allow that comes nearest to the request: one that leaves it to the account only where there is no other."""
    missing = [f for f in allows if not f.applies and f.layer in (layer, Layer.RESOURCE)]
    return max(missing or allows, key=lambda f: f.nearness, default=None)


def _what_it_takes(request: Request, layer: Layer, some: bool) -> str:
    """A reminder, where there is nothing that comes near, of why the layer has to allow."""
    if layer is Layer.SESSION and not some:
        return ", and a federated user has no permissions without one"
    if layer in (Layer.IDENTITY, Layer.RESOURCE) and _abroad(request):
        return f", and the resource is of account {request.owner}: both sides have to allow"
    return ""


def _list(decision: Decision) -> str:
    return " and ".join(dict.fromkeys(matched.name for matched in decision.matched))


def miss(finding: Finding, request: Request) -> str:
    """Say why a statement is not about the request, in words that follow "but"."""
    statement = finding.statement
    if finding.principal is False:
        return f"its {'NotPrincipal excepts' if statement.not_principal else 'Principal is not'} {request.caller.arn}"
    if not finding.action:
        if statement.not_action:
            return f"its NotAction excepts {request.action}"
        return f"its Action is {_some(statement.actions)}"
    if not finding.resource:
        resources = statement.resources or ()
        if statement.not_resource:
            return f"its NotResource excepts {request.target}"
        return f"its Resource is {_some(resources)}{_hint(resources, request, statement.variables)}"
    if finding.unmet:
        return "its condition is not met: " + _unmet(*finding.unmet[0], request)
    return "it leaves the decision to the account, whose own policies have to allow it as well"


def _hint(resources: Sequence[str], request: Request, variables: bool) -> str:
    if any(resource.lower() == request.target.lower() for resource in resources):
        return ", which differs in upper and lower case"
    if any(request.target.startswith(f"{resource}/") for resource in resources):
        return ", without the /* that stands for what is in it"
    if not variables:
        return ""
    unresolved = next((found for found in map(partial(_without_value, request), resources) if found), "")
    return f", in which ${{{unresolved}}} has no value" if unresolved else ""


def _without_value(request: Request, resource: str) -> str:
    """The first key without a value that a Resource has as a variable."""
    try:
        resolve_arn(resource, request)
    except Unresolved as unresolved:
        return unresolved.key
    return ""


def _unmet(condition: Condition, answer: Answer, request: Request) -> str:
    wanted = f"{condition.operator.name} {condition.key} {_some(condition.values)}"
    if answer is None:
        return f"{wanted}, which cannot be told here"
    values = request.values(condition.key)
    return f"{wanted}, where the request has {_some(values) if values else 'no such key'}"


def _some(values: Sequence[str], most: int = 3) -> str:
    shown = ", ".join(value or '""' for value in values[:most]) or "nothing"
    return f"{shown} and {len(values) - most} more" if len(values) > most else shown
