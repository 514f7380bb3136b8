"""What the operations on stacks have in common: how they read a request, and where they find a stack.

Source for the whole module: CloudFormation API reference, each operation's "Request Parameters" and "Errors".
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import unquote, urlsplit

from moto.cloudformation.exceptions import CloudFormationError
from moto.cloudformation.responses import CloudFormationResponse
from moto.cloudformation.utils import generate_stack_id
from moto.core.utils import utcnow

from stslab.errors import Undetermined
from stslab.targets.callers import Actor
from stslab.targets.case import Case
from stslab.targets.stacks.capabilities import missing_capabilities
from stslab.targets.stacks.client import Refused, client_of, may_do_everything
from stslab.targets.stacks.parameters import values_of
from stslab.targets.stacks.registry import handler_of
from stslab.targets.stacks.stack import ManagedStack
from stslab.targets.stacks.templates import BODY_LIMIT, URL_LIMIT, invalid, read_template, require_template

_NAME = "[a-zA-Z][-a-zA-Z0-9]*"
_LONGEST = 128

_UPDATABLE = frozenset(
    {"CREATE_COMPLETE", "CREATE_FAILED", "UPDATE_COMPLETE", "UPDATE_FAILED", "UPDATE_ROLLBACK_COMPLETE"}
)
"""Source: CloudFormation user guide, "Stack status codes"."""


class _Insufficient(CloudFormationError):
    code = "InsufficientCapabilitiesException"


class StackRequest(CloudFormationResponse):
    """One request to CloudFormation; ``case`` is what the gate knows of it."""

    case: Case

    def _stack_name(self) -> str:
        name = str(self._get_param("StackName") or "")
        if name.startswith("arn:"):
            return self._existing(name).name
        require_name(name, "stackName")
        return name

    def _on_failure(self) -> str:
        given, disabled = self._get_param("OnFailure"), self._get_param("DisableRollback")
        if given and disabled is not None:
            raise invalid("Either DisableRollback or OnFailure can be specified, not both.")
        return given or ("DO_NOTHING" if self._get_bool_param("DisableRollback", False) else "ROLLBACK")

    def _template(self, stack: ManagedStack | None = None) -> str:
        body, url = self._get_param("TemplateBody"), self._get_param("TemplateURL")
        previous = self._get_bool_param("UsePreviousTemplate", False)
        if sum(1 for given in (body, url, previous) if given) != 1 or (previous and stack is None):
            raise invalid("Either Template URL or Template Body must be specified.")
        if body and len(str(body).encode()) > BODY_LIMIT:
            raise _constraint(str(body), "templateBody", f"have length less than or equal to {BODY_LIMIT}")
        if previous and stack is not None:
            return str(stack.template)
        return str(body) if body else self._in_s3(str(url))

    def _in_s3(self, url: str) -> str:
        """The text behind a TemplateURL, which the caller has to be permitted to read."""
        parts = urlsplit(url)
        path = unquote(parts.path).lstrip("/")
        host = re.fullmatch(r"(?:(.+)\.)?s3[.-](?:[\w-]+\.)?amazonaws\.com(?:\.cn)?", parts.hostname or "")
        bucket, _, key = (host[1], "", path) if host and host[1] else path.partition("/")
        if parts.scheme not in ("https", "http") or not bucket or not key:
            raise invalid("TemplateURL must be a supported URL.")
        try:
            answer = client_of(self.case, "", given=False).ask("s3", "GetObject", Bucket=bucket, Key=key)
        except Refused as refused:
            more = "http://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html"
            raise invalid(f"S3 error: {refused.message}\nFor more information check {more}") from None
        body = answer["Body"]
        text = body.decode("utf-8", "replace") if isinstance(body, bytes) else str(body)
        if len(text.encode()) > URL_LIMIT:
            raise invalid(f"Template may not exceed {URL_LIMIT} bytes in size.")
        return text

    def _read(self, text: str) -> dict[str, Any]:
        template = read_template(text)
        if "Transform" in template:
            self._require_capabilities(template)
            raise Undetermined("moto does not run a template's Transform, so it cannot know what it comes to.")
        require_template(template)
        return template

    def _require_capabilities(self, template: Mapping[str, Any]) -> None:
        missing = missing_capabilities(template, self._get_param("Capabilities", []))
        if missing:
            raise _Insufficient(f"Requires capabilities : [{', '.join(missing)}]")

    def _require_known(self, template: Mapping[str, Any], actor: Actor) -> None:
        """Refuse to say what becomes of a resource whose calls are not known, for anybody who may not do everything."""
        from moto.cloudformation.parsing import NULL_MODELS, get_model_map

        for resource in template["Resources"].values():
            kind = str(resource["Type"])
            if handler_of(kind) is not None or kind in NULL_MODELS:
                continue
            if kind not in get_model_map() or kind == "AWS::CloudFormation::Stack":
                raise Undetermined(f"moto makes no {kind}, so it cannot know how a stack with one ends.")
            if not may_do_everything(actor):
                raise Undetermined(f"moto cannot know which permissions {kind} takes, so not whether AWS makes it.")

    def _tags(self) -> dict[str, str] | None:
        tags = {tag["Key"]: tag["Value"] for tag in self._get_param("Tags", [])}
        return tags or None

    def _new_stack(self, name: str, text: str, parameters: dict[str, str]) -> ManagedStack:
        stack = ManagedStack(
            stack_id=generate_stack_id(name, self.region, self.current_account),
            name=name,
            template=text or {},
            parameters=parameters,
            account_id=self.current_account,
            region_name=self.region,
            notification_arns=self._get_param("NotificationARNs", []),
            tags=self._tags(),
            role_arn=self._get_param("RoleARN"),
            cross_stack_resources=self.cloudformation_backend.exports,
            enable_termination_protection=self._get_bool_param("EnableTerminationProtection", False),
        )
        stack.cross_stack_resources = stack.names.cross_stack_resources = self.cloudformation_backend.exports
        self.cloudformation_backend.stacks[stack.stack_id] = stack
        return stack

    def _file(self, stack: ManagedStack) -> None:
        """Put a stack, and what it exports, among those that there are or those that are no more."""
        backend = self.cloudformation_backend
        mine = [name for name, export in backend.exports.items() if export.exporting_stack_id == stack.stack_id]
        for name in mine:
            del backend.exports[name]
        if stack.status == "DELETE_COMPLETE":
            stack.deletion_time = utcnow()
            backend.stacks.pop(stack.stack_id, None)
            backend.deleted_stacks[stack.stack_id] = stack
        elif stack.outputs is not None:
            backend.exports.update({export.name: export for export in stack.exports})

    def _living(self, name: str | None) -> ManagedStack | None:
        stacks: Any = self.cloudformation_backend.stacks.values()
        return next((stack for stack in stacks if name in (stack.name, stack.stack_id)), None)

    def _existing(self, name: str) -> ManagedStack:
        found: Any = self.cloudformation_backend.get_stack(name)
        return found  # type: ignore[no-any-return]

    def _updatable(self, name: str) -> ManagedStack:
        stack = self._living(name)
        if stack is None:
            raise invalid(f"Stack [{name}] does not exist")
        if stack.status not in _UPDATABLE:
            raise invalid(f"Stack:{stack.stack_id} is in {stack.status} state and can not be updated.")
        return stack

    def _same(
        self, stack: ManagedStack, template: Mapping[str, Any], parameters: dict[str, str], tags: dict[str, str] | None
    ) -> bool:
        """Whether a deployment would change nothing."""
        parts = ("Resources", "Outputs", "Mappings", "Conditions")
        same = all(template.get(part) == stack.template_dict.get(part) for part in parts)
        return (
            same
            and values_of(template, parameters) == values_of(stack.template_dict, stack.parameters)
            and (tags is None or tags == stack.tags)
        )


def require_name(name: str, field: str) -> None:
    """Refuse what cannot be the name of a stack or a change set.

    Args:
        name: the name.
        field: the request's member that gives it.

    Raises:
        ValidationError: it cannot.
    """
    if not re.fullmatch(_NAME, name):
        raise _constraint(name, field, f"satisfy regular expression pattern: {_NAME}")
    if len(name) > _LONGEST:
        raise _constraint(name, field, f"have length less than or equal to {_LONGEST}")


def _constraint(value: str, field: str, must: str) -> Exception:
    return invalid(
        f"1 validation error detected: Value '{value}' at '{field}' failed to satisfy constraint: Member must {must}"
    )
