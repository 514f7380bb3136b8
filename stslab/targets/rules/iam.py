"""IAM: names, and documents with their sizes.

Source for the whole module: IAM API reference, each operation's "Errors"; IAM user guide, "IAM and AWS STS quotas".
"""

from __future__ import annotations

import re

from stslab.iam import MalformedPolicy, policy_size, read_policy, require_identity_policy
from stslab.targets.case import Case
from stslab.targets.context import one
from stslab.targets.rules import holdings
from stslab.targets.rules.holdings import KINDS
from stslab.targets.rules.managed import provide

INLINE_LIMITS = {"user": 2048, "group": 5120, "role": 10240}
"""Characters of all inline policies in sum, white space not counted."""

MANAGED_LIMIT = 6144

_NAMES = {"UserName": 64, "RoleName": 64, "GroupName": 128, "PolicyName": 128, "InstanceProfileName": 128}
_NAME = re.compile(r"[\w+=,.@-]+", re.ASCII)
_PATH = re.compile(r"/|/[\x21-\x7F]+/")

_MAKING = {f"Create{kind.capitalize()}": (f"{kind.capitalize()}Name", kind) for kind in KINDS}
_PUTTING = {"PutUserPolicy": "user", "PutGroupPolicy": "group", "PutRolePolicy": "role"}
_SAVING = frozenset({*_PUTTING, "CreatePolicy", "CreatePolicyVersion"})


def validate(case: Case) -> None:
    """Refuse names, paths and durations that no one may give.

    Raises:
        Exception: ValidationError.
    """
    call = case.call
    for name, longest in _NAMES.items():
        value = one(call, name)
        if name in call.data and (len(value) > longest or not _NAME.fullmatch(value)):
            field = name[0].lower() + name[1:]
            raise _invalid(case, f"The specified value for {field} is invalid. It must match {_NAME.pattern}")
    if case.operation.startswith("Create") and one(call, "Path") and not _PATH.fullmatch(one(call, "Path")):
        raise _invalid(case, "The specified value for path is invalid. It must begin and end with /")
    longest_session = one(call, "MaxSessionDuration")
    if longest_session and not (longest_session.isdigit() and 3600 <= int(longest_session) <= 43200):
        raise _invalid(case, f"Value '{longest_session}' at 'maxSessionDuration' must be between 3600 and 43200")
    if case.operation == "GetUser" and not one(call, "UserName") and case.actor.session is not None:
        raise _invalid(case, "Must specify userName when calling with non-User credentials")


def check(case: Case) -> None:
    """Refuse what IAM refuses a caller who may.

    Raises:
        Exception: MalformedPolicyDocument, NoSuchEntity, EntityAlreadyExists, LimitExceeded or DeleteConflict.
    """
    operation = case.operation
    if operation in _SAVING:
        _check_document(case)
    if one(case.call, "PermissionsBoundary") and not provide(case.call.backend, one(case.call, "PermissionsBoundary")):
        message = f"Scope ARN: {one(case.call, 'PermissionsBoundary')} does not exist or is not attachable."
        raise case.refusal("NoSuchEntity", message, 404)
    if operation in _MAKING:
        _check_name(case)
    holdings.check(case)


def _check_document(case: Case) -> None:
    call, document = case.call, one(case.call, "PolicyDocument")
    try:
        require_identity_policy(read_policy(document, "the policy"))
    except MalformedPolicy as malformed:
        raise case.refusal("MalformedPolicyDocument", malformed.message, 400) from None
    kind = _PUTTING.get(case.operation)
    if kind is None:
        if policy_size(document) > MANAGED_LIMIT:
            raise case.refusal("LimitExceeded", f"Cannot exceed quota for PolicySize: {MANAGED_LIMIT}", 409)
        return
    name = one(call, f"{kind.capitalize()}Name")
    holder = KINDS[kind](call.backend).get(name)
    others = dict(holder.policies) if holder is not None else {}
    others.pop(one(call, "PolicyName"), None)
    size = policy_size(document) + sum(policy_size(text) for text in others.values())
    if size > INLINE_LIMITS[kind]:
        message = f"Maximum policy size of {INLINE_LIMITS[kind]} bytes exceeded for {kind} {name}"
        raise case.refusal("LimitExceeded", message, 409)


def _check_name(case: Case) -> None:
    """Refuse a name that differs from another's in upper and lower case only; moto refuses the same name itself.

    Source: IAM API reference, CreateUser, UserName: "IAM user, group, role, and policy names must be unique within the
    account. Names are not distinguished by case".
    """
    parameter, kind = _MAKING[case.operation]
    name = one(case.call, parameter)
    taken = next((n for n in KINDS[kind](case.call.backend) if n != name and n.lower() == name.lower()), None)
    if taken is not None:
        raise case.refusal("EntityAlreadyExists", f"{kind.capitalize()} with name {name} already exists.", 409)


def _invalid(case: Case, message: str) -> Exception:
    return case.refusal("ValidationError", message, 400)
