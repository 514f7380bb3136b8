"""One operation on a stack: what it makes, changes and removes, and how it is undone.

CloudFormation makes resources side by side where they do not wait for one another; here they are made one after the
other, in the template's order. Those that CloudFormation would have begun when another one fails are cancelled, as it
cancels them.

Source for the whole module: CloudFormation user guide, "Stack status codes", "Stack failure options", "DeletionPolicy
attribute" and "Update behaviors of stack resources"; API reference, CreateStack, OnFailure.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from moto.cloudformation import parsing

from stslab.errors import Undetermined
from stslab.targets.stacks.client import Client
from stslab.targets.stacks.faults import Failed, Unfit, reason_of
from stslab.targets.stacks.names import physical_name
from stslab.targets.stacks.references import dependencies
from stslab.targets.stacks.registry import handler_of
from stslab.targets.stacks.schemas import property_faults, schema_of
from stslab.targets.stacks.stack import ManagedStack, Resource, Resources

CANCELLED = "Resource creation cancelled"
INITIATED = "Resource creation Initiated"
USER = "User Initiated"


KEPT = frozenset({"Retain", "RetainExceptOnCreate"})
"""DeletionPolicies with which a resource outlives its stack."""


class Deployment:
    """Makes and removes the resources of a stack.

    Args:
        stack: the stack.
        client: whose credentials the calls are made with.
    """

    def __init__(self, stack: ManagedStack, client: Client) -> None:
        self.stack = stack
        self.client = client
        self.failed: list[Resource] = []
        self._begun: set[str] = set()
        self._unknown: Undetermined | None = None

    @property
    def map(self) -> Resources:
        """The names of the stack's template."""
        return self.stack.names

    def create(self, on_failure: str = "ROLLBACK", *, retain: bool = True) -> None:
        """Make a stack's resources.

        Args:
            on_failure: what becomes of the stack where one of them fails: ``ROLLBACK``, ``DELETE`` or ``DO_NOTHING``.
            retain: whether those with ``DeletionPolicy: Retain`` outlive the failure.

        Raises:
            Undetermined: nobody here can know whether AWS would make one of them; the stack is as after a failure.
        """
        self.stack.become("CREATE_IN_PROGRESS", USER)
        if not self.make_all():
            said = f"The following resource(s) failed to create: [{self.names_of_failed()}]. "
        else:
            said = self._clash()
        if not said:
            self.stack.become("CREATE_COMPLETE")
            return
        if on_failure == "DO_NOTHING":
            self.stack.become("CREATE_FAILED", said)
        else:
            reason = f"{said}{on_failure.capitalize()} requested by user."
            self.stack.become(f"{on_failure}_IN_PROGRESS", reason)
            kept = {r.logical_id for r in self.stack.there() if retain and r.keeps == "Retain"}
            self.finish_removal(on_failure, self.remove(self.stack.there(), kept), reason)
        self.tell_unknown()

    def delete(self, retained: Collection[str] = ()) -> None:
        """Delete a stack's resources, but for those that the template or the request keeps.

        Args:
            retained: the logical ids of the request's RetainResources.

        Raises:
            Undetermined: nobody here can know whether AWS would delete one of them, so it is not deleted.
        """
        self.stack.become("DELETE_IN_PROGRESS", USER)
        kept = {r.logical_id for r in self.stack.there() if r.keeps in KEPT} | set(retained)
        self.finish_removal("DELETE", self.remove(self.stack.there(), kept))
        self.tell_unknown()

    def finish_removal(self, operation: str, done: bool, reason: str = "") -> None:
        """Say how a removal of resources ends for the stack.

        Args:
            operation: how the stack's status begins, for example ``ROLLBACK``.
            done: whether all that was to go is gone.
            reason: the reason that the stack's status keeps.
        """
        if done:
            self.stack.become(f"{operation}_COMPLETE")
            self.stack.status_reason = reason
        else:
            left = ", ".join(r.logical_id for r in self.stack.there() if r.status == "DELETE_FAILED")
            self.stack.become(f"{operation}_FAILED", f"The following resource(s) failed to delete: [{left}]. ")

    def tell_unknown(self) -> None:
        """Say that the operation has met something that cannot be known here.

        Raises:
            Undetermined: it has.
        """
        if self._unknown is not None:
            raise self._unknown

    def make_all(self) -> bool:
        """Make every resource of the template that is not there; tell whether all went well."""
        self.map.maker = self.make
        try:
            for name in self.map.definitions:
                self.map[name]
        except Failed:
            self._cancel()
            return False
        finally:
            self.map.maker = None
        return True

    def make(self, name: str) -> Any:
        """Make the resource of a name, after those that it waits for; ``None`` where its condition is false.

        Raises:
            Failed: it cannot be made.
        """
        if not self.map.wants(name):
            return None
        resource = Resource(name, self.map.definitions[name])
        resource.properties = self.worked_out(resource, "CREATE_FAILED")
        self.stack.record(resource, "CREATE_IN_PROGRESS")
        try:
            self.build(resource)
        except Exception as fault:  # whatever a service or moto's model raises
            raise self.fail(resource, "CREATE_FAILED", fault) from None
        self.stack.record(resource, "CREATE_COMPLETE")
        return resource.made

    def worked_out(self, resource: Resource, status: str) -> Mapping[str, Any]:
        """The properties of a resource, with the stack's tags, once everything that it waits for is there.

        Raises:
            Failed: a function in them cannot be worked out; the resource then has the status.
        """
        self._begun.add(resource.logical_id)
        for other in dependencies(resource.definition):
            if other in self.map.definitions:
                self.map[other]
        try:
            properties = self.map.resolved(resource.definition.get("Properties") or {})
        except Failed:
            raise
        except Exception as fault:  # a function that moto cannot work out
            raise self.fail(resource, status, fault) from None
        return with_tags(resource.type, properties, self.stack.tags)

    def fail(self, resource: Resource, status: str, fault: Exception) -> Failed:
        """Note that a resource has failed, and why."""
        if isinstance(fault, Undetermined):
            self._unknown = fault
        self.failed.append(resource)
        self.stack.record(resource, status, reason_of(fault))
        return Failed(resource.logical_id)

    def build(self, resource: Resource) -> None:
        """Make a resource and configure it.

        Raises:
            Exception: whatever a service or moto's model raises.
        """
        handler = handler_of(resource.type)
        if handler is None:
            resource.made = parsing.parse_and_create_resource(
                resource.logical_id,
                dict(resource.definition),
                self.map,
                self.stack.account_id,
                self.stack.region_name,
            )
            resource.physical_id = str(getattr(resource.made, "physical_resource_id", None) or "")
            self.stack.keep(resource)
            return
        require_properties(resource)
        given = resource.properties.get(handler.named) if handler.named else None
        made = handler.create(self.client, str(given or physical_name(self.stack.name, resource)), resource.properties)
        made.logical_resource_id = resource.logical_id
        resource.made, resource.physical_id = made, made.physical_resource_id
        self.stack.keep(resource)
        self.stack.record(resource, "CREATE_IN_PROGRESS", INITIATED)
        handler.configure(self.client, made, {}, resource.properties)

    def remove(self, resources: Collection[Resource], kept: Collection[str] = ()) -> bool:
        """Delete resources, each before those that it waits for; tell whether none of them is left in the stack.

        Args:
            resources: what to delete, in the order in which it was made.
            kept: the logical ids of those that stay, and leave the stack.
        """
        needed: set[str] = set()
        for resource in reversed(list(resources)):
            if resource.logical_id in kept:
                self.stack.record(resource, "DELETE_SKIPPED")
                resource.made = None
            elif resource.logical_id in needed or not self._delete(resource):
                needed |= set(dependencies(resource.definition))
        return not any(resource.made is not None for resource in resources)

    def names_of_failed(self) -> str:
        """The logical ids of what has failed, as a stack's reason lists them."""
        return ", ".join(resource.logical_id for resource in self.failed)

    def _clash(self) -> str:
        """What is wrong with the stack's exports; empty where nothing is."""
        others = self.stack.cross_stack_resources
        clash = next((e.name for e in self.stack.exports if e.name in others), None)
        if clash is None:
            return ""
        return f"Export with name {clash} is already exported by stack {_stack_of(others[clash])}. "

    def _delete(self, resource: Resource) -> bool:
        self.stack.record(resource, "DELETE_IN_PROGRESS")
        handler = handler_of(resource.type)
        try:
            if handler is not None:
                handler.delete(self.client, resource.made, resource.properties)
            else:
                self.map._delete_resource(resource.made, dict(resource.definition))
        except Exception as fault:  # whatever a service or moto's model raises
            if isinstance(fault, Undetermined):
                self._unknown = fault
            self.stack.record(resource, "DELETE_FAILED", reason_of(fault))
            return False
        resource.made = None
        self.stack.record(resource, "DELETE_COMPLETE")
        return True

    def _cancel(self) -> None:
        """Cancel what would be in the making beside what has failed: whatever waits for nothing that is not there."""
        made = {resource.logical_id for resource in self.stack.there() if resource not in self.failed}
        for name, definition in self.map.definitions.items():
            waits = {other for other in dependencies(definition) if other in self.map.definitions}
            if name not in self._begun and self.map.wants(name) and waits <= made and name not in made:
                resource = Resource(name, definition)
                self.failed.append(resource)
                self.stack.record(resource, "CREATE_IN_PROGRESS")
                self.stack.record(resource, "CREATE_FAILED", CANCELLED)


def with_tags(resource_type: str, properties: Mapping[str, Any], tags: Mapping[str, str]) -> Mapping[str, Any]:
    """A resource's properties with the stack's tags, which CloudFormation gives to whatever takes tags.

    Source: CloudFormation API reference, CreateStack, Tags.
    """
    if not tags or "Tags" not in schema_of(resource_type).get("properties", {}):
        return properties
    own = {str(tag.get("Key")): tag.get("Value") for tag in properties.get("Tags") or []}
    return {**properties, "Tags": [{"Key": key, "Value": value} for key, value in {**tags, **own}.items()]}


def _stack_of(export: Any) -> str:
    return str(export.exporting_stack_id).split("/")[1]


def require_properties(resource: Resource) -> None:
    """Refuse properties that are not those of the type.

    Raises:
        Refused: with all that is wrong in them.
    """
    faults = property_faults(resource.type, resource.properties)
    if faults:
        raise Unfit(
            "\n".join([f"Properties validation failed for resource {resource.logical_id} with message:", *faults])
        )
