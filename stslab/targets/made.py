"""A resource of a stack as moto wants to see it; apart from the stacks, which have moto's CloudFormation imported."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass
class Made:
    """A resource that a handler has made, as moto wants to see the resources of a stack."""

    cf_resource_type: str
    physical_resource_id: str
    attributes: Mapping[str, Any] = field(default_factory=dict)
    logical_resource_id: str = ""

    def get_cfn_attribute(self, name: str) -> Any:
        """The value of ``Fn::GetAtt``.

        Raises:
            moto.cloudformation.exceptions.UnformattedGetAttTemplateException: the resource has no such attribute.
        """
        from moto.cloudformation.exceptions import UnformattedGetAttTemplateException

        if name not in self.attributes:
            raise UnformattedGetAttTemplateException
        return self.attributes[name]
