"""Whose permissions make a stack, and what becomes of one that they do not reach for."""

from __future__ import annotations

import json
import re
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from accounts import ACCOUNT, ALLOW, Server, refusal
from botocore.exceptions import ClientError
from stacking import BUCKET, IAM, NOTHING, READ, ROOT, S3, STACKS, Stack, deploy, left, resource, role, text, trust

from stslab.errors import Undetermined
from stslab.targets.stacks.operations import StackOperations


def test_who_may_make_no_role_makes_none_through_a_stack(account):
    """CloudFormation user guide, "AWS CloudFormation service role": without one, the caller's own credentials."""
    ana = account.user("ana", STACKS, S3)
    outputs = {"Arn": {"Value": {"Fn::GetAtt": ["StsRole", "Arn"]}}, "Name": {"Value": {"Ref": "Bucket"}}}
    stack = Stack(account, ana).create(text({"Bucket": BUCKET, "StsRole": role()}, Outputs=outputs))
    reason = stack.failure("StsRole")
    assert re.fullmatch(
        rf'Resource handler returned message: "User: arn:aws:iam::{ACCOUNT}:user/ana is not authorized to perform: '
        rf"iam:CreateRole on resource: arn:aws:iam::{ACCOUNT}:role/lab-StsRole-[A-Z0-9]{{12}} because no "
        r"identity-based policy allows the iam:CreateRole action \(Service: Iam, Status Code: 403, Request ID: "
        r'[0-9a-f-]{36}\)" \(RequestToken: [0-9a-f-]{36}, HandlerErrorCode: AccessDenied\)',
        reason,
    )
    said = "The following resource(s) failed to create: [StsRole]. Rollback requested by user."
    assert stack.events() == [
        ("CREATE_IN_PROGRESS", "User Initiated"),
        ("ROLLBACK_IN_PROGRESS", said),
        ("ROLLBACK_COMPLETE", ""),
    ]
    assert [status for status, _ in stack.events("Bucket")] == [
        "CREATE_IN_PROGRESS",
        "CREATE_IN_PROGRESS",
        "CREATE_COMPLETE",
        "DELETE_IN_PROGRESS",
        "DELETE_COMPLETE",
    ]
    assert (stack.status, stack.shown["StackStatusReason"]) == ("ROLLBACK_COMPLETE", said)
    assert "Outputs" not in stack.shown
    assert left(account) == NOTHING


DENIED = {
    "iam:CreateRole": role(),
    "iam:PutRolePolicy": role(Policies=[{"PolicyName": "p", "PolicyDocument": READ}]),
    "iam:AttachRolePolicy": role(ManagedPolicyArns=["arn:aws:iam::aws:policy/ReadOnlyAccess"]),
    "iam:TagRole": role(Tags=[{"Key": "a", "Value": "b"}]),
    "iam:GetRole": role(),
    "iam:CreateUser": resource("IAM::User"),
    "iam:PutUserPolicy": resource("IAM::User", Policies=[{"PolicyName": "p", "PolicyDocument": READ}]),
    "iam:CreateGroup": resource("IAM::Group"),
    "iam:CreatePolicy": resource("IAM::ManagedPolicy", PolicyDocument=READ),
    "iam:AddUserToGroup": resource("IAM::UserToGroupAddition", GroupName="team", Users=["bea"]),
    "iam:CreateAccessKey": resource("IAM::AccessKey", UserName="bea"),
    "iam:PutGroupPolicy": resource("IAM::Policy", PolicyName="p", PolicyDocument=READ, Groups=["team"]),
    "iam:CreateInstanceProfile": resource("IAM::InstanceProfile", Roles=["there"]),
    "iam:PassRole": resource("IAM::InstanceProfile", Roles=["there"]),
    "s3:CreateBucket": BUCKET,
    "s3:PutBucketTagging": resource("S3::Bucket", Tags=[{"Key": "a", "Value": "b"}]),
    "s3:PutBucketVersioning": resource("S3::Bucket", VersioningConfiguration={"Status": "Enabled"}),
    "s3:PutEncryptionConfiguration": resource(
        "S3::Bucket",
        BucketEncryption={
            "ServerSideEncryptionConfiguration": [{"ServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}}]
        },
    ),
    "s3:PutBucketPublicAccessBlock": resource("S3::Bucket", PublicAccessBlockConfiguration={"BlockPublicAcls": "true"}),
    "s3:PutBucketCORS": resource(
        "S3::Bucket", CorsConfiguration={"CorsRules": [{"AllowedMethods": ["GET"], "AllowedOrigins": ["*"]}]}
    ),
    "s3:PutBucketPolicy": resource(
        "S3::BucketPolicy",
        Bucket="there",
        PolicyDocument=trust({**S3, "Principal": {"AWS": ACCOUNT}, "Resource": "arn:aws:s3:::there"}),
    ),
}


@pytest.mark.parametrize("action", DENIED)
def test_every_call_of_a_handler_is_decided(account, action):
    iam = account.client("iam")
    iam.create_group(GroupName="team")
    iam.create_user(UserName="bea")
    iam.create_role(RoleName="there", AssumeRolePolicyDocument=json.dumps(trust()))
    account.client("s3").create_bucket(Bucket="there")
    before = left(account)
    ana = account.user("ana", ALLOW, {"Effect": "Deny", "Action": action, "Resource": "*"})
    stack = Stack(account, ana).create({"Thing": DENIED[action]})
    assert stack.status == "ROLLBACK_COMPLETE"
    assert f"is not authorized to perform: {action} on resource: " in stack.failure("Thing")
    assert left(account) == before
    Stack(account, name="again").create({"Thing": DENIED[action]})
    assert Stack(account, name="again").status == "CREATE_COMPLETE"


def test_a_boundary_and_a_session_policy_limit_what_a_stack_makes(account):
    iam = account.client("iam")
    limit = json.dumps({"Version": "2012-10-17", "Statement": [STACKS, S3]})
    arn = iam.create_policy(PolicyName="limit", PolicyDocument=limit)["Policy"]["Arn"]
    ana = account.user("ana", ALLOW)
    iam.put_user_permissions_boundary(UserName="ana", PermissionsBoundary=arn)
    stack = Stack(account, ana).create({"StsRole": role()})
    assert "because no permissions boundary allows the iam:CreateRole action" in stack.failure("StsRole")


def test_policies_can_tell_the_calls_that_cloudformation_makes(account):
    """IAM user guide, "Forward access sessions", aws:CalledVia and aws:ViaAWSService."""
    via = {
        "Bool": {"aws:ViaAWSService": "true"},
        "StringEquals": {"aws:CalledViaFirst": "cloudformation.amazonaws.com"},
        "ForAnyValue:StringEquals": {"aws:CalledVia": "cloudformation.amazonaws.com"},
    }
    ana = account.user("ana", STACKS, {**IAM, "Condition": via})
    assert Stack(account, ana).create({"StsRole": role()}).status == "CREATE_COMPLETE"
    iam = account.client("iam", ana)
    document = json.dumps(trust())
    assert refusal(iam.create_role, RoleName="r", AssumeRolePolicyDocument=document)[0] == "AccessDenied"


def test_a_service_role_makes_the_stack_for_who_may_pass_it(account):
    """CloudFormation user guide, "AWS CloudFormation service role"."""
    iam = account.client("iam")
    service = {"Effect": "Allow", "Principal": {"Service": "cloudformation.amazonaws.com"}, "Action": "sts:AssumeRole"}
    arns = {}
    for name, statement in (("maker", service), ("closed", ROOT)):
        document = json.dumps(trust(statement))
        arns[name] = iam.create_role(RoleName=name, AssumeRolePolicyDocument=document)["Role"]["Arn"]
        may = json.dumps({"Version": "2012-10-17", "Statement": [S3]})
        iam.put_role_policy(RoleName=name, PolicyName="p", PolicyDocument=may)
    passing = {"Effect": "Allow", "Action": "iam:PassRole", "Resource": "*"}
    passing["Condition"] = {"StringEquals": {"iam:PassedToService": "cloudformation.amazonaws.com"}}
    bea = Stack(account, account.user("bea", STACKS))
    code, message, status = refusal(bea.create, resources={"Bucket": BUCKET}, RoleARN=arns["maker"])
    assert (code, status) == ("AccessDenied", 403)
    assert f"is not authorized to perform: iam:PassRole on resource: {arns['maker']} " in message
    ana = Stack(account, account.user("ana", STACKS, passing))
    assert refusal(ana.create, resources={"Bucket": BUCKET}, RoleARN=arns["closed"])[:2] == (
        "ValidationError",
        f"Role {arns['closed']} is invalid or cannot be assumed",
    )
    ana.create({"Bucket": BUCKET}, RoleARN=arns["maker"])
    assert ana.status == "CREATE_COMPLETE"
    denied = Stack(account, account.user("cleo", STACKS, passing), "other")
    denied.create({"StsRole": role()}, RoleARN=arns["maker"])
    assert f"User: arn:aws:sts::{ACCOUNT}:assumed-role/maker/AWSCloudFormation is not" in denied.failure("StsRole")
    assert ana.delete().status == "DELETE_COMPLETE"


def test_what_a_type_takes_that_is_not_known_is_not_guessed(account):
    table = resource(
        "DynamoDB::Table",
        AttributeDefinitions=[{"AttributeName": "k", "AttributeType": "S"}],
        KeySchema=[{"AttributeName": "k", "KeyType": "HASH"}],
        BillingMode="PAY_PER_REQUEST",
    )
    with pytest.raises(Undetermined, match="which permissions AWS::DynamoDB::Table takes"):
        Stack(account, account.user("ana", STACKS, IAM)).create({"Table": table})
    assert Stack(account).create({"Table": table}).status == "CREATE_COMPLETE"
    with pytest.raises(Undetermined, match=r"moto makes no AWS::Budgets::Budget"):
        Stack(account, name="other").create({"Budget": {"Type": "AWS::Budgets::Budget", "Properties": {}}})
    with pytest.raises(Undetermined, match="roles of a stack set"):
        account.client("cloudformation").create_stack_instances(
            StackSetName="s", Accounts=[ACCOUNT], Regions=["us-east-1"]
        )


def test_a_condition_that_cannot_be_known_rolls_the_stack_back(account):
    maybe = {**IAM, "Condition": {"Bool": {"aws:NewKey": "true"}}}
    stack = Stack(account, account.user("ana", STACKS, S3, maybe))
    with pytest.raises(Undetermined, match="iam:CreateRole"):
        stack.create({"Bucket": BUCKET, "StsRole": role()})
    assert stack.status == "ROLLBACK_COMPLETE"
    assert left(account) == NOTHING


def test_names_that_cloudformation_makes_up_fit(account):
    name = "a-rather-long-name-for-a-stack-" + "x" * 90
    stack = Stack(account, name=name).create({"AVeryLongLogicalIdOfARole": role(), "Bucket": BUCKET})
    made = stack.resources()
    assert re.fullmatch(
        r"a-rather-long-name.*-AVeryLongLogicalIdOfARol-[A-Z0-9]{12}", made["AVeryLongLogicalIdOfARole"][1]
    )
    assert len(made["AVeryLongLogicalIdOfARole"][1]) == 64
    assert len(made["Bucket"][1]) == 63
    assert Stack(account).create({"StsRole": role()}).resources()["StsRole"][1].startswith("lab-StsRole-")


@pytest.fixture(scope="module")
def server():
    server = Server()
    yield server
    assert "Traceback" not in server.stop()


def test_over_the_wire_a_stack_fails_and_goes_alike(server):
    account = server.account(ACCOUNT)
    admin = account.client("cloudformation")
    mine = account.client("cloudformation", account.user("wired", STACKS, S3))
    deploy(mine, text({"B": BUCKET, "R": role()}))
    assert admin.describe_stacks(StackName="lab")["Stacks"][0]["StackStatus"] == "ROLLBACK_COMPLETE"
    events = admin.describe_stack_events(StackName="lab")["StackEvents"]
    (reason,) = [e["ResourceStatusReason"] for e in events if e["ResourceStatus"] == "CREATE_FAILED"]
    assert "user/wired is not authorized to perform: iam:CreateRole" in reason
    mine.delete_stack(StackName="lab")
    code, message, status = refusal(
        mine.create_stack, StackName="lab", TemplateBody="Resources: {R: {Type: AWS::IAM::Rolle}}"
    )
    assert (code, status) == ("ValidationError", 400)
    assert message == "Template format error: Unrecognized resource types: [AWS::IAM::Rolle]"
    deploy(admin, text({"B": BUCKET, "R": role()}), name="d")
    assert admin.describe_stacks(StackName="lab")["Stacks"][0]["StackStatus"] == "CREATE_COMPLETE"
    admin.get_waiter("stack_create_complete").wait(StackName="lab", WaiterConfig={"Delay": 0, "MaxAttempts": 1})
    admin.delete_stack(StackName="lab")
    admin.get_waiter("stack_delete_complete").wait(StackName="lab", WaiterConfig={"Delay": 0, "MaxAttempts": 1})


def test_a_condition_on_the_address_that_a_service_calls_from_cannot_be_told(account):
    here = {"IpAddress": {"aws:SourceIp": "127.0.0.0/8"}}
    ana = account.user("ana", {**ALLOW, "Condition": here})
    account.client("s3", ana).list_buckets()
    with pytest.raises(Undetermined, match="depends on a condition key that cannot be told"):
        Stack(account, ana).create({"B": BUCKET})


def test_of_many_requests_for_one_stack_one_makes_it(account, monkeypatch):
    """As when a client loses patience with the first, and asks again while that is under way."""
    known = StackOperations._require_known

    def slowly(self, *given):
        time.sleep(0.3)
        known(self, *given)

    monkeypatch.setattr(StackOperations, "_require_known", slowly)
    clients = [account.client("cloudformation") for _ in range(4)]
    template = json.dumps({"Resources": {"User": {"Type": "AWS::IAM::User"}}})

    def ask(client):
        try:
            client.create_stack(StackName="one", TemplateBody=template, Capabilities=["CAPABILITY_IAM"])
        except ClientError as refused:
            return refused.response["Error"]["Code"]
        return "made"

    with ThreadPoolExecutor(len(clients)) as pool:
        assert sorted(pool.map(ask, clients)) == ["AlreadyExistsException"] * 3 + ["made"]
    assert len(account.client("iam").list_users()["Users"]) == 2
