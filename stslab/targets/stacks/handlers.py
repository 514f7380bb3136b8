"""The handlers of resource types: which calls make, change and delete a resource.

Source for the whole package of handlers: the registry's resource type schemas, "handlers" and "createOnlyProperties".
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

from stslab.targets.made import Made
from stslab.targets.stacks.client import Client

Properties = Mapping[str, Any]


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
