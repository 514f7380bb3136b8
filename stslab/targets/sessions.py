"""Temporary credentials of a user, which moto hands out but does not know afterwards."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any


@dataclass
class UserSession:
    """A session of a user, in the shape of the sessions of roles that moto keeps.

    ``user`` is moto's user; ``name`` is a federated user's, empty for GetSessionToken; ``policy_documents`` are the
    session policies of a federated user, whom none given leaves without permissions; ``mfa_at`` is when the user showed
    an MFA code, if he did.
    """

    account_id: str
    partition: str
    user: Any
    access_key_id: str
    secret_access_key: str
    session_token: str
    issued: datetime
    expiration: datetime
    name: str = ""
    policy_documents: Sequence[str] = ()
    tags: Mapping[str, str] = field(default_factory=dict)
    mfa_at: datetime | None = None

    @property
    def arn(self) -> str:
        """Who calls with it: the user, or the federated user.

        Source: STS API reference, FederatedUser: ``arn:aws:sts::123456789012:federated-user/Bob``.
        """
        if not self.name:
            return str(self.user.arn)
        return f"arn:{self.partition}:sts::{self.account_id}:federated-user/{self.name}"

    @property
    def user_id(self) -> str:
        """The user's unique id, or a federated user's ``account:name``.

        Source: IAM user guide, "IAM policy elements: Variables and tags", principal key values.
        """
        return f"{self.account_id}:{self.name}" if self.name else str(self.user.id)
