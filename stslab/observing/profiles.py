"""The student's profiles in the AWS files of the person who checks: whose keys they hold, and whether those work."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from stslab.answers import CREDENTIAL_CODES, code_of, message_of
from stslab.errors import BadInput, TargetError
from stslab.principals import Principal

STS, ASSUMED, DEFAULT = "sts", "assumed", "default"

KEY = "aws_access_key_id"


@dataclass(frozen=True)
class Held:
    """A profile with a key.

    Args:
        name: the profile.
        access_key_id: its key's id.
        principal: calls with it.
        arn: whose it is; empty where AWS refuses the credential, or the profile is not whole.
        refusal: what AWS says then, or what the profile lacks, else empty.
        is_whole: whether there is a secret key with the id, so that a call can be signed.
    """

    name: str
    access_key_id: str
    principal: Principal
    arn: str = ""
    refusal: str = ""
    is_whole: bool = True

    @property
    def user(self) -> str:
        """The name of the IAM user whose key it is, else empty."""
        return self.arn.rpartition("/")[2] if ":user/" in self.arn else ""

    @property
    def role(self) -> str:
        """The name of the role of which it holds a session, else empty."""
        return self.arn.split("/")[1] if ":assumed-role/" in self.arn else ""

    @property
    def session(self) -> str:
        """The name of that session, else empty."""
        return self.arn.rpartition("/")[2] if self.role else ""


def with_keys(profiles: Mapping[str, Mapping[str, Any]]) -> dict[str, Mapping[str, Any]]:
    """Those of the profiles that hold a key of their own; the lab's are made with one that is filled in later."""
    return {name: settings for name, settings in profiles.items() if str(settings.get(KEY, "")).strip()}


def held(name: str, settings: Mapping[str, Any], account: str, principal_of: Callable[[str], Principal]) -> Held:
    """Find out whose the key of a profile is.

    Args:
        name: the profile.
        settings: its settings.
        account: whose it should be, 12 digits.
        principal_of: makes a principal of a profile.

    Raises:
        BadInput: its key is of another account.
        TargetError: the target cannot be asked.
    """
    where = f"profile {name}"
    principal = principal_of(name)
    key = str(settings[KEY]).strip()
    if not str(settings.get("aws_secret_access_key", "")).strip():
        # Somebody may be about to write it there.
        return Held(name, key, principal, refusal="it has an access key id and no secret access key", is_whole=False)
    try:
        me = principal.sts.get_caller_identity()
    except ClientError as error:
        if code_of(error) not in CREDENTIAL_CODES:
            said = f"{code_of(error)}, {message_of(error).rstrip('.')}"
            raise TargetError(f"{where}: it cannot be found out whose key it has ({said}); try again.") from error
        return Held(name, key, principal, refusal=f"{code_of(error)}, {message_of(error)}")
    except BotoCoreError as fault:
        raise TargetError(f"{where}: it cannot be found out whose key it has ({fault}); try again.") from fault
    if str(me["Account"]) != account:
        problem = f"its key is of account {me['Account']}, and the admin's is of {account}"
        raise BadInput(
            where, problem, "put a key of the same account there, or name that account's admin with --aws-profile"
        )
    principal.arn = str(me["Arn"])
    return Held(name, key, principal, principal.arn)
