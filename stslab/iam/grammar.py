"""What a policy must be to stand in its place: on an identity, on a role as its trust policy, on a resource.

Source: IAM user guide, "Grammar of the IAM JSON policy language" and "IAM JSON policy elements reference"; IAM API
reference, the errors MalformedPolicyDocument and LimitExceeded; "IAM and AWS STS quotas" for the sizes.
"""

from __future__ import annotations

import json
import re
from typing import Any

from stslab.iam.document import MalformedPolicy, Policy, Statement, parse_policy

_SID = re.compile(r"[A-Za-z0-9]*")

_IAM_PATHS = (
    "*",
    "access-report/",
    "federated-user/",
    "group/",
    "instance-profile/",
    "mfa/",
    "oidc-provider/",
    "policy/",
    "report/",
    "role/",
    "root",
    "saml-provider/",
    "server-certificate/",
    "sms-mfa/",
    "user/",
)


class Repeated(dict[str, Any]):
    """A JSON object in which a key stands twice.

    Args:
        pairs: the object's members in order.
        key: the first key that is repeated.
    """

    def __init__(self, pairs: list[tuple[str, Any]], key: str) -> None:
        super().__init__(pairs)
        self.key = key


def object_of(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Make a JSON object of its members, as a hook of :func:`json.loads` that keeps a repeated key in mind."""
    found = dict(pairs)
    if len(found) == len(pairs):
        return found
    names = [name for name, _ in pairs]
    return Repeated(pairs, next(name for name in names if names.count(name) > 1))


def require_unrepeated(document: Any, path: tuple[str | int, ...] = ()) -> None:
    """Make sure that no object of a document read with :func:`object_of` has a key twice.

    Raises:
        MalformedPolicy: one has.
    """
    if isinstance(document, Repeated):
        raise MalformedPolicy(f"the key {document.key!r} stands twice in one object", (*path, document.key))
    if isinstance(document, dict):
        for key, value in document.items():
            if isinstance(value, dict | list):
                require_unrepeated(value, (*path, key))
    elif isinstance(document, list):
        for index, value in enumerate(document):
            if isinstance(value, dict | list):
                require_unrepeated(value, (*path, index))


def read_policy(text: str, source: str) -> Policy:
    """Read a policy from JSON text.

    Args:
        text: the document as a person wrote it.
        source: what to call it in an explanation.

    Raises:
        MalformedPolicy: it is not JSON, has a key twice, or is not a policy.
    """
    try:
        document = json.loads(text, object_pairs_hook=object_of)
    except json.JSONDecodeError as error:
        raise MalformedPolicy(
            f"Syntax errors in policy: {error.msg} in line {error.lineno}, column {error.colno}"
        ) from None
    except (RecursionError, ValueError):
        raise MalformedPolicy("Syntax errors in policy: it is nested too deeply, or has a number too long") from None
    require_unrepeated(document)
    return parse_policy(document, source)


def policy_size(text: str) -> int:
    """The characters of a document that count towards IAM's quotas.

    Source: IAM user guide, "IAM and AWS STS quotas": "IAM doesn't count white space when calculating the size of a
    policy".
    """
    return sum(not character.isspace() for character in text)


def require_identity_policy(policy: Policy) -> None:
    """Make sure that a policy can stand on a user, group or role, as its boundary, or as a session policy.

    Raises:
        MalformedPolicy: a statement names a principal, or no resource, or has a Sid that is not alphanumeric.

    Source: IAM user guide, "Grammar of the IAM JSON policy language": Principal stands in resource-based policies only,
    Resource is required in all others; "IAM JSON policy elements: Sid": A-Z, a-z and 0-9.
    """
    for statement in policy.statements:
        _require_sid(statement)
        if statement.principals is not None:
            element = "NotPrincipal" if statement.not_principal else "Principal"
            raise _fault(statement, f"has a {element}, which a user's policy must not have", element)
        if statement.resources is None:
            raise _fault(statement, "needs a Resource or a NotResource")
        element = "NotResource" if statement.not_resource else "Resource"
        for resource in statement.resources:
            problem = _resource_fault(resource)
            if problem:
                raise _fault(statement, f"has a {element} {resource!r} {problem}", element)


def require_trust_policy(policy: Policy) -> None:
    """Make sure that a policy can be a role's trust policy.

    Raises:
        MalformedPolicy: a statement names no principal, or a resource, or has a Sid that is not alphanumeric.

    Source: IAM user guide, "IAM JSON policy elements: Principal" and "Resource": a trust policy needs the one and must
    not have the other, since the resource is the role itself; "NotPrincipal": it cannot be used "in an IAM
    identity-based policy nor in an IAM role trust policy".
    """
    for statement in policy.statements:
        _require_sid(statement)
        if statement.principals is None:
            raise _fault(statement, "needs a Principal")
        if statement.not_principal:
            raise _fault(statement, "has a NotPrincipal, which a trust policy must not", "NotPrincipal")
        if statement.resources is not None:
            raise _fault(statement, "has a Resource, which a trust policy must not", "Resource")


def require_resource_policy(policy: Policy) -> None:
    """Make sure that a policy can stand on a resource other than a role.

    Raises:
        MalformedPolicy: a statement names no principal.

    Source: IAM user guide, "Grammar of the IAM JSON policy language": a resource-based policy needs a principal, and
    "IAM JSON policy elements: Resource": without a Resource it is about the resource that it stands on.
    """
    for statement in policy.statements:
        if statement.principals is None:
            raise _fault(statement, "needs a Principal")


def _resource_fault(resource: str) -> str:
    """What IAM finds wrong with an IAM or S3 resource, or an empty string.

    Source: IAM's own messages: "IAM resource … cannot contain region information", "Resource … can not contain region
    information" (S3, but for access points), 'IAM resource path must either be "*" or start with user/, …'.
    """
    parts = resource.split(":", 5)
    if len(parts) < 6 or parts[2] not in ("iam", "s3"):
        return ""
    path = parts[5]
    if parts[3] and not (parts[2] == "s3" and path.startswith("accesspoint/")):
        return "that must not name a region"
    if parts[2] == "iam" and not path.startswith(_IAM_PATHS):
        return "whose last part must begin with user/, role/, group/, policy/ or the like"
    return ""


def _require_sid(statement: Statement) -> None:
    if not _SID.fullmatch(statement.sid):
        raise _fault(statement, f"has a Sid {statement.sid!r} that is not alphanumeric", "Sid")


def _fault(statement: Statement, message: str, *keys: str) -> MalformedPolicy:
    return MalformedPolicy(f"statement {statement.index + 1} {message}", ("Statement", statement.index, *keys))
