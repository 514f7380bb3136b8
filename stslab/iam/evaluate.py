"""The decision: which statements apply, and what AWS makes of them.

Source for the whole module: IAM user guide, "Policy evaluation logic", "How AWS enforcement code logic evaluates
requests to allow or deny access" and "Cross-account policy evaluation logic". An explicit deny in any policy decides;
identity-based policies, the permissions boundary and the session policies each have to allow; a policy of the resource
may grant by itself within one account and has to allow as well across accounts; what nothing allows is denied.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from stslab.iam.applying import applies, how_addressed
from stslab.iam.decision import Decision, Layer, MatchedStatement, Outcome, explicit_deny, implicit_deny
from stslab.iam.document import Policy, Statement
from stslab.iam.principal import ANONYMOUS, Naming
from stslab.iam.request import Request

TRUSTED = frozenset(
    {
        "sts:assumerole",
        "sts:assumerolewithsaml",
        "sts:assumerolewithwebidentity",
        "sts:setcontext",
        "sts:setsourceidentity",
        "sts:tagsession",
    }
)
"""Actions that the trust policy of the role always has to allow, in lower case.

Source: IAM user guide, "Policy evaluation logic": "IAM role trust policies and KMS key policies are exceptions …
because they must explicitly allow access for principals"; "Passing session tags" and "Monitor and control actions taken
with assumed roles": the trust policy has to allow sts:TagSession and sts:SetSourceIdentity as well.
"""

UNSIGNED = frozenset({"sts:assumerolewithsaml", "sts:assumerolewithwebidentity"})
"""Actions of the trust policy that are called without AWS credentials, in lower case.

Source: STS API reference, AssumeRoleWithSAML and AssumeRoleWithWebIdentity: calling them "does not require the use of
AWS security credentials"; AssumeRole does.
"""

FREE = frozenset({"sts:getcalleridentity", "sts:getsessiontoken"})
"""Actions that no policy governs, in lower case.

Source: STS API reference, GetCallerIdentity: "No permissions are required to perform this operation. If an
administrator attaches a policy to your identity that explicitly denies access …, you can still perform this operation";
GetSessionToken: "No permissions are required for users to perform this operation"; IAM user guide, "Comparing the AWS
STS API operations": an IAM user or the root user can call it, a role's session cannot.
"""


@dataclass(frozen=True)
class Policies:
    """All policies that have a say in one request.

    Args:
        identity: the caller's identity-based policies: inline, attached, and those of its groups.
        boundary: the caller's permissions boundary.
        session_policies: the policies given when the caller's session was made; their union is a limit. None given is
            no limit.
        resource_policy: the policy of the resource; for sts:AssumeRole the role's trust policy.
    """

    identity: Sequence[Policy] = ()
    boundary: Policy | None = None
    session_policies: Sequence[Policy] = ()
    resource_policy: Policy | None = None

    def of(self, layer: Layer) -> Sequence[Policy]:
        """The policies of one layer."""
        if layer is Layer.IDENTITY:
            return self.identity
        if layer is Layer.SESSION:
            return self.session_policies
        one = self.boundary if layer is Layer.BOUNDARY else self.resource_policy
        return [] if one is None else [one]


@dataclass
class _Found:
    """The statements of one layer that apply, and those that may."""

    denies: list[Statement] = field(default_factory=list)
    allows: list[Statement] = field(default_factory=list)
    may_deny: list[Statement] = field(default_factory=list)
    may_allow: list[Statement] = field(default_factory=list)
    naming: Naming = Naming.NOT
    may_naming: Naming = Naming.NOT

    def add(self, statement: Statement, request: Request, how: Naming) -> None:
        answer = applies(statement, request) if how is not Naming.NOT else False
        if answer is False:
            return
        if statement.allows:
            (self.allows if answer else self.may_allow).append(statement)
            self.may_naming = max(self.may_naming, how)
            if answer:
                self.naming = max(self.naming, how)
        else:
            (self.denies if answer else self.may_deny).append(statement)


def evaluate(
    request: Request,
    identity: Sequence[Policy],
    *,
    boundary: Policy | None = None,
    session_policies: Sequence[Policy] = (),
    resource_policy: Policy | None = None,
) -> Decision:
    """Decide a request.

    Args:
        request: who wants what, with the request's condition keys.
        identity: the caller's identity-based policies: inline, attached, and those of its groups.
        boundary: the caller's permissions boundary.
        session_policies: the policies given when the caller's session was made.
        resource_policy: the policy of the resource; for sts:AssumeRole the role's trust policy.
    """
    return decide(request, Policies(identity, boundary, session_policies, resource_policy))


def resource_layer(request: Request) -> Layer:
    """What the policy of the request's resource is called: a role has a trust policy."""
    return Layer.TRUST if request.action.lower() in TRUSTED else Layer.RESOURCE


def layers(request: Request) -> tuple[Layer, ...]:
    """The layers that have a say in a request, in the order in which they are looked at."""
    return (Layer.IDENTITY, resource_layer(request), Layer.BOUNDARY, Layer.SESSION)


def decide(request: Request, policies: Policies) -> Decision:
    """Decide a request, given all policies that have a say in it.

    Source, beside that of the module: IAM user guide, "How IAM roles differ from resource-based policies": "IAM roles
    and resource-based policies delegate access across accounts only within a single partition".
    """
    action, kind = request.action.lower(), request.caller.kind
    if action in FREE and kind != ANONYMOUS:
        if action == "sts:getsessiontoken" and kind not in ("user", "root"):
            return Decision(Outcome.IMPLICIT_DENY, "because it takes the long-term credentials of a user")
        return Decision(Outcome.ALLOWED, "allowed, since no policy governs it")
    theirs = resource_layer(request)
    found = {layer: _find(request, policies, layer) for layer in (Layer.IDENTITY, theirs)}
    for layer in (Layer.BOUNDARY, Layer.SESSION):
        if policies.of(layer):
            found[layer] = _find(request, policies, layer)
    denying = [layer for layer, statements in found.items() if statements.denies]
    if denying:
        denies = [statement for layer in denying for statement in found[layer].denies]
        return Decision(Outcome.EXPLICIT_DENY, explicit_deny(denying[0]), _refer(denies), denying[0])
    if request.crosses_partitions:
        return Decision(Outcome.IMPLICIT_DENY, "because no policy gives access from one partition to another")
    must = theirs is Layer.TRUST or (policies.resource_policy is not None and _is_key(request))
    certain = _granted(request, _Grants(found, certain=True), must)
    if certain.allowed:
        doubts = [statement for statements in found.values() for statement in statements.may_deny]
        return _unknown(doubts) if doubts else certain
    if _granted(request, _Grants(found, certain=False), must).allowed:
        return _unknown([statement for statements in found.values() for statement in statements.may_allow])
    return certain


def _find(request: Request, policies: Policies, layer: Layer) -> _Found:
    found, names = _Found(), layer in (Layer.RESOURCE, Layer.TRUST)
    for policy in policies.of(layer):
        for statement in policy.statements:
            how = how_addressed(statement, request, policies.boundary is not None) if names else Naming.ITSELF
            found.add(statement, request, how)
    return found


@dataclass(frozen=True)
class _Grants:
    """What each layer allows, when what may apply is taken to apply or not."""

    found: dict[Layer, _Found]
    certain: bool

    def by(self, layer: Layer) -> list[Statement]:
        """The statements of a layer that allow it."""
        found = self.found.get(layer)
        if found is None:
            return []
        return found.allows if self.certain else [*found.allows, *found.may_allow]

    def naming(self, layer: Layer) -> Naming:
        """How closely the statements of the resource's policy that allow it name the caller."""
        found = self.found[layer]
        return found.naming if self.certain else found.may_naming


def _is_key(request: Request) -> bool:
    """Whether the resource is a KMS key, whose policy has to allow as a trust policy has to.

    Source: KMS developer guide, "Key policies in AWS KMS": "No AWS principal … has any permissions to a KMS key unless
    they are explicitly allowed". A request that brings no key policy is decided without one.
    """
    parts = request.resource.split(":", 5)
    return len(parts) == 6 and parts[2] == "kms" and parts[5].startswith("key/")


def _granted(request: Request, grants: _Grants, must: bool) -> Decision:
    """The decision where nothing denies explicitly; ``must`` says that the resource's policy has to allow."""
    caller, theirs = request.caller, resource_layer(request)
    named = grants.naming(theirs)
    if theirs is Layer.TRUST:
        if caller.kind == "root":
            return Decision(Outcome.IMPLICIT_DENY, "because roles may not be assumed by root accounts")
        if caller.kind == ANONYMOUS and request.action.lower() not in UNSIGNED:
            return Decision(Outcome.IMPLICIT_DENY, "because it has to be signed with AWS credentials")
    abroad = request.owner != caller.account
    if (must or abroad) and named is Naming.NOT:
        return _lacks(theirs, request)
    if caller.kind in ("service", ANONYMOUS) or (theirs is Layer.TRUST and caller.kind.endswith("-provider")):
        return _allowed(grants.by(theirs)) if named is not Naming.NOT else _lacks(theirs, request)
    alone = not abroad and named > Naming.BY_ACCOUNT
    allowing = grants.by(theirs) if alone or abroad or must else []
    if not alone and caller.kind != "root":
        permitted = grants.by(Layer.IDENTITY)
        if not permitted:
            return _lacks(Layer.IDENTITY, request)
        allowing = [*permitted, *allowing]
    elif alone and theirs is Layer.RESOURCE:
        allowing = [*allowing, *grants.by(Layer.IDENTITY)]
    for limit in _limits(request, named if alone else Naming.NOT, theirs):
        if limit in grants.found or (limit is Layer.SESSION and caller.kind == "federated-user"):
            if not grants.by(limit):
                return _lacks(limit, request)
            allowing = [*allowing, *grants.by(limit)]
    return _allowed(allowing)


def _limits(request: Request, granted_to: Naming, theirs: Layer) -> tuple[Layer, ...]:
    """The layers that limit a grant of the resource's policy, by whom it names.

    ``Naming.NOT`` stands for a grant that rests on the identity-based policies, which both limit.

    Source: IAM user guide, "Policy evaluation logic", resource-based policies within one account: a grant to a role's
    ARN is limited by the permissions boundary and the session policy; one to a user's, a session's or a federated
    user's ARN is not; nor is one to the wildcard principal. "Update a role trust policy": a user's permissions boundary
    has to allow sts:AssumeRole even where the trust policy names the user. "Permissions for GetFederationToken": a
    federated user to whom no session policy was given has no permissions but those that a resource's policy grants.
    """
    if granted_to in (Naming.NOT, Naming.BY_ROLE):
        return (Layer.BOUNDARY, Layer.SESSION)
    if theirs is Layer.TRUST and request.caller.kind == "user":
        return (Layer.BOUNDARY,)
    return ()


def _lacks(layer: Layer, request: Request) -> Decision:
    return Decision(Outcome.IMPLICIT_DENY, implicit_deny(layer, request.action), layer=layer)


def _allowed(statements: Sequence[Statement]) -> Decision:
    if not statements:
        return Decision(Outcome.ALLOWED, "allowed, since the account's root user may do everything in it")
    sources = " and ".join(dict.fromkeys(s.source for s in statements))
    return Decision(Outcome.ALLOWED, f"allowed by {sources}", _refer(statements))


def _unknown(statements: Sequence[Statement]) -> Decision:
    first = statements[0]
    return Decision(
        Outcome.UNDETERMINED,
        f"statement {first.index + 1} of {first.source} depends on a condition key that cannot be told here",
        _refer(statements),
    )


def _refer(statements: Sequence[Statement]) -> tuple[MatchedStatement, ...]:
    return tuple(MatchedStatement(s.source, s.index, s.sid) for s in statements)
