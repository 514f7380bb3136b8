"""The handlers of resource types: which calls make, change and delete a resource.

Source for the whole package of handlers: the registry's resource type schemas, "handlers" and "createOnlyProperties".
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from stslab.targets.stacks.client import Client

Properties = Mapping[str, Any]


@dataclass
class Made:
    """A resource that a handler has made, as moto wants to see the resources of a stack."""

    cf_resource_type: str
    physical_resource_id: str
    attributes: dict[str, Any] = field(default_factory=dict)
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


class Handler(Protocol):
    """Makes, configures and deletes the resources of one type.

    ``replacing`` are the properties whose change makes another resource, ``named`` the one that gives it a name.
    """

    replacing: frozenset[str]
    named: str

    def create(self, client: Client, name: str, properties: Properties, /) -> Made:
        """Make the bare resource.

        Raises:
            Refused: a service refuses it.
        """

    def configure(self, client: Client, made: Made, before: Properties, after: Properties, /) -> None:
        """Have a resource that is as ``before`` become as ``after``; a new one is as nothing.

        Raises:
            Refused: a service refuses it.
        """

    def delete(self, client: Client, made: Made, properties: Properties, /) -> None:
        """Delete the resource; that it is gone already is no fault.

        Raises:
            Refused: a service refuses it.
        """
