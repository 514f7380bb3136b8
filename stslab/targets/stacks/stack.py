"""A stack of moto's with what it leaves out: the state of every resource, and an event for all that happens to it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, cast

from moto.cloudformation.exceptions import CloudFormationError
from moto.cloudformation.models import ChangeSet, Event, Stack
from moto.cloudformation.parsing import ResourceMap, clean_json
from moto.utilities.utils import get_partition

from stslab.targets.stacks.templates import invalid, read_template

SETTLED = frozenset({"CREATE_COMPLETE", "UPDATE_COMPLETE", "UPDATE_ROLLBACK_COMPLETE", "UPDATE_FAILED"})
"""The states of a stack in which it has outputs."""


@dataclass(eq=False)
class Resource:
    """One resource of a stack.

    ``definition`` is what the template says, ``properties`` what that comes to; ``made`` is what there is, as moto's
    intrinsic functions want to see it, and ``None`` where there is nothing.
    """

    logical_id: str
    definition: Mapping[str, Any]
    properties: Mapping[str, Any] = field(default_factory=dict)
    made: Any = None
    physical_id: str = ""
    status: str = ""
    reason: str = ""
    time: datetime = field(default_factory=lambda: datetime.now(UTC))

    @property
    def type(self) -> str:
        """The resource's type."""
        return str(self.definition["Type"])

    @property
    def keeps(self) -> str:
        """Its DeletionPolicy."""
        return str(self.definition.get("DeletionPolicy", "Delete"))


class Resources(ResourceMap):
    """The names that a template's functions refer to; a resource is made only while its stack is being deployed."""

    def __init__(self, *args: Any, **named: Any) -> None:
        super().__init__(*args, **named)
        self.maker: Callable[[str], Any] | None = None
        self._parsed_resources["AWS::NotificationARNs"] = []
        self._parsed_resources["AWS::Partition"] = get_partition(self._region_name)

    def __getitem__(self, key: str) -> Any:
        """What a name stands for; a resource's definition has it made.

        Raises:
            KeyError: nothing.
        """
        if key in self._parsed_resources:
            return self._parsed_resources[key]
        if key not in self._resource_json_map or self.maker is None:
            raise KeyError(key)
        return self.maker(key)

    def know(self, name: str, made: Any) -> None:
        """Have a name stand for a resource that there is."""
        self._parsed_resources[name] = made

    @property
    def definitions(self) -> Mapping[str, Mapping[str, Any]]:
        """The template's resources."""
        return self._resource_json_map

    def wants(self, name: str) -> bool:
        """Whether the condition of a resource, if it has one, is true."""
        condition = self._resource_json_map[name].get("Condition")
        return condition is None or bool(self.lazy_condition_map[condition])

    def resolved(self, value: Any) -> Any:
        """A part of the template with its functions worked out; what is no value is left out."""
        return _present(clean_json(value, self))


class ManagedStack(Stack):
    """A stack whose resources are made by :class:`stslab.targets.stacks.deploy.Deployment`."""

    class Meta:
        """How moto writes it: by itself it takes the class's name off a key, and finds ``name`` for StackName so."""

        serialization_aliases = {  # noqa: RUF012
            **Stack.Meta.serialization_aliases,
            "StackName": "name",
            "StackStatus": "status",
        }

    def __init__(self, *args: Any, **named: Any) -> None:
        self.known: dict[str, Resource] = {}
        self.order: list[str] = []
        self.status_reason = ""
        self.deletion_time: datetime | None = None
        super().__init__(*args, **named)

    @staticmethod
    def parse_template(template: Any) -> dict[str, Any]:
        """Read a template; moto's own reading would run the Python that YAML can hold."""
        return read_template(template) if isinstance(template, str) else dict(template)

    def _create_resource_map(self) -> Resources:
        resources = Resources(
            self.stack_id,
            self.name,
            self.parameters,
            self.tags,
            account_id=self.account_id,
            region_name=self.region_name,
            template=self.template_dict,
            cross_stack_resources=self.cross_stack_resources,
        )
        try:
            resources.load()
        except CloudFormationError:
            raise
        except Exception as fault:  # whatever trips moto over a wrong template is CloudFormation's to refuse
            raise invalid(f"Template error: the template cannot be worked out: {_said(fault)}") from fault
        return resources

    @staticmethod
    def cloudformation_name_type() -> str:
        """The property that names a stack in a stack: none."""
        return ""

    def is_created(self) -> bool:
        """Whether the stack is there, for a stack that it is in."""
        return self.status in SETTLED

    @property
    def names(self) -> Resources:
        """The names that the template's functions refer to."""
        return cast("Resources", self.resource_map)

    @property
    def outputs(self) -> list[dict[str, Any]] | None:
        """The outputs, which only a stack has whose resources are there."""
        return super().outputs if self.status in SETTLED else None

    def become(self, status: str, reason: str = "") -> None:
        """Change the stack's status, with an event."""
        self.status, self.status_reason = status, reason
        self._add_stack_event(status, resource_status_reason=reason or None)

    def record(self, resource: Resource, status: str, reason: str = "") -> None:
        """Change a resource's status, with an event."""
        resource.status, resource.reason, resource.time = status, reason, datetime.now(UTC)
        if self.known.get(resource.logical_id) is None or not status.startswith("DELETE"):
            self.known[resource.logical_id] = resource
        event = Event(
            stack_id=self.stack_id,
            stack_name=self.name,
            logical_resource_id=resource.logical_id,
            physical_resource_id=resource.physical_id,
            resource_type=resource.type,
            resource_status=status,
            resource_status_reason=reason or None,
            resource_properties=None,
        )
        self.events.append(event)

    def keep(self, resource: Resource) -> None:
        """Count a resource that has just been made among the stack's."""
        self.names.know(resource.logical_id, resource.made)
        self.known[resource.logical_id] = resource
        self.order = [*(name for name in self.order if name != resource.logical_id), resource.logical_id]

    def there(self) -> list[Resource]:
        """The resources that there are, in the order in which they were made."""
        made = (self.known[name] for name in self.order if name in self.known)
        return [resource for resource in made if resource.made is not None]

    def use(self, template: str, parameters: dict[str, str]) -> None:
        """Take a template and parameters on; the resources stay as they are.

        Raises:
            ValidationError: the template cannot be worked out.
        """
        self.template, self.parameters = template, parameters
        self._parse_template()
        self.description = self.template_dict.get("Description")
        self.resource_map = self._create_resource_map()
        self.output_map = self._create_output_map()


class ManagedChangeSet(ChangeSet):
    """A change set of a :class:`ManagedStack`; ``on_stack_failure`` is what becomes of a new stack that fails."""

    on_stack_failure = "ROLLBACK"

    def _parse_template(self) -> None:
        self.template_dict = read_template(self.template)


def shown(stack: ManagedStack, logical_id: str | None = None) -> Iterator[dict[str, Any]]:
    """The resources of a stack as the API shows them.

    Args:
        stack: the stack.
        logical_id: one resource only.
    """
    for resource in stack.known.values():
        if logical_id in (None, resource.logical_id):
            yield {
                "StackName": stack.name,
                "StackId": stack.stack_id,
                "LogicalResourceId": resource.logical_id,
                "PhysicalResourceId": resource.physical_id or None,
                "ResourceType": resource.type,
                "Timestamp": resource.time,
                "LastUpdatedTimestamp": resource.time,
                "ResourceStatus": resource.status,
                "ResourceStatusReason": resource.reason or None,
            }


def _present(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _present(inner) for key, inner in value.items() if inner is not None}
    return [_present(each) for each in value if each is not None] if isinstance(value, list) else value


def _said(fault: Exception) -> str:
    return str(fault) or type(fault).__name__
