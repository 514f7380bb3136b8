"""Whose a thing is: the tags by which a run proves that it has made it."""

from __future__ import annotations

import re
import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from urllib.parse import urlencode

RUN, EXPIRES, OWNER = "stslab:run", "stslab:expires", "stslab:owner"

CANARY = "stslab-canary"
"""How the name of the user begins that proves, before anything else, that the target says no."""

CHECKING = "stslab-check"
"""What the clients of ``stslab check`` call themselves, so that nobody takes its calls for the student's."""

LIFETIME = timedelta(hours=4)
"""How long a run's things are left alone by ``stslab sweep --discover``; a run takes minutes."""

_NOT_IN_A_TAG = re.compile(r"[^\w .:/=+@-]")
"""Source: IAM API reference, Tag: ``[\\p{L}\\p{Z}\\p{N}_.:/=+\\-@]*``, up to 256 characters."""

ISO = "%Y-%m-%dT%H:%M:%SZ"


@dataclass(frozen=True)
class Marks:
    """The tags of a run's things; a run in an account of its own needs none.

    Args:
        run: the run's id, empty where nothing is tagged.
        owner: who runs it.
        expires: the time in UTC after which its things are leftovers.
    """

    run: str = ""
    owner: str = ""
    expires: str = ""

    @property
    def tags(self) -> list[dict[str, str]]:
        """The tags as IAM and CloudFormation take them."""
        values = {RUN: self.run, EXPIRES: self.expires, OWNER: self.owner} if self.run else {}
        return [{"Key": key, "Value": value} for key, value in values.items()]

    @property
    def query(self) -> str:
        """The tags as PutObject takes them."""
        return urlencode({tag["Key"]: tag["Value"] for tag in self.tags})

    def are_on(self, tags: Iterable[Mapping[str, str]]) -> bool:
        """Whether a thing with these tags has been made by this run."""
        return bool(self.run) and read(tags).get(RUN) == self.run


def fresh_marks(owner: str) -> Marks:
    """Marks of a new run.

    Args:
        owner: who runs it, for example the ARN of the admin.
    """
    expires = (datetime.now(UTC) + LIFETIME).strftime(ISO)
    return Marks(secrets.token_hex(4), _NOT_IN_A_TAG.sub("_", owner)[:256], expires)


def read(tags: Iterable[Mapping[str, str]]) -> dict[str, str]:
    """Tags by key."""
    return {str(tag["Key"]): str(tag["Value"]) for tag in tags}


def is_expired(tags: Mapping[str, str], now: datetime) -> bool:
    """Whether a thing is a run's leftover, going by its tags; one without all of ours never is.

    Args:
        tags: the thing's tags by key.
        now: the time, in UTC.
    """
    try:
        expires = datetime.strptime(tags[EXPIRES], ISO).replace(tzinfo=UTC)
    except (KeyError, ValueError):
        return False
    return bool(tags.get(RUN)) and OWNER in tags and expires < now
