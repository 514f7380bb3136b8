"""Why an account answered as it did that does not show its decisions: told from the policies that its IAM showed."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace

from stslab.iam import Caller, Context, MalformedPolicy, Policies, Policy, Request, parse_policy
from stslab.iam.decision import Outcome
from stslab.iam.evaluate import decide
from stslab.result import Call
from stslab.ruling import ruling_of

_ANSWERS = {"success": (Outcome.ALLOWED,), "denied": (Outcome.IMPLICIT_DENY, Outcome.EXPLICIT_DENY)}


def explained(calls: Sequence[Call], stored: Mapping[str, str], user_name: str) -> list[Call]:
    """Give the calls of the lab's user and of its role's session the reason for their answers.

    A reason is given only where the policies that are known decide as the account did, and where nothing else is known
    to have had a say: no managed policy, no boundary, and no condition on what only the account knows.

    Args:
        calls: all calls of a run, in their order.
        stored: the policies that IAM showed, by what to call them.
        user_name: the lab's user.

    Returns:
        the same calls, with rulings where there are any to give.
    """
    policies = _parsed(stored)
    if policies is None:
        return list(calls)
    put = next((i for i, c in enumerate(calls) if c.action == "iam:PutUserPolicy" and c.outcome == "success"), None)
    roles = {c.resource.rpartition("/")[2]: c.resource for c in calls if c.action == "sts:AssumeRole"}
    given = []
    for at, call in enumerate(calls):
        role = call.principal.split("/")[1] if ":assumed-role/" in call.principal else ""
        if call.ruling is not None or str(call.check).startswith("cleanup."):
            given.append(call)
        elif role in roles:
            theirs = _of(f"role {role}", policies)
            given.append(_explained(call, Caller(call.principal, roles[role]), theirs, policies))
        elif ":user/" in call.principal and call.principal.endswith(f"/{user_name}"):
            theirs = _of(f"user {user_name}", policies) if put is not None and at > put else []
            given.append(_explained(call, Caller(call.principal), theirs, policies))
        else:
            given.append(call)
    return given


def _of(owner: str, policies: Mapping[str, Policy]) -> list[Policy]:
    """The inline policies of a user or a role."""
    found = policies.items()
    return [policy for name, policy in found if name.startswith("policy ") and name.endswith(f" of {owner}")]


def _explained(call: Call, caller: Caller, theirs: Sequence[Policy], policies: Mapping[str, Policy]) -> Call:
    """A call with its reason, if the caller's policies, and a role's trust, are one."""
    trust = None
    if call.action == "sts:AssumeRole":
        trust = policies.get(f"trust policy of role {call.resource.rpartition('/')[2]}")
        if trust is None:
            return call
    request = Request(caller, call.action, call.resource, context=Context({}, unknown=lambda _: True))
    having_a_say = Policies(theirs, resource_policy=trust)
    decision = decide(request, having_a_say)
    explicit = "explicit deny" in call.message
    agrees = decision.outcome in _ANSWERS.get(call.outcome, ())
    if not agrees or explicit != (decision.outcome is Outcome.EXPLICIT_DENY):
        return call
    return replace(call, ruling=ruling_of(request, having_a_say, decision, told_by="documents"))


def _parsed(stored: Mapping[str, str]) -> dict[str, Policy] | None:
    """The policies, or ``None`` where there are any whose part in a decision is not known here."""
    if any(name.startswith("managed policy ") for name in stored):
        return None
    try:
        return {name: parse_policy(json.loads(text), name) for name, text in stored.items()}
    except (MalformedPolicy, ValueError):
        return None
