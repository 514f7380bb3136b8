"""Ways to break the lab while it runs. Each function is called in the lab's own process, before pytest starts."""

from __future__ import annotations

import json
import os
import signal
from collections.abc import Callable
from typing import Any

from botocore.client import BaseClient
from botocore.exceptions import EndpointConnectionError
from meddling import Answer, Next, iam, is_canary, key_of, on, raising, refusing, when_the_admin_is_made

# The user


def user_that_already_has_s3() -> None:
    def grant(client: BaseClient, params: dict[str, Any], proceed: Next) -> Answer:
        answer = proceed()
        statement = {"Effect": "Allow", "Action": "s3:*", "Resource": "*"}
        document = json.dumps({"Version": "2012-10-17", "Statement": statement})
        iam().put_user_policy(params["UserName"], "Before", document)
        return answer

    on("CreateUser", grant)


def user_in_a_group_that_has_s3() -> None:
    def join(client: BaseClient, params: dict[str, Any], proceed: Next) -> Answer:
        answer = proceed()
        statement = {"Effect": "Allow", "Action": "s3:ListAllMyBuckets", "Resource": "*"}
        backend = iam()
        backend.create_group("readers")
        backend.put_group_policy("readers", "Read", json.dumps({"Version": "2012-10-17", "Statement": statement}))
        backend.add_user_to_group("readers", params["UserName"])
        return answer

    on("CreateUser", join)


def _after_the_key(change: Callable[[str, str], None]) -> None:
    def meddle(client: BaseClient, params: dict[str, Any], proceed: Next) -> Answer:
        answer = proceed()
        change(params["UserName"], answer["AccessKey"]["AccessKeyId"])
        return answer

    on("CreateAccessKey", meddle)


def inactive_key() -> None:
    _after_the_key(lambda user, key: iam().update_access_key(user, key, "Inactive"))


def deleted_key() -> None:
    _after_the_key(lambda user, key: iam().delete_access_key(key, user))


def _when_the_user_first_asks_who_it_is(change: Callable[[str], None]) -> None:
    def meddle(client: BaseClient, params: dict[str, Any], proceed: Next) -> Answer:
        change(key_of(client))
        return proceed()

    # The first one is the admin's.
    on("GetCallerIdentity", meddle, nth=2)


def key_made_inactive_after_its_creation() -> None:
    _when_the_user_first_asks_who_it_is(lambda key: iam().update_access_key("sts-machine-user", key, "Inactive"))


def key_deleted_after_its_creation() -> None:
    _when_the_user_first_asks_who_it_is(lambda key: iam().delete_access_key(key, "sts-machine-user"))


def wrong_secret() -> None:
    def meddle(client: BaseClient, params: dict[str, Any], proceed: Next) -> Answer:
        answer = proceed()
        answer["AccessKey"]["SecretAccessKey"] = answer["AccessKey"]["SecretAccessKey"][::-1]
        return answer

    on("CreateAccessKey", meddle)


def another_identity() -> None:
    def meddle(client: BaseClient, params: dict[str, Any], proceed: Next) -> Answer:
        return {**proceed(), "Arn": "arn:aws:iam::123456789012:user/somebody-else"}

    on("GetCallerIdentity", meddle, nth=2)


def user_is_there_already() -> None:
    when_the_admin_is_made(lambda backend: backend.create_user("us-east-1", "sts-machine-user"))


# Errors that are no denial


def throttled_instead_of_denied() -> None:
    on("ListBuckets", refusing("SlowDown", 503), every=True)


def dead_key_instead_of_denied() -> None:
    on("ListBuckets", refusing("InvalidAccessKeyId", 403), every=True)


def unreachable_instead_of_denied() -> None:
    on("ListBuckets", raising(EndpointConnectionError(endpoint_url="https://s3.example")), every=True)


# The stack


def bucket_name_is_taken() -> None:
    def take(backend: Any) -> None:
        from moto.s3.models import s3_backends

        s3_backends["123456789012"]["aws"].create_bucket("somebody-elses", "us-east-1")

    when_the_admin_is_made(take)


def stack_that_rolls_back() -> None:
    """As AWS does it: CreateStack succeeds, and the events say later what failed."""

    def meddle(client: BaseClient, params: dict[str, Any], proceed: Next) -> Answer:
        from moto.cloudformation.models import cloudformation_backends
        from moto.cloudformation.parsing import OutputMap

        answer = proceed()
        backend = cloudformation_backends["123456789012"]["us-east-1"]
        stack = backend.get_stack(params["StackName"])
        stack.resource_map.delete()
        stack.resource_map = _NoResources()
        stack.output_map = OutputMap(stack.resource_map, {"Outputs": {}}, stack.stack_id)
        stack.status = "ROLLBACK_COMPLETE"
        events = client.describe_stack_events(StackName=params["StackName"])
        events["StackEvents"].insert(
            0,
            {
                "LogicalResourceId": "StsRole",
                "ResourceStatus": "CREATE_FAILED",
                "ResourceStatusReason": "Invalid principal in policy",
            },
        )
        on("DescribeStackEvents", lambda *_: events)
        return answer

    on("CreateStack", meddle)


class _NoResources(dict[str, Any]):
    def delete(self) -> None:
        pass


def stack_that_rolls_back_over_somebody_elses_bucket() -> None:
    """AWS lists what it could not make, too, under the name that is somebody else's."""
    bucket_name_is_taken()
    stack_that_rolls_back()
    failed = {
        "LogicalResourceId": "LabBucket",
        "ResourceType": "AWS::S3::Bucket",
        "PhysicalResourceId": "somebody-elses",
        "ResourceStatus": "CREATE_FAILED",
    }
    on("DescribeStackResources", lambda *_: {"StackResources": [failed]}, every=True)


def stack_is_there_already() -> None:
    on("CreateStack", refusing("AlreadyExistsException"))


def somebody_elses_object_in_the_bucket() -> None:
    def meddle(client: BaseClient, params: dict[str, Any], proceed: Next) -> Answer:
        answer = proceed()
        client.put_object(Bucket=params["Bucket"], Key="somebody-elses", Body=b"")
        return answer

    on("PutObject", meddle)


# The policy and the session


def policy_never_put() -> None:
    on("PutUserPolicy", lambda *_: {})


def policy_changed_on_the_way() -> None:
    def meddle(client: BaseClient, params: dict[str, Any], proceed: Next) -> Answer:
        params["PolicyDocument"] = params["PolicyDocument"].replace("sts:AssumeRole", "sts:*")
        return proceed()

    on("PutUserPolicy", meddle)


def stack_bucket_is_not_listed() -> None:
    on("ListBuckets", lambda *_: {"Buckets": [{"Name": "another"}]}, nth=2)


def session_ends_early() -> None:
    def meddle(client: BaseClient, params: dict[str, Any], proceed: Next) -> Answer:
        from moto.sts.models import sts_backends

        answer = proceed()
        sts_backends["123456789012"]["aws"].assumed_roles.clear()
        return answer

    on("AssumeRole", meddle)


def user_gets_s3_meanwhile() -> None:
    def meddle(client: BaseClient, params: dict[str, Any], proceed: Next) -> Answer:
        statement = {"Effect": "Allow", "Action": "s3:Get*", "Resource": "*"}
        document = json.dumps({"Version": "2012-10-17", "Statement": statement})
        iam().put_user_policy("sts-machine-user", "Meanwhile", document)
        return proceed()

    on("AssumeRole", meddle)


# The clean-up


def cleanup_step_that_raises() -> None:
    on("DeleteUserPolicy", raising(RuntimeError("the step raises on purpose")), nth=1)


def cleanup_step_that_is_refused() -> None:
    on("DeleteStack", refusing("AccessDenied", 403), nth=1)


def key_that_is_not_deleted() -> None:
    on("DeleteAccessKey", lambda *_: {}, nth=1)


def user_that_is_not_deleted() -> None:
    on("DeleteUser", lambda *_: {}, nth=1)


def _while_residue_is_looked_for(change: Callable[[], None]) -> None:
    def meddle(client: BaseClient, params: dict[str, Any], proceed: Next) -> Answer:
        change()
        return proceed()

    # Asked for when it is put, when the policies are read, and at the end.
    on("GetUserPolicy", meddle, nth=3)


def user_that_comes_back() -> None:
    _while_residue_is_looked_for(lambda: iam().create_user("us-east-1", "sts-machine-user"))


def key_that_works_on() -> None:
    kept: list[Any] = []

    def keep(client: BaseClient, params: dict[str, Any], proceed: Next) -> Answer:
        kept.extend(iam().users["sts-machine-user"].access_keys)
        return proceed()

    def give_back() -> None:
        iam().users["stslab-admin"].access_keys.extend(kept)
        iam().access_keys.update({key.access_key_id: key for key in kept})

    on("DeleteAccessKey", keep)
    _while_residue_is_looked_for(give_back)


def session_that_works_on() -> None:
    on("ListBuckets", lambda *_: {"Buckets": []}, nth=4)


def user_that_cannot_be_deleted_at_all() -> None:
    on("DeleteUser", refusing("ServiceFailure", 500), every=True)


# Enforcement


def enforcement_never_on() -> None:
    from contextlib import contextmanager

    from stslab.targets import moto

    @contextmanager
    def nothing(gate: Any) -> Any:
        yield

    moto.in_force = nothing


def everything_allowed() -> None:
    from stslab.targets.seam import Gate

    def check(gate: Gate, request: Any, resource: str) -> None:
        gate.decisions += 1

    Gate.check = check  # type: ignore[method-assign]


def enforcement_lost_in_the_middle() -> None:
    _enforcement_lost_at("PutUserPolicy")


def enforcement_lost_during_the_clean_up() -> None:
    _enforcement_lost_at("DeleteStack")


def _enforcement_lost_at(operation: str) -> None:
    def meddle(client: BaseClient, params: dict[str, Any], proceed: Next) -> Answer:
        from moto.core.authorization import ActionAuthenticatorMixin

        ActionAuthenticatorMixin._authenticate_and_authorize_action = lambda *_: None
        return proceed()

    on(operation, meddle)


def moto_without_the_seam() -> None:
    from moto.core.authorization import ActionAuthenticatorMixin

    ActionAuthenticatorMixin._authorize = ActionAuthenticatorMixin._authenticate_and_authorize_action
    del ActionAuthenticatorMixin._authenticate_and_authorize_action


def canary_gets_another_error() -> None:
    original = BaseClient._make_api_call

    def call(client: BaseClient, name: str, params: dict[str, Any]) -> Answer:
        if name == "ListBuckets" and is_canary(client):
            return refusing("InternalError", 500)(client, params, dict)
        return original(client, name, params)

    BaseClient._make_api_call = call


# Crashes: one in the middle of each module, of three kinds. What is called has been done when it breaks.

MIDDLE = {
    "user": ("CreateAccessKey", 1),
    "stack": ("CreateStack", 1),
    "bucket": ("PutObject", 1),
    "policy": ("PutUserPolicy", 1),
    "session": ("AssumeRole", 1),
    "cleanup": ("DeleteStack", 1),
}


class InterruptAt:
    """Ctrl-C right after the nth call of a run, whichever that is; the canary's calls count as well."""

    def __init__(self, nth: int) -> None:
        self.nth = nth

    def __call__(self) -> None:
        original = BaseClient._make_api_call
        seen = [0]

        def call(client: BaseClient, name: str, params: dict[str, Any]) -> Answer:
            seen[0] += 1
            try:
                return original(client, name, params)
            finally:
                if seen[0] == self.nth:
                    os.kill(os.getpid(), signal.SIGINT)

        BaseClient._make_api_call = call


class CrashBefore:
    """An operation that breaks before it has done anything, the first time."""

    def __init__(self, operation: str) -> None:
        self.operation = operation

    def __call__(self) -> None:
        on(self.operation, raising(RuntimeError("a crash on purpose")))


class Crash:
    """A crash in the middle of a module; an object, since it has to be sent to the lab's process."""

    def __init__(self, module: str, kind: str) -> None:
        self.module = module
        self.kind = kind

    def __call__(self) -> None:
        operation, nth = MIDDLE[self.module]
        on(operation, self._crash, nth=nth)

    def _crash(self, client: BaseClient, params: dict[str, Any], proceed: Next) -> Answer:
        answer = proceed()
        if self.kind == "exception":
            raise RuntimeError("a crash on purpose")
        if self.kind == "exit":
            raise SystemExit(70)
        os.kill(os.getpid(), signal.SIGINT)
        return answer
