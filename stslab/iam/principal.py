"""Who calls, and which principals of a policy mean that caller."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum

_CALLER = re.compile(r"arn:(?P<partition>[\w-]+):(?:iam|sts)::(?P<account>\d{12}):(?P<rest>.+)")


@dataclass(frozen=True)
class Caller:
    """The principal of a request.

    Args:
        arn: a user's, a session's (``assumed-role/…``) or an account root's ARN.
        role_arn: for a session, its role's ARN with the role's path, which the session's ARN leaves out.
    """

    arn: str
    role_arn: str = ""

    @property
    def account(self) -> str:
        """The caller's account, 12 digits; empty where the ARN names none."""
        found = _CALLER.fullmatch(self.arn)
        return found["account"] if found else ""

    @property
    def partition(self) -> str:
        """The caller's partition, ``aws`` for most."""
        found = _CALLER.fullmatch(self.arn)
        return found["partition"] if found else "aws"


class Naming(Enum):
    """How a Principal element means a caller."""

    NOT = "not"
    BY_ACCOUNT = "by account"
    BY_NAME = "by name"


def naming(principals: Mapping[str, tuple[str, ...]], caller: Caller) -> Naming:
    """Say whether, and how, a Principal element means the caller.

    An account (its id, or its root's ARN) stands for everyone in it to whom the account's own policies give the
    action; a user, role or session named by ARN, and ``*``, are meant themselves.

    Source: IAM user guide, "AWS JSON policy elements: Principal": an account id and
    ``arn:aws:iam::ID:root`` are the same, wildcards are not allowed in part of a name or an ARN, and a role's ARN
    covers the role's sessions.
    """
    best = Naming.NOT
    for kind, values in principals.items():
        if kind not in ("AWS", "*"):
            continue
        for value in values:
            if value in ("*", caller.arn) or (caller.role_arn and value == caller.role_arn):
                return Naming.BY_NAME
            if value in (caller.account, f"arn:{caller.partition}:iam::{caller.account}:root"):
                best = Naming.BY_ACCOUNT
    return best
