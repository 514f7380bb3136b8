"""Policy documents, read once into one shape.

Source: IAM user guide, "Grammar of the IAM JSON policy language" and "IAM JSON policy elements reference".
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from stslab.iam.conditions import Condition, is_date, operator
from stslab.iam.principal import Principals, is_principal

VERSIONS = ("2012-10-17", "2008-10-17")
"""Policy variables are variables in the first only, and a policy that names no version is of the second. Source: IAM
user guide, "IAM JSON policy elements: Version"."""

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

Path = tuple[str | int, ...]

_OBJECT = (dict, Mapping)  # In this order, since asking for a dict first is the quicker by far.

_ACTION = re.compile(r"\*|(?:\*|[A-Za-z0-9.-]+):[^:]+")
_PARTITION = re.compile(r"\*|aws(?:-cn|-us-gov|-iso(?:-[a-z])?|-eusc)?")


class MalformedPolicy(ValueError):
    """A document that IAM would answer with MalformedPolicyDocument.

    Args:
        message: what is wrong, naming the element.
        path: keys and indexes from the top of the document to the place.
    """

    def __init__(self, message: str, path: Path = ()) -> None:
        super().__init__(message)
        self.message = message
        self.path = path


@dataclass(slots=True, eq=False)  # Not frozen, since that takes three times as long to make; nobody changes one.
class Statement:
    """One statement; ``actions`` and ``resources`` are the negated lists where ``not_…`` is set.

    ``principals`` maps a type (``AWS``, ``Service`` …) to its values and is ``None`` where the statement names
    none; the bare ``*`` is ``{"*": ("*",)}``. ``variables`` says that ``${…}`` is a policy variable here; ``written``
    is the statement as it stands in the document.
    """

    source: str
    index: int
    sid: str
    allows: bool
    actions: tuple[str, ...]
    not_action: bool
    resources: tuple[str, ...] | None
    not_resource: bool
    principals: Principals | None
    not_principal: bool
    conditions: tuple[Condition, ...]
    variables: bool
    written: Mapping[str, Any]


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
    if not isinstance(document, _OBJECT):
        raise MalformedPolicy("a policy is a JSON object")
    if not document.keys() <= TOP_LEVEL:
        key = next(key for key in document if key not in TOP_LEVEL)
        raise MalformedPolicy(f"a policy has no element {key!r}", (key,))
    version = document.get("Version", VERSIONS[1])
    if version not in VERSIONS:
        raise MalformedPolicy(f"Version {version!r} is not one of {', '.join(VERSIONS)}", ("Version",))
    if not isinstance(document.get("Id", ""), str):
        raise MalformedPolicy("Id is not a string", ("Id",))
    if "Statement" not in document:
        raise MalformedPolicy("a policy needs a Statement")
    listed = document["Statement"]
    if listed == []:
        raise MalformedPolicy("Statement is empty", ("Statement",))
    variables = version == VERSIONS[0]
    places: list[Path] = [("Statement",)]
    if isinstance(listed, list):
        places = [("Statement", index) for index in range(len(listed))]
    else:
        listed = [listed]
    statements = [_Reader(source, index, places[index], variables).statement(item) for index, item in enumerate(listed)]
    sids: set[str] = set()
    for statement in statements:
        if statement.sid and statement.sid in sids:
            raise MalformedPolicy(
                f"statement {statement.index + 1} has the Sid {statement.sid!r} of an earlier one",
                (*places[statement.index], "Sid"),
            )
        sids.add(statement.sid)
    return Policy(source, tuple(statements))


@dataclass(slots=True)
class _Reader:
    """Reads one statement, knowing where it stands."""

    source: str
    index: int
    path: Path
    variables: bool

    def statement(self, item: object) -> Statement:
        if not isinstance(item, _OBJECT):
            raise self._fault("is not an object")
        if not item.keys() <= ELEMENTS:
            key = next(key for key in item if key not in ELEMENTS)
            raise self._fault(f"has an unknown element {key!r}", key)
        if item.get("Effect") not in ("Allow", "Deny"):
            raise self._fault("needs an Effect of Allow or Deny", "Effect")
        if not isinstance(item.get("Sid", ""), str):
            raise self._fault("has a Sid that is not a string", "Sid")
        action_key = self._one_of(item, "Action", "NotAction")
        if action_key is None:
            raise self._fault("needs an Action or a NotAction")
        actions = self._strings(item[action_key], action_key)
        for action in actions:
            if not _ACTION.fullmatch(action):
                raise self._fault(f"has an {action_key} {action!r} without a service, as in s3:GetObject", action_key)
        resource_key = self._one_of(item, "Resource", "NotResource")
        resources = None if resource_key is None else self._strings(item[resource_key], resource_key)
        for resource in resources or ():
            if resource != "*" and not is_arn_pattern(resource):
                raise self._fault(f'has a {resource_key} {resource!r} that is not an ARN and not "*"', resource_key)
        principal_key = self._one_of(item, "Principal", "NotPrincipal")
        return Statement(
            self.source,
            self.index,
            item.get("Sid", ""),
            item["Effect"] == "Allow",
            actions,
            action_key == "NotAction",
            resources,
            resource_key == "NotResource",
            None if principal_key is None else self._principals(item[principal_key], principal_key),
            principal_key == "NotPrincipal",
            self._conditions(item["Condition"]) if "Condition" in item else (),
            self.variables,
            item,
        )

    def _fault(self, message: str, *keys: str | None) -> MalformedPolicy:
        return MalformedPolicy(f"statement {self.index + 1} {message}", (*self.path, *(k for k in keys if k)))

    def _one_of(self, item: Mapping[str, Any], name: str, negated: str) -> str | None:
        if name in item and negated in item:
            raise self._fault(f"has both {name} and {negated}", negated)
        return name if name in item else negated if negated in item else None

    def _strings(self, value: object, name: str, *keys: str) -> tuple[str, ...]:
        values: Sequence[Any] = value if isinstance(value, list) else (value,)
        for each in values:
            if not (each and isinstance(each, str)):
                break
        else:
            if values:
                return tuple(values)
        raise self._fault(f"needs a string or a list of strings as {name}", *(keys or (name,)))

    def _principals(self, value: object, element: str) -> Principals:
        if value == "*":
            return {"*": ("*",)}
        if not isinstance(value, _OBJECT) or not value:
            raise self._fault(f"has a {element} that is neither * nor an object such as {{'AWS': …}}", element)
        for key in value:
            if key not in PRINCIPAL_TYPES:
                raise self._fault(f"has a {element} of a type {key!r} that there is not", element, key)
        principals = {key: self._strings(value[key], f"{element} {key}", element, key) for key in value}
        for key, values in principals.items():
            for principal in values:
                if not is_principal(key, principal):
                    raise self._fault(f'names nobody: Invalid principal in policy: "{key}":"{principal}"', element, key)
        return principals

    def _conditions(self, value: object) -> tuple[Condition, ...]:
        if not isinstance(value, _OBJECT):
            raise self._fault("has a Condition that is not an object", "Condition")
        found = []
        for name, keys in value.items():
            if not isinstance(keys, _OBJECT):
                raise self._fault(f"has a Condition whose {name} is not an object", "Condition", name)
            known = operator(name)
            if known is None:
                if not keys:
                    continue  # IAM reads an operator where it asks for something only.
                raise self._fault(f"has a Condition with an operator {name!r} that there is not", "Condition", name)
            if len(keys) > 1 and len({key.lower() for key in keys}) < len(keys):
                raise self._fault(f"has a Condition whose {name} has a key twice, in different case", "Condition", name)
            for key, wanted in keys.items():
                values = wanted if isinstance(wanted, list) else [wanted]
                if not key or not all(isinstance(v, str | bool | int | float) for v in values):
                    raise self._fault(
                        f"has a Condition whose {name} of {key!r} is no string, number, boolean or list of them",
                        "Condition",
                        name,
                        key,
                    )
                texts = tuple(_text(v) for v in values)
                if "Date" in name and not all(is_date(text) for text in texts):
                    raise self._fault(f"has a Condition whose {name} of {key!r} is no date", "Condition", name, key)
                found.append(Condition(known, key, texts, self.variables))
        return tuple(found)


def is_arn_pattern(resource: str) -> bool:
    """Whether a Resource, other than ``*``, is an ARN as far as IAM looks: partition and service are what they can be.

    Source: IAM API reference, MalformedPolicyDocument, as IAM words it: 'must be in ARN format or "*"', "Partition is
    not valid for resource", "Resource vendor must be fully qualified", "The policy failed legacy parsing" (too few
    parts, with an empty one).
    """
    parts = resource.split(":")
    return (
        len(parts) >= 3
        and parts[0] == "arn"
        and _PARTITION.fullmatch(parts[1]) is not None
        and parts[2] != ""
        and (len(parts) >= 6 or "" not in parts)
    )


def _text(value: str | float) -> str:
    """A condition's value as IAM compares it: JSON's own spelling of numbers and booleans."""
    return value if isinstance(value, str) else json.dumps(value)
