"""The CloudFormation stack with the bucket and the role."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

from botocore.exceptions import ClientError

from stslab.answers import code_of, is_denial, message_of, status_of
from stslab.documents import LabDocuments
from stslab.errors import CheckFailed, SuiteError, Undetermined
from stslab.lab.resources import PARTS, destroy, empty_bucket, lookup
from stslab.lab.steps import attempt, unless_absent
from stslab.principals import Principal
from stslab.targets.base import Patience

MADE = frozenset({"CREATE_COMPLETE", "UPDATE_COMPLETE", "DELETE_FAILED", "DELETE_SKIPPED"})
"""Statuses of a resource that is the stack's. One that CREATE_FAILED may be somebody else's of the same name.
Source: CloudFormation API reference, StackResource."""


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


@dataclass(frozen=True)
class Deployment:
    """What a deployment gives beside the template.

    Args:
        parameters: values of the template's parameters by name.
        capabilities: what it acknowledges.
        lint: gives what is known against the template that the target may not enforce, one sentence each.
    """

    parameters: Mapping[str, str]
    capabilities: Sequence[str]
    lint: Callable[[], Sequence[str]] = tuple


class LabStack:
    """``aws cloudformation deploy``, and the stack torn down.

    Args:
        admin: who deploys and deletes.
        name: the stack's name.
        documents: the template, which is deployed as it stands.
        deployment: what is given beside the template.
        patience: how the target wants to be asked.
    """

    def __init__(
        self, admin: Principal, name: str, documents: LabDocuments, deployment: Deployment, patience: Patience
    ) -> None:
        self.name = name
        self.resources: list[StackResource] = []
        self._admin = admin
        self._documents = documents
        self._deployment = deployment
        self._patience = patience
        self._id = name
        self._ours = False
        self._refused = False

    def create(self) -> None:
        """Deploy the template and wait for the stack.

        Raises:
            CheckFailed: CloudFormation does not take the template, or rolls the stack back.
            SuiteError: there is a stack of this name already, which is not this run's and is left alone.
        """
        try:
            self._deploy()
        except CheckFailed as fault:
            more = self._deployment.lint()
            if not more:
                raise
            said = " ".join(f"{each.rstrip('.')}." for each in [fault.reason, *more])
            raise CheckFailed(said, expected=fault.expected, actual=fault.actual) from fault
        faults = self._deployment.lint()
        if faults:
            where = self._documents.template.where
            raise CheckFailed(f"AWS does not deploy {where}: {'; '.join(faults)}.", expected="CREATE_COMPLETE")

    def _deploy(self) -> None:
        cloudformation = self._admin.cloudformation
        parameters = [{"ParameterKey": k, "ParameterValue": v} for k, v in self._deployment.parameters.items()]
        self._ours = True
        try:
            answer = cloudformation.create_stack(
                StackName=self.name,
                TemplateBody=self._documents.template.text,
                Parameters=parameters,
                Capabilities=list(self._deployment.capabilities),
            )
        except ClientError as error:
            if code_of(error) == "AlreadyExistsException":
                self._ours = False
                raise SuiteError(
                    f"There is a stack {self.name} already; delete it, or choose another name with --stack-name."
                ) from error
            if is_denial(cloudformation.create_stack, error) or status_of(error) >= 500:
                raise
            self._refused = True
            raise CheckFailed(
                f"CloudFormation does not deploy {self._documents.template.where}: "
                f"{code_of(error)}, {message_of(error)}",
                expected="CREATE_COMPLETE",
                actual=code_of(error),
            ) from error
        self._id = answer["StackId"]
        status = self._settled()
        self.resources = self._listed()
        if status != "CREATE_COMPLETE":
            raise CheckFailed(
                f"The stack ends as {status}: {self._failures(status)}", expected="CREATE_COMPLETE", actual=status
            )

    def bucket(self) -> str:
        """The name of the stack's bucket.

        Raises:
            CheckFailed: it has none.
            Undetermined: it has several.
        """
        return self._one("AWS::S3::Bucket", "bucket").physical_id

    def buckets(self) -> list[str]:
        """The names of all its buckets."""
        return [r.physical_id for r in self.resources if r.type == "AWS::S3::Bucket"]

    def role(self) -> str:
        """The name of the stack's role; of several, the one that the lab calls StsRole.

        Raises:
            CheckFailed: it has none.
            Undetermined: it has several, and nothing tells which one is meant.
        """
        return self._one("AWS::IAM::Role", "role").physical_id

    def delete(self) -> None:
        """Tear the stack down as the lab does.

        Raises:
            CheckFailed: CloudFormation does not get rid of it, or of a resource that the template does not retain.
        """
        if not self._ours:
            return
        self.resources = self.resources or self._listed()
        self._tear_down()
        kept, left = self.kept(), self.still_there()
        stayed = [str(r) for r in left if r not in kept]
        self._ours = bool(left)
        if stayed:
            raise CheckFailed(
                f"The stack is torn down, but {', '.join(stayed)} is still there; a bucket has to be empty to go.",
                expected="DELETE_COMPLETE",
                actual="DELETE_FAILED",
            )

    def kept(self) -> list[StackResource]:
        """The resources that the template has CloudFormation leave behind; not every emulator does so."""
        return [r for r in self.resources if r.logical_id in self._documents.retained]

    def still_there(self) -> list[StackResource]:
        """Ask for every resource by name and list those that answer.

        Raises:
            Undetermined: there is one of a type that is not known here.
        """
        found = []
        for resource in self.resources:
            if resource.type in PARTS:
                continue
            known = lookup(self._admin, resource.type, resource.physical_id)
            if known is None:
                raise Undetermined(f"Nothing here can ask for {resource} by name, so it may still be there.")
            if unless_absent(known[0], **known[1]) is not None:
                found.append(resource)
        return found

    def remove(self) -> None:
        """Take away the stack and everything that it made, whatever state it is in; harmless when repeated.

        Raises:
            SuiteError: something stays behind.
        """
        if not self._ours:
            return
        self.resources = self.resources or self._listed()
        for bucket in self.buckets():
            attempt(bucket, partial(empty_bucket, self._admin, bucket))
        torn_down = attempt(f"stack {self.name}", self._tear_down)
        steps = [attempt(str(r), partial(destroy, self._admin, r.type, r.physical_id)) for r in self.resources]
        if torn_down.problem:
            torn_down = attempt(f"stack {self.name}", self._tear_down)
        stayed = "; ".join(f"{step.name}: {step.problem}" for step in [*steps, torn_down] if step.problem)
        if stayed:
            raise SuiteError(f"Left behind: {stayed}")
        self._ours = False

    def _tear_down(self) -> None:
        unless_absent(self._admin.cloudformation.delete_stack, StackName=self._id)
        status = self._settled()
        if status not in ("DELETE_COMPLETE", ""):
            raise CheckFailed(
                f"The stack ends as {status}: {self._failures(status)}", expected="DELETE_COMPLETE", actual=status
            )

    def _settled(self) -> str:
        """Wait until nothing is in progress and return the status; empty where there is no such stack."""
        for _ in range(self._patience.polls):
            answer = unless_absent(self._admin.cloudformation.describe_stacks, StackName=self._id)
            status = str(answer["Stacks"][0]["StackStatus"]) if answer else ""
            if not status.endswith("_IN_PROGRESS"):
                return status
            time.sleep(self._patience.poll_seconds)
        raise SuiteError(f"The stack {self.name} is still {status}; look at its events in the console.")

    def _listed(self) -> list[StackResource]:
        if self._refused:
            return []
        answer = unless_absent(self._admin.cloudformation.describe_stack_resources, StackName=self._id)
        return [
            StackResource(r["LogicalResourceId"], r["ResourceType"], r["PhysicalResourceId"])
            for r in (answer or {"StackResources": []})["StackResources"]
            if r.get("PhysicalResourceId") and r["ResourceStatus"] in MADE
        ]

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

    def _one(self, resource_type: str, what: str) -> StackResource:
        found = [r for r in self.resources if r.type == resource_type]
        if not found:
            raise CheckFailed(f"The stack has no {what} ({resource_type}).", expected=f"a {what}", actual="none")
        named = [r for r in found if "sts" in r.logical_id.lower()] if len(found) > 1 else found
        if len(named) != 1:
            ids = ", ".join(r.logical_id for r in found)
            raise Undetermined(f"The stack has several resources of {resource_type} ({ids}): which one is meant?")
        return named[0]


def plain(reason: str) -> str:
    """The sentence of the service in the reason of a resource's event, without the ids of the request."""
    handled = _HANDLED.fullmatch(reason)
    return _REQUEST.sub("", handled[1]) if handled else reason
