"""The account, the user and the role's name are those of the documents; a mistake in them gets no favour."""

from __future__ import annotations

from typing import Any

import handing_in as h
import pytest

from stslab.submission.circumstances import Circumstances, circumstances_of
from stslab.submission.intrinsics import text_of, texts_of, values_of

NAME = "my-sts-fun-stack-StsRole-9XK2P4Q7RT1M"
ROOT = {"Fn::Sub": "arn:aws:iam::${AWS::AccountId}:root"}


def template(*principals: Any, logical_id: str = "StsRole", condition: Any = None, **properties: Any) -> dict[str, Any]:
    statement = {"Effect": "Allow", "Principal": {"AWS": list(principals)}, "Action": "sts:AssumeRole"}
    if condition:
        statement["Condition"] = condition
    trust = {"Statement": statement}
    role = {"Type": "AWS::IAM::Role", "Properties": {"AssumeRolePolicyDocument": trust, **properties}}
    return {"Parameters": {"Account": {"Type": "String", "Default": h.ACCOUNT}}, "Resources": {logical_id: role}}


def policy(*resources: str) -> dict[str, Any]:
    return {"Statement": [{"Effect": "Allow", "Action": "sts:AssumeRole", "Resource": list(resources)}]}


def found(its_template: Any, its_policy: Any, stack_name: str | None = h.STACK, **more: Any) -> Circumstances:
    values = values_of(its_template, {}, "us-east-1", stack_name or h.STACK)
    return circumstances_of(
        its_template, its_policy, values, default_user="sts-machine-user", stack_name=stack_name, **more
    )


@pytest.mark.parametrize(
    ("principal", "account", "user", "path"),
    [
        (h.USER, h.ACCOUNT, "sts-machine-user", "/"),
        ("arn:aws:iam::444455556666:user/alice", "444455556666", "alice", "/"),
        ("arn:aws:iam::444455556666:user/lab/sts/alice", "444455556666", "alice", "/lab/sts/"),
        ({"Fn::Sub": "arn:aws:iam::${Account}:user/bob"}, h.ACCOUNT, "bob", "/"),
        ({"Fn::Sub": ["arn:aws:iam::${A}:user/bob", {"A": {"Ref": "Account"}}]}, h.ACCOUNT, "bob", "/"),
        ({"Fn::Join": [":", ["arn:aws:iam:", {"Ref": "Account"}, "user/bob"]]}, h.ACCOUNT, "bob", "/"),
        ({"Fn::Sub": "arn:${AWS::Partition}:iam::${AWS::AccountId}:user/bob"}, "777788889999", "bob", "/"),
        ("arn:aws:iam::444455556666:root", "444455556666", "", "/"),
        ("444455556666", "444455556666", "", "/"),
        (444455556666, "444455556666", "", "/"),
        (ROOT, "777788889999", "", "/"),
        ("*", "777788889999", "", "/"),
        ({"Fn::GetAtt": "User.Arn"}, "777788889999", "", "/"),
        ("arn:aws:iam::444455556666:user/*", "444455556666", "", "/"),
        ("arn:aws:iam::444455556666:role/admin", "444455556666", "", "/"),
        ("arn:aws:sts::444455556666:assumed-role/admin/x", "444455556666", "", "/"),
        ("arn:aws:iam::44445555:user/bob", "777788889999", "", "/"),
    ],
)
def test_account_and_user_are_those_of_the_trust(principal, account, user, path):
    got = found(template(principal), policy("arn:aws:iam::777788889999:role/x"))
    assert (got.account, got.user, got.user_path) == (account, user, path)


def test_an_account_that_nobody_names_is_left_open():
    assert found(template(ROOT), policy("*")).account == ""
    assert found({}, {}) == Circumstances(stack_name=h.STACK)
    assert found({"Resources": [1]}, {"Statement": "x"}) == Circumstances(stack_name=h.STACK)


def test_a_user_that_a_condition_narrows_an_account_to():
    by_arn = {"ArnEquals": {"aws:PrincipalArn": "arn:aws:iam::444455556666:user/carol"}}
    by_name = {"StringEquals": {"aws:username": "carol"}}
    for condition in (by_arn, by_name):
        got = found(template("arn:aws:iam::444455556666:root", condition=condition), policy("*"))
        assert (got.account, got.user) == ("444455556666", "carol")


def test_a_user_who_is_denied_is_not_the_one():
    its_template = template("arn:aws:iam::444455556666:user/alice")
    its_template["Resources"]["StsRole"]["Properties"]["AssumeRolePolicyDocument"]["Statement"]["Effect"] = "Deny"
    assert found(its_template, policy(h.ROLE)).user == ""


def test_of_several_users_the_one_of_the_policys_account_and_of_the_labs_name():
    teacher, student = "arn:aws:iam::999988887777:user/teacher", f"arn:aws:iam::{h.ACCOUNT}:user/student"
    got = found(template(teacher, student), policy(h.ROLE))
    assert (got.account, got.user) == (h.ACCOUNT, "student")
    assert got.remarks == ("The trust policy names several users; the lab is done by student.",)
    got = found(template(student, h.USER), policy(h.ROLE))
    assert got.user == "sts-machine-user"
    assert got.others == (student,)


def test_others_whom_the_trust_names_are_there():
    admin, stacks = f"arn:aws:iam::{h.ACCOUNT}:role/path/admin", f"arn:aws:iam::{h.ACCOUNT}:user/made"
    its_template = template(h.USER, admin, "arn:aws:iam::444455556666:role/x", stacks, ROOT)
    its_template["Resources"]["User"] = {"Type": "AWS::IAM::User", "Properties": {"UserName": "made"}}
    assert found(its_template, policy(h.ROLE)).others == (admin,)


@pytest.mark.parametrize(
    ("resource", "chosen"),
    [
        (h.ROLE, NAME),
        (h.ROLE.replace(h.ACCOUNT, "*"), NAME),
        (h.ROLE.replace("role/", "role/path/"), NAME),
        (h.ROLE.replace("9XK2P4Q7RT1M", "DAkQBbY7THJk"), NAME.replace("9XK2P4Q7RT1M", "DAkQBbY7THJk")),
        (h.ROLE.replace("9XK2P4Q7RT1M", "XXXXXXXXXXXX"), None),
        (h.ROLE.replace("-9XK2P4Q7RT1M", ""), None),
        (h.ROLE.replace("9XK2P4Q7RT1M", "*"), None),
        (h.ROLE.replace("9XK2P4Q7RT1M", "<suffix>"), None),
        (h.ROLE.replace(h.ACCOUNT, "444455556666"), None),
        (h.ROLE.replace("StsRole", "LabRole"), None),
        (h.ROLE.replace("StsRole", "stsrole"), None),
        (h.ROLE.replace("my-sts", "another"), None),
        (h.ROLE.replace(":role/", ":user/"), None),
        (h.ROLE.replace(":iam:", ":sts:").replace(":role/", ":assumed-role/"), None),
        (h.USER, None),
        ("*", None),
    ],
)
def test_the_role_has_the_name_that_cloudformation_chose_and_no_other(resource, chosen):
    got = found(template(h.USER), policy("arn:aws:iam::444455556666:role/other", resource))
    assert got.role_names == ({"StsRole": chosen} if chosen else {})


def test_a_name_that_cloudformation_has_cut():
    stack, logical = "a-stack-with-quite-a-long-name", "StsRoleForTheLabWithAVeryLongName"
    cut = f"{stack[:25]}-{logical[:25]}-UjecjFhpdr1d"
    wrong = f"{stack[:25]}-{logical[1:26]}-UjecjFhpdr1d"
    for name, chosen in ((cut, {logical: cut}), (wrong, {})):
        resource = f"arn:aws:iam::{h.ACCOUNT}:role/{name}"
        assert found(template(h.USER, logical_id=logical), policy(resource), stack_name=stack).role_names == chosen
    short = f"arn:aws:iam::{h.ACCOUNT}:role/{h.STACK[:10]}-Sts-9XK2P4Q7RT1M"
    assert found(template(h.USER), policy(short)).role_names == {}


def test_a_role_with_a_name_of_its_own_is_not_renamed():
    assert found(template(h.USER, RoleName="lab-role"), policy(h.ROLE)).role_names == {}


def test_a_statement_that_denies_names_nothing():
    denying = {"Statement": {"Effect": "Deny", "Action": "*", "Resource": h.ROLE}}
    assert found(template(h.USER), denying).role_names == {}


def test_the_stack_is_the_policys_where_nothing_else_tells():
    resource = h.ROLE.replace(h.STACK, "sts-demo")
    got = found(template(h.USER), policy(resource), stack_name=None)
    assert (got.stack_name, got.role_names) == ("sts-demo", {"StsRole": NAME.replace(h.STACK, "sts-demo")})
    assert found(template(h.USER), policy(h.USER), stack_name=None).stack_name == ""


def test_with_the_reference_template_any_role_of_the_account_counts():
    for resource in (h.ROLE.replace("StsRole", "LabRole"), f"arn:aws:iam::{h.ACCOUNT}:role/lab-role"):
        got = found(template(h.USER), policy(resource), any_role=True)
        assert got.role_names == {"StsRole": resource.rpartition("/")[2]}


def test_texts_that_take_a_deployment_are_not_guessed():
    values = {"A": "1,2"}
    for value in (
        {"Fn::GetAtt": "B.Arn"},
        {"Ref": "B"},
        {"Fn::Sub": "${B}"},
        {"Fn::If": ["a", "b", "c"]},
        None,
        [],
        True,
    ):
        assert text_of(value, values) is None
    assert text_of({"Fn::Sub": "${!A}-${A}"}, values) == "${A}-1,2"
    assert list(texts_of([{"Ref": "A"}, {"Ref": "B"}, 3], values)) == ["1", "2", "3"]
    assert text_of({"Fn::Join": ["-", "x"]}, values) is None
    assert text_of({"Fn::Join": ["-", [{"Ref": "B"}]]}, values) is None
