"""The lab's calls in a bare boto3 and moto script: no checks, no enforcement, no report."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import boto3
from botocore.exceptions import ClientError
from moto import mock_aws

from stslab.suite import suite_folder

REGION = "us-east-1"
ClientOf = Callable[[str], Any]


def one_session(**credentials: str) -> ClientOf:
    """Clients of boto3's default session, which parses every model once."""
    return lambda service: boto3.client(service, region_name=REGION, **credentials)


def session_each(**credentials: str) -> ClientOf:
    """Clients of a session for each principal, as a script that uses profiles has them."""
    session = boto3.Session(region_name=REGION, **credentials)
    return session.client


class Counted:
    """A principal whose calls are counted and whose errors are as good as answers."""

    calls = 0

    def __init__(self, client_of: ClientOf) -> None:
        self._client_of = client_of
        self._clients: dict[str, Any] = {}

    def __call__(self, service: str, operation: str, times: int = 1, **params: Any) -> Any:
        """Call an operation and return the last answer."""
        if service not in self._clients:
            self._clients[service] = self._client_of(service)
        answer: Any = {}
        for _ in range(times):
            Counted.calls += 1
            try:
                answer = getattr(self._clients[service], operation)(**params)
            except ClientError as error:
                answer = error.response
        return answer


def perform(sessions: Callable[..., ClientOf]) -> int:
    """Make the calls of a green lab in their order.

    Args:
        sessions: makes a principal's clients, :func:`one_session` or :func:`session_each`.

    Returns:
        how many calls were made.
    """
    Counted.calls = 0
    with mock_aws():
        perform_in(sessions, aws_access_key_id="a", aws_secret_access_key="b")  # noqa: S106
    return Counted.calls


def _keys(answer: dict[str, str]) -> dict[str, str]:
    names = {
        "aws_access_key_id": "AccessKeyId",
        "aws_secret_access_key": "SecretAccessKey",
        "aws_session_token": "SessionToken",
    }
    return {name: answer[key] for name, key in names.items() if key in answer}


def perform_in(sessions: Callable[..., ClientOf], **credentials: str) -> None:
    """Make the calls in an account that there is.

    Args:
        sessions: makes a principal's clients.
        credentials: the admin's, by boto3's names for them.
    """
    policies = suite_folder() / "policies"
    admin = Counted(sessions(**credentials))
    admin("sts", "get_caller_identity")
    _canary(admin, sessions)

    me = {"UserName": "sts-machine-user"}
    admin("iam", "create_user", **me)
    key = admin("iam", "create_access_key", **me)["AccessKey"]
    admin("iam", "get_user", **me)
    admin("iam", "list_access_keys", **me)
    sts = Counted(sessions(**_keys(key)))
    sts("sts", "get_caller_identity", 2)
    sts("s3", "list_buckets")

    stack = {"StackName": "my-sts-fun-stack"}
    template = (policies / "template.yaml").read_text()
    admin("cloudformation", "create_stack", TemplateBody=template, Capabilities=["CAPABILITY_IAM"], **stack)
    admin("cloudformation", "describe_stacks", 2, **stack)
    resources = admin("cloudformation", "describe_stack_resources", **stack)["StackResources"]
    ids = {r["LogicalResourceId"]: r["PhysicalResourceId"] for r in resources}
    bucket, role = {"Bucket": ids["LabBucket"]}, {"RoleName": ids["StsRole"]}
    thing = {**bucket, "Key": "stslab/hello.txt"}
    admin("s3", "put_object", Body=b"hello", **thing)
    admin("s3", "list_objects_v2", **bucket)
    arn = admin("iam", "get_role", **role)["Role"]["Arn"]

    named = {**me, "PolicyName": "StsAssumePolicy"}
    document = json.dumps(json.loads((policies / "policy.json").read_text()))
    admin("iam", "put_user_policy", PolicyDocument=document, **named)
    admin("iam", "get_user_policy", 2, **named)
    for operation in ("list_user_policies", "list_attached_user_policies", "list_groups_for_user"):
        admin("iam", operation, **me)

    assumed = Counted(
        sessions(**_keys(sts("sts", "assume_role", RoleArn=arn, RoleSessionName="s3-sts-fun")["Credentials"]))
    )
    assumed("sts", "get_caller_identity", 2)
    assumed("s3", "list_buckets")
    assumed("s3", "list_objects_v2", **bucket)
    assumed("s3", "get_object", **thing)["Body"].read()
    for service, operation in (
        ("iam", "list_users"),
        ("cloudformation", "list_stacks"),
        ("dynamodb", "list_tables"),
        ("secretsmanager", "list_secrets"),
    ):
        assumed("sts", "get_caller_identity")
        assumed(service, operation)
    admin("iam", "list_role_policies", **role)
    admin("iam", "get_role_policy", PolicyName="ReadTheBucket", **role)
    admin("iam", "list_attached_role_policies", **role)
    assumed("sts", "get_caller_identity")
    sts("sts", "get_caller_identity", 3)
    sts("s3", "list_buckets")
    sts("s3", "list_objects_v2", **bucket)
    sts("s3", "get_object", **thing)

    admin("s3", "head_bucket", **bucket)
    admin("s3", "list_object_versions", **bucket)
    admin("s3", "delete_object", **thing)
    admin("cloudformation", "delete_stack", **stack)
    admin("cloudformation", "describe_stacks", 2, **stack)
    admin("s3", "head_bucket", 2, **bucket)
    admin("iam", "get_role", 2, **role)
    admin("iam", "list_access_keys", 2, **me)
    admin("iam", "delete_access_key", AccessKeyId=key["AccessKeyId"], **me)
    admin("iam", "delete_user_policy", **named)
    admin("iam", "delete_user", **me)
    admin("iam", "get_user_policy", **named)
    admin("iam", "get_user", 2, **me)
    sts("sts", "get_caller_identity")
    assumed("s3", "list_buckets")


def _canary(admin: Counted, sessions: Callable[..., ClientOf]) -> None:
    me = {"UserName": "canary"}
    admin("iam", "create_user", **me)
    key = admin("iam", "create_access_key", **me)["AccessKey"]
    canary = Counted(sessions(**_keys(key)))
    canary("sts", "get_caller_identity", 2)
    canary("s3", "list_buckets")
    canary("iam", "list_users")
    admin("iam", "list_access_keys", 2, **me)
    admin("iam", "delete_access_key", AccessKeyId=key["AccessKeyId"], **me)
    for operation in (
        "list_user_policies",
        "list_attached_user_policies",
        "list_groups_for_user",
        "delete_user",
        "get_user",
    ):
        admin("iam", operation, **me)
