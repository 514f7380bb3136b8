"""Trust policies: refused where IAM refuses them, and faithful to the users and roles that they named when saved."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

from stslab.iam import MalformedPolicy, Policy, policy_size, read_policy, require_trust_policy
from stslab.targets.callers import read_stored

_OWN = re.compile(r"arn:[\w-]+:iam::(?P<account>\d{12}):(?P<kind>user|role)/.+")

LIMIT = 2048
"""Characters, white space not counted. Source: IAM user guide, "IAM and AWS STS quotas", role trust policy length."""

REMEMBERED = "stslab_principals"
"""The attribute of moto's role that keeps the unique ids of the principals that its trust policy names."""


def replacements() -> dict[tuple[Any, str], Callable[..., Any]]:
    """Put the rules before moto's making and changing of a role, also where CloudFormation does it."""
    from moto.iam.models import IAMBackend, Role

    create_role, update, put_policy = IAMBackend.create_role, IAMBackend.update_assume_role_policy, Role.put_policy

    def create(backend: Any, role_name: str, assume_role_policy_document: Any, *rest: Any, **named: Any) -> Any:
        text = as_text(assume_role_policy_document)
        require(text, backend)
        role = create_role(backend, role_name, text, *rest, **named)
        setattr(role, REMEMBERED, unique_ids(text, backend))
        return role

    def change(backend: Any, role_name: str, policy_document: str) -> None:
        role = backend.get_role(role_name)
        require(policy_document, backend)
        update(backend, role_name, policy_document)
        setattr(role, REMEMBERED, unique_ids(policy_document, backend))

    return {
        (IAMBackend, "create_role"): create,
        (IAMBackend, "update_assume_role_policy"): change,
        # CloudFormation hands over an object where moto's IAM keeps, and later reads, text.
        (Role, "put_policy"): lambda role, name, document: put_policy(role, name, as_text(document)),
    }


def as_text(document: Any) -> str:
    """A document as text; an unquoted date in YAML, as in ``Version: 2012-10-17``, arrives as a date."""
    return document if isinstance(document, str) else json.dumps(document, default=str)


def require(document: str, backend: Any) -> None:
    """Refuse a trust policy that IAM would not take.

    Raises:
        moto.iam.exceptions.MalformedPolicyDocument, moto.iam.exceptions.LimitExceededException: it is one.

    Source: IAM API reference, CreateRole, "Errors"; IAM user guide, "AWS JSON policy elements: Principal": a user or
    role that is named has to exist when the policy is saved. Whether one of another account does cannot be known here.
    """
    from moto.iam.exceptions import LimitExceededException, MalformedPolicyDocument

    try:
        policy = read_policy(document, "the trust policy")
        require_trust_policy(policy)
    except MalformedPolicy as malformed:
        raise MalformedPolicyDocument(malformed.message) from None
    for statement in policy.statements:
        for action in statement.actions:
            if not action.lower().startswith("sts:"):
                message = (
                    f"statement {statement.index + 1} has an action {action!r}: a trust policy may only specify STS"
                )
                raise MalformedPolicyDocument(f"{message} actions")
    missing = next((arn for arn in _named(policy) if _is_own(arn, backend) and _id_of(arn, backend) is None), None)
    if missing:
        raise MalformedPolicyDocument(f'Invalid principal in policy: "AWS":"{missing}"')
    if policy_size(document) > LIMIT:
        raise LimitExceededException(f"Cannot exceed quota for ACLSizePerRole: {LIMIT}")


def unique_ids(document: str, backend: Any) -> dict[str, str]:
    """The unique ids, by ARN, of the users and roles of this account that a trust policy names.

    Source: IAM user guide, "AWS JSON policy elements: Principal": the ARN "transforms to the user's unique principal ID
    when you save the policy", so that somebody made again under the same name is not the one who was meant.
    """
    found = {arn: _id_of(arn, backend) for arn in _named(read_stored(document, "the trust policy"))}
    return {arn: unique_id for arn, unique_id in found.items() if unique_id}


def trust_policy(role: Any) -> Policy:
    """A role's trust policy, in which who is gone stands by the unique id that he had."""
    from moto.iam.models import iam_backends

    text = str(role.assume_role_policy_document)
    backend = iam_backends[role.account_id][role.partition]
    for arn, unique_id in getattr(role, REMEMBERED, {}).items():
        if _id_of(arn, backend) != unique_id:
            text = text.replace(json.dumps(arn), json.dumps(_as_principal(unique_id)))
    return read_stored(text, f"trust policy of role {role.name}")


def _as_principal(unique_id: str) -> str:
    """A unique id as AWS writes it; moto's ids of users have neither its prefix nor its capitals.

    Source: IAM user guide, "IAM identifiers", Unique identifiers: AIDA for a user, AROA for a role.
    """
    return unique_id if unique_id.startswith(("AIDA", "AROA")) else f"AIDA{unique_id.upper()}"


def _named(policy: Policy) -> list[str]:
    principals = [statement.principals for statement in policy.statements if statement.principals]
    return [value for each in principals for value in each.get("AWS", ())]


def _is_own(arn: str, backend: Any) -> bool:
    found = _OWN.fullmatch(arn)
    return found is not None and found["account"] == backend.account_id


def _id_of(arn: str, backend: Any) -> str | None:
    found = _OWN.fullmatch(arn)
    if found is None or found["account"] != backend.account_id:
        return None
    there = backend.users if found["kind"] == "user" else backend.roles
    return next((str(each.id) for each in there.values() if each.arn == arn), None)
