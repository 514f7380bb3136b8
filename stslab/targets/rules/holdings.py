"""What users, groups and roles hold: how much of it they may, and what has to go before they can.

Source for the whole module: IAM API reference, each operation's "Errors"; IAM user guide, "IAM and AWS STS quotas".
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from stslab.targets.case import Case
from stslab.targets.context import one


def check(case: Case) -> None:
    """Refuse one thing too many, and the deletion of who still holds something.

    Raises:
        Exception: LimitExceeded or DeleteConflict.
    """
    if case.operation in _QUOTAS:
        _check_quota(case)
    if case.operation in _DELETING:
        parameter, kind = _DELETING[case.operation]
        holder = {**KINDS, "policy": _policies}[kind](case.call.backend).get(one(case.call, parameter))
        conflict = _BEFORE[kind](case.call.backend, holder) if holder is not None else ""
        if conflict:
            raise case.refusal("DeleteConflict", conflict, 409)


def _check_quota(case: Case) -> None:
    quota, most, kind, held = _QUOTAS[case.operation]
    holder = KINDS[kind](case.call.backend).get(one(case.call, f"{kind.capitalize()}Name") or _own_name(case))
    if holder is None:
        return
    there = held(case.call.backend, holder)
    if len(there) >= most and not {one(case.call, "PolicyArn"), one(case.call, "GroupName")} & set(there):
        raise case.refusal("LimitExceeded", f"Cannot exceed quota for {quota}: {most}", 409)


def _own_name(case: Case) -> str:
    """The name of the user who calls, about whom some operations are where they name no user."""
    return str(case.actor.user.name) if case.actor.user is not None else ""


def _users(backend: Any) -> Mapping[str, Any]:
    return dict(backend.users)


def _groups(backend: Any) -> Mapping[str, Any]:
    return dict(backend.groups)


def _roles(backend: Any) -> Mapping[str, Any]:
    return {role.name: role for role in backend.roles.values()}


def _policies(backend: Any) -> Mapping[str, Any]:
    return {arn: policy for arn, policy in backend.managed_policies.items() if ":iam::aws:" not in arn}


KINDS: dict[str, Callable[[Any], Mapping[str, Any]]] = {"user": _users, "group": _groups, "role": _roles}

_QUOTAS: dict[str, tuple[str, int, str, Callable[[Any, Any], list[str]]]] = {
    "CreateAccessKey": ("AccessKeysPerUser", 2, "user", lambda _, user: [k.access_key_id for k in user.access_keys]),
    "AttachUserPolicy": ("PoliciesPerUser", 10, "user", lambda _, user: list(user.managed_policies)),
    "AttachGroupPolicy": ("PoliciesPerGroup", 10, "group", lambda _, group: list(group.managed_policies)),
    "AttachRolePolicy": ("PoliciesPerRole", 10, "role", lambda _, role: list(role.managed_policies)),
    "AddUserToGroup": (
        "GroupsPerUser",
        10,
        "user",
        lambda backend, user: [group.name for group in backend.get_groups_for_user(user.name)],
    ),
}
"""Quota's name, its default, whose it is, and what counts. Source: IAM user guide, "IAM and AWS STS quotas"."""


def _first(things: Mapping[str, Any]) -> str:
    what = next((what for what, there in things.items() if there), "")
    return what and f"Cannot delete entity, must {what} first."


def _before_user(backend: Any, user: Any) -> str:
    return _first(
        {
            "delete access keys": user.access_keys,
            "delete policies": user.policies,
            "detach all policies": user.managed_policies,
            "remove users from group": backend.get_groups_for_user(user.name),
            "delete login profile": user.password,
            "delete MFA device": user.mfa_devices,
        }
    )


def _before_role(backend: Any, role: Any) -> str:
    profiles = [p for p in backend.instance_profiles.values() if any(r.name == role.name for r in p.roles)]
    return _first(
        {
            "delete policies": role.policies,
            "detach all policies": role.managed_policies,
            "remove roles from instance profile": profiles,
        }
    )


def _before_group(_: Any, group: Any) -> str:
    return _first(
        {
            "remove users from group": group.users,
            "delete policies": group.policies,
            "detach all policies": group.managed_policies,
        }
    )


def _before_policy(backend: Any, policy: Any) -> str:
    everyone = [*backend.users.values(), *backend.roles.values(), *backend.groups.values()]
    if any(policy.arn in one.managed_policies for one in everyone):
        return "Cannot delete a policy attached to entities."
    if any(getattr(one, "permissions_boundary_arn", None) == policy.arn for one in everyone):
        return "Cannot delete a policy that is a permissions boundary of entities."
    if len(policy.versions) > 1:
        versions = "Before you delete a policy, you must delete the policy's versions. The default version is deleted"
        return f"This policy has more than one version. {versions} with the policy."
    return ""


_DELETING = {
    "DeleteUser": ("UserName", "user"),
    "DeleteRole": ("RoleName", "role"),
    "DeleteGroup": ("GroupName", "group"),
    "DeletePolicy": ("PolicyArn", "policy"),
}

_BEFORE = {"user": _before_user, "role": _before_role, "group": _before_group, "policy": _before_policy}
