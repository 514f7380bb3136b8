"""The lab's own stack: deployed from the template, with the bucket and the role."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from botocore.exceptions import ClientError

from stslab.answers import code_of, is_denial, message_of, tells_nothing
from stslab.documents import LabDocuments
from stslab.errors import CheckFailed, SuiteError, Undetermined
from stslab.lab.means import Hold, Means
from stslab.lab.standing import Stack, StackResource

DEPLOYED = ("CREATE_COMPLETE", "UPDATE_COMPLETE")
"""How a stack ends that is deployed, for the first time or once more. Source: AWS CLI reference, cloudformation deploy:
it creates a stack, or updates the one that is there."""

BOUNDARY = "PermissionsBoundary"
"""The parameter of a template that takes the ARN of the boundary for its role."""

NOT_KNOWN_YET = "Invalid principal in policy"
"""What IAM says of a trust policy that names a user whom it does not know, or not yet. Source: IAM user guide,
"Troubleshoot IAM policies", and terraform-provider-aws, which tries again for this message alone."""


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


class LabStack(Stack):
    """``aws cloudformation deploy``, and the stack torn down.

    Args:
        means: what it is deployed with.
        name: the stack's name.
        documents: the template, which is deployed as it stands.
        deployment: what is given beside the template.
    """

    def __init__(self, means: Means, name: str, documents: LabDocuments, deployment: Deployment) -> None:
        super().__init__(means, name)
        self._documents = documents
        self._deployment = deployment
        self._deployed = 0

    def create(self) -> None:
        """Deploy the template and wait for the stack.

        Raises:
            CheckFailed: CloudFormation does not take the template, or rolls the stack back.
            SuiteError: there is a stack of this name already, which is not this run's and is left alone.
        """
        try:
            self._means.waiting.until(
                "IAM to know the user that the role trusts", self._deploy, passing=self._too_early, once=True
            )
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

    def _too_early(self, fault: Exception) -> bool:
        """Whether a stack was rolled back for a user who is not known everywhere yet; it is taken away then."""
        if not isinstance(fault, CheckFailed) or NOT_KNOWN_YET not in fault.reason:
            return False
        if not self._unmade:
            self._tear_down()
        self._id, self.resources = self.name, []
        return True

    def _deploy(self) -> None:
        self._hold, self._since, self._unmade = Hold.PERHAPS, self._means.now(), False
        self._deployed += 1
        with self._means.ledger.making("stack", self.name) as known:
            known["id"] = self._id = self._asked_for()
        self._hold = Hold.OURS
        status = self._settled("CREATE")
        self._take_stock()
        if status != "CREATE_COMPLETE":
            raise self._fault(status, "CREATE_COMPLETE")

    def _asked_for(self) -> str:
        """Ask CloudFormation for the stack, and give its id."""
        marks, cloudformation = self._means.marks, self._admin.cloudformation
        given = dict(self._deployment.parameters)
        if self._means.boundary and BOUNDARY in self._documents.parameters:
            given[BOUNDARY] = self._means.boundary
        # The token has CloudFormation know a call that is made again for one; not every emulator does.
        token = f"stslab-{marks.run}-{self._deployed}"
        marked: dict[str, Any] = {"Tags": marks.tags, "ClientRequestToken": token} if marks.run else {}
        try:
            answer = cloudformation.create_stack(
                StackName=self.name,
                TemplateBody=self._documents.template.text,
                Parameters=[{"ParameterKey": k, "ParameterValue": v} for k, v in given.items()],
                Capabilities=list(self._deployment.capabilities),
                **marked,
            )
        except ClientError as error:
            if code_of(error) == "AlreadyExistsException":
                # An answer may have been lost on the way, and the call made again.
                ours = self._ours() if marks.run else None
                if ours is not None:
                    return str(ours["StackId"])
                self._hold = Hold.NONE
                raise SuiteError(
                    f"There is a stack {self.name} already; delete it, or choose another name with --stack-name."
                ) from error
            if is_denial(cloudformation.create_stack, error) or tells_nothing(error):
                raise
            self._unmade, self._since = True, float("-inf")
            raise CheckFailed(
                f"CloudFormation does not deploy {self._documents.template.where}: "
                f"{code_of(error)}, {message_of(error)}",
                expected="CREATE_COMPLETE",
                actual=code_of(error),
            ) from error
        return str(answer["StackId"])

    def bucket(self) -> str:
        """The name of the stack's bucket.

        Raises:
            CheckFailed: it has none.
            Undetermined: it has several.
        """
        return self._one("AWS::S3::Bucket", "bucket").physical_id

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
        if not self._is_held():
            return
        self._take_stock()
        self._tear_down()
        with self._means.waiting.together():
            kept, left = self.kept(), self.still_there()
        stayed = [str(r) for r in left if r not in kept]
        if not left:
            self._hold = Hold.NONE
            self._means.ledger.note("gone", "stack", self.name)
        if stayed:
            raise CheckFailed(
                f"The stack is torn down, but {', '.join(stayed)} is still there; a bucket has to be empty to go.",
                expected="DELETE_COMPLETE",
                actual="DELETE_FAILED",
            )

    def kept(self) -> list[StackResource]:
        """The resources that the template has CloudFormation leave behind; not every emulator does so."""
        return [r for r in self.resources if r.logical_id in self._documents.retained]

    def _one(self, resource_type: str, what: str) -> StackResource:
        found = [r for r in self.resources if r.type == resource_type]
        if not found:
            raise CheckFailed(f"The stack has no {what} ({resource_type}).", expected=f"a {what}", actual="none")
        named = [r for r in found if "sts" in r.logical_id.lower()] if len(found) > 1 else found
        if len(named) != 1:
            ids = ", ".join(r.logical_id for r in found)
            raise Undetermined(f"The stack has several resources of {resource_type} ({ids}): which one is meant?")
        return named[0]
