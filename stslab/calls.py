"""Every API call is recorded as it is answered: by whom, what, on what, and the answer."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from stslab.result import Call, Ruling, Wait, now
from stslab.stored import stored_policies

DENIALS: Mapping[str, str] = {"dynamodb": "AccessDeniedException", "secretsmanager": "AccessDeniedException"}
"""The error code that means "access denied" where a service does not spell it ``AccessDenied``.

Source: the services' API references, "Common errors" (AccessDeniedException, HTTP 400).
"""

S3_ACTIONS = {
    "ListBuckets": "ListAllMyBuckets",
    "ListObjectsV2": "ListBucket",
    "ListObjectVersions": "ListBucketVersions",
    "HeadBucket": "ListBucket",
}
"""S3 operations whose IAM action has another name. Source: service authorization reference, Amazon S3."""


def denial_code(service: str) -> str:
    """The code with which a service says that an action is not permitted."""
    return DENIALS.get(service, "AccessDenied")


def action_name(service: str, operation: str) -> str:
    """The IAM action of an operation, for example ``s3:ListAllMyBuckets`` for ListBuckets."""
    return f"{service}:{S3_ACTIONS.get(operation, operation) if service == 's3' else operation}"


def resource_name(params: Mapping[str, Any]) -> str:
    """What a call is about, as its parameters name it, or ``*``."""
    if "Bucket" in params:
        key = f"/{params['Key']}" if "Key" in params else ""
        return f"arn:aws:s3:::{params['Bucket']}{key}"
    for name in ("RoleArn", "PolicyArn", "StackName", "RoleName", "UserName"):
        if name in params:
            return str(params[name])
    return "*"


class Recorder:
    """Keeps the calls of a run in order.

    Args:
        decisions: counts the target's authorisation decisions, or gives ``None`` where it does not show them.
        ruling: tells why the target decided the last request as it did, or gives ``None`` where it does not show that.
        unchecked: called with a call that succeeded although nobody decided on it.
    """

    def __init__(
        self,
        decisions: Callable[[], int | None],
        ruling: Callable[[], Ruling | None],
        unchecked: Callable[[Call], None],
    ) -> None:
        self.calls: list[Call] = []
        self.waits: list[Wait] = []
        self.stored: dict[str, str] = {}
        self.check: str | None = None
        self._decisions = decisions
        self._ruling = ruling
        self._unchecked = unchecked
        self._vouching = True

    @contextmanager
    def on_own_business(self, *, vouching: bool = True) -> Iterator[None]:
        """Count the calls made meanwhile as the suite's, and not as evidence for the check under way.

        Args:
            vouching: whether a call on which nobody decided is reported; not for a finalizer, since what has to go has
                to go on a target that has lost its authorisation, too.
        """
        before = self.check, self._vouching
        self.check, self._vouching = None, vouching
        try:
            yield
        finally:
            self.check, self._vouching = before

    def waited(self, what: str, why: str, seconds: float, attempts: int) -> None:
        """Keep a wait of the check under way."""
        self.waits.append(Wait(what, why, seconds, attempts, self.check))

    def watch(self, client: Any, principal: Callable[[], str]) -> None:
        """Record what a boto3 client does from now on.

        Args:
            client: the client.
            principal: gives the ARN in whose name it calls, as far as it is known by then.
        """
        events = client.meta.events

        def asked(params: Mapping[str, Any], context: dict[str, Any], **_: Any) -> None:
            context["stslab"] = (now(), resource_name(params), self._decisions())

        def answered(http_response: Any, parsed: Mapping[str, Any], model: Any, context: Any, **_: Any) -> None:
            metadata = parsed.get("ResponseMetadata", {})
            error = parsed.get("Error", {}).get("Code") if http_response.status_code >= 300 else None
            request_id = metadata.get("RequestId") or http_response.headers.get("x-amzn-RequestId")
            tries = int(metadata.get("RetryAttempts", 0))
            call = self._add(principal(), model, context, error, http_response.status_code, request_id, tries)
            call.message = "" if error is None else str(parsed["Error"].get("Message", ""))
            if error is None:
                self.stored.update(stored_policies(model.name, call.resource, parsed))
            before = context["stslab"][2]
            undecided = before is not None and before == self._decisions()
            if not undecided:
                call.ruling = self._why(call)
            elif self._vouching and call.outcome == "success":
                self._unchecked(call)

        def broke(exception: Exception, context: Any, event_name: str, **_: Any) -> None:
            operation = client.meta.service_model.operation_model(event_name.rpartition(".")[2])
            # botocore counts attempts here in its standard and adaptive retry modes only.
            tries = int(context.get("retries", {}).get("attempt", 1)) - 1
            self._add(principal(), operation, context, type(exception).__name__, None, None, tries)

        events.register("provide-client-params.*", asked)
        events.register("after-call.*", answered)
        events.register("after-call-error.*", broke)

    def _why(self, call: Call) -> Ruling | None:
        """The target's decision, where it explains the answer: an allowed call may fail for other reasons."""
        ruling = self._ruling()
        told = {"success": "allowed", "denied": "Deny"}.get(call.outcome)
        return ruling if ruling and told and ruling.decision.endswith(told) else None

    def _add(
        self,
        principal: str,
        model: Any,
        context: Any,
        error: str | None,
        status: int | None,
        request_id: str | None,
        retries: int,
    ) -> Call:
        service = model.service_model.service_name
        asked_at, resource, _ = context["stslab"]
        outcome = "success" if error is None else "denied" if error == denial_code(service) else "error"
        call = Call(
            id=f"c{len(self.calls) + 1}",
            time=asked_at,
            principal=principal,
            action=action_name(service, model.name),
            resource=resource,
            outcome=outcome,
            error_code=error,
            request_id=request_id,
            http_status=status,
            check=self.check,
            retries=retries,
        )
        self.calls.append(call)
        return call
