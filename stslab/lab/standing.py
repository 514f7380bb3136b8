"""A stack that stands, and all that it has made: looked at, torn down, and made sure of."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import partial
from typing import Any, Self

from stslab.errors import CheckFailed, SuiteError, Undetermined
from stslab.lab.means import Hold, Means
from stslab.lab.resources import PARTS, destroy, empty_bucket, lookup, tags_of
from stslab.lab.steps import attempt, unless_absent

MADE = frozenset({"CREATE_COMPLETE", "UPDATE_COMPLETE", "DELETE_FAILED", "DELETE_SKIPPED"})
"""Statuses of a resource that is the stack's. One that CREATE_FAILED may be somebody else's of the same name.
Source: CloudFormation API reference, StackResource."""

ACCOUNTS = re.compile(
    r"is not authorized to perform|Rate exceeded|[Tt]hrottl|ServiceUnavailable|InternalFailure|Limit ?Exceeded"
)
"""Reasons of a failed resource that lie with the run's own permissions, or with the service."""

CONSEQUENCES = frozenset({"Resource creation cancelled", "Resource update cancelled"})
"""Reasons that only say that another resource has failed."""

_HANDLED = re.compile(r'Resource handler returned message: "(.*)" \(RequestToken: .*\)', re.DOTALL)
_REQUEST = re.compile(r" \(Service: [^()]*\)(?: \(SDK [^()]*\))?$")


@dataclass(frozen=True)
class StackResource:
    """One resource of the stack."""

    logical_id: str
    type: str
    physical_id: str

    def __str__(self) -> str:
        return f"{self.type} {self.physical_id}"


class Stack:
    """A stack in the account, by name.

    Args:
        means: what it is looked at and taken away with.
        name: the stack's name.
    """

    def __init__(self, means: Means, name: str) -> None:
        self.name = name
        self.resources: list[StackResource] = []
        self._means = means
        self._admin = means.admin
        self._id = name
        self._hold = Hold.NONE
        self._since = 0.0
        self._unmade = False
        self._is_gone = False

    def claimed(self, stack_id: str, resources: list[StackResource], since: float) -> Self:
        """Take up a stack that an earlier run has begun to make.

        Args:
            stack_id: its unique id, empty where that is not known.
            resources: what it is known to have made.
            since: when it was begun, by the means' clock.
        """
        self._hold, self._id, self._since = Hold.PERHAPS, stack_id or self.name, since
        self.resources = list(resources)
        return self

    def buckets(self) -> list[str]:
        """The names of all its buckets."""
        return [r.physical_id for r in self.resources if r.type == "AWS::S3::Bucket"]

    def still_there(self) -> list[StackResource]:
        """Ask for every resource by name and list those that answer.

        Raises:
            Undetermined: there is one of a type that is not known here.
        """
        found = []
        for resource in self.resources:
            if resource.type in PARTS:
                continue
            if lookup(self._admin, resource.type, resource.physical_id) is None:
                raise Undetermined(f"Nothing here can ask for {resource} by name, so it may still be there.")
            if self._is_left(resource):
                found.append(resource)
        return found

    def kept(self) -> list[StackResource]:
        """The resources that the template has CloudFormation leave behind; not every emulator does so."""
        return []

    def _is_left(self, resource: StackResource) -> bool:
        """Whether a resource is there, after the time that it may take to be gone where it is not to stay."""
        if resource.type in PARTS:
            return False
        known = lookup(self._admin, resource.type, resource.physical_id)
        if known is None:
            return True
        operation, params = known
        if resource in self.kept():
            return unless_absent(operation, **params) is not None
        return self._means.stays(operation, **params)

    def remove(self) -> None:
        """Take away the stack and everything that it made, whatever state it is in; harmless when repeated.

        Raises:
            SuiteError: something stays behind.
        """
        if not self._is_held():
            return
        if self._is_gone:
            self._remove_orphans()
            return
        self._take_stock()
        for bucket in self.buckets():
            attempt(bucket, partial(empty_bucket, self._admin, bucket))
        torn_down = attempt(f"stack {self.name}", self._tear_down)
        left = self.resources if torn_down.problem else [r for r in self.resources if self._is_left(r)]
        steps = [attempt(str(r), partial(destroy, self._admin, r.type, r.physical_id)) for r in left]
        if torn_down.problem:
            torn_down = attempt(f"stack {self.name}", self._tear_down)
        stayed = "; ".join(f"{step.name}: {step.problem}" for step in [*steps, torn_down] if step.problem)
        if stayed:
            raise SuiteError(f"Left behind: {stayed}")
        self._hold = Hold.NONE
        self._means.ledger.note("gone", "stack", self.name)

    def _remove_orphans(self) -> None:
        """Take away what is left of a stack that is gone itself, as far as its tags prove it to be the run's.

        A name alone proves nothing by then: somebody else may have taken it.
        """
        problems = []
        for resource in (resource for resource in self.resources if resource.type not in PARTS):
            tags = tags_of(self._admin, resource.type, resource.physical_id)
            if tags is None and self._is_left(resource):
                problems.append(f"{resource} may be the run's, which nothing proves; look at it, and delete it by hand")
            elif tags and self._means.marks.are_on(tags):
                step = attempt(str(resource), partial(destroy, self._admin, resource.type, resource.physical_id))
                problems += [f"{step.name}: {step.problem}"] if step.problem else []
        if problems:
            raise SuiteError(f"Left behind: {'; '.join(problems)}")
        self._hold = Hold.NONE
        self._means.ledger.note("gone", "stack", self.name)

    def _ours(self) -> Any:
        """The stack, if it is this run's, by its unique id or its tags."""
        answer = self._means.look(self._admin.cloudformation.describe_stacks, self._since, StackName=self._id)
        stack = answer["Stacks"][0] if answer else None
        if stack is None or stack["StackId"] == self._id or self._means.marks.are_on(stack.get("Tags", ())):
            return stack
        return None

    def _is_held(self) -> bool:
        """Whether there is something of this run's to take away; what may not be its own is left alone."""
        if self._hold is Hold.PERHAPS and self._means.marks.run:
            stack = self._ours()
            if stack is not None:
                self._id = str(stack["StackId"])
            self._is_gone = stack is None or stack["StackStatus"] == "DELETE_COMPLETE"
            # What a stack has left behind is known by the run that saw it made, and was written down.
            self._hold = Hold.OURS if stack is not None or self.resources else Hold.NONE
        return self._hold is not Hold.NONE

    def _take_stock(self) -> None:
        """Find out what the stack has made, and write it down before the stack is gone that knows."""
        known = {resource.physical_id for resource in self.resources}
        fresh = [resource for resource in self._listed() if resource.physical_id not in known]
        self.resources += fresh
        for resource in fresh:
            named = {"type": resource.type, "logical_id": resource.logical_id, "stack": self.name}
            self._means.ledger.note("made", "resource", resource.physical_id, **named)

    def _tear_down(self) -> None:
        unless_absent(self._admin.cloudformation.delete_stack, StackName=self._id)
        status = self._settled("DELETE")
        if status not in ("DELETE_COMPLETE", ""):
            raise self._fault(status, "DELETE_COMPLETE")

    def _settled(self, what: str) -> str:
        """Wait until a stack is created or deleted, or is not, and return the status; empty where there is no stack.

        Args:
            what: ``CREATE`` or ``DELETE``: for a while the stack may be shown as it was before.
        """
        begun, waiting = self._means.now(), self._means.waiting

        def is_settled(status: str) -> bool:
            if status.endswith("_IN_PROGRESS"):
                return False
            known = bool(status) if what == "CREATE" else status == "" or status.startswith("DELETE")
            return known or self._means.now() - begun >= waiting.patience.longest_wait

        status = waiting.until(
            f"stack {self.name}", self._status, wanted=is_settled, once=True, longest=waiting.patience.longest_stack
        )
        if status.endswith("_IN_PROGRESS"):
            raise SuiteError(f"The stack {self.name} is still {status}; look at its events in the console.")
        return status

    def _status(self) -> str:
        answer = unless_absent(self._admin.cloudformation.describe_stacks, StackName=self._id)
        return str(answer["Stacks"][0]["StackStatus"]) if answer else ""

    def _listed(self) -> list[StackResource]:
        if self._unmade:
            return []
        answer = unless_absent(self._admin.cloudformation.describe_stack_resources, StackName=self._id)
        return [
            StackResource(r["LogicalResourceId"], r["ResourceType"], r["PhysicalResourceId"])
            for r in (answer or {"StackResources": []})["StackResources"]
            if r.get("PhysicalResourceId") and r["ResourceStatus"] in MADE
        ]

    def _fault(self, status: str, expected: str) -> Exception:
        """What to raise for a stack that ends as it should not, with the reasons that its events give."""
        said = f"The stack ends as {status}: {self._failures(status)}"
        if not self._means.almighty and ACCOUNTS.search(said):
            return SuiteError(f"{said}. That is the account's doing, and says nothing of the template.")
        return CheckFailed(said, expected=expected, actual=status)

    def _failures(self, status: str) -> str:
        """What the events say of the resources that failed: at a deletion of those that it could not delete."""
        answer = self._admin.cloudformation.describe_stack_events(StackName=self._id)
        failed = "DELETE_FAILED" if status.startswith("DELETE") else "_FAILED"
        reasons = [
            f"{e['LogicalResourceId']}: {plain(e.get('ResourceStatusReason', 'no reason given'))}"
            for e in reversed(answer["StackEvents"])
            if str(e.get("ResourceStatus", "")).endswith(failed)
            and e["LogicalResourceId"] != self.name
            and e.get("ResourceStatusReason") not in CONSEQUENCES
        ]
        return "; ".join(dict.fromkeys(reasons)) or "its events give no reason"


def plain(reason: str) -> str:
    """The sentence of the service in the reason of a resource's event, without the ids of the request."""
    handled = _HANDLED.fullmatch(reason)
    return _REQUEST.sub("", handled[1]) if handled else reason
