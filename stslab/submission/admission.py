"""What a template may hold to be let near the emulator: known types, and nothing that runs or fetches something."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from stslab.documents import line_of
from stslab.errors import BadInput
from stslab.targets.stacks.schemas import is_known

TYPES = frozenset(
    {
        "AWS::S3::Bucket",
        "AWS::S3::BucketPolicy",
        "AWS::IAM::AccessKey",
        "AWS::IAM::Group",
        "AWS::IAM::GroupPolicy",
        "AWS::IAM::InstanceProfile",
        "AWS::IAM::ManagedPolicy",
        "AWS::IAM::Policy",
        "AWS::IAM::Role",
        "AWS::IAM::RolePolicy",
        "AWS::IAM::User",
        "AWS::IAM::UserPolicy",
        "AWS::IAM::UserToGroupAddition",
    }
)
"""The types that the lab has a use for, each of which the emulator makes as AWS does. A type that CloudFormation does
not know is left to it, since it refuses the template."""

DEPTH, NODES = 100, 250_000
"""Levels and elements of a template at most, counted with every alias written out."""


def admit(path: Path, text: str, template: Mapping[str, Any]) -> None:
    """Let a template through that can do no harm, whether or not CloudFormation would deploy it.

    Args:
        path: the file, for what is said.
        text: its text.
        template: what it says.

    Raises:
        BadInput: it is too large or too deep, has a type that the lab has no use for, or runs a macro.
    """
    if _size(template, {}, 0) > NODES:
        raise BadInput(str(path), f"it comes to more than {NODES:,} elements", "write out what the lab needs")
    if "Transform" in template:
        where = line_of(path, text, ("Transform",))
        raise BadInput(where, "it has a Transform, which runs a macro", "write the resources themselves")
    if _has(template, "Fn::Transform"):
        raise BadInput(str(path), "it has an Fn::Transform, which runs a macro", "write the resources themselves")
    resources = template.get("Resources")
    for name, resource in resources.items() if isinstance(resources, Mapping) else ():
        kind = resource.get("Type") if isinstance(resource, Mapping) else None
        if isinstance(kind, str) and kind not in TYPES and is_known(kind):
            where = line_of(path, text, ("Resources", name))
            remedy = "keep to S3 buckets, their policies, and IAM's roles, users, groups and policies"
            raise BadInput(where, f"{name} is of type {kind[:128]}, which the lab has no use for", remedy)


def _size(value: Any, known: dict[int, int], depth: int) -> int:
    """How many elements there are, each alias counted as what it stands for; more than :data:`NODES` where too deep."""
    if not isinstance(value, Mapping | list):
        return 1
    if depth > DEPTH:
        return NODES + 1
    if id(value) not in known:
        known[id(value)] = NODES + 1  # for one that holds itself
        inner = value.values() if isinstance(value, Mapping) else value
        known[id(value)] = 1 + sum(_size(each, known, depth + 1) for each in inner)
    return known[id(value)]


def _has(value: Any, key: str) -> bool:
    if isinstance(value, Mapping):
        return key in value or any(_has(each, key) for each in value.values())
    return isinstance(value, list) and any(_has(each, key) for each in value)
