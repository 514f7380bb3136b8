"""What an account shows of the lab: its user, its stack, its policy, and the student's profiles. All of it is read."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from stslab.errors import BadInput
from stslab.lab.standing import MADE, StackResource
from stslab.lab.steps import unless_absent
from stslab.observing.cloudtrail import LOOKED_BACK
from stslab.observing.event import Event
from stslab.observing.profiles import ASSUMED, DEFAULT, STS, Held
from stslab.principals import Principal
from stslab.settings import DEFAULTS
from stslab.submission.admission import TYPES

ROLE, BUCKET = "AWS::IAM::Role", "AWS::S3::Bucket"
GONE = "DELETE_COMPLETE"
MANY = 20
"""Deleted stacks, of which more are not looked at one by one."""


@dataclass(frozen=True)
class SeenUser:
    """The lab's user: name, path, when it was made, its keys' states by id, and the names of its inline policies."""

    name: str
    path: str
    created: datetime
    keys: Mapping[str, str]
    policies: Sequence[str]


@dataclass(frozen=True)
class SeenStack:
    """The lab's stack: name, unique id, status, resources, and when it was deleted, if it was."""

    name: str
    id: str
    status: str
    resources: Sequence[StackResource]
    deleted: datetime | None = None

    def named(self, resource_type: str) -> list[str]:
        """The names of its resources of a type."""
        return [r.physical_id for r in self.resources if r.type == resource_type]

    @property
    def role(self) -> str:
        """The name of its role, or an empty string; of several, the one that the lab calls StsRole."""
        roles = [r for r in self.resources if r.type == ROLE]
        return next((r.physical_id for r in roles if r.logical_id == "StsRole" or len(roles) == 1), "")

    @property
    def is_like_the_labs(self) -> bool:
        """Whether it has the lab's role, a bucket, and nothing that the lab has no use for."""
        return bool(self.role and self.named(BUCKET)) and all(r.type in TYPES for r in self.resources)


@dataclass(frozen=True)
class Survey:
    """What there is of the lab.

    ``user`` and ``stack`` are ``None`` where there is none; ``policy`` is the name of the user's policy, ``document``
    its text and ``role_arn`` the ARN of the stack's role, each empty where there is none; ``events`` are the account's
    history, or a sentence on why there is none; ``told`` has the names that the person told.
    """

    user: SeenUser | None
    stack: SeenStack | None
    policy: str
    document: str
    role_arn: str
    profiles: Mapping[str, Held]
    events: Sequence[Event] | str
    told: Mapping[str, str] = field(default_factory=dict)

    @property
    def calls(self) -> list[Event]:
        """The history without what ``stslab check`` itself has called; nothing where there is none."""
        return [] if isinstance(self.events, str) else [event for event in self.events if not event.is_a_check]

    @property
    def calls_of_now(self) -> list[Event]:
        """Those since the user was made; what was before is of an earlier time."""
        since = self.user.created.replace(microsecond=0) if self.user else None
        return [event for event in self.calls if since is None or event.time >= since]


class Surveyor:
    """Looks through an account for the lab's things.

    Args:
        admin: who looks.
        told: names that the person has told, by the setting's name: ``user-name``, ``stack-name``, ``policy-name``.
    """

    def __init__(self, admin: Principal, told: Mapping[str, str]) -> None:
        self._admin = admin
        self._told = told

    def survey(self, profiles: Mapping[str, Held], events: Sequence[Event] | str) -> Survey:
        """Find the lab's things.

        Args:
            profiles: the student's profiles by name.
            events: the account's history, or why there is none.

        Raises:
            BadInput: several things may be the lab's, and nothing tells which.
        """
        user = self._user(profiles)
        stack = self._stack(profiles)
        policy, document = self._policy(user)
        return Survey(user, stack, policy, document, self._role_arn(stack), profiles, events, self._told)

    def _role_arn(self, stack: SeenStack | None) -> str:
        answer = unless_absent(self._admin.iam.get_role, RoleName=stack.role) if stack and stack.role else None
        return str(answer["Role"]["Arn"]) if answer else ""

    def _user(self, profiles: Mapping[str, Held]) -> SeenUser | None:
        """The user that is told, or is called as in the lab, or whose key the student has, or a new one like the lab's.

        A user of the lab's own name comes before a key: it may be the wrong one.
        """
        users = {
            str(user["UserName"]): user
            for user in self._pages("iam", "list_users", "Users")
            if user["Arn"] != self._admin.arn
        }
        told = self._told.get("user-name")
        sts, default = (profiles[name].user if name in profiles else "" for name in (STS, DEFAULT))
        for name in [told] if told else [DEFAULTS["user-name"], sts]:
            if name in users:
                return self._seen_user(users[name])
        if told:
            return None
        # The default may be anybody's.
        if default in users and self._is_bare(default):
            return self._seen_user(users[default])
        new = datetime.now(UTC) - LOOKED_BACK
        likely = [user for name, user in users.items() if user["CreateDate"] >= new and self._is_bare(name)]
        if len(likely) > 1:
            several = ", ".join(sorted(str(user["UserName"]) for user in likely))
            raise BadInput("--user-name", f"several users may be the lab's ({several})", "name the one that is")
        return self._seen_user(likely[0]) if likely else None

    def _is_bare(self, name: str) -> bool:
        """Whether a user has only what the lab gives one: no group, no password, no policy but to assume a role."""
        iam, me = self._admin.iam, {"UserName": name}
        policies = self._pages("iam", "list_user_policies", "PolicyNames", **me)
        return not (
            iam.list_groups_for_user(**me)["Groups"]
            or iam.list_attached_user_policies(**me)["AttachedPolicies"]
            or unless_absent(iam.get_login_profile, **me)
            or any(not _is_to_assume(self._document(name, policy)) for policy in policies)
        )

    def _document(self, user: str, policy: str) -> str:
        document = self._admin.iam.get_user_policy(UserName=user, PolicyName=policy)["PolicyDocument"]
        return document if isinstance(document, str) else json.dumps(document, indent=2)

    def _seen_user(self, user: Mapping[str, Any]) -> SeenUser:
        me = {"UserName": str(user["UserName"])}
        keys = self._pages("iam", "list_access_keys", "AccessKeyMetadata", **me)
        return SeenUser(
            me["UserName"],
            str(user["Path"]),
            user["CreateDate"],
            {str(key["AccessKeyId"]): str(key["Status"]) for key in keys},
            list(self._pages("iam", "list_user_policies", "PolicyNames", **me)),
        )

    def _policy(self, user: SeenUser | None) -> tuple[str, str]:
        """The name and the document of the user's policy: the one that is told, or speaks of assuming a role."""
        documents = {name: self._document(user.name, name) for name in user.policies} if user else {}
        told = self._told.get("policy-name")
        if told:
            return (told, documents[told]) if told in documents else ("", "")
        likely = [name for name, text in documents.items() if _is_to_assume(text)]
        for name in (DEFAULTS["policy-name"], *likely, *documents):
            if name in documents:
                return name, documents[name]
        return "", ""

    def _stack(self, profiles: Mapping[str, Held]) -> SeenStack | None:
        told = self._told.get("stack-name")
        standing = list(self._pages("cloudformation", "describe_stacks", "Stacks"))
        deleted = self._pages("cloudformation", "list_stacks", "StackSummaries", StackStatusFilter=[GONE])
        newest = sorted(deleted, key=lambda stack: stack.get("DeletionTime", stack["CreationTime"]), reverse=True)
        role = profiles[ASSUMED].role if ASSUMED in profiles else ""
        for stacks in ([s for s in standing if s["StackStatus"] != GONE], newest):
            found = self._chosen(stacks, told, role, stacks is newest)
            if found is not None:
                return found
        return None

    def _chosen(self, stacks: Sequence[Mapping[str, Any]], told: str | None, role: str, old: bool) -> SeenStack | None:
        """Of several stacks the lab's: by the name told, the role that was assumed, the lab's own name, what it has."""
        if told:
            return next((self._seen_stack(stack) for stack in stacks if stack["StackName"] == told), None)
        named = [stack for stack in stacks if stack["StackName"] == DEFAULTS["stack-name"]]
        # Of those that are gone the newest counts; a profile may still hold a session from before.
        if named and (old or not role):
            return self._seen_stack(named[0])
        seen = [self._seen_stack(stack) for stack in (stacks[:MANY] if old else stacks)]
        of_role = [stack for stack in seen if role and role in stack.named(ROLE)]
        likely = [stack for stack in seen if stack.is_like_the_labs]
        by_name = [stack for stack in seen if stack.name == DEFAULTS["stack-name"]]
        for found in (of_role, by_name, likely):
            if len(found) == 1 or (found and old):
                return found[0]
            if found:
                several = ", ".join(sorted(stack.name for stack in found))
                raise BadInput("--stack-name", f"several stacks may be the lab's ({several})", "name the one that is")
        return None

    def _seen_stack(self, stack: Mapping[str, Any]) -> SeenStack:
        me = {"StackName": str(stack["StackId"])}
        answer = unless_absent(self._admin.cloudformation.describe_stack_resources, **me) or {"StackResources": []}
        return SeenStack(
            str(stack["StackName"]),
            str(stack["StackId"]),
            str(stack["StackStatus"]),
            [
                StackResource(r["LogicalResourceId"], r["ResourceType"], r["PhysicalResourceId"])
                for r in answer["StackResources"]
                if r.get("PhysicalResourceId") and r["ResourceStatus"] in (*MADE, GONE)
            ],
            deleted=stack.get("DeletionTime") if stack["StackStatus"] == GONE else None,
        )

    def template(self, stack: SeenStack) -> str:
        """The template of a stack as text; CloudFormation shows that of a deleted one for 90 days.

        Source: CloudFormation API reference, GetTemplate.
        """
        answer = unless_absent(self._admin.cloudformation.get_template, StackName=stack.id)
        body = answer["TemplateBody"] if answer else ""
        return body if isinstance(body, str) else json.dumps(body, indent=2)

    def _pages(self, service: str, operation: str, key: str, **params: Any) -> Iterator[Any]:
        for page in self._admin.client(service).get_paginator(operation).paginate(**params):
            yield from page[key]


def _is_to_assume(document: str) -> bool:
    """Whether the text of a policy speaks of STS's actions, which is what the lab's does."""
    return "sts:" in document.lower()
