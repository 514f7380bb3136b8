"""Operations on change sets, with which ``aws cloudformation deploy`` makes and updates a stack.

Source for the whole module: CloudFormation API reference, each operation's "Request Parameters" and "Errors".
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from moto.cloudformation.exceptions import AlreadyExistsException, CloudFormationError
from moto.cloudformation.models import Change
from moto.cloudformation.utils import generate_changeset_id
from moto.core.responses import ActionResult, EmptyResult

from stslab.targets.stacks.client import client_of
from stslab.targets.stacks.deploy import Deployment
from stslab.targets.stacks.parameters import parameters_of, values_of
from stslab.targets.stacks.requests import StackRequest, require_name
from stslab.targets.stacks.stack import ManagedChangeSet, ManagedStack
from stslab.targets.stacks.templates import invalid
from stslab.targets.stacks.update import Update

_REVIEWED = "REVIEW_IN_PROGRESS"
_NO_CHANGES = "The submitted information didn't contain changes. Submit different information to create a change set."


class _NoChangeSet(CloudFormationError):
    code = "ChangeSetNotFoundException"


class _WrongStatus(CloudFormationError):
    code = "InvalidChangeSetStatusException"


class ChangeSetOperations(StackRequest):
    """The operations on change sets."""

    def create_change_set(self) -> ActionResult:
        """Work out what a deployment would change, for a new stack or one that is there."""
        name, named = self._stack_name(), str(self._get_param("ChangeSetName"))
        require_name(named, "changeSetName")
        kind = self._get_param("ChangeSetType") or "UPDATE"
        stack = self._for_change_set(name, kind)
        text = self._template(stack)
        template = self._read(text)
        before = stack.parameters if stack is not None else None
        parameters = parameters_of(template, self._get_param("Parameters", []), before)
        self._require_capabilities(template)
        tags = self._tags()
        if stack is None:
            stack = self._new_stack(name, "", {})
            stack.become(_REVIEWED, "User Initiated")
        if self._change_sets(named, stack):
            raise AlreadyExistsException(f"ChangeSet {named} already exists")
        change_set = ManagedChangeSet(
            change_set_type=kind,
            change_set_id=generate_changeset_id(named, self.region, self.current_account),
            change_set_name=named,
            stack=stack,
            template=text,
            parameters=parameters,
            description=self._get_param("Description"),
            notification_arns=self._get_param("NotificationARNs", []),
            tags=tags,
            role_arn=self._get_param("RoleARN"),
        )
        change_set.changes = _changes(stack, template, parameters)
        change_set.on_stack_failure = self._get_param("OnStackFailure") or "ROLLBACK"
        same = kind == "UPDATE" and self._same(stack, template, parameters, tags)
        change_set.status = "FAILED" if same else "CREATE_COMPLETE"
        change_set.execution_status = "UNAVAILABLE" if same else "AVAILABLE"
        change_set.status_reason = _NO_CHANGES if same else None
        self.cloudformation_backend.change_sets[change_set.change_set_id] = change_set
        return ActionResult({"Id": change_set.change_set_id, "StackId": stack.stack_id})

    def describe_change_set(self) -> ActionResult:
        """Show a change set."""
        return ActionResult(self._change_set())

    def delete_change_set(self) -> ActionResult:
        """Delete a change set; one that is not there is deleted already."""
        found = self._change_sets(self._get_param("ChangeSetName"), self._living(self._get_param("StackName")))
        for change_set in found:
            del self.cloudformation_backend.change_sets[change_set.change_set_id]
        return EmptyResult()

    def execute_change_set(self) -> ActionResult:
        """Deploy what a change set has worked out, with the credentials of who asks for it now."""
        change_set = self._change_set()
        if change_set.execution_status != "AVAILABLE":
            raise _WrongStatus(
                f"ChangeSet [{change_set.change_set_id}] cannot be executed in its current status of "
                f"[{change_set.status}]"
            )
        stack = change_set.stack
        role = change_set.role_arn or stack.role_arn or ""
        client = client_of(self.case, role, given=bool(change_set.role_arn))
        self._require_known(change_set.template_dict, client.actor)
        stack.role_arn = change_set.role_arn or stack.role_arn
        disabled = self._get_bool_param("DisableRollback", False)
        change_set.execution_status = "EXECUTE_IN_PROGRESS"
        try:
            if stack.status == _REVIEWED:
                stack.tags = change_set.tags or {}
                stack.use(change_set.template, change_set.parameters)
                Deployment(stack, client).create("DO_NOTHING" if disabled else change_set.on_stack_failure)
            else:
                Update(stack, client).update(
                    change_set.template, change_set.parameters, change_set.tags, roll_back=not disabled
                )
        finally:
            done = stack.status in ("CREATE_COMPLETE", "UPDATE_COMPLETE")
            change_set.execution_status = "EXECUTE_COMPLETE" if done else "EXECUTE_FAILED"
            self._file(stack)
        return EmptyResult()

    def _for_change_set(self, name: str, kind: str) -> ManagedStack | None:
        """The stack that a change set is for; ``None`` for a new one."""
        stack = self._living(name)
        if kind == "UPDATE":
            return self._updatable(name)
        if stack is not None and stack.status != _REVIEWED:
            named = self._get_param("ChangeSetName")
            raise invalid(f"Stack [{name}] already exists and cannot be created again with the changeSet [{named}].")
        return stack

    def _change_set(self) -> Any:
        named, stack_name = self._get_param("ChangeSetName"), self._get_param("StackName")
        found = self._change_sets(named, self._living(stack_name))
        if not found:
            raise _NoChangeSet(f"ChangeSet [{named}] does not exist")
        return found[0]

    def _change_sets(self, named: str, stack: ManagedStack | None) -> list[Any]:
        every = self.cloudformation_backend.change_sets.values()
        return [
            each
            for each in every
            if named == each.change_set_id or (stack is each.stack and named == each.change_set_name)
        ]


def _changes(stack: ManagedStack, template: Mapping[str, Any], parameters: Mapping[str, str]) -> list[Change]:
    had = {resource.logical_id: resource for resource in stack.there()}
    wanted: Mapping[str, Any] = template["Resources"]
    other = values_of(template, parameters) != values_of(stack.template_dict, stack.parameters) or stack.tags
    changes = [Change("Add", name, each["Type"]) for name, each in wanted.items() if name not in had]
    changes += [
        Change("Modify", name, each["Type"])
        for name, each in wanted.items()
        if name in had and (other or had[name].definition != each)
    ]
    return changes + [Change("Remove", name, each.type) for name, each in had.items() if name not in wanted]
