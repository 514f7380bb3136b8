"""Stacks that are changed, by themselves and by change sets."""

from __future__ import annotations

import json

from accounts import ACCOUNT, refusal
from stacking import (
    BUCKET,
    LIST,
    NOTHING,
    READ,
    ROOT,
    S3,
    STACKS,
    Stack,
    deploy,
    inline,
    left,
    resource,
    role,
    text,
)


def test_a_role_is_changed_in_place(account):
    stack = Stack(account).create({"R": role(Policies=inline(READ, READ), Description="a")})
    name = stack.resources()["R"][1]
    account.user("ana")
    other = {**ROOT, "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:user/ana"}}
    arn = "arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess"
    after = role(
        other, Policies=inline(LIST), Description="b", ManagedPolicyArns=[arn], Tags=[{"Key": "k", "Value": "v"}]
    )
    stack.update({"R": after, "B": BUCKET})
    assert stack.status == "UPDATE_COMPLETE"
    assert {k: v[0] for k, v in stack.resources().items()} == {"R": "UPDATE_COMPLETE", "B": "CREATE_COMPLETE"}
    iam = account.client("iam")
    found = iam.get_role(RoleName=name)["Role"]
    assert (found["Description"], found["Tags"]) == ("b", [{"Key": "k", "Value": "v"}])
    assert found["AssumeRolePolicyDocument"]["Statement"][0]["Principal"] == other["Principal"]
    assert iam.list_role_policies(RoleName=name)["PolicyNames"] == ["p0"]
    assert iam.get_role_policy(RoleName=name, PolicyName="p0")["PolicyDocument"] == LIST
    assert iam.list_attached_role_policies(RoleName=name)["AttachedPolicies"][0]["PolicyArn"] == arn
    stack.update({"R": role()})
    assert left(account)["buckets"] == []
    assert iam.list_role_policies(RoleName=name)["PolicyNames"] == []
    assert stack.delete().status == "DELETE_COMPLETE"
    assert left(account) == NOTHING


def test_what_cannot_be_changed_is_replaced(account):
    stack = Stack(account).create({"R": role(), "P": resource("IAM::InstanceProfile", Roles=[{"Ref": "R"}])})
    before = stack.resources()["R"][1]
    stack.update({"R": role(Path="/lab/"), "P": resource("IAM::InstanceProfile", Roles=[{"Ref": "R"}])})
    after = stack.resources()["R"][1]
    assert (stack.status, left(account)["roles"], before != after) == ("UPDATE_COMPLETE", [after], True)
    assert "hence creating one" in stack.events("R")[-4][1] + stack.events("R")[-5][1]
    iam = account.client("iam")
    profile = iam.get_instance_profile(InstanceProfileName=stack.resources()["P"][1])["InstanceProfile"]
    assert [r["RoleName"] for r in profile["Roles"]] == [after]
    named = Stack(account, name="named").create({"R": role(RoleName="fixed")})
    named.update({"R": role(RoleName="fixed", Path="/lab/")})
    assert named.status == "UPDATE_ROLLBACK_COMPLETE"
    assert "custom-named resource requires replacing. Rename fixed" in named.failure("R")
    code, message, _ = refusal(named.update, resources={"R": BUCKET})
    assert (code, message[:42]) == ("ValidationError", "Update of resource type is not permitted. ")


def test_a_failed_update_is_put_back(account):
    before = {"R": role(Policies=inline(READ), Tags=[{"Key": "k", "Value": "v"}]), "B": BUCKET}
    stack = Stack(account).create(before)
    there, made = left(account), stack.resources()
    after = {
        "R": role(Policies=inline(LIST, READ)),
        "B": resource("S3::Bucket", VersioningConfiguration={"Status": "Enabled"}),
        "New": BUCKET,
        "Bad": resource("S3::Bucket", BucketName="No_Bucket"),
    }
    stack.update(after)
    assert stack.status == "UPDATE_ROLLBACK_COMPLETE"
    assert [status for status, _ in stack.events()][2:] == [
        "UPDATE_IN_PROGRESS",
        "UPDATE_ROLLBACK_IN_PROGRESS",
        "UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS",
        "UPDATE_ROLLBACK_COMPLETE",
    ]
    assert ("UPDATE_ROLLBACK_IN_PROGRESS", "The following resource(s) failed to create: [Bad]. ") in stack.events()
    assert left(account) == there
    iam, name = account.client("iam"), made["R"][1]
    assert iam.list_role_policies(RoleName=name)["PolicyNames"] == ["p0"]
    assert iam.get_role_policy(RoleName=name, PolicyName="p0")["PolicyDocument"] == READ
    assert account.client("s3").get_bucket_versioning(Bucket=made["B"][1]).get("Status") != "Enabled"
    assert json.loads(json.dumps(stack.admin.get_template(StackName="lab")["TemplateBody"]))["Resources"] == before
    assert stack.update({**before, "New": BUCKET}).status == "UPDATE_COMPLETE"
    kept = Stack(account, name="kept").create({"B": BUCKET})
    assert (
        kept.update({"B": BUCKET, "New": BUCKET, "Bad": after["Bad"]}, DisableRollback=True).status == "UPDATE_FAILED"
    )
    assert kept.resources()["New"][0] == "CREATE_COMPLETE"


def test_an_update_is_made_with_the_callers_permissions(account):
    stack = Stack(account).create({"R": role(), "B": BUCKET})
    ana = Stack(account, account.user("ana", STACKS, S3))
    ana.update({"R": role(Policies=inline(READ)), "B": BUCKET})
    assert stack.status == "UPDATE_ROLLBACK_COMPLETE"
    assert (
        f"user/ana is not authorized to perform: iam:PutRolePolicy on resource: arn:aws:iam::{ACCOUNT}:role/lab-R"
        in (stack.failure("R"))
    )
    ana.update({"B": BUCKET})
    assert stack.status == "UPDATE_COMPLETE"
    assert stack.events("R")[-1][0] == "DELETE_FAILED"
    assert len(left(account)["roles"]) == 1


def test_an_update_that_changes_nothing_is_refused(account):
    resources = {"B": BUCKET}
    stack = Stack(account).create(resources)
    assert refusal(stack.update, resources=resources)[:2] == ("ValidationError", "No updates are to be performed.")
    assert refusal(stack.mine.update_stack, StackName="lab", UsePreviousTemplate=True)[1] == (
        "No updates are to be performed."
    )
    assert stack.update(resources, Tags=[{"Key": "k", "Value": "v"}]).status == "UPDATE_COMPLETE"
    found = account.client("s3").get_bucket_tagging(Bucket=stack.resources()["B"][1])["TagSet"]
    assert found == [{"Key": "k", "Value": "v"}]
    assert refusal(Stack(account, name="none").update, resources=resources)[1] == "Stack [none] does not exist"


def test_parameters_keep_their_values_where_that_is_asked(account):
    template = text(
        {"R": role(Description={"Ref": "A"}, Path={"Ref": "B"})},
        Parameters={"A": {"Type": "String"}, "B": {"Type": "String", "Default": "/"}},
    )
    stack = Stack(account).create(template, Parameters=[{"ParameterKey": "A", "ParameterValue": "a"}])
    same = [{"ParameterKey": "A", "UsePreviousValue": True}]
    more = {"StackName": "lab", "UsePreviousTemplate": True, "Capabilities": ["CAPABILITY_IAM"]}
    assert "No updates" in refusal(stack.admin.update_stack, Parameters=same, **more)[1]
    assert refusal(stack.admin.update_stack, **more)[1] == "Parameters: [A] must have values"
    stack.admin.update_stack(Parameters=[{"ParameterKey": "A", "ParameterValue": "b"}], **more)
    described = account.client("iam").get_role(RoleName=stack.resources()["R"][1])["Role"]["Description"]
    assert (stack.status, described) == ("UPDATE_COMPLETE", "b")


def test_deploy_makes_and_changes_a_stack(account):
    stack = Stack(account)
    first = text({"R": role()})
    assert [c["ResourceChange"]["Action"] for c in deploy(stack.admin, first)["Changes"]] == ["Add"]
    assert stack.status == "CREATE_COMPLETE"
    assert [status for status, _ in stack.events()] == ["REVIEW_IN_PROGRESS", "CREATE_IN_PROGRESS", "CREATE_COMPLETE"]
    again = deploy(stack.admin, first, "UPDATE", "d")
    assert again["Status"] == "FAILED"
    assert again["StatusReason"].startswith("The submitted information didn't contain changes.")
    code, _, _ = refusal(stack.admin.execute_change_set, ChangeSetName="d", StackName="lab")
    assert code in ("InvalidChangeSetStatus", "InvalidChangeSetStatusException")
    changed = deploy(stack.admin, text({"R": role(Description="x"), "B": BUCKET}), "UPDATE", "e")
    assert sorted(c["ResourceChange"]["Action"] for c in changed["Changes"]) == ["Add", "Modify"]
    assert stack.status == "UPDATE_COMPLETE"
    assert len(left(account)["roles"]) == 1
    assert refusal(stack.admin.describe_change_set, ChangeSetName="no", StackName="lab")[0].startswith(
        "ChangeSetNotFound"
    )
    stack.admin.delete_change_set(ChangeSetName="no", StackName="lab")


def test_deploy_is_rolled_back_like_create_stack(account):
    ana = Stack(account, account.user("ana", STACKS, S3))
    deploy(ana.mine, text({"B": BUCKET, "R": role()}))
    assert ana.status == "ROLLBACK_COMPLETE"
    assert "iam:CreateRole" in ana.failure("R")
    assert left(account) == NOTHING
    params = {"StackName": "lab", "TemplateBody": text({"B": BUCKET}), "ChangeSetName": "d"}
    assert refusal(ana.mine.create_change_set, ChangeSetType="UPDATE", **params)[1].endswith(
        "is in ROLLBACK_COMPLETE state and can not be updated."
    )
    assert "already exists" in refusal(ana.mine.create_change_set, ChangeSetType="CREATE", **params)[1]
    ana.delete()
    deploy(ana.mine, text({"B": BUCKET, "R": role()}), OnStackFailure="DELETE")
    assert [s["StackName"] for s in ana.admin.describe_stacks()["Stacks"]] == []
