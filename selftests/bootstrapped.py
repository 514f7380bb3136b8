"""The sandbox account's bootstrap, deployed: its documents, and the runner with exactly what its role has."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from accounts import ACCOUNT, ROOT, Account, document
from stacking import Stack, left

from stslab.credentials import Credentials
from stslab.documents import template_data
from stslab.iam import Caller, Context, Decision, Policy, Request, evaluate, read_policy
from stslab.iam.trust import ANYTHING

TEMPLATE = (ROOT / "policies" / "sandbox" / "bootstrap.yaml").read_text(encoding="utf-8")
SUBJECT = "repo:octo-org/sts-lab:ref:refs/heads/main"
STACK = "stslab-sandbox"

Documents = Mapping[str, Any]
"""Policy documents as data, by their ARNs."""


def deploy(account: Account, subject: str = SUBJECT, provider: str = "yes") -> Stack:
    given = {"Subject": subject, "CreateProvider": provider}
    parameters = [{"ParameterKey": key, "ParameterValue": value} for key, value in given.items()]
    asked = {"TemplateBody": TEMPLATE, "Parameters": parameters, "Capabilities": ["CAPABILITY_IAM"]}
    stack = Stack(account, name=STACK)
    stack.id = stack.mine.create_stack(StackName=STACK, **asked)["StackId"]
    return stack


@cache
def granted() -> tuple[str, ...]:
    """Every action that the template attaches to the runner's role, in its order."""
    resources = template_data(TEMPLATE)["Resources"]
    attached = [resources[each["Ref"]] for each in resources["Runner"]["Properties"]["ManagedPolicyArns"]]
    statements = [s for policy in attached for s in policy["Properties"]["PolicyDocument"]["Statement"]]
    return tuple(action for statement in statements for action in actions_of(statement))


def actions_of(statement: Mapping[str, Any]) -> list[str]:
    return statement["Action"] if isinstance(statement["Action"], list) else [statement["Action"]]


@dataclass(frozen=True)
class Bootstrapped:
    """An account with the bootstrap in it.

    Args:
        account: the account, as its admin sees it.
        boundary: the boundary's ARN.
        role: the runner's role, as IAM shows it.
        documents: all managed policies of the account's own.
        attached: the ARNs of those that are attached to the role.
        inline: the names of the role's inline policies.
    """

    account: Account
    boundary: str
    role: Mapping[str, Any]
    documents: Documents
    attached: tuple[str, ...]
    inline: tuple[str, ...]

    @classmethod
    def of(cls, account: Account) -> Bootstrapped:
        """Deploy the bootstrap, and look at what it has made."""
        shown = deploy(account).shown
        assert shown["StackStatus"] == "CREATE_COMPLETE"
        outputs = {each["OutputKey"]: each["OutputValue"] for each in shown["Outputs"]}
        iam = account.client("iam")
        documents = {}
        for policy in iam.list_policies(Scope="Local")["Policies"]:
            version = iam.get_policy_version(PolicyArn=policy["Arn"], VersionId=policy["DefaultVersionId"])
            documents[policy["Arn"]] = version["PolicyVersion"]["Document"]
        name = outputs["RoleArn"].rpartition("/")[2]
        role = iam.get_role(RoleName=name)["Role"]
        attached = iam.list_attached_role_policies(RoleName=name)["AttachedPolicies"]
        arns = tuple(policy["PolicyArn"] for policy in attached)
        inline = tuple(iam.list_role_policies(RoleName=name)["PolicyNames"])
        return cls(account, outputs["BoundaryArn"], role, documents, arns, inline)

    def runner(self, without: str = "") -> Credentials:
        """Make a user with the role's policies and nothing else, and a key for it.

        Args:
            without: an action that is taken away from it.
        """
        iam = self.account.client("iam")
        credentials = self.account.user("runner", path="/stslab/")
        for number, arn in enumerate(self.attached):
            statements = self.documents[arn]["Statement"]
            if any(without in actions_of(statement) for statement in statements):
                less = document(*_without(statements, without))
                arn = iam.create_policy(PolicyName=f"less-{number}", PolicyDocument=less)["Policy"]["Arn"]
            iam.attach_user_policy(UserName="runner", PolicyArn=arn)
        return credentials


def _without(statements: list[Mapping[str, Any]], action: str) -> list[dict[str, Any]]:
    kept = [{**s, "Action": [each for each in actions_of(s) if each != action]} for s in statements]
    return [statement for statement in kept if statement["Action"]]


@dataclass(frozen=True)
class Sandbox:
    """What the bootstrap has made, with the documents read."""

    made: Bootstrapped
    trust: Policy
    boundary: Policy
    attached: list[Policy]

    @classmethod
    def of(cls, made: Bootstrapped) -> Sandbox:
        """Read the documents of a bootstrap that is deployed."""
        texts = {arn: json.dumps(data) for arn, data in made.documents.items()}
        return cls(
            made,
            read_policy(json.dumps(made.role["AssumeRolePolicyDocument"]), "the runner's trust policy"),
            read_policy(texts[made.boundary], "the boundary"),
            [read_policy(texts[arn], arn) for arn in made.attached],
        )

    @property
    def arn(self) -> str:
        """The role's."""
        return str(self.made.role["Arn"])

    def runner(self, action: str, target: str, **keys: str) -> Decision:
        """Decide what the runner's session wants."""
        session = f"arn:aws:sts::{ACCOUNT}:assumed-role/{self.made.role['RoleName']}/nightly"
        context = Context({f"iam:{key}": value for key, value in keys.items()})
        return evaluate(Request(Caller(session, self.arn), action, target, ACCOUNT, context), self.attached)

    def created(self, action: str, target: str) -> Decision:
        """Decide what a user of the lab wants that has the boundary, and whose own policies permit everything."""
        user = Caller(f"arn:aws:iam::{ACCOUNT}:user/sts-machine-user-1")
        owner = "" if target.startswith("arn:aws:iam::") else ACCOUNT
        trust = None
        if action == "sts:AssumeRole":
            admitting = {"Effect": "Allow", "Principal": {"AWS": ACCOUNT}, "Action": action}
            trust = read_policy(json.dumps({"Version": "2012-10-17", "Statement": admitting}), "trust")
        return evaluate(Request(user, action, target, owner), [ANYTHING], boundary=self.boundary, resource_policy=trust)


def everything(account: Account) -> dict[str, list[str]]:
    """All that there is in an account, as its admin sees it."""
    iam, cloudformation = account.client("iam"), account.client("cloudformation")
    users = [user["UserName"] for user in iam.list_users()["Users"]]
    keys = [iam.list_access_keys(UserName=user)["AccessKeyMetadata"] for user in users]
    return {
        **left(account),
        "users": users,
        "keys": [key["AccessKeyId"] for each in keys for key in each],
        "stacks": [stack["StackName"] for stack in cloudformation.describe_stacks()["Stacks"]],
    }


def nothing_to_wait_for() -> None:
    """Have a run ask once where it would wait: an emulator that answers from one state has nothing to come."""
    from stslab.targets import base, remote

    remote.OF_AN_EMULATOR = base.Patience()
