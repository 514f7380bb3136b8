"""Handlers of roles, users and groups.

Source for the whole module: registry schemas of AWS::IAM::Role, AWS::IAM::User and AWS::IAM::Group; AWS SAM developer
guide, "Managing resource access and permissions", which lists what a role in a stack needs.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from stslab.targets.made import Made
from stslab.targets.stacks.client import Client, Refused
from stslab.targets.stacks.handlers import Handler, Properties


class Identity:
    """A role, a user or a group.

    Args:
        kind: ``Role``, ``User`` or ``Group``.
        replacing: the properties whose change makes another one.
    """

    def __init__(self, kind: str, replacing: frozenset[str]) -> None:
        self.kind = kind
        self.named = f"{kind}Name"
        self.replacing = replacing

    def create(self, client: Client, name: str, properties: Properties) -> Made:
        """Make it, with the trust policy, the boundary and the tags that it is born with.

        Raises:
            Refused: IAM refuses it.
        """
        tags = tags_of(properties)
        born = {
            "Path": properties.get("Path"),
            "PermissionsBoundary": properties.get("PermissionsBoundary"),
            "Tags": [{"Key": key, "Value": value} for key, value in tags.items()],
        }
        if self.kind == "Role":
            born["AssumeRolePolicyDocument"] = document(properties.get("AssumeRolePolicyDocument"))
            born["Description"] = properties.get("Description")
            born["MaxSessionDuration"] = _number(properties.get("MaxSessionDuration"))
        try:
            answer = client.ask("iam", f"Create{self.kind}", **{self.named: name, **born})[self.kind]
        except Refused as refused:
            if refused.code != "EntityAlreadyExists":
                raise
            message = f"Resource of type 'AWS::IAM::{self.kind}' with identifier '{name}' already exists."
            raise Refused(message, refused.code) from None
        attributes = {"Arn": answer["Arn"]} | ({"RoleId": answer["RoleId"]} if self.kind == "Role" else {})
        return Made(f"AWS::IAM::{self.kind}", name, attributes)

    def configure(self, client: Client, made: Made, before: Properties, after: Properties) -> None:
        """Bring its policies, groups, boundary and tags to where the template wants them, and read it back.

        Raises:
            Refused: IAM refuses it.
        """
        me = {self.named: made.physical_resource_id}
        if before:
            self._change(client, me, before, after)
        self._embed(client, me, before, after)
        self._attach(client, me, before, after)
        if self.kind == "User":
            _join(client, me, before, after)
            if after.get("LoginProfile") and not before.get("LoginProfile"):
                profile = after["LoginProfile"]
                client.ask("iam", "CreateLoginProfile", **me, Password=profile.get("Password"))
        client.ask("iam", f"Get{self.kind}", **me)

    def delete(self, client: Client, made: Made, properties: Properties) -> None:
        """Take away what the stack gave it, and then itself.

        Raises:
            Refused: IAM refuses it, as where somebody else has given it a policy, a key or a user.

        Source: reports such as convox/rack issue 2672 and aws/aws-parallelcluster issue 4031: "Cannot delete entity,
        must detach all policies first".
        """
        me = {self.named: made.physical_resource_id}
        found = _stored(client, self.kind, made.physical_resource_id)
        if found is None:
            return
        self._embed(client, me, properties, {})
        self._attach(client, me, properties, {})
        if self.kind == "User":
            _join(client, me, properties, {})
            if properties.get("LoginProfile"):
                client.drop("iam", "DeleteLoginProfile", **me)
        client.drop("iam", f"Delete{self.kind}", **me)

    def _change(self, client: Client, me: dict[str, str], before: Properties, after: Properties) -> None:
        changed = {name for name in {*before, *after} if before.get(name) != after.get(name)}
        if "AssumeRolePolicyDocument" in changed:
            text = document(after.get("AssumeRolePolicyDocument"))
            client.ask("iam", "UpdateAssumeRolePolicy", **me, PolicyDocument=text)
        if self.kind == "Role" and changed & {"Description", "MaxSessionDuration"}:
            session = _number(after.get("MaxSessionDuration")) or 3600
            client.ask(
                "iam", "UpdateRole", **me, Description=after.get("Description") or " ", MaxSessionDuration=session
            )
        if "Path" in changed and self.kind != "Role":
            client.ask("iam", f"Update{self.kind}", **me, NewPath=after.get("Path") or "/")
        if "PermissionsBoundary" in changed and after.get("PermissionsBoundary"):
            boundary = after["PermissionsBoundary"]
            client.ask("iam", f"Put{self.kind}PermissionsBoundary", **me, PermissionsBoundary=boundary)
        elif "PermissionsBoundary" in changed:
            client.drop("iam", f"Delete{self.kind}PermissionsBoundary", **me)
        gone = set(tags_of(before)) - set(tags_of(after))
        if "Tags" in changed and gone:
            client.ask("iam", f"Untag{self.kind}", **me, TagKeys=sorted(gone))
        if "Tags" in changed and tags_of(after):
            listed = [{"Key": key, "Value": value} for key, value in tags_of(after).items()]
            client.ask("iam", f"Tag{self.kind}", **me, Tags=listed)

    def _embed(self, client: Client, me: dict[str, str], before: Properties, after: Properties) -> None:
        had, wanted = _embedded(before), _embedded(after)
        stored = getattr(_stored(client, self.kind, me[self.named]), "policies", {})
        for name in sorted(had.keys() - wanted.keys()):
            if name in stored:
                client.ask("iam", f"Delete{self.kind}Policy", **me, PolicyName=name)
        for name, text in wanted.items():
            if had.get(name) != text:
                client.ask("iam", f"Put{self.kind}Policy", **me, PolicyName=name, PolicyDocument=text)

    def _attach(self, client: Client, me: dict[str, str], before: Properties, after: Properties) -> None:
        had, wanted = before.get("ManagedPolicyArns") or [], after.get("ManagedPolicyArns") or []
        stored = getattr(_stored(client, self.kind, me[self.named]), "managed_policies", {})
        for arn in (arn for arn in had if arn not in wanted and arn in stored):
            client.ask("iam", f"Detach{self.kind}Policy", **me, PolicyArn=arn)
        for arn in (arn for arn in wanted if arn not in had):
            client.ask("iam", f"Attach{self.kind}Policy", **me, PolicyArn=arn)


HANDLERS: Mapping[str, Handler] = {
    "AWS::IAM::Role": Identity("Role", frozenset({"RoleName", "Path"})),
    "AWS::IAM::User": Identity("User", frozenset({"UserName"})),
    "AWS::IAM::Group": Identity("Group", frozenset({"GroupName"})),
}


def document(value: Any) -> str:
    """A policy document as the text that is sent; an account that a template names by a number is its digits.

    Source: aws/aws-cdk issue 1100: a number loses its leading zeros, and is an account all the same where it has none.
    """
    return value if isinstance(value, str) else json.dumps(_with_accounts(value), default=str)


def _with_accounts(value: Any, *, named: bool = False) -> Any:
    if isinstance(value, Mapping):
        return {k: _with_accounts(v, named=named or k in ("Principal", "NotPrincipal")) for k, v in value.items()}
    if isinstance(value, list):
        return [_with_accounts(each, named=named) for each in value]
    return str(value) if named and isinstance(value, int) and not isinstance(value, bool) else value


def tags_of(properties: Properties) -> dict[str, str]:
    """The tags of a resource, by key."""
    return {str(tag["Key"]): str(tag["Value"]) for tag in properties.get("Tags") or []}


def _embedded(properties: Properties) -> dict[str, str]:
    return {policy["PolicyName"]: document(policy["PolicyDocument"]) for policy in properties.get("Policies") or []}


def _join(client: Client, me: dict[str, str], before: Properties, after: Properties) -> None:
    had, wanted = before.get("Groups") or [], after.get("Groups") or []
    for group in (group for group in had if group not in wanted):
        client.drop("iam", "RemoveUserFromGroup", **me, GroupName=group)
    for group in (group for group in wanted if group not in had):
        client.ask("iam", "AddUserToGroup", **me, GroupName=group)


def _stored(client: Client, kind: str, name: str) -> Any:
    """What moto keeps under a name; a handler lists it, for which it needs no more than it has."""
    backend = backend_of(client)
    named = {"Role": backend.roles.values(), "User": backend.users.values(), "Group": backend.groups.values()}[kind]
    return next((each for each in named if each.name == name), None)


def backend_of(client: Client) -> Any:
    """IAM of the account that a stack is in, as moto keeps it."""
    from moto.iam.models import iam_backends

    return iam_backends[client.account][client.partition]


def _number(value: Any) -> int | None:
    """A number, which a template may write as text; what is none stays for IAM to refuse."""
    text = str(value if value is not None else "")
    return int(text) if text.isdigit() else None
