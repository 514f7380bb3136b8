"""One call in an account's history, as CloudTrail records it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from stslab.marks import CHECKING

KEY_ID = "accessKeyId"


@dataclass(frozen=True)
class Event:
    """One call.

    Args:
        name: the operation, for example ``CreateUser``.
        time: when, in UTC; CloudTrail gives whole seconds.
        arn: who called; empty where CloudTrail does not say.
        error: the error code; empty where the call succeeded.
        parameters: the request's parameters that are texts, by CloudTrail's names, for example ``userName``; of
            CreateAccessKey also the key's ``accessKeyId``, which only the answer has.
        account: whose history it is in, 12 digits.
        user_agent: what the client called itself.
    """

    name: str
    time: datetime
    arn: str
    error: str = ""
    parameters: Mapping[str, str] = field(default_factory=dict)
    account: str = ""
    user_agent: str = ""

    @classmethod
    def of(cls, record: Mapping[str, Any]) -> Event:
        """Take an event from a record. Source: CloudTrail user guide, "CloudTrail record contents".

        Raises:
            AttributeError, KeyError, OverflowError, TypeError, ValueError: it is no such record.
        """
        who = record.get("userIdentity") or {}
        made = (record.get("responseElements") or {}).get("accessKey") or {}
        asked = {**(record.get("requestParameters") or {}), **{name: made[name] for name in made if name == KEY_ID}}
        return cls(
            name=str(record["eventName"]),
            time=datetime.fromisoformat(str(record["eventTime"])).astimezone(UTC),
            arn=str(who.get("arn") or ""),
            error=str(record.get("errorCode") or ""),
            parameters={str(name): value for name, value in asked.items() if isinstance(value, str)},
            account=str(record.get("recipientAccountId") or ""),
            user_agent=str(record.get("userAgent") or ""),
        )

    @property
    def caller(self) -> str:
        """Who called, in short: the user's name, or the role's and the session's."""
        who = self.arn.rpartition(":")[2]
        return who.partition("/")[2] or who or "somebody"

    @property
    def stack_name(self) -> str:
        """The name of the stack that it is about, also where the call gave the stack's ARN."""
        given = self.parameters.get("stackName", "")
        return given.split("/")[1] if given.startswith("arn:") and given.count("/") > 1 else given

    @property
    def is_a_check(self) -> bool:
        """Whether ``stslab check`` itself made the call."""
        return CHECKING in self.user_agent
