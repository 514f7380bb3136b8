"""Handlers of IAM's policies, keys, memberships and instance profiles.

Source for the whole module: registry schemas of the types in :data:`HANDLERS`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from stslab.targets.made import Made
from stslab.targets.stacks.client import Client, Refused
from stslab.targets.stacks.handlers import Handler, Properties
from stslab.targets.stacks.identities import backend_of, document

_KINDS = ("Role", "User", "Group")
_VERSIONS = 5
"""Source: IAM user guide, "IAM and AWS STS quotas", versions per managed policy."""


class InlinePolicy:
    """A policy embedded in the roles, users and groups that it names.

    Args:
        kind: the one kind that the type is for, or empty for AWS::IAM::Policy, which takes lists of all three.
    """

    named = ""

    def __init__(self, kind: str = "") -> None:
        self.kind = kind
        self.replacing = frozenset({"PolicyName", f"{kind}Name"}) if kind else frozenset()

    def create(self, _client: Client, name: str, properties: Properties) -> Made:
        """Give it an id; it exists only in what it is embedded in.

        Raises:
            Refused: it names nobody.
        """
        if not self._targets(properties):
            raise Refused("At least one of [Groups,Roles,Users] must be non-empty.", "ValidationError")
        if self.kind:
            name = f"{properties.get('PolicyName')}|{properties.get(f'{self.kind}Name')}"
        return Made(f"AWS::IAM::{self.kind}Policy", name, {"Id": name})

    def configure(self, client: Client, _made: Made, before: Properties, after: Properties) -> None:
        """Embed it where it is to be, and take it away from where it is to be no more.

        Raises:
            Refused: IAM refuses it.
        """
        had, wanted = self._targets(before), self._targets(after)
        named, text = after.get("PolicyName"), document(after.get("PolicyDocument"))
        same = named == before.get("PolicyName") and text == document(before.get("PolicyDocument"))
        for kind, name in wanted:
            if not same or (kind, name) not in had:
                me = {f"{kind}Name": name}
                client.ask("iam", f"Put{kind}Policy", **me, PolicyName=named, PolicyDocument=text)
        gone = had if before and named != before.get("PolicyName") else [t for t in had if t not in wanted]
        self._take_away(client, gone, before)

    def delete(self, client: Client, _made: Made, properties: Properties) -> None:
        """Take it away from everything that it is embedded in.

        Raises:
            Refused: IAM refuses it.
        """
        self._take_away(client, self._targets(properties), properties)

    def _take_away(self, client: Client, targets: list[tuple[str, str]], properties: Properties) -> None:
        for kind, name in targets:
            me = {f"{kind}Name": name}
            client.drop("iam", f"Delete{kind}Policy", **me, PolicyName=properties.get("PolicyName"))

    def _targets(self, properties: Properties) -> list[tuple[str, str]]:
        if self.kind:
            name = properties.get(f"{self.kind}Name")
            return [(self.kind, name)] if name else []
        return [(kind, name) for kind in _KINDS for name in properties.get(f"{kind}s") or []]


class ManagedPolicy:
    """A managed policy, attached to the roles, users and groups that it names."""

    named = "ManagedPolicyName"
    replacing = frozenset({"ManagedPolicyName", "Description", "Path"})

    def create(self, client: Client, name: str, properties: Properties) -> Made:
        """Make it.

        Raises:
            Refused: IAM refuses it.
        """
        optional = {key: properties.get(key) for key in ("Path", "Description")}
        text = document(properties.get("PolicyDocument"))
        answer = client.ask("iam", "CreatePolicy", PolicyName=name, PolicyDocument=text, **optional)["Policy"]
        return Made("AWS::IAM::ManagedPolicy", answer["Arn"], {"PolicyArn": answer["Arn"]})

    def configure(self, client: Client, made: Made, before: Properties, after: Properties) -> None:
        """Attach and detach it, and give it a new version where its document is another.

        Raises:
            Refused: IAM refuses it.
        """
        arn = made.physical_resource_id
        if before and document(before.get("PolicyDocument")) != document(after.get("PolicyDocument")):
            versions = _versions(client, arn)
            if len(versions) >= _VERSIONS:
                client.ask("iam", "DeletePolicyVersion", PolicyArn=arn, VersionId=versions[0])
            text = document(after.get("PolicyDocument"))
            client.ask("iam", "CreatePolicyVersion", PolicyArn=arn, PolicyDocument=text, SetAsDefault=True)
        self._attach(client, arn, before, after)

    def delete(self, client: Client, made: Made, properties: Properties) -> None:
        """Detach it from what the stack attached it to, delete its versions, and then itself.

        Raises:
            Refused: IAM refuses it, as where somebody else has attached it.
        """
        arn = made.physical_resource_id
        self._attach(client, arn, properties, {})
        for version in _versions(client, arn):
            client.drop("iam", "DeletePolicyVersion", PolicyArn=arn, VersionId=version)
        client.drop("iam", "DeletePolicy", PolicyArn=arn)

    def _attach(self, client: Client, arn: str, before: Properties, after: Properties) -> None:
        for kind in _KINDS:
            had, wanted = before.get(f"{kind}s") or [], after.get(f"{kind}s") or []
            for name in (name for name in had if name not in wanted):
                client.drop("iam", f"Detach{kind}Policy", PolicyArn=arn, **{f"{kind}Name": name})
            for name in (name for name in wanted if name not in had):
                client.ask("iam", f"Attach{kind}Policy", PolicyArn=arn, **{f"{kind}Name": name})


class AccessKey:
    """A user's access key; the secret is an attribute of the resource."""

    named = ""
    replacing = frozenset({"UserName", "Serial"})

    def create(self, client: Client, _name: str, properties: Properties) -> Made:
        """Make it.

        Raises:
            Refused: IAM refuses it.
        """
        key = client.ask("iam", "CreateAccessKey", UserName=properties.get("UserName"))["AccessKey"]
        return Made(
            "AWS::IAM::AccessKey",
            key["AccessKeyId"],
            {"SecretAccessKey": key["SecretAccessKey"], "Id": key["AccessKeyId"]},
        )

    def configure(self, client: Client, made: Made, before: Properties, after: Properties) -> None:
        """Make it active or not.

        Raises:
            Refused: IAM refuses it.
        """
        status = after.get("Status") or "Active"
        if status != (before.get("Status") or "Active"):
            key = {"UserName": after.get("UserName"), "AccessKeyId": made.physical_resource_id}
            client.ask("iam", "UpdateAccessKey", **key, Status=status)

    def delete(self, client: Client, made: Made, properties: Properties) -> None:
        """Delete it.

        Raises:
            Refused: IAM refuses it.
        """
        key = {"UserName": properties.get("UserName"), "AccessKeyId": made.physical_resource_id}
        client.drop("iam", "DeleteAccessKey", **key)


class UserToGroupAddition:
    """The membership of users in a group."""

    named = ""
    replacing: frozenset[str] = frozenset()

    def create(self, _client: Client, name: str, _properties: Properties) -> Made:
        """Give it an id; it exists only in the group."""
        return Made("AWS::IAM::UserToGroupAddition", name, {"Id": name})

    def configure(self, client: Client, _made: Made, before: Properties, after: Properties) -> None:
        """Add the users that are to be in the group, and remove those that are to be no more.

        Raises:
            Refused: IAM refuses it.
        """
        had, wanted = _members(before), _members(after)
        for group, user in (member for member in wanted if member not in had):
            client.ask("iam", "AddUserToGroup", GroupName=group, UserName=user)
        self._remove(client, [member for member in had if member not in wanted])

    def delete(self, client: Client, _made: Made, properties: Properties) -> None:
        """Remove the users from the group.

        Raises:
            Refused: IAM refuses it.
        """
        self._remove(client, _members(properties))

    def _remove(self, client: Client, members: list[tuple[str, str]]) -> None:
        for group, user in members:
            client.drop("iam", "RemoveUserFromGroup", GroupName=group, UserName=user)


class InstanceProfile:
    """An instance profile with its role, which its maker has to be permitted to pass."""

    named = "InstanceProfileName"
    replacing = frozenset({"InstanceProfileName", "Path"})

    def create(self, client: Client, name: str, properties: Properties) -> Made:
        """Make it, without its role.

        Raises:
            Refused: IAM refuses it.
        """
        params = {"InstanceProfileName": name, "Path": properties.get("Path")}
        answer = client.ask("iam", "CreateInstanceProfile", **params)["InstanceProfile"]
        return Made("AWS::IAM::InstanceProfile", name, {"Arn": answer["Arn"]})

    def configure(self, client: Client, made: Made, before: Properties, after: Properties) -> None:
        """Put the role into it, and read it back.

        Raises:
            Refused: IAM refuses it.
        """
        me = {"InstanceProfileName": made.physical_resource_id}
        had, wanted = before.get("Roles") or [], after.get("Roles") or []
        for role in (role for role in had if role not in wanted):
            client.drop("iam", "RemoveRoleFromInstanceProfile", **me, RoleName=role)
        for role in (role for role in wanted if role not in had):
            known = next((each for each in backend_of(client).roles.values() if each.name == role), None)
            arn = known.arn if known else f"arn:{client.partition}:iam::{client.account}:role/{role}"
            client.require("iam:PassRole", arn, **{"iam:PassedToService": "ec2.amazonaws.com"})
            client.ask("iam", "AddRoleToInstanceProfile", **me, RoleName=role)
        client.ask("iam", "GetInstanceProfile", **me)

    def delete(self, client: Client, made: Made, _properties: Properties) -> None:
        """Take its role out of it, and delete it.

        Raises:
            Refused: IAM refuses it.
        """
        me = {"InstanceProfileName": made.physical_resource_id}
        profiles = {profile.name: profile for profile in backend_of(client).instance_profiles.values()}
        if made.physical_resource_id not in profiles:
            return
        for role in list(profiles[made.physical_resource_id].roles):
            client.drop("iam", "RemoveRoleFromInstanceProfile", **me, RoleName=role.name)
        client.drop("iam", "DeleteInstanceProfile", **me)


HANDLERS: Mapping[str, Handler] = {
    "AWS::IAM::AccessKey": AccessKey(),
    "AWS::IAM::GroupPolicy": InlinePolicy("Group"),
    "AWS::IAM::InstanceProfile": InstanceProfile(),
    "AWS::IAM::ManagedPolicy": ManagedPolicy(),
    "AWS::IAM::Policy": InlinePolicy(),
    "AWS::IAM::RolePolicy": InlinePolicy("Role"),
    "AWS::IAM::UserPolicy": InlinePolicy("User"),
    "AWS::IAM::UserToGroupAddition": UserToGroupAddition(),
}


def _members(properties: Properties) -> list[tuple[str, str]]:
    return [(properties["GroupName"], user) for user in properties.get("Users") or []]


def _versions(client: Client, arn: str) -> list[str]:
    """The versions of a policy that can be deleted, the oldest first."""
    policy: Any = backend_of(client).managed_policies.get(arn)
    return [str(version.version_id) for version in policy.versions if not version.is_default] if policy else []
