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
    "assumed-role/",
    "delegation-request/",
    "federated-user/",
    "group/",
    "instance-profile/",
    "mfa/",
    "oidc-provider/",
    "policy/",
    "report/",
    "role/",
    "role-template/",
    "root",
    "saml-provider/",
    "server-certificate/",
    "sms-mfa/",
    "user/",
)

_REGIONAL_IN_S3 = ("access-grants/", "accesspoint/", "async-request/", "job/", "storage-lens-group/", "storage-lens/")
"""Source: service authorization reference, "Actions, resources, and condition keys for Amazon S3", resource types."""


_STS = frozenset(
    {
        "assumerole",
        "assumerolewithsaml",
        "assumerolewithwebidentity",
        "assumeroot",
        "decodeauthorizationmessage",
        "getaccesskeyinfo",
        "getcalleridentity",
        "getdelegatedaccesstoken",
        "getfederationtoken",
        "getservicebearertoken",
        "getsessiontoken",
        "getwebidentitytoken",
        "setcontext",
        "setsourceidentity",
        "taggetwebidentitytoken",
        "tagsession",
    }
)
"""Source: service authorization reference, "Actions, resources, and condition keys for AWS Security Token Service"."""


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
        raise MalformedPolicy(f"the key {document.key!r} stands twice in {_place(path)}", (*path, document.key))
    if isinstance(document, dict):
        for key, value in document.items():
            if isinstance(value, dict | list):
                require_unrepeated(value, (*path, key))
    elif isinstance(document, list):
        for index, value in enumerate(document):
            if isinstance(value, dict | list):
                require_unrepeated(value, (*path, index))


def _place(path: tuple[str | int, ...]) -> str:
    """A path as people write it, for example ``Statement[0].Condition``."""
    if not path:
        return "the document"
    return "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in path).removeprefix(".")


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
        MalformedPolicy: a statement names no principal, or a resource, or an action other than of STS, or has a Sid
            that is not alphanumeric.

    Source: IAM user guide, "IAM JSON policy elements: Principal" and "Resource": a trust policy needs the one and must
    not have the other, since the resource is the role itself; "NotPrincipal": it cannot be used "in an IAM
    identity-based policy nor in an IAM role trust policy". IAM's own message, also to a misspelt sts:TagSessions:
    "AssumeRole policy may only specify STS AssumeRole actions"; ``sts:*`` is of STS, ``*`` is not.
    """
    for statement in policy.statements:
        _require_sid(statement)
        if statement.principals is None:
            raise _fault(statement, "needs a Principal")
        if statement.not_principal:
            raise _fault(statement, "has a NotPrincipal, which a trust policy must not", "NotPrincipal")
        if statement.resources is not None:
            element = "NotResource" if statement.not_resource else "Resource"
            raise _fault(statement, f"has a {element}, which a trust policy must not", element)
        for action in statement.actions:
            if not _is_of_sts(action.lower()):
                element = "NotAction" if statement.not_action else "Action"
                message = f"has an {element} {action!r}: a trust policy may only specify STS AssumeRole actions"
                raise _fault(statement, message, element)


def _is_of_sts(action: str) -> bool:
    service, _, name = action.partition(":")
    return service == "sts" and ("*" in name or "?" in name or name in _STS)


_WITHOUT_RESOURCE = frozenset({"ecr", "sns"})
"""Services whose policies may leave Resource out. Source: Amazon ECR user guide, "Private repository policies"; the IAM
user guide's own example of an SNS topic's policy, in "Variables and tags"."""


def require_resource_policy(policy: Policy, service: str = "") -> None:
    """Make sure that a policy can stand on a resource other than a role.

    Args:
        policy: the policy.
        service: the prefix of the service that the resource is of, where it is known.

    Raises:
        MalformedPolicy: a statement names no principal or no resource, or allows all but some principals.

    Source: IAM user guide, "Grammar of the IAM JSON policy language": a resource-based policy needs a principal;
    "Access Analyzer policy check reference", Missing resource: "All policies except role trust policies must include a
    Resource or NotResource element", but for those of :data:`_WITHOUT_RESOURCE`; "NotPrincipal": it "must be used with
    "Effect":"Deny"", and S3 says "Allow with NotPrincipal is not allowed".
    """
    for statement in policy.statements:
        if statement.principals is None:
            raise _fault(statement, "needs a Principal")
        if statement.not_principal and statement.allows:
            raise _fault(statement, "has a NotPrincipal, which an Allow must not", "NotPrincipal")
        if statement.resources is None and service not in _WITHOUT_RESOURCE:
            raise _fault(statement, "needs a Resource or a NotResource")


def _resource_fault(resource: str) -> str:
    """What IAM finds wrong with an IAM or S3 resource, or an empty string.

    Source: IAM's own messages: "IAM resource … cannot contain region information", "Resource … can not contain region
    information" (S3, but for access points and the like), 'IAM resource path must either be "*" or start with user/,
    …'.
    """
    parts = resource.split(":", 5)
    if len(parts) < 6 or parts[2] not in ("iam", "s3"):
        return ""
    path = parts[5]
    if parts[3] and not (parts[2] == "s3" and path.startswith(_REGIONAL_IN_S3)):
        return "that must not name a region"
    if parts[2] == "iam" and not path.startswith(_IAM_PATHS):
        return "whose last part must begin with user/, role/, group/, policy/ or the like"
    return ""


def _require_sid(statement: Statement) -> None:
    if not _SID.fullmatch(statement.sid):
        raise _fault(statement, f"has a Sid {statement.sid!r} that is not alphanumeric", "Sid")


def _fault(statement: Statement, message: str, *keys: str) -> MalformedPolicy:
    return MalformedPolicy(f"statement {statement.index + 1} {message}", ("Statement", statement.index, *keys))
