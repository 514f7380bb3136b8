"""IAM: names, and what a request names that is not there.

Source for the whole module: IAM API reference, each operation's "Request Parameters" and "Errors".
"""

from __future__ import annotations

import re

from stslab.targets.case import Case
from stslab.targets.context import one
from stslab.targets.resources import OWN
from stslab.targets.rules import holdings
from stslab.targets.rules.holdings import KINDS
from stslab.targets.rules.managed import provide

_NAMES = {"UserName": 64, "RoleName": 64, "GroupName": 128, "PolicyName": 128, "InstanceProfileName": 128}
_NAME = re.compile(r"[\w+=,.@-]+", re.ASCII)
_PATH = re.compile(r"/|/[\x21-\x7F]+/")

_MAKING = {f"Create{kind.capitalize()}": (f"{kind.capitalize()}Name", kind) for kind in KINDS}


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
    if case.operation in OWN and not one(call, "UserName") and case.actor.caller.kind != "user":
        raise _invalid(case, "Must specify userName when calling with non-User credentials")


def check(case: Case) -> None:
    """Refuse what IAM refuses a caller who may.

    Raises:
        Exception: NoSuchEntity, EntityAlreadyExists, LimitExceeded or DeleteConflict.
    """
    if one(case.call, "PermissionsBoundary") and not provide(case.call.backend, one(case.call, "PermissionsBoundary")):
        message = f"Scope ARN: {one(case.call, 'PermissionsBoundary')} does not exist or is not attachable."
        raise case.refusal("NoSuchEntity", message, 404)
    if case.operation in _MAKING:
        _check_name(case)
    holdings.check(case)


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
