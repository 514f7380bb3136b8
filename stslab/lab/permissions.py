"""Ask IAM for the policies that decide what a user or a role may do."""

from __future__ import annotations

from stslab.iam import Policy, parse_policy
from stslab.lab.policy import decoded
from stslab.principals import Principal


def policies_of_user(admin: Principal, name: str) -> list[Policy]:
    """The user's inline and attached policies, and those of its groups."""
    iam, me = admin.iam, {"UserName": name}
    found = [
        _parsed(iam.get_user_policy(PolicyName=n, **me)["PolicyDocument"], f"policy {n}")
        for n in iam.list_user_policies(**me)["PolicyNames"]
    ]
    found += _attached(admin, iam.list_attached_user_policies(**me)["AttachedPolicies"])
    for group in iam.list_groups_for_user(**me)["Groups"]:
        its = {"GroupName": group["GroupName"]}
        found += [
            _parsed(iam.get_group_policy(PolicyName=n, **its)["PolicyDocument"], f"policy {n}")
            for n in iam.list_group_policies(**its)["PolicyNames"]
        ]
        found += _attached(admin, iam.list_attached_group_policies(**its)["AttachedPolicies"])
    return found


class LabRole:
    """The stack's role as IAM shows it.

    Args:
        admin: who asks.
        name: the role's name.
    """

    def __init__(self, admin: Principal, name: str) -> None:
        self._admin = admin
        self.name = name
        role = admin.iam.get_role(RoleName=name)["Role"]
        self.arn = str(role["Arn"])
        self.trust = _parsed(role["AssumeRolePolicyDocument"], f"trust policy of {name}")
        self._boundary = role.get("PermissionsBoundary", {}).get("PermissionsBoundaryArn")

    def session_arn(self, session_name: str) -> str:
        """The ARN of one of its sessions, which leaves the role's path out.

        Source: IAM user guide, "IAM identifiers": ``arn:aws:sts::account:assumed-role/role-name/session-name``.
        """
        partition, account = self.arn.split(":")[1], self.arn.split(":")[4]
        return f"arn:{partition}:sts::{account}:assumed-role/{self.name}/{session_name}"

    def policies(self) -> list[Policy]:
        """The role's inline and attached policies."""
        iam, me = self._admin.iam, {"RoleName": self.name}
        found = [
            _parsed(iam.get_role_policy(PolicyName=n, **me)["PolicyDocument"], f"policy {n}")
            for n in iam.list_role_policies(**me)["PolicyNames"]
        ]
        return found + _attached(self._admin, iam.list_attached_role_policies(**me)["AttachedPolicies"])

    def boundary(self) -> Policy | None:
        """The role's permissions boundary, where it has one."""
        return _managed(self._admin, self._boundary, self._boundary) if self._boundary else None


def _attached(admin: Principal, attached: list[dict[str, str]]) -> list[Policy]:
    return [_managed(admin, policy["PolicyArn"], policy["PolicyName"]) for policy in attached]


def _managed(admin: Principal, arn: str, name: str) -> Policy:
    version = admin.iam.get_policy(PolicyArn=arn)["Policy"]["DefaultVersionId"]
    answer = admin.iam.get_policy_version(PolicyArn=arn, VersionId=version)
    return _parsed(answer["PolicyVersion"]["Document"], f"managed policy {name}")


def _parsed(document: object, source: str) -> Policy:
    return parse_policy(decoded(document), source)
