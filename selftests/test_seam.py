"""moto with the project's own authorisation under it."""

from __future__ import annotations

import json

import pytest
from accounts import ACCOUNT, ALLOW, Account, document, refusal, trusting

from stslab.errors import TargetError, Undetermined
from stslab.targets.moto import MotoTarget
from stslab.targets.stacks.capabilities import missing_capabilities


@pytest.fixture
def target():
    target = MotoTarget(ACCOUNT, "us-east-1")
    yield target
    target.close()


def test_a_user_with_a_path_is_refused_in_aws_words(account):
    ana = account.user("ana", path="/team/")
    code, message, status = refusal(account.client("s3", ana).list_buckets)
    assert (code, status) == ("AccessDenied", 403)
    assert message == (
        f"User: arn:aws:iam::{ACCOUNT}:user/team/ana is not authorized to perform: s3:ListAllMyBuckets "
        "on resource: arn:aws:s3:::* because no identity-based policy allows the s3:ListAllMyBuckets action"
    )


@pytest.mark.parametrize(
    ("service", "operation", "code"),
    [
        ("iam", "list_users", "AccessDenied"),
        ("cloudformation", "list_stacks", "AccessDenied"),
        ("dynamodb", "list_tables", "AccessDeniedException"),
        ("secretsmanager", "list_secrets", "AccessDeniedException"),
    ],
)
def test_every_protocol_says_no_in_its_own_form(account, service, operation, code):
    said, message, _ = refusal(getattr(account.client(service, account.user()), operation))
    assert said == code
    assert "because no identity-based policy allows the" in message


def test_an_inactive_key_is_no_key(account):
    ana = account.user("ana", {"Effect": "Allow", "Action": "*", "Resource": "*"})
    account.client("s3", ana).list_buckets()
    account.client("iam").update_access_key(UserName="ana", AccessKeyId=ana.access_key_id, Status="Inactive")
    assert refusal(account.client("sts", ana).get_caller_identity)[0] == "InvalidClientTokenId"
    assert refusal(account.client("s3", ana).list_buckets)[0] == "InvalidAccessKeyId"


def test_the_admin_is_checked_like_everybody_else(target):
    target.open()
    account = Account(ACCOUNT, target.credentials)
    before = target.decisions()
    account.client("iam").list_users()
    assert target.decisions() == before + 1
    deny = document({**ALLOW, "Effect": "Deny", "Action": "iam:ListUsers"})
    account.client("iam").put_user_policy(UserName="stslab-admin", PolicyName="no", PolicyDocument=deny)
    assert refusal(account.client("iam").list_users)[1].endswith("with an explicit deny in an identity-based policy")


def test_a_role_that_is_not_there_cannot_be_assumed(account):
    ana = account.user("ana", {"Effect": "Allow", "Action": "*", "Resource": "*"})
    arn = f"arn:aws:iam::{ACCOUNT}:role/nobody"
    assert refusal(account.client("sts", ana).assume_role, RoleArn=arn, RoleSessionName="aa")[0] == "AccessDenied"


def test_a_condition_on_what_cannot_be_known_is_not_guessed(account):
    allow = {"Effect": "Allow", "Action": "s3:*", "Resource": "*", "Condition": {"Bool": {"aws:NewKey": "true"}}}
    ana = account.user("ana", allow)
    with pytest.raises(Undetermined, match="depends on a condition key that cannot be told"):
        account.client("s3", ana).list_buckets()


def test_a_session_of_a_role_that_is_gone_is_refused(account):
    arn = account.role("r", may=[{**ALLOW, "Action": "s3:*"}])
    session = account.assume(arn)
    account.client("s3", session).list_buckets()
    iam = account.client("iam")
    iam.delete_role_policy(RoleName="r", PolicyName="p")
    iam.delete_role(RoleName="r")
    assert refusal(account.client("s3", session).list_buckets)[0] == "AccessDenied"


def test_a_bucket_policy_is_part_of_the_decision(account):
    ana = account.user("ana", {"Effect": "Allow", "Action": "s3:*", "Resource": "*"})
    bea = account.user("bea")
    s3 = account.client("s3")
    s3.create_bucket(Bucket="lab")
    s3.put_object(Bucket="lab", Key="k", Body=b"x")
    statement = {"Action": "s3:GetObject", "Resource": "arn:aws:s3:::lab/*"}
    policy = [
        {"Effect": "Deny", "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:user/ana"}, **statement},
        {"Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:user/bea"}, **statement},
    ]
    s3.put_bucket_policy(Bucket="lab", Policy=document(*policy))
    assert refusal(account.client("s3", ana).get_object, Bucket="lab", Key="k")[1].endswith(
        "with an explicit deny in a resource-based policy"
    )
    assert account.client("s3", bea).get_object(Bucket="lab", Key="k")["Body"].read() == b"x"
    assert refusal(account.client("s3", bea).list_objects_v2, Bucket="lab")[0] == "AccessDenied"


TRUST = trusting({"AWS": ACCOUNT})


@pytest.mark.parametrize(
    ("statement", "message"),
    [
        ({**TRUST, "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:user/nobody"}}, "Invalid principal in policy"),
        ({**TRUST, "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:role/nobody"}}, "Invalid principal in policy"),
        ({**TRUST, "Resource": "*"}, "has a Resource"),
        ({"Effect": "Allow", "Action": "sts:AssumeRole"}, "needs a Principal"),
        ({**TRUST, "Principal": None}, "neither * nor an object"),
        ({**TRUST, "AWS": ACCOUNT}, "unknown element 'AWS'"),
    ],
)
def test_a_trust_policy_that_iam_would_refuse_is_refused(account, statement, message):
    iam = account.client("iam")
    code, said, status = refusal(iam.create_role, RoleName="r", AssumeRolePolicyDocument=document(statement))
    assert (code, status) == ("MalformedPolicyDocument", 400)
    assert message in said
    assert iam.list_roles()["Roles"] == []


def test_a_trust_policy_may_name_whom_nobody_here_can_look_up(account):
    account.user()
    principals = [f"arn:aws:iam::{ACCOUNT}:user/ana", "arn:aws:iam::444455556666:user/bea", ACCOUNT, "*"]
    account.role("r", trusting({"AWS": principals}))


@pytest.mark.parametrize(
    ("properties", "kind", "given", "missing"),
    [
        ({}, "Role", [], "CAPABILITY_IAM"),
        ({}, "Role", ["CAPABILITY_IAM"], ""),
        ({}, "Role", ["CAPABILITY_NAMED_IAM"], ""),
        ({"RoleName": "r"}, "Role", ["CAPABILITY_IAM"], "CAPABILITY_NAMED_IAM"),
        ({"RoleName": "r"}, "Role", ["CAPABILITY_NAMED_IAM"], ""),
        ({"PolicyName": "p"}, "Policy", ["CAPABILITY_IAM"], ""),
        ({"UserName": "u"}, "User", [], "CAPABILITY_NAMED_IAM"),
        ({"UserName": "u"}, "AccessKey", ["CAPABILITY_IAM"], ""),
    ],
)
def test_cloudformation_asks_for_capabilities(properties, kind, given, missing):
    template = {"Resources": {"R": {"Type": f"AWS::IAM::{kind}", "Properties": properties}}}
    assert missing_capabilities(template, given) == ([missing] if missing else [])
    assert missing_capabilities({"Resources": {"B": {"Type": "AWS::S3::Bucket"}}}, []) == []


def test_a_stack_without_its_capability_is_not_begun(account):
    template = json.dumps({"Resources": {"U": {"Type": "AWS::IAM::User"}}})
    cloudformation = account.client("cloudformation")
    code, message, status = refusal(cloudformation.create_stack, StackName="s", TemplateBody=template)
    assert (code, status) == ("InsufficientCapabilitiesException", 400)
    assert message == "Requires capabilities : [CAPABILITY_IAM]"
    assert cloudformation.describe_stacks()["Stacks"] == []


def test_moto_is_itself_again_afterwards():
    from moto.core.authorization import ActionAuthenticatorMixin

    from stslab.targets import rules

    places = [(ActionAuthenticatorMixin, "_authenticate_and_authorize_action"), *rules.replacements()]

    def state():
        return [vars(owner).get(name) for owner, name in places]

    before = state()
    target = MotoTarget(ACCOUNT, "us-east-1")
    target.open()
    assert all(ours is not theirs for ours, theirs in zip(state(), before, strict=True))
    target.close()
    target.close()
    assert state() == before


def test_no_two_rules_take_the_same_place():
    from stslab.targets import rules

    assert sum(len(module.replacements()) for module in rules.MODULES) == len(rules.replacements())


def test_a_moto_that_lacks_what_a_rule_stands_on_is_refused(monkeypatch, target):
    from moto.iam.models import IAMBackend

    monkeypatch.delattr(IAMBackend, "put_group_policy")
    with pytest.raises(TargetError, match="does not authorise where stslab takes over"):
        target.open()
