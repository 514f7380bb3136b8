"""Stacks that are deleted, and what stays of them."""

from __future__ import annotations

import json

import pytest
from accounts import ACCOUNT, refusal
from stacking import BUCKET, NOTHING, READ, S3, STACKS, Stack, bucket, inline, left, resource, role, text, trust


def test_a_bucket_that_is_not_empty_stays_with_its_stack(account):
    stack = Stack(account).create({"B": BUCKET, "R": role(Description={"Ref": "B"})})
    s3, name = account.client("s3"), stack.resources()["B"][1]
    s3.put_object(Bucket=name, Key="k", Body=b"")
    stack.delete()
    assert stack.status == "DELETE_FAILED"
    assert stack.shown["StackStatusReason"] == "The following resource(s) failed to delete: [B]. "
    assert stack.failure("B").startswith(
        'Resource handler returned message: "The bucket you tried to delete is not empty'
    )
    assert "(Service: S3, Status Code: 409, Request ID: " in stack.failure("B")
    assert stack.failure("B").endswith("HandlerErrorCode: GeneralServiceException)")
    assert {k: v[0] for k, v in stack.resources().items()} == {"B": "DELETE_FAILED", "R": "DELETE_COMPLETE"}
    assert left(account) == {**NOTHING, "buckets": [name]}
    s3.delete_object(Bucket=name, Key="k")
    assert stack.delete().status == "DELETE_COMPLETE"
    assert left(account) == NOTHING


def test_what_a_deletion_leaves_behind_is_chosen_only_after_it_has_failed(account):
    stack = Stack(account).create({"B": BUCKET})
    code, message, _ = refusal(stack.delete, RetainResources=["B"])
    assert (code, message) == (
        "ValidationError",
        f"Invalid operation on stack [{stack.id}]. When you delete a stack, specify which resources to retain only "
        "when the stack is in the DELETE_FAILED state.",
    )
    name = stack.resources()["B"][1]
    account.client("s3").put_object(Bucket=name, Key="k", Body=b"")
    stack.delete()
    assert refusal(stack.delete, RetainResources=["C"])[0] == "ValidationError"
    assert stack.delete(RetainResources=["B"]).status == "DELETE_COMPLETE"
    assert stack.events("B")[-1][0] == "DELETE_SKIPPED"
    assert left(account)["buckets"] == [name]


@pytest.mark.parametrize(
    ("thing", "attach", "words"),
    [
        (
            role(),
            lambda iam, name: iam.attach_role_policy(RoleName=name, PolicyArn="arn:aws:iam::aws:policy/ReadOnlyAccess"),
            "Cannot delete entity, must detach all policies first.",
        ),
        (
            role(),
            lambda iam, name: iam.put_role_policy(RoleName=name, PolicyName="p", PolicyDocument=json.dumps(READ)),
            "Cannot delete entity, must delete policies first.",
        ),
        (
            resource("IAM::User"),
            lambda iam, name: iam.create_access_key(UserName=name),
            "Cannot delete entity, must delete access keys first.",
        ),
        (
            resource("IAM::Group"),
            lambda iam, name: iam.add_user_to_group(GroupName=name, UserName="stslab-admin"),
            "Cannot delete entity, must remove users from group first.",
        ),
        (
            resource("IAM::ManagedPolicy", PolicyDocument=READ),
            lambda iam, arn: iam.attach_user_policy(UserName="stslab-admin", PolicyArn=arn),
            "Cannot delete a policy attached to entities.",
        ),
    ],
)
def test_what_somebody_else_attached_is_in_the_way(account, thing, attach, words):
    stack = Stack(account).create({"Thing": thing})
    attach(account.client("iam"), stack.resources()["Thing"][1])
    stack.delete()
    assert stack.status == "DELETE_FAILED"
    assert f'"{words} (Service: Iam, Status Code: 409, ' in stack.failure("Thing")


def test_who_may_not_delete_a_role_does_not_delete_its_stack(account):
    stack = Stack(account).create({"B": BUCKET, "R": role(Description={"Ref": "B"}), "C": BUCKET})
    ana = Stack(account, account.user("ana", STACKS, S3)).delete()
    assert ana.status == "DELETE_FAILED"
    assert f"user/ana is not authorized to perform: iam:DeleteRole on resource: arn:aws:iam::{ACCOUNT}:role/lab-R" in (
        ana.failure("R")
    )
    # The bucket that the role refers to has to wait for it.
    assert {k: v[0] for k, v in stack.resources().items()} == {
        "B": "CREATE_COMPLETE",
        "R": "DELETE_FAILED",
        "C": "DELETE_COMPLETE",
    }
    assert stack.delete().status == "DELETE_COMPLETE"


@pytest.mark.parametrize("policy", ["Retain", "RetainExceptOnCreate"])
def test_what_is_retained_outlives_its_stack(account, policy):
    stack = Stack(account).create({"B": bucket(DeletionPolicy=policy), "C": BUCKET})
    name = stack.resources()["B"][1]
    assert stack.delete().status == "DELETE_COMPLETE"
    assert stack.events("B")[-1][0] == "DELETE_SKIPPED"
    assert left(account)["buckets"] == [name]


def test_a_protected_stack_is_not_deleted(account):
    stack = Stack(account).create({"B": BUCKET}, EnableTerminationProtection=True)
    assert refusal(stack.delete)[:2] == (
        "ValidationError",
        "Stack [lab] cannot be deleted while TerminationProtection is enabled",
    )
    assert stack.status == "CREATE_COMPLETE"
    stack.admin.update_termination_protection(StackName="lab", EnableTerminationProtection=False)
    assert stack.delete().status == "DELETE_COMPLETE"


def test_a_deleted_stack_is_known_by_its_id_only(account):
    stack = Stack(account).create({"B": BUCKET}).delete().delete()
    assert stack.status == "DELETE_COMPLETE"
    assert refusal(stack.admin.describe_stacks, StackName="lab")[:2] == (
        "ValidationError",
        "Stack with id lab does not exist",
    )
    assert stack.admin.list_stack_resources(StackName=stack.id)["StackResourceSummaries"][0]["ResourceStatus"] == (
        "DELETE_COMPLETE"
    )
    Stack(account, name="never").delete()


def test_an_export_belongs_to_one_stack(account):
    template = text({"B": BUCKET}, Outputs={"O": {"Value": {"Ref": "B"}, "Export": {"Name": "bucket"}}})
    stack = Stack(account).create(template)
    other = Stack(account, name="other").create(template)
    assert other.status == "ROLLBACK_COMPLETE"
    assert other.shown["StackStatusReason"] == (
        "Export with name bucket is already exported by stack lab. Rollback requested by user."
    )
    user_of = Stack(account, name="user").create({"R": role(Description={"Fn::ImportValue": "bucket"})})
    assert user_of.status == "CREATE_COMPLETE"
    stack.delete()
    assert stack.admin.list_exports()["Exports"] == []


EVERYTHING = {
    "Group": resource("IAM::Group", Policies=inline(READ)),
    "Managed": resource("IAM::ManagedPolicy", PolicyDocument=READ, Groups=[{"Ref": "Group"}]),
    "User": resource(
        "IAM::User",
        Groups=[{"Ref": "Group"}],
        Policies=inline(READ),
        ManagedPolicyArns=[{"Ref": "Managed"}],
        PermissionsBoundary={"Ref": "Managed"},
        LoginProfile={"Password": "Correct-horse-9"},
        Tags=[{"Key": "k", "Value": "v"}],
    ),
    "Key": resource("IAM::AccessKey", UserName={"Ref": "User"}, Status="Inactive"),
    "Role": role(ManagedPolicyArns=[{"Ref": "Managed"}], MaxSessionDuration="7200"),
    "Policy": resource("IAM::Policy", PolicyName="p", PolicyDocument=READ, Roles=[{"Ref": "Role"}]),
    "RolePolicy": resource("IAM::RolePolicy", PolicyName="r", PolicyDocument=READ, RoleName={"Ref": "Role"}),
    "Profile": resource("IAM::InstanceProfile", Roles=[{"Ref": "Role"}]),
    "Member": resource("IAM::User"),
    "Addition": resource("IAM::UserToGroupAddition", GroupName={"Ref": "Group"}, Users=[{"Ref": "Member"}]),
    "Bucket": resource(
        "S3::Bucket",
        VersioningConfiguration={"Status": "Enabled"},
        PublicAccessBlockConfiguration={"BlockPublicAcls": True},
        OwnershipControls={"Rules": [{"ObjectOwnership": "BucketOwnerEnforced"}]},
        Tags=[{"Key": "k", "Value": "v"}],
    ),
    "BucketPolicy": resource(
        "S3::BucketPolicy",
        Bucket={"Ref": "Bucket"},
        PolicyDocument=trust({**S3, "Principal": {"AWS": ACCOUNT}, "Resource": {"Fn::GetAtt": ["Bucket", "Arn"]}}),
    ),
}


def test_every_type_of_iam_and_s3_is_made_as_the_template_says_and_goes_again(account):
    stack = Stack(account).create(EVERYTHING)
    assert stack.status == "CREATE_COMPLETE"
    names = {logical_id: physical for logical_id, (_, physical) in stack.resources().items()}
    iam, s3 = account.client("iam"), account.client("s3")
    someone = iam.get_user(UserName=names["User"])["User"]
    assert someone["PermissionsBoundary"]["PermissionsBoundaryArn"] == names["Managed"]
    assert iam.list_user_policies(UserName=names["User"])["PolicyNames"] == ["p0"]
    assert [g["GroupName"] for g in iam.list_groups_for_user(UserName=names["Member"])["Groups"]] == [names["Group"]]
    assert iam.list_access_keys(UserName=names["User"])["AccessKeyMetadata"][0]["Status"] == "Inactive"
    assert sorted(iam.list_role_policies(RoleName=names["Role"])["PolicyNames"]) == ["p", "r"]
    assert iam.get_role(RoleName=names["Role"])["Role"]["MaxSessionDuration"] == 7200
    assert s3.get_bucket_versioning(Bucket=names["Bucket"])["Status"] == "Enabled"
    assert s3.get_public_access_block(Bucket=names["Bucket"])["PublicAccessBlockConfiguration"]["BlockPublicAcls"]
    assert "Statement" in json.loads(s3.get_bucket_policy(Bucket=names["Bucket"])["Policy"])
    assert stack.delete().status == "DELETE_COMPLETE"
    assert left(account) == NOTHING
    assert [u["UserName"] for u in iam.list_users()["Users"]] == ["stslab-admin"]
