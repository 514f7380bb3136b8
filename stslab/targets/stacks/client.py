"""The calls that CloudFormation makes for a stack, each of them decided like any other call.

The calls go to moto's own services, with all the rules of these. Source: CloudFormation user guide, "AWS CloudFormation
service role": without one, "CloudFormation uses a temporary session that is generated from your user credentials".
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import replace
from functools import lru_cache
from typing import Any

from stslab.errors import Undetermined
from stslab.iam import Caller, Outcome, Policies, Request
from stslab.iam.decision import denial_message, refused_action
from stslab.iam.evaluate import decide
from stslab.targets.callers import Actor, policies_of, read_stored
from stslab.targets.case import Case
from stslab.targets.forwarding import Forwarded, forwarding
from stslab.targets.stacks.templates import invalid
from stslab.targets.wish import Wish

SERVICE = "cloudformation.amazonaws.com"

FORWARDED: Mapping[str, str | list[str]] = {
    "aws:ViaAWSService": "true",
    "aws:CalledVia": [SERVICE],
    "aws:CalledViaFirst": SERVICE,
    "aws:CalledViaLast": SERVICE,
}
"""What tells a call with the caller's own credentials. Source: IAM user guide, "AWS global condition context keys":
with a service role aws:ViaAWSService is false, and there is no aws:CalledVia."""

_ERRORS = {
    "AccessDenied": "AccessDenied",
    "BucketAlreadyExists": "AlreadyExists",
    "BucketAlreadyOwnedByYou": "AlreadyExists",
    "EntityAlreadyExists": "AlreadyExists",
    "InvalidBucketName": "InvalidRequest",
    "InvalidInput": "InvalidRequest",
    "LimitExceeded": "ServiceLimitExceeded",
    "MalformedPolicy": "InvalidRequest",
    "MalformedPolicyDocument": "InvalidRequest",
    "NoSuchBucket": "NotFound",
    "NoSuchEntity": "NotFound",
    "ValidationError": "InvalidRequest",
}
"""The handlers' own codes for the services'. Source: CloudFormation CLI user guide, "Handler error codes"."""

ABSENT = frozenset({"NoSuchEntity", "NoSuchBucket", "NoSuchBucketPolicy"})


class Refused(Exception):
    """A service refused a call, or a handler a resource.

    Args:
        message: the sentence.
        code: the service's error code.
        service: the service as its SDK names it, or empty where a handler says it by itself.
        status: the HTTP status.
        request_id: the id of the request.
    """

    def __init__(self, message: str, code: str, service: str = "", status: int = 400, request_id: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.code = code
        self.service = service
        self.status = status
        self.request_id = request_id or str(uuid.uuid4())

    @property
    def reason(self) -> str:
        """What the event of the resource says.

        Source: event reasons as people have reported them, for example aws/aws-cdk issue 27067 and
        aws-cloudformation/cfn-lint issue 4287; a later form has "(SDK Attempt Count: 1)" after the request's id.
        """
        said = self.message
        if self.service:
            more = f", Extended Request ID: {uuid.uuid4().hex}" if self.service == "S3" and self.status else ""
            said += f" (Service: {self.service}, Status Code: {self.status}, Request ID: {self.request_id}{more})"
        code = _ERRORS.get(self.code, "GeneralServiceException")
        return f'Resource handler returned message: "{said}" (RequestToken: {uuid.uuid4()}, HandlerErrorCode: {code})'


class Client:
    """Calls services for a stack.

    Args:
        case: the request to CloudFormation.
        actor: whose credentials are used.
        keys: the condition keys that tell the service's calls.

    ``changes`` counts the calls that have changed something.
    """

    def __init__(self, case: Case, actor: Actor, keys: Mapping[str, str | list[str]]) -> None:
        if case.signature is None:  # the gate answers no unsigned request to CloudFormation
            raise Undetermined("moto cannot tell whose credentials CloudFormation is to use.")
        self.actor = actor
        self.account = actor.caller.account
        self.region = str(case.call.region)
        self.partition = str(case.call.partition)
        self.changes = 0
        self._call = case.call
        self._forwarded = Forwarded(actor, replace(case.signature, query=False), keys)

    def drop(self, service: str, operation: str, /, **params: Any) -> None:
        """Make a call that takes something away; that it is gone already is no fault.

        Args:
            service: ``iam`` or ``s3``.
            operation: the operation's name in the API.
            params: its parameters.

        Raises:
            Refused: the service refuses it.
            Undetermined: nobody here can know whether it does.
        """
        try:
            self.ask(service, operation, **params)
        except Refused as refused:
            if refused.code not in ABSENT:
                raise

    def ask(self, service: str, operation: str, /, **params: Any) -> dict[str, Any]:
        """Make one call.

        Args:
            service: ``iam`` or ``s3``.
            operation: the operation's name in the API.
            params: its parameters; those that are ``None`` or empty are left out.

        Raises:
            Refused: the service refuses it.
            Undetermined: nobody here can know whether it does.
        """
        from botocore.awsrequest import AWSRequest, prepare_request_dict
        from moto.core.botocore_stubber import BotocoreStubber

        model, serializer, parser = _protocol(service)
        shape = model.operation_model(operation)
        given = {name: value for name, value in params.items() if value not in (None, "", [], {})}
        request = serializer.serialize_to_request(given, shape)
        prepare_request_dict(request, f"https://{service}.{self.region}.{_domain(self.partition)}", context={})
        request["headers"]["User-Agent"] = SERVICE
        prepared = AWSRequest(
            method=request["method"], url=request["url"], data=request["body"], headers=request["headers"]
        ).prepare()
        with forwarding(self._to(service)):
            answer: Any = BotocoreStubber().process_request(prepared)
        status, headers, body = answer
        parsed: dict[str, Any] = parser.parse(
            {
                "status_code": status,
                "headers": {str(name).lower(): str(value) for name, value in headers.items()},
                "body": body if isinstance(body, bytes) else str(body).encode(),
            },
            shape.output_shape,
        )
        if status >= 400:
            error = parsed["Error"]
            name = {"iam": "Iam", "s3": "S3"}[service]
            raise Refused(str(error.get("Message", "")), str(error.get("Code", "")), name, status, str(uuid.uuid4()))
        self.changes += not operation.startswith("Get")
        return parsed

    def require(self, action: str, resource: str, **keys: str | list[str]) -> None:
        """Make sure of a permission that a call needs besides its own.

        Args:
            action: the action, for example ``iam:PassRole``.
            resource: its resource's ARN.
            keys: condition keys of this permission.

        Raises:
            Refused: the caller does not have it.
            Undetermined: nobody here can know whether he has.
        """
        service = action.partition(":")[0]
        request = replace(self._to(service), keys={**self._forwarded.keys, **keys})
        case = Case(self._call, service, action, self.actor, request.signature)
        wish = Wish(action, resource, self.account)
        with forwarding(request):
            allowed = case.may(wish)
            decision = case.decide(wish)
        if not allowed:
            message = denial_message(self.actor.caller.arn, refused_action(action, resource, decision))
            raise Refused(message, "AccessDenied", service.capitalize(), 403)

    def _to(self, service: str) -> Forwarded:
        region = "us-east-1" if service == "iam" else self.region
        signature = replace(self._forwarded.signature, service=service, region=region)
        return replace(self._forwarded, signature=signature)


def client_of(case: Case, role_arn: str, *, given: bool) -> Client:
    """The client of one operation on a stack: with the caller's credentials, or with the stack's role's.

    Args:
        case: the request to CloudFormation.
        role_arn: the stack's service role, or an empty string.
        given: whether this very request gives the role, so that the caller has to be one who may pass it.

    Raises:
        ValidationError: CloudFormation cannot assume the role.
        Exception: AccessDenied, where the caller may not pass it.
    """
    if not role_arn:
        return Client(case, case.actor, FORWARDED)
    if given:
        try:
            Client(case, case.actor, {}).require("iam:PassRole", role_arn, **{"iam:PassedToService": SERVICE})
        except Refused as denied:
            raise case.refusal("AccessDenied", denied.message) from None
    return Client(case, _session(case.call, role_arn), {})


def _session(call: Any, role_arn: str) -> Actor:
    """CloudFormation's session of a service role; that the role trusts CloudFormation is decided here.

    Raises:
        ValidationError: there is no such role in the account, or it does not trust CloudFormation.
    """
    from moto.iam.models import iam_backends

    backend = iam_backends[call.current_account][call.partition]
    role = next((r for r in backend.roles.values() if r.arn == role_arn), None)
    policies = policies_of(backend, role_arn)
    if role is None or policies is None or not _trusts(role, call.current_account):
        raise invalid(f"Role {role_arn} is invalid or cannot be assumed")
    arn = f"arn:{call.partition}:sts::{call.current_account}:assumed-role/{role.name}/AWSCloudFormation"
    tags = {tag["Key"]: tag["Value"] for tag in role.tags or []}
    return Actor(Caller(arn, role_arn, f"{role.id}:AWSCloudFormation"), policies, tags)


def _trusts(role: Any, account: str) -> bool:
    trust = read_stored(str(role.assume_role_policy_document), f"trust policy of role {role.name}")
    decision = decide(Request(Caller(SERVICE), "sts:AssumeRole", role.arn, account), Policies(resource_policy=trust))
    if decision.outcome is Outcome.UNDETERMINED:
        raise Undetermined(f"moto cannot know whether {role.arn} lets CloudFormation in: {decision.reason}.")
    return decision.allowed


def may_do_everything(actor: Actor) -> bool:
    """Whether a caller's policies plainly allow every action on everything, and deny nothing.

    A federated user's session policies would have to be looked at more closely; he is taken for one who may not.
    """
    policies = actor.policies
    if actor.caller.kind == "federated-user":
        return False
    layers = [[*policies.identity], *([[policies.boundary]] if policies.boundary else [])]
    layers += [[*policies.session_policies]] if policies.session_policies else []
    return all(
        any(s.allows and s.actions == ("*",) and s.resources == ("*",) and not s.conditions for s in statements)
        and all(s.allows for s in statements)
        for statements in ([s for policy in layer for s in policy.statements] for layer in layers)
    )


@lru_cache(maxsize=4)
def _protocol(service: str) -> tuple[Any, Any, Any]:
    """A service's model with what writes its requests and reads its answers."""
    from botocore.parsers import create_parser
    from botocore.serialize import create_serializer
    from moto.core.utils import get_service_model

    model = get_service_model(service)
    protocol = model.metadata["protocol"]
    return model, create_serializer(protocol, include_validation=False), create_parser(protocol)


def _domain(partition: str) -> str:
    return "amazonaws.com.cn" if partition == "aws-cn" else "amazonaws.com"
