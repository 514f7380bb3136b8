"""What IAM and STS refuse a caller who may, over boto3 against moto with the gate in force."""

from __future__ import annotations

import pytest
from accounts import ACCOUNT, ALLOW, document, refusal, trusting

TO_ACCOUNT = trusting({"AWS": ACCOUNT})


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
def test_assume_role_takes_what_sts_takes(account, more, words):
    """STS API reference, AssumeRole, Request Parameters."""
    arn = account.role("r")
    params = {"RoleSessionName": "session", **more}
    sts = account.client("sts", lenient=True)
    code, message, status = refusal(sts.assume_role, RoleArn=arn, **params)
    assert (code, status) == ("ValidationError", 400)
    assert words in message


def test_a_longer_session_where_the_role_admits_it_but_not_when_chained(account):
    arn = account.role("r", may=[{**ALLOW, "Action": "sts:AssumeRole"}], MaxSessionDuration=7200)
    session = account.assume(arn, DurationSeconds=7200)
    code, message, _ = refusal(
        account.client("sts", session).assume_role, RoleArn=arn, RoleSessionName="second", DurationSeconds=3601
    )
    assert code == "ValidationError"
    assert "1 hour session limit" in message
    account.assume(arn, session, DurationSeconds=3600)


def test_a_session_policy_limits_the_session(account):
    arn = account.role("r", may=[ALLOW])
    only_sts = document({**ALLOW, "Action": "sts:*"})
    assert refusal(account.client("s3", account.assume(arn, Policy=only_sts)).list_buckets)[0] == "AccessDenied"
    account.client("s3", account.assume(arn)).list_buckets()
    assert refusal(account.client("sts").assume_role, RoleArn=arn, RoleSessionName="aa", Policy="{")[0] == (
        "MalformedPolicyDocument"
    )


def test_aws_managed_policies_are_there_when_they_are_named(account):
    ana = account.user()
    arn = "arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess"
    account.client("iam").attach_user_policy(UserName="ana", PolicyArn=arn)
    account.client("s3", ana).list_buckets()
    assert refusal(account.client("s3", ana).create_bucket, Bucket="mine")[0] == "AccessDenied"


def test_a_users_boundary_is_kept_and_limits(account):
    iam = account.client("iam")
    arn = iam.create_policy(PolicyName="limit", PolicyDocument=document({**ALLOW, "Action": "iam:*"}))["Policy"]["Arn"]
    ana = account.user("ana", ALLOW)
    account.client("s3", ana).list_buckets()
    iam.put_user_permissions_boundary(UserName="ana", PermissionsBoundary=arn)
    assert "because no permissions boundary allows" in refusal(account.client("s3", ana).list_buckets)[1]
    assert iam.get_user(UserName="ana")["User"]["PermissionsBoundary"]["PermissionsBoundaryArn"] == arn
    iam.delete_user_permissions_boundary(UserName="ana")
    account.client("s3", ana).list_buckets()
    iam.create_user(UserName="bea", PermissionsBoundary=arn)
    assert iam.get_user(UserName="bea")["User"]["PermissionsBoundary"]["PermissionsBoundaryArn"] == arn


def test_conditions_read_the_real_request(account):
    external = {**TO_ACCOUNT, "Condition": {"StringEquals": {"sts:ExternalId": "right"}}}
    arn = account.role("r", external)
    sts = account.client("sts")
    assert refusal(sts.assume_role, RoleArn=arn, RoleSessionName="aa")[0] == "AccessDenied"
    assert refusal(sts.assume_role, RoleArn=arn, RoleSessionName="aa", ExternalId="wrong")[0] == "AccessDenied"
    account.assume(arn, ExternalId="right")
    account.client("s3").create_bucket(Bucket="lab")
    home = {"Effect": "Allow", "Action": "s3:ListBucket", "Resource": "arn:aws:s3:::lab"}
    condition = {"StringLike": {"s3:prefix": "${aws:username}/*"}, "Bool": {"aws:SecureTransport": "true"}}
    s3 = account.client("s3", account.user("ana", {**home, "Condition": condition}))
    s3.list_objects_v2(Bucket="lab", Prefix="ana/x")
    assert refusal(s3.list_objects_v2, Bucket="lab", Prefix="bea/x")[0] == "AccessDenied"
    assert refusal(s3.list_objects_v2, Bucket="lab")[0] == "AccessDenied"


def test_two_keys_a_user(account):
    account.user()
    iam = account.client("iam")
    iam.create_access_key(UserName="ana")
    assert refusal(iam.create_access_key, UserName="ana") == (
        "LimitExceeded",
        "Cannot exceed quota for AccessKeysPerUser: 2",
        409,
    )


def test_a_user_goes_only_when_everything_of_his_has_gone(account):
    ana = account.user()
    iam = account.client("iam")
    code, message, status = refusal(iam.delete_user, UserName="ana")
    assert (code, message, status) == ("DeleteConflict", "Cannot delete entity, must delete access keys first.", 409)
    iam.delete_access_key(UserName="ana", AccessKeyId=ana.access_key_id)
    iam.delete_user(UserName="ana")


def test_inline_policies_have_a_size_and_white_space_has_none(account):
    iam = account.client("iam")
    iam.create_user(UserName="ana")
    many = document(*({**ALLOW, "Sid": f"S{n}"} for n in range(40)))
    put = {"UserName": "ana", "PolicyName": "p"}
    code, message, _ = refusal(iam.put_user_policy, PolicyDocument=many, **put)
    assert (code, message) == ("LimitExceeded", "Maximum policy size of 2048 bytes exceeded for user ana")
    iam.put_user_policy(PolicyDocument=document(ALLOW) + " " * 5000, **put)


def test_managed_policies_have_a_size_and_so_has_each_version(account):
    iam = account.client("iam")
    many = document(*({**ALLOW, "Sid": f"S{n}"} for n in range(120)))
    assert refusal(iam.create_policy, PolicyName="p", PolicyDocument=many)[:2] == (
        "LimitExceeded",
        "Cannot exceed quota for PolicySize: 6144",
    )
    arn = iam.create_policy(PolicyName="p", PolicyDocument=document(ALLOW))["Policy"]["Arn"]
    assert refusal(iam.create_policy_version, PolicyArn=arn, PolicyDocument=many)[0] == "LimitExceeded"


def test_a_malformed_document_is_refused_with_its_place(account):
    iam = account.client("iam")
    iam.create_user(UserName="ana")
    bad = document(ALLOW, {**ALLOW, "Principal": "*"})
    code, message, _ = refusal(iam.put_user_policy, UserName="ana", PolicyName="p", PolicyDocument=bad)
    assert code == "MalformedPolicyDocument"
    assert message.startswith("statement 2 has a Principal")


def test_the_simulator_answers_from_the_same_evaluation(account):
    account.user("ana", {**ALLOW, "Action": "s3:*"})
    answer = account.client("iam").simulate_principal_policy(
        PolicySourceArn=f"arn:aws:iam::{ACCOUNT}:user/ana", ActionNames=["s3:GetObject", "iam:ListUsers"]
    )
    assert [r["EvalDecision"] for r in answer["EvaluationResults"]] == ["allowed", "implicitDeny"]
