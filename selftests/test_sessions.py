"""Temporary credentials of users and roles: what they remember, what they are good for, and MFA.

Pages of the IAM user guide: "Compare AWS STS credentials", "Secure API access with MFA", "Passing session tags in AWS
STS", "Monitor and control actions taken with assumed roles"; STS API reference, GetSessionToken, GetFederationToken.
"""

from __future__ import annotations

import base64
import json
import time

import pytest
from accounts import ACCOUNT, ALLOW, code_of, document, refusal, trusting
from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.twofactor.totp import TOTP

from stslab.credentials import Credentials

S3 = {**ALLOW, "Action": "s3:*"}
WITH_MFA = {"Bool": {"aws:MultiFactorAuthPresent": "true"}}


def session_token(account, key, **more):
    return Credentials.from_answer(account.client("sts", key).get_session_token(**more)["Credentials"])


def federated(account, key, **more):
    return Credentials.from_answer(account.client("sts", key).get_federation_token(Name="bob", **more)["Credentials"])


def test_a_session_token_is_the_user_but_not_for_iam_and_hardly_for_sts(account):
    ana = account.user("ana", ALLOW)
    session = session_token(account, ana)
    assert account.client("sts", session).get_caller_identity()["Arn"] == f"arn:aws:iam::{ACCOUNT}:user/ana"
    account.client("s3", session).list_buckets()
    account.assume(account.role("r"), session)
    assert refusal(account.client("iam", session).list_users)[::2] == ("InvalidClientTokenId", 403)
    sts = account.client("sts", session)
    assert code_of(sts.get_session_token) == "AccessDenied"
    assert code_of(sts.get_federation_token, Name="bob") == "AccessDenied"


def test_a_roles_session_gets_no_session_token(account):
    sts = account.client("sts", account.assume(account.role("r", may=[ALLOW])))
    assert refusal(sts.get_session_token)[:2] == (
        "AccessDenied",
        "Cannot call GetSessionToken with session credentials",
    )
    assert code_of(sts.get_federation_token, Name="bob") == "AccessDenied"


def test_a_session_token_has_the_permissions_of_the_user_as_they_are_now(account):
    session = session_token(account, account.user("ana"))
    assert code_of(account.client("s3", session).list_buckets) == "AccessDenied"
    account.client("iam").put_user_policy(UserName="ana", PolicyName="p", PolicyDocument=document(S3))
    account.client("s3", session).list_buckets()


def test_a_session_token_ends_with_the_user(account):
    ana = account.user("ana")
    session = session_token(account, ana)
    iam = account.client("iam")
    iam.delete_access_key(UserName="ana", AccessKeyId=ana.access_key_id)
    account.client("sts", session).get_caller_identity()
    iam.delete_user(UserName="ana")
    iam.create_user(UserName="ana")
    assert code_of(account.client("sts", session).get_caller_identity) == "InvalidClientTokenId"


@pytest.mark.parametrize("seconds", [899, 129601])
def test_how_long_a_users_session_may_last(account, seconds):
    sts = account.client("sts", lenient=True)
    assert code_of(sts.get_session_token, DurationSeconds=seconds) == "ValidationError"
    assert code_of(sts.get_federation_token, Name="bob", DurationSeconds=seconds) == "ValidationError"


def test_a_federated_user_has_no_more_than_user_and_policy_allow(account):
    ana = account.user("ana", S3, {**ALLOW, "Action": "sts:GetFederationToken"})
    bob = federated(
        account, ana, Policy=document({**S3, "Action": "s3:ListAllMyBuckets"}, {**ALLOW, "Action": "iam:*"})
    )
    who = account.client("sts", bob).get_caller_identity()
    assert who["Arn"] == f"arn:aws:sts::{ACCOUNT}:federated-user/bob"
    assert who["UserId"] == f"{ACCOUNT}:bob"
    account.bucket("lab")
    account.client("s3", bob).list_buckets()
    assert code_of(account.client("s3", bob).list_objects_v2, Bucket="lab") == "AccessDenied"
    assert code_of(account.client("iam", bob).list_users) == "InvalidClientTokenId"
    role = account.role("r", trusting("*"))
    assert code_of(account.client("sts", bob).assume_role, RoleArn=role, RoleSessionName="aa") == "AccessDenied"


def test_a_federated_user_without_a_policy_has_only_what_a_resource_grants(account):
    ana = account.user("ana", ALLOW)
    bob = federated(account, ana)
    account.bucket("lab", "k")
    s3 = account.client("s3", bob)
    assert code_of(s3.get_object, Bucket="lab", Key="k") == "AccessDenied"
    principal = {"AWS": f"arn:aws:sts::{ACCOUNT}:federated-user/bob"}
    grant = {"Effect": "Allow", "Principal": principal, "Action": "s3:GetObject", "Resource": "arn:aws:s3:::lab/*"}
    account.client("s3").put_bucket_policy(Bucket="lab", Policy=document(grant))
    s3.get_object(Bucket="lab", Key="k")


def test_federation_takes_a_permission_and_a_session_token_takes_none(account):
    ana = account.user("ana")
    session_token(account, ana)
    code, message, _ = refusal(account.client("sts", ana).get_federation_token, Name="bob")
    assert code == "AccessDenied"
    assert f"sts:GetFederationToken on resource: arn:aws:sts::{ACCOUNT}:federated-user/bob" in message


def device(account, name):
    """A virtual MFA device of a user's, and what shows its codes."""
    iam = account.client("iam")
    made = iam.create_virtual_mfa_device(VirtualMFADeviceName=f"{name}-device")["VirtualMFADevice"]
    serial = made["SerialNumber"]
    iam.enable_mfa_device(
        UserName=name, SerialNumber=serial, AuthenticationCode1="000000", AuthenticationCode2="000001"
    )
    shown = TOTP(base64.b32decode(made["Base32StringSeed"]), 6, SHA1(), 30, enforce_key_length=False)
    return serial, lambda: shown.generate(int(time.time())).decode()


def test_a_trust_that_asks_for_mfa(account):
    ana = account.user("ana", ALLOW)
    serial, code = device(account, "ana")
    arn = account.role("r", trusting({"AWS": ACCOUNT}, Condition=WITH_MFA))
    sts = account.client("sts", ana)
    asked = {"RoleArn": arn, "RoleSessionName": "aa"}
    assert code_of(sts.assume_role, **asked) == "AccessDenied"
    account.assume(arn, ana, SerialNumber=serial, TokenCode=code())
    wrong = f"{(int(code()) + 500000) % 1000000:06}"
    assert (
        "invalid MFA one time pass code" in refusal(sts.assume_role, SerialNumber=serial, TokenCode=wrong, **asked)[1]
    )
    assert "must provide both" in refusal(sts.assume_role, SerialNumber=serial, **asked)[1]
    account.user("bea")
    theirs, their_code = device(account, "bea")
    said = refusal(sts.assume_role, SerialNumber=theirs, TokenCode=their_code(), **asked)[1]
    assert "is valid and associated with this user" in said


def test_a_session_token_of_mfa_says_so_and_one_of_a_role_does_not(account):
    ana = account.user("ana", {**ALLOW, "Condition": WITH_MFA})
    serial, code = device(account, "ana")
    session = session_token(account, ana, SerialNumber=serial, TokenCode=code())
    account.client("iam", session).list_users()
    assert code_of(account.client("iam", ana).list_users) == "AccessDenied"
    arn = account.role("r", trusting({"AWS": ACCOUNT}, Condition=WITH_MFA), may=[{**S3, "Condition": WITH_MFA}])
    assert code_of(account.client("s3", account.assume(arn, session)).list_buckets) == "AccessDenied"


def tagging(*more):
    return trusting({"AWS": ACCOUNT}, ["sts:AssumeRole", *more])


RED = [{"Key": "team", "Value": "red"}]
IF_RED = {**S3, "Condition": {"StringEquals": {"aws:PrincipalTag/team": "red"}}}


def test_session_tags_take_leave_of_both_sides_and_win_over_the_roles(account):
    arn = account.role("r", tagging(), may=[IF_RED], Tags=[{"Key": "team", "Value": "blue"}])
    sts = account.client("sts", account.user("ana", {**ALLOW, "Action": "sts:*"}))
    code, message, _ = refusal(sts.assume_role, RoleArn=arn, RoleSessionName="aa", Tags=RED)
    assert (code, "sts:TagSession" in message) == ("AccessDenied", True)
    iam = account.client("iam")
    iam.update_assume_role_policy(RoleName="r", PolicyDocument=document(tagging("sts:TagSession")))
    assert code_of(account.client("s3", account.assume(arn)).list_buckets) == "AccessDenied"
    account.client("s3", account.assume(arn, Tags=RED)).list_buckets()


def test_transitive_tags_stay_with_the_chain_and_others_do_not(account):
    first = account.role("first", tagging("sts:TagSession"), may=[ALLOW])
    second = account.role("second", tagging(), may=[IF_RED])
    kept = account.assume(second, account.assume(first, Tags=RED, TransitiveTagKeys=["team"]))
    account.client("s3", kept).list_buckets()
    lost = account.assume(second, account.assume(first, Tags=RED))
    assert code_of(account.client("s3", lost).list_buckets) == "AccessDenied"


def test_a_source_identity_stays_and_cannot_be_changed(account):
    both = tagging("sts:SetSourceIdentity")
    if_ana = {**S3, "Condition": {"StringEquals": {"aws:SourceIdentity": "ana"}}}
    first, second = account.role("first", both, may=[ALLOW]), account.role("second", both, may=[if_ana])
    sts = account.client("sts")
    answer = sts.assume_role(RoleArn=first, RoleSessionName="aa", SourceIdentity="ana")
    assert answer["SourceIdentity"] == "ana"
    chained = account.client("sts", Credentials.from_answer(answer["Credentials"]))
    refused = refusal(chained.assume_role, RoleArn=second, RoleSessionName="aa", SourceIdentity="bea")
    assert refused[:2] == ("AccessDenied", "The source identity of a session cannot be changed")
    again = chained.assume_role(RoleArn=second, RoleSessionName="aa")
    account.client("s3", Credentials.from_answer(again["Credentials"])).list_buckets()


def test_what_is_packed_has_a_size_and_too_much_is_refused(account):
    arn = account.role("r", tagging("sts:TagSession"))
    sts = account.client("sts")
    assert "PackedPolicySize" not in sts.assume_role(RoleArn=arn, RoleSessionName="aa")
    half = json.loads(document(*({**S3, "Sid": f"S{n}"} for n in range(20))))
    assert 0 < sts.assume_role(RoleArn=arn, RoleSessionName="aa", Policy=json.dumps(half))["PackedPolicySize"] <= 100
    many = [{"Key": f"k{n}", "Value": "v" * 250} for n in range(50)]
    code, _, status = refusal(sts.assume_role, RoleArn=arn, RoleSessionName="aa", Tags=many)
    assert (code, status) == ("PackedPolicyTooLarge", 400)


def test_fifty_tags_and_ten_policies_and_no_more(account):
    arn = account.role("r", tagging("sts:TagSession"))
    sts = account.client("sts", lenient=True)
    tags = [{"Key": f"k{n}", "Value": ""} for n in range(51)]
    arns = [{"arn": f"arn:aws:iam::aws:policy/p{n}"} for n in range(11)]
    for more in ({"Tags": tags}, {"PolicyArns": arns}):
        code, message, _ = refusal(sts.assume_role, RoleArn=arn, RoleSessionName="aa", **more)
        assert (code, "Member must have length less than" in message) == ("ValidationError", True)
    account.assume(arn, Tags=tags[:50])


def test_a_managed_policy_as_a_session_policy(account):
    arn = account.role("r", may=[ALLOW])
    limits = [{"arn": "arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess"}]
    session = account.assume(arn, PolicyArns=limits)
    account.client("s3", session).list_buckets()
    assert code_of(account.client("iam", session).list_users) == "AccessDenied"
    nowhere = [{"arn": f"arn:aws:iam::{ACCOUNT}:policy/nowhere"}]
    sts = account.client("sts")
    assert code_of(sts.assume_role, RoleArn=arn, RoleSessionName="aa", PolicyArns=nowhere) == "ValidationError"
