"""The sandbox account's bootstrap: who may assume the runner's role, and what it and everything it creates may do."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from accounts import ACCOUNT, OTHER, Account, code_of, in_process
from bootstrapped import STACK, SUBJECT, TEMPLATE, Bootstrapped, Sandbox, deploy, granted
from stacking import NOTHING, Stack, left, resource

from stslab.iam import (
    Caller,
    Context,
    Decision,
    Request,
    evaluate,
    policy_size,
    read_policy,
    require_identity_policy,
    require_trust_policy,
)
from stslab.iam.trust import admits

HOST = "token.actions.githubusercontent.com"
PROVIDER = f"arn:aws:iam::{ACCOUNT}:oidc-provider/{HOST}"

SIZE_LIMIT = 6144
"""Source: IAM user guide, "IAM and AWS STS quotas": characters of a managed policy, white space not counted."""

WITHOUT_RESOURCE = {
    "cloudformation:ListStacks",
    "iam:ListAccountAliases",
    "iam:ListRoles",
    "iam:ListUsers",
    "s3:ListAllMyBuckets",
}
"""Actions that are granted on ``*`` or not at all. Source: service authorization reference, "Resource types"; IAM's
lists of users and roles know only a path."""

BOUNDED = {"iam:CreateRole", "iam:CreateUser", "iam:PutRolePolicy", "iam:PutUserPolicy"}


def providers(account: Account) -> list[str]:
    listed = account.client("iam").list_open_id_connect_providers()["OpenIDConnectProviderList"]
    return [str(each["Arn"]) for each in listed]


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with in_process() as account:
        yield Sandbox.of(Bootstrapped.of(account))


def test_the_stack_goes_without_a_trace(account: Account) -> None:
    stack = deploy(account)
    assert stack.status == "CREATE_COMPLETE"
    assert providers(account) == [PROVIDER]
    shown = account.client("iam").get_open_id_connect_provider(OpenIDConnectProviderArn=PROVIDER)
    assert shown["ClientIDList"] == ["sts.amazonaws.com"]
    assert stack.delete().status == "DELETE_COMPLETE"
    assert providers(account) == []
    assert left(account) == NOTHING


def test_a_provider_that_the_account_has_already_stays_its_own(account: Account) -> None:
    account.client("iam").create_open_id_connect_provider(Url=f"https://{HOST}", ClientIDList=["sts.amazonaws.com"])
    stack = deploy(account, provider="no")
    assert stack.status == "CREATE_COMPLETE"
    role = account.client("iam").list_roles()["Roles"][0]
    assert role["AssumeRolePolicyDocument"]["Statement"][0]["Principal"] == {"Federated": PROVIDER}
    stack.delete()
    assert providers(account) == [PROVIDER]
    again = deploy(account)
    assert again.status == "ROLLBACK_COMPLETE"
    assert "already exists" in again.failure("GitHub")
    assert providers(account) == [PROVIDER]
    assert left(account) == NOTHING


@pytest.mark.parametrize(
    "subject", ["repo:octo-org/*:ref:refs/heads/main", "repo:octo-org/sts-lab:*", "*", "", "repo:octo-org/sts-lab"]
)
def test_a_subject_that_is_not_one_is_refused(account: Account, subject: str) -> None:
    client = account.client("cloudformation")
    given = [{"ParameterKey": "Subject", "ParameterValue": subject}]
    params = {"StackName": STACK, "TemplateBody": TEMPLATE, "Capabilities": ["CAPABILITY_IAM"]}
    assert code_of(client.create_stack, **params, Parameters=given) == "ValidationError"


def test_a_providers_thumbprints_and_tags_follow_the_template(account: Account) -> None:
    def provider(thumbprint: str, *tags: str) -> dict[str, Any]:
        listed = [{"Key": tag, "Value": thumbprint[:1]} for tag in tags]
        return {"Thing": resource("IAM::OIDCProvider", Url=f"https://{HOST}", ThumbprintList=[thumbprint], Tags=listed)}

    stack = Stack(account).create(provider("a" * 40, "one", "two"))
    stack.update(provider("b" * 40, "two", "three"))
    assert stack.status == "UPDATE_COMPLETE"
    shown = account.client("iam").get_open_id_connect_provider(OpenIDConnectProviderArn=PROVIDER)
    assert shown["ThumbprintList"] == ["b" * 40]
    assert {tag["Key"]: tag["Value"] for tag in shown["Tags"]} == {"two": "b", "three": "b"}


def token(sandbox: Sandbox, provider: str = PROVIDER, **claims: str) -> Decision:
    """Decide whether a token that GitHub has signed, with these claims, is good for the role."""
    context = Context({f"{HOST}:{name}": value for name, value in claims.items()})
    request = Request(Caller(provider), "sts:AssumeRoleWithWebIdentity", sandbox.arn, context=context)
    return evaluate(request, [], resource_policy=sandbox.trust)


def test_the_workflow_on_the_branch_is_let_in(sandbox: Sandbox) -> None:
    require_trust_policy(sandbox.trust)
    statement = sandbox.made.role["AssumeRolePolicyDocument"]["Statement"][0]
    assert set(statement["Condition"]) == {"StringEquals"}
    assert token(sandbox, aud="sts.amazonaws.com", sub=SUBJECT).allowed


@pytest.mark.parametrize(
    "claims",
    [
        {"sub": "repo:octo-org/another:ref:refs/heads/main"},
        {"sub": "repo:somebody/sts-lab:ref:refs/heads/main"},
        {"sub": "repo:octo-org/sts-lab:ref:refs/heads/mine"},
        {"sub": "repo:octo-org/sts-lab:ref:refs/heads/main2"},
        {"sub": "repo:octo-org/sts-lab:ref:refs/tags/main"},
        {"sub": "repo:octo-org/sts-lab:pull_request"},
        {"sub": "repo:octo-org/sts-lab:environment:main"},
        {"sub": SUBJECT.upper()},
        {"sub": f"x{SUBJECT}"},
        {"aud": "https://github.com/octo-org"},
        {"aud": "STS.amazonaws.com"},
        {"provider": f"arn:aws:iam::{ACCOUNT}:oidc-provider/gitlab.com"},
        {"provider": f"arn:aws:iam::{OTHER}:oidc-provider/{HOST}"},
        {"provider": "accounts.google.com"},
    ],
    ids=str,
)
def test_nobody_else_is(sandbox: Sandbox, claims: dict[str, str]) -> None:
    assert token(sandbox, **{"aud": "sts.amazonaws.com", "sub": SUBJECT, **claims}).denied


@pytest.mark.parametrize("missing", ["aud", "sub"])
def test_a_token_has_to_say_both(sandbox: Sandbox, missing: str) -> None:
    claims = {"aud": "sts.amazonaws.com", "sub": SUBJECT}
    del claims[missing]
    assert token(sandbox, **claims).denied


@pytest.mark.parametrize("who", [f"{ACCOUNT}:user/admin", f"{ACCOUNT}:role/admin", f"{OTHER}:user/x"])
def test_no_user_or_role_may_take_the_runners_place(sandbox: Sandbox, who: str) -> None:
    assert admits(sandbox.trust, Caller(f"arn:aws:iam::{who}"), sandbox.arn, Context()).denied


def test_the_role_is_what_the_template_says_and_no_more(sandbox: Sandbox) -> None:
    assert sandbox.made.role["MaxSessionDuration"] == 3600
    assert len(sandbox.attached) == 2
    assert sandbox.made.inline == ()


MINE = f"arn:aws:iam::{ACCOUNT}:role/my-sts-fun-stack-1-StsRole-X"
BUCKET = "arn:aws:s3:::my-sts-fun-stack-1-labbucket-x"


@pytest.mark.parametrize(
    ("action", "target"),
    [
        ("s3:ListAllMyBuckets", "*"),
        ("s3:ListBucket", BUCKET),
        ("s3:GetObject", f"{BUCKET}/stslab/hello.txt"),
        ("sts:AssumeRole", MINE),
    ],
)
def test_what_the_lab_shows_is_within_the_boundary(sandbox: Sandbox, action: str, target: str) -> None:
    assert sandbox.created(action, target).allowed


@pytest.mark.parametrize(
    ("action", "target"),
    [
        ("s3:ListBucket", "arn:aws:s3:::somebodys"),
        ("s3:GetObject", "arn:aws:s3:::somebodys/key"),
        ("s3:PutObject", f"{BUCKET}/key"),
        ("s3:DeleteObject", f"{BUCKET}/key"),
        ("s3:DeleteBucket", BUCKET),
        ("sts:AssumeRole", f"arn:aws:iam::{ACCOUNT}:role/admin"),
        ("sts:AssumeRole", f"arn:aws:iam::{ACCOUNT}:role/stslab/{STACK}-Runner-X"),
        ("sts:AssumeRole", MINE.replace(ACCOUNT, OTHER)),
        ("iam:ListUsers", "*"),
        ("iam:CreateAccessKey", f"arn:aws:iam::{ACCOUNT}:user/sts-machine-user-1"),
        ("iam:DeleteUserPermissionsBoundary", f"arn:aws:iam::{ACCOUNT}:user/sts-machine-user-1"),
        ("cloudformation:ListStacks", "*"),
        ("ec2:RunInstances", "*"),
    ],
)
def test_nothing_else_is(sandbox: Sandbox, action: str, target: str) -> None:
    assert sandbox.created(action, target).denied


def test_the_boundary_names_four_actions(sandbox: Sandbox) -> None:
    named = [action for statement in sandbox.boundary.statements for action in statement.actions]
    assert sorted(named) == ["s3:GetObject", "s3:ListAllMyBuckets", "s3:ListBucket", "sts:AssumeRole"]
    assert all(s.allows and not s.not_action and not s.not_resource for s in sandbox.boundary.statements)


def test_every_policy_is_one_that_iam_takes(sandbox: Sandbox) -> None:
    assert len(sandbox.made.documents) == 3
    for arn, document in sandbox.made.documents.items():
        text = json.dumps(document)
        policy = read_policy(text, arn)
        require_identity_policy(policy)
        assert policy_size(text) <= SIZE_LIMIT
        sids = [statement.sid for statement in policy.statements]
        assert all(sids)
        assert len(set(sids)) == len(sids)


def test_every_action_of_the_runner_is_named_once_and_whole(sandbox: Sandbox) -> None:
    actions = granted()
    assert sorted(a for p in sandbox.attached for s in p.statements for a in s.actions) == sorted(actions)
    assert len(set(actions)) == len(actions)
    assert not [action for action in actions if "*" in action or "?" in action]
    assert all(s.allows and not s.not_action and not s.not_resource for p in sandbox.attached for s in p.statements)


def test_the_runner_can_neither_pass_a_role_nor_lift_a_boundary(sandbox: Sandbox) -> None:
    powers = ("PassRole", "Boundary", "Attach", "UpdateAssumeRolePolicy", "PolicyVersion", "LoginProfile", "AssumeRole")
    found = {action for action in granted() if any(power in action for power in powers)}
    assert found == {"iam:GetPolicyVersion", "iam:ListAttachedRolePolicies", "iam:ListAttachedUserPolicies"}


@pytest.mark.parametrize("action", sorted(BOUNDED))
def test_what_gives_permissions_takes_the_boundary(sandbox: Sandbox, action: str) -> None:
    user = f"arn:aws:iam::{ACCOUNT}:user/sts-machine-user-1"
    target = MINE if "Role" in action else user
    assert sandbox.runner(action, target, PermissionsBoundary=sandbox.made.boundary).allowed
    assert sandbox.runner(action, target).denied
    assert sandbox.runner(action, target, PermissionsBoundary=f"arn:aws:iam::{ACCOUNT}:policy/wider").denied


def test_only_what_makes_users_and_roles_is_bounded_and_all_of_that(sandbox: Sandbox) -> None:
    making = {action for action in granted() if action.startswith(("iam:Create", "iam:Put"))}
    assert making == BOUNDED | {"iam:CreateAccessKey"}


def test_only_actions_that_know_no_resource_are_granted_on_everything(sandbox: Sandbox) -> None:
    everywhere = [a for p in sandbox.attached for s in p.statements if "*" in (s.resources or ()) for a in s.actions]
    assert set(everywhere) == WITHOUT_RESOURCE


FOREIGN = (
    f"arn:aws:iam::{ACCOUNT}:user/admin",
    f"arn:aws:iam::{ACCOUNT}:role/admin",
    f"arn:aws:iam::{ACCOUNT}:policy/wider",
    f"arn:aws:cloudformation:us-east-1:{ACCOUNT}:stack/production/1",
    f"arn:aws:cloudformation:us-east-1:{ACCOUNT}:stack/{STACK}/1",
    "arn:aws:s3:::somebodys",
    "arn:aws:s3:::somebodys/key",
    MINE.replace(ACCOUNT, OTHER),
)


def test_the_runner_may_do_nothing_to_what_is_not_the_labs(sandbox: Sandbox) -> None:
    bounded = {"PermissionsBoundary": sandbox.made.boundary}
    actions = set(granted()) - WITHOUT_RESOURCE
    for target in (*FOREIGN, sandbox.arn):
        assert [action for action in actions if not sandbox.runner(action, target, **bounded).denied] == []
    on_boundary = {action for action in actions if not sandbox.runner(action, sandbox.made.boundary, **bounded).denied}
    assert on_boundary == {"iam:GetPolicy", "iam:GetPolicyVersion"}
