"""Operations that make, change and delete a stack.

Source for the whole module: CloudFormation API reference, each operation's "Request Parameters" and "Errors".
"""

from __future__ import annotations

import threading

from moto.cloudformation.exceptions import AlreadyExistsException
from moto.core.responses import ActionResult, EmptyResult

from stslab.targets.stacks.changesets import ChangeSetOperations
from stslab.targets.stacks.client import client_of
from stslab.targets.stacks.deploy import Deployment
from stslab.targets.stacks.parameters import parameters_of
from stslab.targets.stacks.templates import invalid
from stslab.targets.stacks.update import Update
from stslab.targets.stacks.views import Views

_NAMING = threading.Lock()
"""Held from the look whether there is a stack of a name until there is: a name is given once."""


class StackOperations(ChangeSetOperations, Views):
    """All operations that take the place of moto's."""

    def create_stack(self) -> ActionResult:
        """Make a stack. What fails in it is in its events, not in the answer."""
        name = self._stack_name()
        on_failure = self._on_failure()
        text = self._template()
        template = self._read(text)
        parameters = parameters_of(template, self._get_param("Parameters", []))
        self._require_capabilities(template)
        if self._living(name) is not None:
            raise AlreadyExistsException(f"Stack [{name}] already exists")
        role = self._get_param("RoleARN") or ""
        client = client_of(self.case, role, given=bool(role))
        self._require_known(template, client.actor)
        with _NAMING:
            # Another request for it may have come in the meantime.
            if self._living(name) is not None:
                raise AlreadyExistsException(f"Stack [{name}] already exists")
            stack = self._new_stack(name, text, parameters)
        stack.timeout_in_minutes = self._get_param("TimeoutInMinutes")
        stack.policy = self._get_param("StackPolicyBody") or ""
        stack.disable_rollback = on_failure == "DO_NOTHING"
        try:
            retain = not self._get_bool_param("RetainExceptOnCreate", False)
            Deployment(stack, client).create(on_failure, retain=retain)
        finally:
            self._file(stack)
        return ActionResult({"StackId": stack.stack_id})

    def update_stack(self) -> ActionResult:
        """Bring a stack to another template; where that fails, it is put back."""
        name = self._get_param("StackName")
        stack = self._updatable(name)
        text = self._template(stack)
        template = self._read(text)
        parameters = parameters_of(template, self._get_param("Parameters", []), stack.parameters)
        self._require_capabilities(template)
        tags = self._tags()
        if self._same(stack, template, parameters, tags):
            raise invalid("No updates are to be performed.")
        role = self._get_param("RoleARN") or ""
        client = client_of(self.case, role or stack.role_arn or "", given=bool(role))
        self._require_known(template, client.actor)
        stack.role_arn = role or stack.role_arn
        try:
            roll_back = not self._get_bool_param("DisableRollback", False)
            Update(stack, client).update(text, parameters, tags, roll_back=roll_back)
        finally:
            self._file(stack)
        return ActionResult({"StackId": stack.stack_id})

    def delete_stack(self) -> ActionResult:
        """Delete a stack; one that is not there is deleted already."""
        name = self._get_param("StackName")
        stack = self._living(name)
        if stack is None:
            return EmptyResult()
        retained = self._get_param("RetainResources", [])
        if stack.enable_termination_protection:
            raise invalid(f"Stack [{stack.name}] cannot be deleted while TerminationProtection is enabled")
        if retained and stack.status != "DELETE_FAILED":
            raise invalid(
                f"Invalid operation on stack [{stack.stack_id}]. When you delete a stack, specify which resources to "
                "retain only when the stack is in the DELETE_FAILED state."
            )
        strange = [name for name in retained if name not in stack.known]
        if strange:
            raise invalid(f"Resources [{', '.join(strange)}] do not exist in stack [{stack.stack_id}]")
        role = self._get_param("RoleARN") or ""
        client = client_of(self.case, role or stack.role_arn or "", given=bool(role))
        self._require_known(stack.template_dict, client.actor)
        try:
            Deployment(stack, client).delete(retained)
        finally:
            self._file(stack)
        return EmptyResult()

    def update_termination_protection(self) -> ActionResult:
        """Protect a stack from its deletion, or no more."""
        stack = self._existing(self._get_param("StackName"))
        stack.enable_termination_protection = bool(self._get_bool_param("EnableTerminationProtection", False))
        return ActionResult({"StackId": stack.stack_id})
