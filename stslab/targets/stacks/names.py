"""The names that CloudFormation makes up."""

from __future__ import annotations

from moto.cloudformation.parsing import generate_resource_name

from stslab.targets.chosen import chosen
from stslab.targets.stacks.stack import Resource

_LIMITS = {"AWS::IAM::Role": 64, "AWS::IAM::User": 64}
"""Characters. Source: IAM user guide, "IAM and AWS STS quotas"."""

_LOGICAL = 24
"""Characters of a logical id that are kept where the name would be too long."""


def physical_name(stack_name: str, resource: Resource) -> str:
    """The name of a resource that the template gives none: the stack's, the logical id, and something random.

    moto's own, but for one that is known already, and for what IAM would find too long.

    Source: CloudFormation user guide, "Name type".
    """
    known = chosen(stack_name, resource.logical_id)
    if known is not None:
        return known
    limit = _LIMITS.get(resource.type)
    name = generate_resource_name(resource.type, stack_name, resource.logical_id)
    if limit is None or len(name) <= limit:
        return name
    suffix = name.rpartition("-")[2]
    logical = resource.logical_id[:_LOGICAL]
    return f"{stack_name[: limit - len(suffix) - len(logical) - 2]}-{logical}-{suffix}"
