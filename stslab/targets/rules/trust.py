"""Trust policies: refused where IAM refuses them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from stslab.iam import MalformedPolicy, policy_size, read_policy, require_trust_policy
from stslab.targets.rules.documents import as_text
from stslab.targets.rules.identities import nobody_in

LIMIT = 2048
"""Characters, white space not counted. Source: IAM user guide, "IAM and AWS STS quotas", role trust policy length."""


def replacements() -> dict[tuple[Any, str], Callable[..., Any]]:
    """Put the rules before moto's making and changing of a role, also where CloudFormation does it."""
    from moto.iam.models import IAMBackend

    create_role, update = IAMBackend.create_role, IAMBackend.update_assume_role_policy

    def create(backend: Any, role_name: str, assume_role_policy_document: Any, *rest: Any, **named: Any) -> Any:
        text = as_text(assume_role_policy_document)
        require(text)
        return create_role(backend, role_name, text, *rest, **named)

    def change(backend: Any, role_name: str, policy_document: str) -> None:
        backend.get_role(role_name)
        require(policy_document)
        update(backend, role_name, policy_document)

    return {
        (IAMBackend, "create_role"): create,
        (IAMBackend, "update_assume_role_policy"): change,
    }


def require(document: str) -> None:
    """Refuse a trust policy that IAM would not take.

    Raises:
        moto.iam.exceptions.MalformedPolicyDocument, moto.iam.exceptions.LimitExceededException: it is one.

    Source: IAM API reference, CreateRole, "Errors".
    """
    from moto.iam.exceptions import LimitExceededException, MalformedPolicyDocument

    try:
        policy = read_policy(document, "the trust policy")
        require_trust_policy(policy)
    except MalformedPolicy as malformed:
        raise MalformedPolicyDocument(malformed.message) from None
    missing = nobody_in(policy)
    if missing:
        raise MalformedPolicyDocument(f'Invalid principal in policy: "AWS":"{missing}"')
    if policy_size(document) > LIMIT:
        raise LimitExceededException(f"Cannot exceed quota for ACLSizePerRole: {LIMIT}")
