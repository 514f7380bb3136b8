"""Who calls, and which principals of a policy mean that caller.

Source for the whole module: IAM user guide, "AWS JSON policy elements: Principal" and "… NotPrincipal".
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import IntEnum
from functools import cached_property

Principals = Mapping[str, tuple[str, ...]]

_CALLER = re.compile(
    r"arn:(?P<partition>[\w-]+):(?:iam::(?P<iam>[0-9]{12}):(?:root|(?P<kind>user|role|saml-provider|oidc-provider)/(?P<name>.+))"
    r"|sts::(?P<sts>[0-9]{12}):(?P<session>assumed-role(?=/[^/]+/)|federated-user)/(?P<of>.+))"
)
_SERVICE = re.compile(r"[a-z0-9.-]+\.(?:amazonaws\.com(?:\.cn)?|amazon\.com|aws\.internal)")

_PRINCIPALS = {
    "AWS": re.compile(
        r"\*|[0-9]{12}|A[A-Z0-9]{15,127}|arn:[\w-]+:(?:iam::[0-9]{12}:(?:root|(?:user|role)/[^*?]+)"
        r"|sts::[0-9]{12}:(?:assumed-role/[^*?/]+/[^*?/]+|federated-user/[^*?/]+)"
        r"|iam::cloudfront:user/CloudFront Origin Access Identity [A-Z0-9]+)"
    ),
    "Service": _SERVICE,
    "Federated": re.compile(
        r"arn:[\w-]+:iam::[0-9]{12}:(?:saml|oidc)-provider/[^*?]+|[\w-]+(?:\.[\w-]+)+(?:/[^*?\s]*)?"
    ),
    "CanonicalUser": re.compile(r"[0-9a-f]{64}"),
}

ANONYMOUS = "anonymous"

_WEB_IDENTITIES = frozenset(
    {"accounts.google.com", "cognito-identity.amazonaws.com", "graph.facebook.com", "www.amazon.com"}
)
"""Identity providers that a Federated principal names without an ARN."""

_TYPES = {
    "root": "Account",
    "user": "User",
    "role": "AssumedRole",
    "assumed-role": "AssumedRole",
    "federated-user": "FederatedUser",
}
"""Values of aws:PrincipalType. Source: IAM user guide, "AWS global condition context keys"."""


class Naming(IntEnum):
    """How closely a Principal element means a caller; the greater, the closer."""

    NOT = 0
    BY_ACCOUNT = 1
    BY_ROLE = 2
    EVERYONE = 3
    ITSELF = 4


@dataclass(frozen=True)
class Caller:
    """The principal of a request.

    Args:
        arn: a user's, a session's (``assumed-role/…``), a role's or an account root's ARN, a service's name such as
            ``ec2.amazonaws.com``, an identity provider's ARN, or ``anonymous``.
        role_arn: for a session, its role's ARN with the role's path, which the session's ARN leaves out.
        user_id: the unique id (``AIDA…``, ``AROA…:session``), where it is known; by it a trust policy knows its
            principals.

    From the ARN follow ``account`` (12 digits; empty for a service and for nobody), ``partition`` (``aws`` for most),
    ``name`` (what stands behind the kind), and ``kind``: ``user``, ``assumed-role``, ``role``, ``root``,
    ``federated-user``, ``saml-provider``, ``oidc-provider``, ``service``, ``anonymous``, or nothing where the ARN is
    none that a caller can have.
    """

    arn: str
    role_arn: str = ""
    user_id: str = ""
    account: str = field(init=False, repr=False, compare=False)
    partition: str = field(init=False, repr=False, compare=False)
    kind: str = field(init=False, repr=False, compare=False)
    name: str = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        found = _CALLER.fullmatch(self.arn)
        if found is None:
            partition, account, kind, name = "aws", "", self._kind_without_arn(), ""
        elif found["sts"]:
            partition, account, kind, name = found.group("partition", "sts", "session", "of")
        else:
            partition, account, kind, name = found.group("partition", "iam", "kind", "name")
            kind = kind or "root"
        # The class is frozen; its __dict__ is where cached_property writes as well.
        self.__dict__.update(partition=partition, account=account, kind=kind, name=name or "")

    def _kind_without_arn(self) -> str:
        if self.arn in _WEB_IDENTITIES:
            return "oidc-provider"
        if _SERVICE.fullmatch(self.arn):
            return "service"
        return ANONYMOUS if self.arn in (ANONYMOUS, "*") else ""

    @property
    def is_session(self) -> bool:
        """Whether the caller is a role's session."""
        return self.kind in ("assumed-role", "role")

    @cached_property
    def role(self) -> str:
        """The ARN of a session's role, without its path where nobody told it; empty for everybody else."""
        if self.role_arn:
            return self.role_arn
        if self.kind == "role":
            return self.arn
        if self.kind != "assumed-role":
            return ""
        return f"arn:{self.partition}:iam::{self.account}:role/{self.name.partition('/')[0]}"

    @cached_property
    def keys(self) -> Mapping[str, str]:
        """The condition keys that follow from who calls, by name in lower case.

        Source: IAM user guide, "AWS global condition context keys", Properties of the principal: aws:PrincipalArn of
        a session is its role's ARN; aws:username is there for IAM users only; aws:PrincipalIsAWSService is "false" for
        a principal of IAM and "true", with the service's name beside it, for a service; anonymous requests have
        neither. "IAM policy elements: Variables and tags", Principal key values: aws:userid of each kind.
        """
        kind = self.kind
        if kind == "service":
            return {
                "aws:principalisawsservice": "true",
                "aws:principalservicename": self.arn,
            }
        if kind not in _TYPES:
            return {"aws:principaltype": "Anonymous", "aws:userid": ANONYMOUS} if kind == ANONYMOUS else {}
        keys = {
            "aws:principalarn": self.role or self.arn,
            "aws:principalaccount": self.account,
            "aws:principaltype": _TYPES[kind],
            "aws:principalisawsservice": "false",
        }
        if kind == "user":
            keys["aws:username"] = self.arn.rpartition("/")[2]
        if self.user_id:
            keys["aws:userid"] = self.user_id
        elif kind == "root":
            keys["aws:userid"] = self.account
        elif kind == "federated-user":
            keys["aws:userid"] = f"{self.account}:{self.name}"
        return keys

    @cached_property
    def _unique_ids(self) -> tuple[str, ...]:
        return (self.user_id, self.user_id.partition(":")[0]) if self.user_id else ()

    def named_by(self, value: str) -> Naming:
        """Say whether, and how, one value of an ``AWS`` principal means this caller.

        An account (its id, or its root's ARN) stands for everyone in it; a role's ARN covers the role's sessions; a
        unique id is what a trust policy keeps of a user or role that it named. Role names are unique in an account
        whatever the path, so without :attr:`role_arn` the name decides.
        """
        if value == "*":
            return Naming.EVERYONE
        if value == self.arn:
            return Naming.BY_ROLE if self.kind == "role" else Naming.ITSELF
        account = self.account
        if account and value in (account, f"arn:{self.partition}:iam::{account}:root"):
            return Naming.ITSELF if self.kind == "root" else Naming.BY_ACCOUNT
        if self.is_session and self._is_role(value):
            return Naming.BY_ROLE
        if value in self._unique_ids:
            return Naming.BY_ROLE if self.is_session else Naming.ITSELF
        return Naming.NOT

    def _is_role(self, value: str) -> bool:
        if value == self.role:
            return True
        if self.role_arn or self.kind == "role":
            return False
        prefix = f"arn:{self.partition}:iam::{self.account}:role/"
        return value.startswith(prefix) and value.rpartition("/")[2] == self.role.rpartition("/")[2]


def is_principal(kind: str, value: str) -> bool:
    """Say whether a value can be a principal of a type: ``AWS``, ``Service``, ``Federated`` or ``CanonicalUser``.

    Groups cannot, and a wildcard stands for everyone or not at all, never for part of a name or an ARN.
    """
    return _PRINCIPALS[kind].fullmatch(value) is not None


def naming(principals: Principals, caller: Caller) -> Naming:
    """Say how a Principal element means a caller: the closest of its values counts."""
    closest = Naming.NOT
    for kind, values in principals.items():
        for value in values:
            closest = max(closest, _named(kind, value, caller))
    return closest


def _named(kind: str, value: str, caller: Caller) -> Naming:
    if kind in ("AWS", "*"):
        return caller.named_by(value)
    if kind == "Service":
        return Naming.ITSELF if caller.kind == "service" and value == caller.arn else Naming.NOT
    # A federated caller is its identity provider; a canonical user id is not something that a request here carries.
    return Naming.ITSELF if kind == "Federated" and value == caller.arn else Naming.NOT


def excepted(principals: Principals, caller: Caller, denies: bool) -> bool:
    """Say whether a NotPrincipal element leaves a caller out of its statement.

    From a Deny only he is left out who is listed whole: a user with his account, a session with its role and its
    account. From an Allow he is left out who is listed in any way.

    Source: IAM user guide, "AWS JSON policy elements: NotPrincipal": "When you use NotPrincipal in the same policy
    statement as "Effect": "Deny", you must also specify the account ARN of the not-denied principal. Otherwise, the
    policy might deny access to the entire account containing the principal"; likewise the role's ARN beside a
    session's.
    """
    listed = {_named(kind, value, caller) for kind, values in principals.items() for value in values}
    if not denies or Naming.EVERYONE in listed:
        return listed != {Naming.NOT}
    if caller.kind in ("user", "federated-user"):
        return {Naming.ITSELF, Naming.BY_ACCOUNT} <= listed
    if caller.kind == "assumed-role":
        return {Naming.ITSELF, Naming.BY_ROLE, Naming.BY_ACCOUNT} <= listed
    if caller.kind == "role":
        return {Naming.BY_ROLE, Naming.BY_ACCOUNT} <= listed
    return Naming.ITSELF in listed
