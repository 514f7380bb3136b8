"""The documents that IAM saves, whether an API call or a stack brings them: their grammar and their sizes.

Source for the whole module: IAM API reference, PutUserPolicy, CreatePolicy and their like, "Errors"; IAM user guide,
"IAM and AWS STS quotas".
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from stslab.iam import MalformedPolicy, policy_size, read_policy, require_identity_policy
from stslab.targets.rules.holdings import KINDS

INLINE_LIMITS = {"user": 2048, "group": 5120, "role": 10240}
"""Characters of all inline policies in sum, white space not counted."""

MANAGED_LIMIT = 6144


def replacements() -> dict[tuple[Any, str], Callable[..., Any]]:
    """Have every document read by the project before moto saves it, and not by moto's own validators."""
    from moto.iam.exceptions import LimitExceededException
    from moto.iam.models import IAMBackend
    from moto.iam.policy_validation import IAMPolicyDocumentValidator, IAMTrustPolicyDocumentValidator

    def putting(kind: str) -> Callable[..., Any]:
        put_policy = getattr(IAMBackend, f"put_{kind}_policy")

        def put(backend: Any, name: str, policy_name: str, document: Any) -> Any:
            text = as_text(document)
            require(text)
            holder = KINDS[kind](backend).get(name)
            others = dict(holder.policies) if holder is not None else {}
            others.pop(policy_name, None)
            if policy_size(text) + sum(policy_size(other) for other in others.values()) > INLINE_LIMITS[kind]:
                raise LimitExceededException(
                    f"Maximum policy size of {INLINE_LIMITS[kind]} bytes exceeded for {kind} {name}"
                )
            return put_policy(backend, name, policy_name, text)

        return put

    create_policy, create_version = IAMBackend.create_policy, IAMBackend.create_policy_version

    def create(backend: Any, description: Any, path: Any, policy_document: Any, policy_name: str, tags: Any) -> Any:
        return create_policy(backend, description, path, _managed(policy_document), policy_name, tags)

    def version(backend: Any, policy_arn: str, policy_document: str, set_as_default: Any) -> Any:
        return create_version(backend, policy_arn, _managed(policy_document), set_as_default)

    return {
        **{(IAMBackend, f"put_{kind}_policy"): putting(kind) for kind in KINDS},
        (IAMBackend, "create_policy"): create,
        (IAMBackend, "create_policy_version"): version,
        (IAMPolicyDocumentValidator, "validate"): lambda _: None,
        (IAMTrustPolicyDocumentValidator, "validate"): lambda _: None,
    }


def as_text(document: Any) -> str:
    """A document as text; an unquoted date in YAML, as in ``Version: 2012-10-17``, arrives as a date."""
    return document if isinstance(document, str) else json.dumps(document, default=str)


def require(document: str) -> None:
    """Refuse a policy that IAM would not take for a user, a group or a role, or as a managed policy.

    Raises:
        moto.iam.exceptions.MalformedPolicyDocument: it is one.
    """
    from moto.iam.exceptions import MalformedPolicyDocument

    try:
        require_identity_policy(read_policy(document, "the policy"))
    except MalformedPolicy as malformed:
        raise MalformedPolicyDocument(malformed.message) from None


def _managed(document: Any) -> str:
    from moto.iam.exceptions import LimitExceededException

    text = as_text(document)
    require(text)
    if policy_size(text) > MANAGED_LIMIT:
        raise LimitExceededException(f"Cannot exceed quota for PolicySize: {MANAGED_LIMIT}")
    return text
