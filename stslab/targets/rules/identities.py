"""Unique ids: every user has one as AWS writes it, and who is deleted stays in policies by it alone.

Source: IAM user guide, "IAM identifiers", Unique identifiers, and "AWS JSON policy elements: Principal": the ARN in a
policy "transforms to the user's unique principal ID when you save the policy", so that somebody made again under the
same name is not the one who was meant; while he is there the ARN is shown, afterwards the id.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

from stslab.iam import Policy

KINDS = {"user": "AIDA", "role": "AROA"}
"""The prefix of a unique id. Source: IAM user guide, "IAM identifiers", Unique ID prefixes."""


_IDENTITY = re.compile(r"arn:[\w-]+:iam::(?P<account>\d{12}):(?:user|role)/.+")
_UNIQUE_ID = re.compile(r"(?:AIDA|AROA)[A-Z0-9]{12,}")


def replacements() -> dict[tuple[Any, str], Callable[..., Any]]:
    """Have moto give ids of AWS's form, and write them into the policies that name who is deleted."""
    from moto.iam.models import IAMBackend
    from moto.iam.utils import generate_access_key_id_from_account_id

    create_user, delete_user, delete_role = IAMBackend.create_user, IAMBackend.delete_user, IAMBackend.delete_role

    def create(backend: Any, *args: Any, **named: Any) -> Any:
        user = create_user(backend, *args, **named)
        user.id = generate_access_key_id_from_account_id(backend.account_id, KINDS["user"], 21)
        return user

    def without_user(backend: Any, user_name: str) -> None:
        user = backend.get_user(user_name)
        delete_user(backend, user_name)
        forget(user.arn, user.id)

    def without_role(backend: Any, role_name: str) -> None:
        role = backend.get_role(role_name)
        delete_role(backend, role_name)
        forget(role.arn, role.id)

    return {
        (IAMBackend, "create_user"): create,
        (IAMBackend, "delete_user"): without_user,
        (IAMBackend, "delete_role"): without_role,
    }


def forget(arn: str, unique_id: str) -> None:
    """Put the unique id in the place of an ARN in every trust policy and bucket policy.

    Args:
        arn: of the user or role that is no more.
        unique_id: what it is from now on.
    """
    from moto.iam.models import iam_backends
    from moto.s3.models import s3_backends

    for role in (r for account in list(iam_backends.values()) for b in account.values() for r in b.roles.values()):
        role.assume_role_policy_document = renamed(str(role.assume_role_policy_document), arn, unique_id)
    bucket: Any
    for bucket in (b for account in list(s3_backends.values()) for s3 in account.values() for b in s3.buckets.values()):
        if bucket.policy is not None:
            was_bytes = isinstance(bucket.policy, bytes)
            text = renamed(bucket.policy.decode() if was_bytes else bucket.policy, arn, unique_id)
            bucket.policy = text.encode() if was_bytes else text


def renamed(document: str, arn: str, unique_id: str) -> str:
    """A policy document with another AWS principal in the place of one; the same text where it does not name it."""
    if arn not in document:
        return document
    data = json.loads(document)
    statements = data["Statement"] if isinstance(data["Statement"], list) else [data["Statement"]]
    for statement in statements:
        for element in ("Principal", "NotPrincipal"):
            principals = statement.get(element)
            if isinstance(principals, dict) and "AWS" in principals:
                given = principals["AWS"]
                listed = [unique_id if one == arn else one for one in (given if isinstance(given, list) else [given])]
                principals["AWS"] = listed if isinstance(given, list) else listed[0]
    return json.dumps(data)


def nobody_in(policy: Policy) -> str:
    """A user, role or unique id that a policy names and that is not there, or an empty string.

    Whether an account that moto does not keep has somebody cannot be known here, and is left to the policy.

    Source: IAM user guide, "AWS JSON policy elements: Principal": a user or role that is named has to exist when the
    policy is saved; IAM reports one that does not as an invalid principal.
    """
    for statement in policy.statements:
        for principal in (statement.principals or {}).get("AWS", ()):
            arn = _IDENTITY.fullmatch(principal)
            there = not is_known(arn["account"]) if arn else not _UNIQUE_ID.fullmatch(principal)
            if not there and unique_id_of(principal) is None:
                return principal
    return ""


def unique_id_of(principal: str) -> str | None:
    """The unique id of a user or role by its ARN or by the id itself; ``None`` where there is none in its account."""
    from moto.iam.models import iam_backends

    for account in list(iam_backends.values()):
        for backend in list(account.values()):
            known: list[Any] = [*backend.users.values(), *backend.roles.values()]
            for one in known:
                if principal in (one.arn, one.id):
                    return str(one.id)
    return None


def is_known(account: str) -> bool:
    """Whether an account is one that moto keeps users of; whom another has cannot be told here."""
    from moto.iam.models import iam_backends

    # Only looked up where it is there: moto makes an account of every id that it is asked for.
    return account in iam_backends and any(backend.users for backend in iam_backends[account].values())
