"""Policy documents, read once into one shape.

Source: IAM user guide, "Grammar of the IAM JSON policy language" and "IAM JSON policy elements reference".
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

VERSIONS = ("2012-10-17", "2008-10-17")

TOP_LEVEL = frozenset({"Version", "Id", "Statement"})
ELEMENTS = frozenset(
    {
        "Sid",
        "Effect",
        "Principal",
        "NotPrincipal",
        "Action",
        "NotAction",
        "Resource",
        "NotResource",
        "Condition",
    }
)
PRINCIPAL_TYPES = frozenset({"AWS", "Service", "Federated", "CanonicalUser"})


class MalformedPolicy(ValueError):
    """A document that IAM would answer with MalformedPolicyDocument.

    Args:
        message: what is wrong, naming the element.
        path: keys and indexes from the top of the document to the place.
    """

    def __init__(self, message: str, path: tuple[str | int, ...] = ()) -> None:
        super().__init__(message)
        self.message = message
        self.path = path


@dataclass(frozen=True)
class Statement:
    """One statement; ``actions`` and ``resources`` are the negated lists where ``not_…`` is set.

    ``principals`` maps a type (``AWS``, ``Service`` …) to its values and is ``None`` where the statement names
    none; the bare ``*`` is ``{"*": ("*",)}``.
    """

    source: str
    index: int
    sid: str
    allows: bool
    actions: tuple[str, ...]
    not_action: bool
    resources: tuple[str, ...] | None
    not_resource: bool
    principals: Mapping[str, tuple[str, ...]] | None
    not_principal: bool
    has_condition: bool


@dataclass(frozen=True)
class Policy:
    """A policy: where it comes from (for explanations) and its statements."""

    source: str
    statements: tuple[Statement, ...]


def parse_policy(document: object, source: str) -> Policy:
    """Read a policy document.

    Args:
        document: the decoded JSON.
        source: what to call the document in an explanation, for example ``policy StsAssumePolicy of user a``.

    Raises:
        MalformedPolicy: the document is not one that IAM's grammar admits.
    """
    if not isinstance(document, Mapping):
        raise MalformedPolicy("a policy is a JSON object")
    for key in document:
        if key not in TOP_LEVEL:
            raise MalformedPolicy(f"a policy has no element {key!r}", (key,))
    version = document.get("Version")
    if version is not None and str(version) not in VERSIONS:
        raise MalformedPolicy(f"Version {version!r} is not one of {', '.join(VERSIONS)}", ("Version",))
    if "Statement" not in document:
        raise MalformedPolicy("a policy needs a Statement")
    listed = document["Statement"]
    if isinstance(listed, list):
        places: list[tuple[str | int, ...]] = [("Statement", i) for i in range(len(listed))]
    else:
        listed, places = [listed], [("Statement",)]
    if not listed:
        raise MalformedPolicy("Statement is empty", ("Statement",))
    statements = tuple(
        _statement(item, source, index, path) for index, (item, path) in enumerate(zip(listed, places, strict=True))
    )
    return Policy(source, statements)


def require_identity_policy(policy: Policy) -> None:
    """Make sure that a policy can be put on a user.

    Raises:
        MalformedPolicy: a statement names a principal, or no resource.

    Source: IAM user guide, "Grammar of the IAM JSON policy language": Principal stands in resource-based policies only,
    Resource is required in all others.
    """
    for statement in policy.statements:
        path = ("Statement", statement.index)
        if statement.principals is not None:
            element = "NotPrincipal" if statement.not_principal else "Principal"
            raise MalformedPolicy(
                f"statement {statement.index + 1} has a {element}, which a user's policy must not have",
                (*path, element),
            )
        if statement.resources is None:
            raise MalformedPolicy(f"statement {statement.index + 1} needs a Resource or a NotResource", path)


def require_trust_policy(policy: Policy) -> None:
    """Make sure that a policy can be a role's trust policy.

    Raises:
        MalformedPolicy: a statement names no principal, or a resource.

    Source: IAM user guide, "IAM JSON policy elements: Principal" and "Resource": a trust policy needs the one and must
    not have the other, since the resource is the role itself.
    """
    for statement in policy.statements:
        path = ("Statement", statement.index)
        if statement.principals is None:
            raise MalformedPolicy(f"statement {statement.index + 1} needs a Principal", path)
        if statement.resources is not None:
            raise MalformedPolicy(
                f"statement {statement.index + 1} has a Resource, which a trust policy must not", path
            )


def _statement(item: object, source: str, index: int, path: tuple[str | int, ...]) -> Statement:
    if not isinstance(item, Mapping):
        raise MalformedPolicy(f"statement {index + 1} is not an object", path)
    for key in item:
        if key not in ELEMENTS:
            raise MalformedPolicy(f"statement {index + 1} has an unknown element {key!r}", (*path, key))
    if item.get("Effect") not in ("Allow", "Deny"):
        raise MalformedPolicy(f"statement {index + 1} needs an Effect of Allow or Deny", (*path, "Effect"))
    action_key = _one_of(item, "Action", "NotAction", index, path)
    if action_key is None:
        raise MalformedPolicy(f"statement {index + 1} needs an Action or a NotAction", path)
    actions = _strings(item[action_key], action_key, index, path)
    for action in actions:
        if action != "*" and ":" not in action:
            raise MalformedPolicy(
                f"statement {index + 1} has an {action_key} {action!r} without a service, as in s3:GetObject",
                (*path, action_key),
            )
    resource_key = _one_of(item, "Resource", "NotResource", index, path)
    resources = None if resource_key is None else _strings(item[resource_key], resource_key, index, path)
    principal_key = _one_of(item, "Principal", "NotPrincipal", index, path)
    principals = None if principal_key is None else _principals(item[principal_key], index, (*path, principal_key))
    condition = item.get("Condition")
    if condition is not None and not isinstance(condition, Mapping):
        raise MalformedPolicy(f"statement {index + 1} has a Condition that is not an object", (*path, "Condition"))
    return Statement(
        source=source,
        index=index,
        sid=str(item.get("Sid", "")),
        allows=item["Effect"] == "Allow",
        actions=actions,
        not_action=action_key == "NotAction",
        resources=resources,
        not_resource=resource_key == "NotResource",
        principals=principals,
        not_principal=principal_key == "NotPrincipal",
        has_condition=bool(condition),
    )


def _one_of(item: Mapping[str, Any], name: str, negated: str, index: int, path: tuple[str | int, ...]) -> str | None:
    if name in item and negated in item:
        raise MalformedPolicy(f"statement {index + 1} has both {name} and {negated}", (*path, negated))
    return name if name in item else negated if negated in item else None


def _strings(value: object, name: str, index: int, path: tuple[str | int, ...]) -> tuple[str, ...]:
    values: Sequence[object] = value if isinstance(value, list) else [value]
    if not values or not all(isinstance(v, str) and v for v in values):
        raise MalformedPolicy(f"statement {index + 1}: {name} is a string or a list of strings", (*path, name))
    return tuple(str(v) for v in values)


def _principals(value: object, index: int, path: tuple[str | int, ...]) -> dict[str, tuple[str, ...]]:
    if value == "*":
        return {"*": ("*",)}
    if not isinstance(value, Mapping) or not value:
        raise MalformedPolicy(f"statement {index + 1}: a principal is * or an object such as {{'AWS': …}}", path)
    for key in value:
        if key not in PRINCIPAL_TYPES:
            raise MalformedPolicy(f"statement {index + 1}: there is no principal type {key!r}", (*path, key))
    return {key: _strings(value[key], key, index, path) for key in value}
