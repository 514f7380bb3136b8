"""What IAM and STS refuse a caller who may, over boto3 against moto with the gate in force."""

from __future__ import annotations

import json

import boto3
import pytest
from botocore.config import Config
from test_seam import ACCOUNT, client, refusal, user

from stslab.credentials import Credentials
from stslab.targets.moto import MotoTarget

ALLOW = {"Effect": "Allow", "Action": "*", "Resource": "*"}
TRUST = {"Effect": "Allow", "Principal": {"AWS": ACCOUNT}, "Action": "sts:AssumeRole"}


@pytest.fixture
def target():
    target = MotoTarget(ACCOUNT, "us-east-1")
    target.admin = target.open()
    yield target
    target.close()


def document(*statements):
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


def role(target, name="r", trust=TRUST, may=None, **more):
    iam = client("iam", target.admin)
    made = iam.create_role(RoleName=name, AssumeRolePolicyDocument=document(trust), **more)["Role"]["Arn"]
    if may:
        iam.put_role_policy(RoleName=name, PolicyName="p", PolicyDocument=document(may))
    return made


def assume(target, arn, credentials=None, **more):
    sts = client("sts", credentials or target.admin)
    answer = sts.assume_role(RoleArn=arn, RoleSessionName=more.pop("RoleSessionName", "session"), **more)
    return Credentials.from_answer(answer["Credentials"])


def unchecked_sts(credentials):
    """A client that leaves it to STS to refuse a parameter."""
    return boto3.client(
        "sts",
        region_name="us-east-1",
        aws_access_key_id=credentials.access_key_id,
        aws_secret_access_key=credentials.secret_access_key.reveal(),
        config=Config(parameter_validation=False),
    )


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({"DurationSeconds": 899}, "greater than or equal to 900"),
        ({"DurationSeconds": 43201}, "less than or equal to 43200"),
        ({"DurationSeconds": 3601}, "exceeds the MaxSessionDuration"),
        ({"RoleSessionName": "a b"}, "satisfy regular expression"),
        ({"RoleSessionName": "x" * 65}, "length less than or equal to 64"),
        ({"ExternalId": "a b"}, "satisfy regular expression"),
        ({"Policy": "x" * 2049}, "length less than or equal to 2048"),
    ],
)
def test_assume_role_takes_what_sts_takes(target, more, words):
    """STS API reference, AssumeRole, Request Parameters."""
    arn = role(target)
    params = {"RoleSessionName": "session", **more}
    sts = unchecked_sts(target.admin)
    code, message, status = refusal(sts.assume_role, RoleArn=arn, **params)
    assert (code, status) == ("ValidationError", 400)
    assert words in message


def test_a_longer_session_where_the_role_admits_it_but_not_when_chained(target):
    arn = role(target, MaxSessionDuration=7200, may={**ALLOW, "Action": "sts:AssumeRole"})
    session = assume(target, arn, DurationSeconds=7200)
    code, message, _ = refusal(
        client("sts", session).assume_role, RoleArn=arn, RoleSessionName="second", DurationSeconds=3601
    )
    assert code == "ValidationError"
    assert "1 hour session limit" in message
    assume(target, arn, session, DurationSeconds=3600)


def test_a_session_policy_limits_the_session(target):
    arn = role(target, may=ALLOW)
    only_sts = document({**ALLOW, "Action": "sts:*"})
    assert refusal(client("s3", assume(target, arn, Policy=only_sts)).list_buckets)[0] == "AccessDenied"
    client("s3", assume(target, arn)).list_buckets()
    assert refusal(client("sts", target.admin).assume_role, RoleArn=arn, RoleSessionName="aa", Policy="{")[0] == (
        "MalformedPolicyDocument"
    )


def test_aws_managed_policies_are_there_when_they_are_named(target):
    ana = user(target)
    arn = "arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess"
    client("iam", target.admin).attach_user_policy(UserName="ana", PolicyArn=arn)
    client("s3", ana).list_buckets()
    assert refusal(client("s3", ana).create_bucket, Bucket="mine")[0] == "AccessDenied"


def test_a_users_boundary_is_kept_and_limits(target):
    iam = client("iam", target.admin)
    arn = iam.create_policy(PolicyName="limit", PolicyDocument=document({**ALLOW, "Action": "iam:*"}))["Policy"]["Arn"]
    ana = user(target, "ana", "/", ALLOW)
    client("s3", ana).list_buckets()
    iam.put_user_permissions_boundary(UserName="ana", PermissionsBoundary=arn)
    assert "because no permissions boundary allows" in refusal(client("s3", ana).list_buckets)[1]
    assert iam.get_user(UserName="ana")["User"]["PermissionsBoundary"]["PermissionsBoundaryArn"] == arn
    iam.delete_user_permissions_boundary(UserName="ana")
    client("s3", ana).list_buckets()
    iam.create_user(UserName="bea", PermissionsBoundary=arn)
    assert iam.get_user(UserName="bea")["User"]["PermissionsBoundary"]["PermissionsBoundaryArn"] == arn


def test_a_user_made_again_is_not_the_one_who_was_trusted(target):
    """IAM user guide, "AWS JSON policy elements: Principal"."""
    ana = user(target)
    arn = role(target, trust={**TRUST, "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:user/ana"}})
    assume(target, arn, ana)
    iam = client("iam", target.admin)
    iam.delete_access_key(UserName="ana", AccessKeyId=ana.access_key_id)
    iam.delete_user(UserName="ana")
    again = user(target, "ana", "/", ALLOW)
    assert refusal(client("sts", again).assume_role, RoleArn=arn, RoleSessionName="aa")[0] == "AccessDenied"


def test_conditions_read_the_real_request(target):
    external = {**TRUST, "Condition": {"StringEquals": {"sts:ExternalId": "right"}}}
    arn = role(target, trust=external)
    sts = client("sts", target.admin)
    assert refusal(sts.assume_role, RoleArn=arn, RoleSessionName="aa")[0] == "AccessDenied"
    assert refusal(sts.assume_role, RoleArn=arn, RoleSessionName="aa", ExternalId="wrong")[0] == "AccessDenied"
    assume(target, arn, ExternalId="right")
    client("s3", target.admin).create_bucket(Bucket="lab")
    home = {"Effect": "Allow", "Action": "s3:ListBucket", "Resource": "arn:aws:s3:::lab"}
    condition = {"StringLike": {"s3:prefix": "${aws:username}/*"}, "Bool": {"aws:SecureTransport": "true"}}
    s3 = client("s3", user(target, "ana", "/", {**home, "Condition": condition}))
    s3.list_objects_v2(Bucket="lab", Prefix="ana/x")
    assert refusal(s3.list_objects_v2, Bucket="lab", Prefix="bea/x")[0] == "AccessDenied"
    assert refusal(s3.list_objects_v2, Bucket="lab")[0] == "AccessDenied"


def test_two_keys_a_user(target):
    user(target)
    iam = client("iam", target.admin)
    iam.create_access_key(UserName="ana")
    assert refusal(iam.create_access_key, UserName="ana") == (
        "LimitExceeded",
        "Cannot exceed quota for AccessKeysPerUser: 2",
        409,
    )


def test_a_user_goes_only_when_everything_of_his_has_gone(target):
    ana = user(target)
    iam = client("iam", target.admin)
    code, message, status = refusal(iam.delete_user, UserName="ana")
    assert (code, message, status) == ("DeleteConflict", "Cannot delete entity, must delete access keys first.", 409)
    iam.delete_access_key(UserName="ana", AccessKeyId=ana.access_key_id)
    iam.delete_user(UserName="ana")


def test_inline_policies_have_a_size_and_white_space_has_none(target):
    iam = client("iam", target.admin)
    iam.create_user(UserName="ana")
    many = document(*({**ALLOW, "Sid": f"S{n}"} for n in range(40)))
    put = {"UserName": "ana", "PolicyName": "p"}
    code, message, _ = refusal(iam.put_user_policy, PolicyDocument=many, **put)
    assert (code, message) == ("LimitExceeded", "Maximum policy size of 2048 bytes exceeded for user ana")
    iam.put_user_policy(PolicyDocument=document(ALLOW) + " " * 5000, **put)


def test_managed_policies_have_a_size_and_so_has_each_version(target):
    iam = client("iam", target.admin)
    many = document(*({**ALLOW, "Sid": f"S{n}"} for n in range(120)))
    assert refusal(iam.create_policy, PolicyName="p", PolicyDocument=many)[:2] == (
        "LimitExceeded",
        "Cannot exceed quota for PolicySize: 6144",
    )
    arn = iam.create_policy(PolicyName="p", PolicyDocument=document(ALLOW))["Policy"]["Arn"]
    assert refusal(iam.create_policy_version, PolicyArn=arn, PolicyDocument=many)[0] == "LimitExceeded"


def test_a_malformed_document_is_refused_with_its_place(target):
    iam = client("iam", target.admin)
    iam.create_user(UserName="ana")
    bad = document(ALLOW, {**ALLOW, "Principal": "*"})
    code, message, _ = refusal(iam.put_user_policy, UserName="ana", PolicyName="p", PolicyDocument=bad)
    assert code == "MalformedPolicyDocument"
    assert message.startswith("statement 2 has a Principal")


def test_the_simulator_answers_from_the_same_evaluation(target):
    user(target, "ana", "/", {**ALLOW, "Action": "s3:*"})
    answer = client("iam", target.admin).simulate_principal_policy(
        PolicySourceArn=f"arn:aws:iam::{ACCOUNT}:user/ana", ActionNames=["s3:GetObject", "iam:ListUsers"]
    )
    assert [r["EvalDecision"] for r in answer["EvaluationResults"]] == ["allowed", "implicitDeny"]
