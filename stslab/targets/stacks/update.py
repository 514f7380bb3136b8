"""An update of a stack: changed in place, replaced or removed, and put back where something fails.

Source for the whole module: CloudFormation user guide, "Update behaviors of stack resources", "Stack status codes",
"UpdateReplacePolicy attribute" and "DeletionPolicy attribute".
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from copy import copy
from typing import Any

from moto.cloudformation import parsing

from stslab.targets.stacks.client import Client, Refused
from stslab.targets.stacks.deploy import KEPT, USER, Deployment, require_properties
from stslab.targets.stacks.names import physical_name
from stslab.targets.stacks.registry import handler_of
from stslab.targets.stacks.stack import ManagedStack, Resource
from stslab.targets.stacks.templates import invalid

REPLACING = "Requested update requires the creation of a new physical resource; hence creating one."
CLEANUP = "_CLEANUP_IN_PROGRESS"


class Update(Deployment):
    """Brings a stack to another template, other parameters or other tags.

    Args:
        stack: the stack.
        client: whose credentials the calls are made with.
    """

    def __init__(self, stack: ManagedStack, client: Client) -> None:
        super().__init__(stack, client)
        self._before = {resource.logical_id: copy(resource) for resource in stack.there()}
        self._wanted: set[str] = set()
        self._replaced: list[Resource] = []
        self._undo: list[Callable[[], None]] = []

    def update(
        self, template: str, parameters: dict[str, str], tags: dict[str, str] | None, *, roll_back: bool = True
    ) -> None:
        """Update the stack.

        Args:
            template: the new template's text.
            parameters: the new values of its parameters.
            tags: the new tags, or ``None`` for those that it has.
            roll_back: whether a failure puts everything back.

        Raises:
            ValidationError: the template cannot be worked out, or makes a resource one of another type.
            Undetermined: nobody here can know what AWS would do; the stack is as after a failure.
        """
        stack, was = self.stack, (self.stack.template, self.stack.parameters, self.stack.tags)
        stack.tags = was[2] if tags is None else tags
        try:
            stack.use(template, parameters)
            self._require_types()
        except Exception:
            self._put_back(was)
            raise
        stack.become("UPDATE_IN_PROGRESS", USER)
        if self.make_all():
            stack.become(f"UPDATE_COMPLETE{CLEANUP}")
            gone = [resource for name, resource in self._before.items() if name not in self._wanted]
            self._clean_up([*self._replaced, *gone])
            stack.become("UPDATE_COMPLETE")
            return
        created = {r.logical_id for r in self.failed if r.status == "CREATE_FAILED"}
        reason = (
            f"The following resource(s) failed to {'create' if created else 'update'}: [{self.names_of_failed()}]. "
        )
        if not roll_back:
            stack.become("UPDATE_FAILED", reason)
        else:
            stack.become("UPDATE_ROLLBACK_IN_PROGRESS", reason)
            self._roll_back(was)
        self.tell_unknown()

    def make(self, name: str) -> Any:
        """Make a resource that is new, and change one that is there, where its properties come to something else.

        Raises:
            Failed: it cannot be made or changed.
        """
        had = self._before.get(name)
        if not self.map.wants(name):
            return None
        self._wanted.add(name)
        if had is None:
            self._undo.append(lambda: self._unmake(name))
            return super().make(name)
        resource = copy(had)
        resource.definition = self.map.definitions[name]
        resource.properties = self.worked_out(resource, "UPDATE_FAILED")
        self.stack.known[name] = resource
        self.map.know(name, had.made)
        if resource.properties != had.properties:
            self.stack.record(resource, "UPDATE_IN_PROGRESS")
            try:
                self._change(had, resource)
            except Exception as fault:  # whatever a service or moto's model raises
                raise self.fail(resource, "UPDATE_FAILED", fault) from None
            self.stack.record(resource, "UPDATE_COMPLETE")
        return resource.made

    def _change(self, had: Resource, resource: Resource) -> None:
        handler = handler_of(resource.type)
        if handler is None:
            self._undo.append(lambda: self._update_by_moto(had))
            self._update_by_moto(resource)
            return
        require_properties(resource)
        if not _changed(had.properties, resource.properties) & handler.replacing:
            calls = self.client.changes
            try:
                handler.configure(self.client, resource.made, had.properties, resource.properties)
            finally:
                if self.client.changes > calls:
                    self._undo.append(lambda: self._reconfigure(resource, had))
            return
        given = resource.properties.get(handler.named) if handler.named else None
        if given is not None and given == had.properties.get(handler.named):
            raise Refused(
                "CloudFormation cannot update a stack when a custom-named resource requires replacing. "
                f"Rename {given} and update the stack again.",
                "ValidationError",
            )
        self.stack.record(resource, "UPDATE_IN_PROGRESS", REPLACING)
        name = str(given or physical_name(self.stack.name, resource))
        resource.made = handler.create(self.client, name, resource.properties)
        resource.physical_id = resource.made.physical_resource_id
        self._undo.append(lambda: self._unmake(resource.logical_id))
        self.stack.keep(resource)
        self._replaced.append(had)
        handler.configure(self.client, resource.made, {}, resource.properties)

    def _update_by_moto(self, resource: Resource) -> None:
        changed = parsing.parse_and_update_resource(
            resource.logical_id, dict(resource.definition), self.map, self.stack.account_id, self.stack.region_name
        )
        resource.made = changed or resource.made
        self.map.know(resource.logical_id, resource.made)

    def _reconfigure(self, resource: Resource, had: Resource) -> None:
        handler = handler_of(resource.type)
        self.stack.record(had, "UPDATE_IN_PROGRESS")
        if handler is not None:
            handler.configure(self.client, had.made, resource.properties, had.properties)
        self.stack.record(had, "UPDATE_COMPLETE")

    def _unmake(self, name: str) -> None:
        resource = self.stack.known.get(name)
        if resource is not None and resource.made is not None:
            self.remove([resource])

    def _clean_up(self, resources: list[Resource]) -> None:
        """Delete what the stack no longer has; what cannot be deleted is left behind.

        Source: CloudFormation user guide, "DeletionPolicy attribute": it also applies to what an update removes, and
        not to what it replaces, for which there is the UpdateReplacePolicy.
        """
        for resource in resources:
            attribute = "UpdateReplacePolicy" if resource in self._replaced else "DeletionPolicy"
            kept = resource.definition.get(attribute) in KEPT
            self.remove([resource], {resource.logical_id} if kept else ())
            if resource not in self._replaced:
                self.stack.known[resource.logical_id] = resource
                resource.made = None

    def _roll_back(self, was: tuple[Any, Any, Any]) -> None:
        put_back = True
        for undo in reversed(self._undo):
            try:
                undo()
            except Exception as fault:  # whatever a service or moto's model raises
                put_back = False
                self.stack.status_reason = str(fault)
        self._put_back(was)
        if put_back:
            self.stack.become(f"UPDATE_ROLLBACK_COMPLETE{CLEANUP}")
            self.stack.become("UPDATE_ROLLBACK_COMPLETE")
        else:
            self.stack.become("UPDATE_ROLLBACK_FAILED", self.stack.status_reason)

    def _put_back(self, was: tuple[Any, Any, Any]) -> None:
        self.stack.tags = was[2]
        self.stack.use(was[0], was[1])
        for name, resource in self._before.items():
            self.stack.known[name] = resource
            self.map.know(name, resource.made)

    def _require_types(self) -> None:
        definitions = self.map.definitions
        changed = [n for n, r in self._before.items() if n in definitions and definitions[n]["Type"] != r.type]
        if changed:
            raise invalid(
                "Update of resource type is not permitted. The new template modifies resource type of the following "
                f"resources: [{', '.join(changed)}]"
            )


def _changed(before: Mapping[str, Any], after: Mapping[str, Any]) -> set[str]:
    return {name for name in {*before, *after} if before.get(name) != after.get(name)}
