"""Users, groups, roles and policies: unique ids, names, quotas, what is in the way of a deletion, boundaries.

Pages: IAM user guide, "IAM identifiers", "IAM and AWS STS quotas", "Permissions boundaries for IAM entities"; IAM API
reference, the errors of each operation.
"""

from __future__ import annotations

import pytest
from accounts import ACCOUNT, ALLOW, code_of, document, refusal, trusting

ANA = f"arn:aws:iam::{ACCOUNT}:user/ana"
S3 = {**ALLOW, "Action": "s3:*"}


def forget(account, name, key):
    iam = account.client("iam")
    iam.delete_access_key(UserName=name, AccessKeyId=key.access_key_id)
    iam.delete_user(UserName=name)


def principals_of(account, role):
    document = account.client("iam").get_role(RoleName=role)["Role"]["AssumeRolePolicyDocument"]
    return [statement["Principal"]["AWS"] for statement in document["Statement"]]


def test_a_unique_id_is_of_awss_form_and_is_the_userid(account):
    ana = account.user("ana")
    unique_id = account.client("iam").get_user(UserName="ana")["User"]["UserId"]
    assert len(unique_id) == 21
    assert unique_id.startswith("AIDA")
    assert account.client("sts", ana).get_caller_identity()["UserId"] == unique_id
    if_ana = trusting({"AWS": "*"}, Condition={"StringEquals": {"aws:userid": unique_id}})
    account.assume(account.role("r", if_ana), ana)


def test_who_is_deleted_stays_in_a_trust_policy_by_his_id(account):
    ana = account.user("ana")
    unique_id = account.client("iam").get_user(UserName="ana")["User"]["UserId"]
    arn = account.role("r", trusting({"AWS": [ANA, ACCOUNT]}), trusting({"AWS": ANA}))
    assert principals_of(account, "r") == [[ANA, ACCOUNT], ANA]
    forget(account, "ana", ana)
    assert principals_of(account, "r") == [[unique_id, ACCOUNT], unique_id]
    again = account.user("ana")
    sts = account.client("sts", again)
    assert code_of(sts.assume_role, RoleArn=arn, RoleSessionName="aa") == "AccessDenied"
    iam = account.client("iam")
    stale = document(trusting({"AWS": unique_id}))
    code, message, _ = refusal(iam.update_assume_role_policy, RoleName="r", PolicyDocument=stale)
    assert (code, "Invalid principal in policy" in message) == ("MalformedPolicyDocument", True)
    iam.update_assume_role_policy(RoleName="r", PolicyDocument=document(trusting({"AWS": ANA})))
    account.assume(arn, again)


def test_who_is_deleted_stays_in_a_bucket_policy_by_his_id(account):
    ana = account.user("ana")
    account.bucket("lab", "k")
    grant = {"Effect": "Allow", "Principal": {"AWS": ANA}, "Action": "s3:*", "Resource": "arn:aws:s3:::lab/*"}
    account.client("s3").put_bucket_policy(Bucket="lab", Policy=document(grant))
    account.client("s3", ana).get_object(Bucket="lab", Key="k")
    forget(account, "ana", ana)
    again = account.user("ana")
    assert code_of(account.client("s3", again).get_object, Bucket="lab", Key="k") == "AccessDenied"
    assert "AIDA" in account.client("s3").get_bucket_policy(Bucket="lab")["Policy"]


def test_a_role_made_again_is_another_role(account):
    first = account.role("first", may=[ALLOW])
    second = account.role("second", trusting({"AWS": first}))
    session = account.assume(first)
    account.assume(second, session)
    iam = account.client("iam")
    iam.delete_role_policy(RoleName="first", PolicyName="p")
    iam.delete_role(RoleName="first")
    assert principals_of(account, "second")[0].startswith("AROA")
    account.role("first", may=[ALLOW])
    assert code_of(account.client("s3", session).list_buckets) == "AccessDenied"
    sts = account.client("sts", account.assume(first))
    assert code_of(sts.assume_role, RoleArn=second, RoleSessionName="aa") == "AccessDenied"


@pytest.mark.parametrize("kind", ["user", "role", "group"])
def test_names_are_not_distinguished_by_case(account, kind):
    iam = account.client("iam")
    more = {"AssumeRolePolicyDocument": document(trusting({"AWS": ACCOUNT}))} if kind == "role" else {}
    create, name = getattr(iam, f"create_{kind}"), f"{kind.capitalize()}Name"
    create(**{name: "Lab"}, **more)
    for again in ("Lab", "lab"):
        assert refusal(create, **{name: again}, **more)[::2] == ("EntityAlreadyExists", 409)
    create(**{name: "Lab2"}, **more)


def policies(account, number):
    return [account.policy(f"p{n}", S3) for n in range(number)]


def test_ten_managed_policies_and_no_more(account):
    account.user("ana")
    iam = account.client("iam")
    arns = policies(account, 11)
    for arn in arns[:10]:
        iam.attach_user_policy(UserName="ana", PolicyArn=arn)
    iam.attach_user_policy(UserName="ana", PolicyArn=arns[0])
    code, message, _ = refusal(iam.attach_user_policy, UserName="ana", PolicyArn=arns[10])
    assert (code, message) == ("LimitExceeded", "Cannot exceed quota for PoliciesPerUser: 10")


def test_ten_groups_and_no_more(account):
    account.user("ana")
    iam = account.client("iam")
    for number in range(11):
        iam.create_group(GroupName=f"g{number}")
    for number in range(10):
        iam.add_user_to_group(GroupName=f"g{number}", UserName="ana")
    code, message, _ = refusal(iam.add_user_to_group, GroupName="g10", UserName="ana")
    assert (code, message) == ("LimitExceeded", "Cannot exceed quota for GroupsPerUser: 10")


def test_a_managed_policy_goes_when_nobody_holds_it_and_its_versions_have_gone(account):
    arn = account.policy("p", S3)
    iam = account.client("iam")
    account.user("ana")
    iam.attach_user_policy(UserName="ana", PolicyArn=arn)
    assert refusal(iam.delete_policy, PolicyArn=arn)[:2] == (
        "DeleteConflict",
        "Cannot delete a policy attached to entities.",
    )
    iam.detach_user_policy(UserName="ana", PolicyArn=arn)
    iam.create_policy_version(PolicyArn=arn, PolicyDocument=document(S3), SetAsDefault=True)
    assert "more than one version" in refusal(iam.delete_policy, PolicyArn=arn)[1]
    iam.delete_policy_version(PolicyArn=arn, VersionId="v1")
    iam.put_user_permissions_boundary(UserName="ana", PermissionsBoundary=arn)
    assert code_of(iam.delete_policy, PolicyArn=arn) == "DeleteConflict"
    iam.delete_user_permissions_boundary(UserName="ana")
    iam.delete_policy(PolicyArn=arn)


def test_a_group_and_a_role_go_when_they_hold_nothing(account):
    iam = account.client("iam")
    account.user("ana")
    iam.create_group(GroupName="g")
    iam.add_user_to_group(GroupName="g", UserName="ana")
    assert code_of(iam.delete_group, GroupName="g") == "DeleteConflict"
    account.role("r", may=[S3])
    assert "must delete policies first" in refusal(iam.delete_role, RoleName="r")[1]


def test_groups_lend_their_policies_to_their_users(account):
    iam = account.client("iam")
    ana = account.user("ana")
    iam.create_group(GroupName="g")
    iam.put_group_policy(GroupName="g", PolicyName="p", PolicyDocument=document(S3))
    iam.attach_group_policy(GroupName="g", PolicyArn="arn:aws:iam::aws:policy/IAMReadOnlyAccess")
    assert code_of(account.client("s3", ana).list_buckets) == "AccessDenied"
    iam.add_user_to_group(GroupName="g", UserName="ana")
    account.client("s3", ana).list_buckets()
    account.client("iam", ana).list_users()
    assert code_of(account.client("iam", ana).create_group, GroupName="x") == "AccessDenied"


def test_a_boundary_that_is_not_there_is_none(account):
    nowhere = f"arn:aws:iam::{ACCOUNT}:policy/nowhere"
    iam = account.client("iam")
    account.user("ana")
    trust = document(trusting({"AWS": ACCOUNT}))
    for operation, params in (
        (iam.create_user, {"UserName": "bea"}),
        (iam.put_user_permissions_boundary, {"UserName": "ana"}),
        (iam.create_role, {"RoleName": "r", "AssumeRolePolicyDocument": trust}),
    ):
        assert refusal(operation, PermissionsBoundary=nowhere, **params)[::2] == ("NoSuchEntity", 404)
    assert [user["UserName"] for user in iam.list_users()["Users"] if user["UserName"] == "bea"] == []


def test_who_may_administer_only_the_bounded(account):
    """IAM user guide, "Permissions boundaries for IAM entities", Delegating responsibility to others."""
    limit = account.policy("limit", S3)
    if_bounded = {"StringEquals": {"iam:PermissionsBoundary": limit}}
    delegate = account.user("delegate", {**ALLOW, "Action": "iam:*", "Condition": if_bounded})
    iam = account.client("iam", delegate)
    assert code_of(iam.create_user, UserName="free") == "AccessDenied"
    iam.create_user(UserName="bounded", PermissionsBoundary=limit)
    iam.put_user_policy(UserName="bounded", PolicyName="p", PolicyDocument=document(ALLOW))
    account.user("free")
    put = {"PolicyName": "p", "PolicyDocument": document(ALLOW)}
    assert code_of(iam.put_user_policy, UserName="free", **put) == "AccessDenied"
    assert code_of(
        iam.put_user_permissions_boundary, UserName="bounded", PermissionsBoundary=account.policy("wide", ALLOW)
    ) == ("AccessDenied")


@pytest.mark.parametrize("kind", ["User", "Role", "Policy"])
def test_who_creates_with_tags_has_to_be_permitted_to_tag(account, kind):
    more = {"Role": {"AssumeRolePolicyDocument": document(trusting("*"))}, "Policy": {"PolicyDocument": document(S3)}}
    params = {f"{kind}Name": "made", "Tags": [{"Key": "team", "Value": "red"}], **more.get(kind, {})}
    if_red = {"StringEquals": {"aws:RequestTag/team": "red", "aws:TagKeys": "team"}}
    creating, tagging = ({**ALLOW, "Action": f"iam:{verb}{kind}", "Condition": if_red} for verb in ("Create", "Tag"))
    iam = account.client("iam", account.user("ana", creating))
    create = getattr(iam, f"create_{kind.lower()}")
    assert f"iam:Tag{kind}" in refusal(create, **params)[1]
    account.client("iam").put_user_policy(UserName="ana", PolicyName="tag", PolicyDocument=document(tagging))
    create(**params)


def test_a_user_is_asked_for_by_name_with_a_session(account):
    session = account.assume(account.role("r", may=[ALLOW]))
    iam = account.client("iam", session)
    for operation in (iam.get_user, iam.list_access_keys, iam.create_access_key):
        code, message, _ = refusal(operation)
        assert (code, message) == ("ValidationError", "Must specify userName when calling with non-User credentials")


def test_aws_policies_can_be_listed(account):
    iam = account.client("iam")
    listed = iam.list_policies(Scope="AWS", MaxItems=1000)["Policies"]
    assert len(listed) > 500
    assert iam.list_policies(Scope="Local")["Policies"] == []


def test_when_a_key_was_used_last(account):
    ana = account.user("ana", S3)
    iam = account.client("iam")
    used = iam.get_access_key_last_used(AccessKeyId=ana.access_key_id)
    assert (used["UserName"], used["AccessKeyLastUsed"]["ServiceName"]) == ("ana", "N/A")
    account.client("s3", ana).list_buckets()
    used = iam.get_access_key_last_used(AccessKeyId=ana.access_key_id)["AccessKeyLastUsed"]
    assert (used["ServiceName"], used["Region"]) == ("s3", "us-east-1")
    assert code_of(account.client("iam", ana).get_access_key_last_used, AccessKeyId=ana.access_key_id) == "AccessDenied"
