"""IAM: documents and their sizes, quotas, names, and what has to go before something can be deleted.

Source for the whole module: IAM API reference, each operation's "Errors"; IAM user guide, "IAM and AWS STS quotas".
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from stslab.iam import MalformedPolicy, policy_size, read_policy, require_identity_policy
from stslab.targets.refusals import refusal

INLINE_LIMITS = {"user": 2048, "group": 5120, "role": 10240}
"""Characters of all inline policies in sum, white space not counted."""

MANAGED_LIMIT = 6144
KEYS_PER_USER = 2

_NAMES = {"UserName": 64, "RoleName": 64, "GroupName": 128, "PolicyName": 128, "InstanceProfileName": 128}
_NAME = re.compile(r"[\w+=,.@-]+", re.ASCII)
_PATH = re.compile(r"/|/[\x21-\x7F]+/")

_PUTTING = {"PutUserPolicy": "user", "PutGroupPolicy": "group", "PutRolePolicy": "role"}
_SAVING = frozenset({*_PUTTING, "CreatePolicy", "CreatePolicyVersion"})


def validate(call: Any, operation: str) -> None:
    """Refuse names, paths and durations that no one may give.

    Raises:
        Exception: ValidationError.
    """
    for name, longest in _NAMES.items():
        value = _one(call, name)
        if name in call.data and (len(value) > longest or not _NAME.fullmatch(value)):
            field = name[0].lower() + name[1:]
            raise _invalid(call, f"The specified value for {field} is invalid. It must match {_NAME.pattern}")
    if operation.startswith("Create") and _one(call, "Path") and not _PATH.fullmatch(_one(call, "Path")):
        raise _invalid(call, "The specified value for path is invalid. It must begin and end with /")
    longest_session = _one(call, "MaxSessionDuration")
    if longest_session and not (longest_session.isdigit() and 3600 <= int(longest_session) <= 43200):
        raise _invalid(call, f"Value '{longest_session}' at 'maxSessionDuration' must be between 3600 and 43200")


def check(call: Any, operation: str) -> None:
    """Refuse what IAM refuses a caller who may.

    Raises:
        Exception: MalformedPolicyDocument, LimitExceeded or DeleteConflict.
    """
    if operation in _SAVING:
        _check_document(call, operation)
    if operation == "CreateAccessKey":
        user = call.backend.users.get(_one(call, "UserName"))
        if user is not None and len(user.access_keys) >= KEYS_PER_USER:
            message = f"Cannot exceed quota for AccessKeysPerUser: {KEYS_PER_USER}"
            raise refusal("iam", call.headers, "LimitExceeded", message, 409)
    if operation in _HOLDERS:
        name, found, in_the_way = _HOLDERS[operation]
        holder = found(call.backend).get(_one(call, name))
        conflict = in_the_way(call.backend, holder) if holder is not None else ""
        if conflict:
            raise refusal("iam", call.headers, "DeleteConflict", f"Cannot delete entity, must {conflict} first.", 409)


def _check_document(call: Any, operation: str) -> None:
    document = _one(call, "PolicyDocument")
    try:
        require_identity_policy(read_policy(document, "the policy"))
    except MalformedPolicy as malformed:
        raise refusal("iam", call.headers, "MalformedPolicyDocument", malformed.message, 400) from None
    kind = _PUTTING.get(operation)
    if kind is None:
        if policy_size(document) > MANAGED_LIMIT:
            message = f"Cannot exceed quota for PolicySize: {MANAGED_LIMIT}"
            raise refusal("iam", call.headers, "LimitExceeded", message, 409)
        return
    name = _one(call, f"{kind.capitalize()}Name")
    holders = {"user": _users, "group": _groups, "role": _roles}[kind](call.backend)
    others = dict(holders[name].policies) if name in holders else {}
    others.pop(_one(call, "PolicyName"), None)
    size = policy_size(document) + sum(policy_size(text) for text in others.values())
    if size > INLINE_LIMITS[kind]:
        message = f"Maximum policy size of {INLINE_LIMITS[kind]} bytes exceeded for {kind} {name}"
        raise refusal("iam", call.headers, "LimitExceeded", message, 409)


def _users(backend: Any) -> Mapping[str, Any]:
    return dict(backend.users)


def _groups(backend: Any) -> Mapping[str, Any]:
    return dict(backend.groups)


def _roles(backend: Any) -> Mapping[str, Any]:
    return {role.name: role for role in backend.roles.values()}


def _before_user(backend: Any, user: Any) -> str:
    things = {
        "delete access keys": user.access_keys,
        "delete policies": user.policies,
        "detach all policies": user.managed_policies,
        "remove users from group": backend.get_groups_for_user(user.name),
        "delete login profile": user.password,
        "delete MFA device": user.mfa_devices,
    }
    return next((what for what, there in things.items() if there), "")


def _before_role(backend: Any, role: Any) -> str:
    profiles = [p for p in backend.instance_profiles.values() if any(r.name == role.name for r in p.roles)]
    things = {
        "delete policies": role.policies,
        "detach all policies": role.managed_policies,
        "remove roles from instance profile": profiles,
    }
    return next((what for what, there in things.items() if there), "")


def _before_group(_: Any, group: Any) -> str:
    things = {
        "remove users from group": group.users,
        "delete policies": group.policies,
        "detach all policies": group.managed_policies,
    }
    return next((what for what, there in things.items() if there), "")


_HOLDERS: dict[str, tuple[str, Callable[[Any], Mapping[str, Any]], Callable[[Any, Any], str]]] = {
    "DeleteUser": ("UserName", _users, _before_user),
    "DeleteRole": ("RoleName", _roles, _before_role),
    "DeleteGroup": ("GroupName", _groups, _before_group),
}


def _one(call: Any, name: str) -> str:
    return str(call.data.get(name, [""])[0])


def _invalid(call: Any, message: str) -> Exception:
    return refusal("iam", call.headers, "ValidationError", message, 400)
