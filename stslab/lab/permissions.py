"""Ask IAM for the policies that decide what a user or a role may do."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import partial
from typing import Any

from stslab.answers import is_missing
from stslab.iam import Policy, parse_policy
from stslab.principals import Principal
from stslab.waiting import Waiting

Shown = tuple[str, str]
"""A policy as IAM shows it: what to call it, and the document as JSON."""


def settled(waiting: Waiting, what: str, ask: Callable[[], list[Shown]], among: str = "") -> list[Policy]:
    """Ask for policies until the answer is the same several times in a row.

    A list that lacks what was put a moment ago looks like one that is whole.

    Args:
        waiting: asks with the target's patience.
        what: what is asked for, for people.
        ask: asks.
        among: the name of an inline policy that has to be there.
    """
    last: list[list[Shown]] = []

    def again() -> bool:
        last[:] = [*last[-1:], ask()]
        there = not among or any(source == f"policy {among}" for source, _ in last[-1])
        return there and (len(last) < 2 or last[0] == last[1])

    waiting.until(f"IAM to show {what}", again, passing=is_missing, wanted=bool)
    return [_parsed(shown) for shown in last[-1]]


def policies_of_user(admin: Principal, name: str) -> list[Shown]:
    """The user's inline and attached policies, and those of its groups."""
    iam, me = admin.iam, {"UserName": name}
    found = [
        _shown(f"policy {n}", iam.get_user_policy(PolicyName=n, **me)["PolicyDocument"])
        for n in iam.list_user_policies(**me)["PolicyNames"]
    ]
    found += _attached(admin, iam.list_attached_user_policies(**me)["AttachedPolicies"])
    for group in iam.list_groups_for_user(**me)["Groups"]:
        its = {"GroupName": group["GroupName"]}
        found += [
            _shown(f"policy {n}", iam.get_group_policy(PolicyName=n, **its)["PolicyDocument"])
            for n in iam.list_group_policies(**its)["PolicyNames"]
        ]
        found += _attached(admin, iam.list_attached_group_policies(**its)["AttachedPolicies"])
    return found


class LabRole:
    """The stack's role as IAM shows it.

    Args:
        admin: who asks.
        name: the role's name.
        waiting: asks with the target's patience.
    """

    def __init__(self, admin: Principal, name: str, waiting: Waiting) -> None:
        self._admin = admin
        self._waiting = waiting
        self.name = name
        ask = partial(admin.iam.get_role, RoleName=name)
        role = waiting.until(f"IAM to know role {name}", ask, passing=is_missing)["Role"]
        self.arn = str(role["Arn"])
        self.trust = _parsed(_shown(f"trust policy of {name}", role["AssumeRolePolicyDocument"]))
        self._boundary = role.get("PermissionsBoundary", {}).get("PermissionsBoundaryArn")

    def session_arn(self, session_name: str) -> str:
        """The ARN of one of its sessions, which leaves the role's path out.

        Source: IAM user guide, "IAM identifiers": ``arn:aws:sts::account:assumed-role/role-name/session-name``.
        """
        partition, account = self.arn.split(":")[1], self.arn.split(":")[4]
        return f"arn:{partition}:sts::{account}:assumed-role/{self.name}/{session_name}"

    def policies(self) -> list[Policy]:
        """The role's inline and attached policies, when IAM shows the same ones each time."""
        return settled(self._waiting, f"the policies of role {self.name}", self._policies)

    def _policies(self) -> list[Shown]:
        iam, me = self._admin.iam, {"RoleName": self.name}
        found = [
            _shown(f"policy {n}", iam.get_role_policy(PolicyName=n, **me)["PolicyDocument"])
            for n in iam.list_role_policies(**me)["PolicyNames"]
        ]
        return found + _attached(self._admin, iam.list_attached_role_policies(**me)["AttachedPolicies"])

    def boundary(self) -> Policy | None:
        """The role's permissions boundary, where it has one."""
        return _parsed(_managed(self._admin, self._boundary, self._boundary)) if self._boundary else None


def _attached(admin: Principal, attached: list[dict[str, str]]) -> list[Shown]:
    return [_managed(admin, policy["PolicyArn"], policy["PolicyName"]) for policy in attached]


def _managed(admin: Principal, arn: str, name: str) -> Shown:
    version = admin.iam.get_policy(PolicyArn=arn)["Policy"]["DefaultVersionId"]
    answer = admin.iam.get_policy_version(PolicyArn=arn, VersionId=version)
    return _shown(f"managed policy {name}", answer["PolicyVersion"]["Document"])


def _shown(source: str, document: Any) -> Shown:
    return source, document if isinstance(document, str) else json.dumps(document)


def _parsed(shown: Shown) -> Policy:
    source, document = shown
    return parse_policy(decoded(document), source)


def decoded(document: Any) -> Any:
    """A policy document of an answer as data: boto3 decodes most of them, but not one that is not JSON."""
    return json.loads(document) if isinstance(document, str) else document
