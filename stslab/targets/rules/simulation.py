"""SimulateCustomPolicy and SimulatePrincipalPolicy, which moto does not have, from the project's own evaluation.

Source: IAM API reference, SimulateCustomPolicy and SimulatePrincipalPolicy.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Any

from stslab.iam import Caller, Context, Decision, MalformedPolicy, Policies, Policy, Request
from stslab.iam.evaluate import decide
from stslab.iam.grammar import read_policy, require_identity_policy, require_resource_policy
from stslab.targets.callers import policies_of
from stslab.targets.context import listed

_ACTION = re.compile(r"[A-Za-z0-9-]+:[A-Za-z0-9]+")


def replacements() -> dict[tuple[Any, str], Callable[..., Any]]:
    """Give moto's IAM the two operations."""
    from moto.core.responses import ActionResult
    from moto.iam.responses import IamResponse

    def custom(call: Any) -> Any:
        return ActionResult(_simulated(call, Caller(_caller(call)), Policies(_listed(call, "PolicyInputList"))))

    def principal(call: Any) -> Any:
        source = call._get_param("PolicySourceArn")
        policies = policies_of(call.backend, source)
        if policies is None:
            from moto.iam.exceptions import NoSuchEntity

            raise NoSuchEntity(f"The entity {source} cannot be found.")
        more = _listed(call, "PolicyInputList")
        caller = Caller(_caller(call) if call._get_param("CallerArn") else source)
        return ActionResult(_simulated(call, caller, Policies([*policies.identity, *more], policies.boundary)))

    return {
        (IamResponse, "simulate_custom_policy"): custom,
        (IamResponse, "simulate_principal_policy"): principal,
    }


def _simulated(call: Any, caller: Caller, policies: Policies) -> dict[str, Any]:
    boundaries = _listed(call, "PermissionsBoundaryPolicyInputList")
    theirs = call._get_param("ResourcePolicy")
    policies = Policies(
        policies.identity,
        boundaries[0] if boundaries else policies.boundary,
        (),
        _read(theirs, "ResourcePolicy.1", require_resource_policy) if theirs else None,
    )
    actions, resources = listed(call, "ActionNames"), listed(call, "ResourceArns") or ["*"]
    for action in actions:
        if not _ACTION.fullmatch(action):
            raise _invalid(f"Invalid action name: {action}")
    owner = _account(call._get_param("ResourceOwner")) or caller.account
    context = Context(_context(call))
    return {
        "EvaluationResults": [
            _result(Request(caller, action, resource, owner, context), policies)
            for action in actions
            for resource in resources
        ],
        "IsTruncated": False,
    }


def _result(request: Request, policies: Policies) -> dict[str, Any]:
    decision = decide(request, policies)
    result: dict[str, Any] = {
        "EvalActionName": request.action,
        "EvalResourceName": request.resource,
        "EvalDecision": decision.outcome.value,
        "MatchedStatements": _matched(decision),
        "MissingContextValues": _missing(request, policies),
    }
    if policies.boundary is not None:
        within = decide(request, Policies([policies.boundary]))
        result["PermissionsBoundaryDecisionDetail"] = {"AllowedByPermissionsBoundary": within.allowed}
    return result


def _matched(decision: Decision) -> list[dict[str, str]]:
    kinds = {"ResourcePolicy": "resource"}
    return [
        {"SourcePolicyId": m.source, "SourcePolicyType": kinds.get(m.source.partition(".")[0], "none")}
        for m in decision.matched
    ]


def _missing(request: Request, policies: Policies) -> list[str]:
    """The condition keys that the policies ask for and the request does not have."""
    every = [*policies.identity, *(p for p in (policies.boundary, policies.resource_policy) if p is not None)]
    keys = {c.key for policy in every for s in policy.statements for c in s.conditions if not request.values(c.key)}
    return sorted(keys)


def _listed(call: Any, name: str) -> Sequence[Policy]:
    texts = listed(call, name)
    return [_read(text, f"{name}.{i}", require_identity_policy) for i, text in enumerate(texts, start=1)]


def _read(text: str, source: str, require: Callable[[Policy], None]) -> Policy:
    try:
        policy = read_policy(text, source)
        require(policy)
    except MalformedPolicy as malformed:
        raise _invalid(f"Invalid Input {source}: {malformed.message}") from None
    return policy


def _context(call: Any) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for name, values in call.data.items():
        key = re.fullmatch(r"ContextEntries\.member\.(\d+)\.ContextKeyName", str(name))
        if key:
            prefix = f"ContextEntries.member.{key[1]}.ContextKeyValues"
            found[values[0]] = listed(call, re.escape(prefix))
    return found


def _caller(call: Any) -> str:
    return str(call._get_param("CallerArn") or f"arn:aws:iam::{call.current_account}:user/simulated")


def _account(owner: str | None) -> str:
    return owner.split(":")[4] if owner and owner.count(":") >= 5 else owner or ""


def _invalid(message: str) -> Exception:
    from moto.iam.exceptions import InvalidInput

    return InvalidInput(message)
