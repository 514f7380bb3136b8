"""Stacks that fail: the reason in their events, and what is left of them."""

from __future__ import annotations

import json

import pytest
from accounts import ACCOUNT, refusal
from stacking import BUCKET, READ, ROOT, Stack, bucket, left, resource, role, trust

REASONS = {
    "principal": (
        role({**ROOT, "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:user/nobody"}}),
        f'"Invalid principal in policy: "AWS":"arn:aws:iam::{ACCOUNT}:user/nobody" (Service: Iam, Status Code: 400',
    ),
    "trust": (role({**ROOT, "Resource": "*"}), "has a Resource"),
    "policy": (
        role(Policies=[{"PolicyName": "p", "PolicyDocument": trust(ROOT)}]),
        "has a Principal",
    ),
    "managed policy": (
        resource("IAM::ManagedPolicy", PolicyDocument={"Version": "2012-10-17", "Statement": [{"Effect": "Allow"}]}),
        "HandlerErrorCode: InvalidRequest",
    ),
    "size": (
        role(Policies=[{"PolicyName": "p", "PolicyDocument": {**READ, "Id": "x" * 10300}}]),
        "Maximum policy size of 10240 bytes exceeded for role",
    ),
    "role": (role(RoleName="there"), "Resource of type 'AWS::IAM::Role' with identifier 'there' already exists."),
    "user": (
        resource("IAM::User", UserName="there"),
        "Resource of type 'AWS::IAM::User' with identifier 'there' already exists.",
    ),
    "group": (
        resource("IAM::Group", GroupName="there"),
        "Resource of type 'AWS::IAM::Group' with identifier 'there' already exists.",
    ),
    "bucket": (
        resource("S3::Bucket", BucketName="there"),
        '"there already exists (Service: S3, Status Code: 0, Request ID: null)"',
    ),
    "bucket's name": (
        resource("S3::Bucket", BucketName="No_Bucket"),
        "Bucket name should not contain uppercase characters",
    ),
    "managed policy's ARN": (
        role(ManagedPolicyArns=["arn:aws:iam::aws:policy/NoSuchPolicy"]),
        "Policy arn:aws:iam::aws:policy/NoSuchPolicy does not exist or is not attachable.",
    ),
    "boundary": (
        role(PermissionsBoundary=f"arn:aws:iam::{ACCOUNT}:policy/none"),
        "does not exist or is not attachable",
    ),
    "role that is not there": (
        resource("IAM::Policy", PolicyName="p", PolicyDocument=READ, Roles=["nobody"]),
        "HandlerErrorCode: NotFound",
    ),
    "policy for nobody": (
        resource("IAM::Policy", PolicyName="p", PolicyDocument=READ),
        "At least one of [Groups,Roles,Users] must be non-empty.",
    ),
    "missing property": (
        {"Type": "AWS::IAM::Role", "Properties": {}},
        "Properties validation failed for resource Thing with message:\n"
        "#: required key [AssumeRolePolicyDocument] not found",
    ),
    "misspelt property": (role(Polices=[]), "#: extraneous key [Polices] is not permitted"),
    "misspelt in a list": (
        role(Policies=[{"PolicyName": "p", "Document": READ}]),
        "#/Policies/0: required key [PolicyDocument] not found",
    ),
    "no list": (role(ManagedPolicyArns="arn"), "#/ManagedPolicyArns: expected type: JSONArray, found: String"),
}


@pytest.mark.parametrize("fault", REASONS)
def test_what_cannot_be_made_is_in_the_events_and_not_in_the_answer(account, fault):
    iam = account.client("iam")
    iam.create_role(RoleName="there", AssumeRolePolicyDocument=json.dumps(trust()))
    iam.create_user(UserName="there")
    iam.create_group(GroupName="there")
    account.client("s3").create_bucket(Bucket="there")
    before = left(account)
    thing, words = REASONS[fault]
    stack = Stack(account).create({"First": BUCKET, "Thing": thing})
    assert words in stack.failure("Thing")
    assert stack.status == "ROLLBACK_COMPLETE"
    assert stack.resources()["First"][0] == "DELETE_COMPLETE"
    assert left(account) == before
    code, message, _ = refusal(stack.create, resources={"First": BUCKET})
    assert (code, message) == ("AlreadyExistsException", "Stack [lab] already exists")
    code, message, _ = refusal(stack.update, resources={"First": BUCKET})
    assert (code, message) == (
        "ValidationError",
        f"Stack:{stack.id} is in ROLLBACK_COMPLETE state and can not be updated.",
    )
    assert stack.delete().status == "DELETE_COMPLETE"
    assert stack.create({"First": BUCKET}).status == "CREATE_COMPLETE"


def test_somebody_elses_bucket_is_taken_too(account):
    from moto.s3.models import s3_backends

    s3_backends["444455556666"]["aws"].create_bucket("theirs", "us-east-1")
    stack = Stack(account).create({"Bucket": resource("S3::Bucket", BucketName="theirs")})
    assert "The requested bucket name is not available." in stack.failure("Bucket")
    assert "HandlerErrorCode: AlreadyExists" in stack.failure("Bucket")


def test_what_is_begun_beside_a_failure_is_cancelled_and_what_waits_is_not_begun(account):
    resources = {
        "Bad": resource("S3::Bucket", BucketName="No_Bucket"),
        "Beside": BUCKET,
        "After": role(Description={"Ref": "Bad"}),
    }
    stack = Stack(account).create(resources)
    assert stack.failure("Beside") == "Resource creation cancelled"
    assert stack.events("After") == []
    assert "failed to create: [Bad, Beside]. Rollback" in stack.shown["StackStatusReason"]


@pytest.mark.parametrize(
    ("option", "status", "there"),
    [
        ({"OnFailure": "ROLLBACK"}, "ROLLBACK_COMPLETE", 0),
        ({"OnFailure": "DELETE"}, "DELETE_COMPLETE", 0),
        ({"OnFailure": "DO_NOTHING"}, "CREATE_FAILED", 1),
        ({"DisableRollback": True}, "CREATE_FAILED", 1),
        ({"DisableRollback": False}, "ROLLBACK_COMPLETE", 0),
    ],
)
def test_what_becomes_of_a_failed_stack_is_the_callers_choice(account, option, status, there):
    resources = {"Bucket": BUCKET, "Bad": resource("S3::Bucket", BucketName="No_Bucket")}
    stack = Stack(account).create(resources, **option)
    assert stack.status == status
    assert len(left(account)["buckets"]) == there
    assert (stack.name in [s["StackName"] for s in stack.admin.describe_stacks()["Stacks"]]) == (
        status != "DELETE_COMPLETE"
    )
    both = {"OnFailure": "DELETE", "DisableRollback": True}
    assert "not both" in refusal(Stack(account, name="other").create, resources={"B": BUCKET}, **both)[1]


def test_a_failed_creation_keeps_what_is_retained_but_not_on_create(account):
    """CloudFormation user guide, "DeletionPolicy attribute", RetainExceptOnCreate."""
    resources = {
        "Kept": bucket(DeletionPolicy="Retain"),
        "Gone": bucket(DeletionPolicy="RetainExceptOnCreate"),
        "Bad": resource("S3::Bucket", BucketName="No_Bucket"),
    }
    stack = Stack(account).create(resources)
    assert [name.split("-")[1] for name in left(account)["buckets"]] == ["kept"]
    assert stack.events("Kept")[-1][0] == "DELETE_SKIPPED"
    other = Stack(account, name="other").create(resources, RetainExceptOnCreate=True)
    assert other.status == "ROLLBACK_COMPLETE"
    assert len(left(account)["buckets"]) == 1
