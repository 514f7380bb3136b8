"""What the lab's things are made with, and how one makes sure of what is there and what is gone."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import Any

from botocore.exceptions import ClientError

from stslab.answers import action_of, code_of
from stslab.calls import resource_name
from stslab.lab.steps import unless_absent
from stslab.ledger.ledger import Ledger
from stslab.marks import Marks
from stslab.principals import Principal
from stslab.scrub import Scrubber
from stslab.waiting import Waiting


class Hold(Enum):
    """Whether a thing in the account is this run's."""

    NONE = "none"
    PERHAPS = "perhaps"
    """Its making was begun, and nobody knows what came of it."""
    OURS = "ours"


@dataclass(frozen=True)
class Means:
    """The admin's hands: who makes things, what is written down of it, and how long one waits.

    Args:
        admin: who makes and takes away.
        scrubber: learns secrets as soon as there are any.
        ledger: is told before something is made, and after.
        marks: the tags of whatever takes tags.
        waiting: asks with the target's patience.
        boundary: the ARN of the permissions boundary of what is made, or empty.
        almighty: whether the admin may do everything, so that what is denied to it is not for want of a permission.
    """

    admin: Principal
    scrubber: Scrubber
    ledger: Ledger
    marks: Marks
    waiting: Waiting
    boundary: str = ""
    almighty: bool = True

    def now(self) -> float:
        """The seconds since some moment, for :meth:`look` and :meth:`delete`."""
        return self.waiting.clock()

    def look(self, operation: Any, since: float, **params: Any) -> Any:
        """Ask for something by name; that it is not there is believed only when it has had the time to become known.

        Args:
            operation: asks for it.
            since: when its making was begun, by :meth:`now`.
            params: the operation's parameters.

        Returns:
            the answer, or ``None`` where there is no such thing.
        """
        settled = since + self.waiting.patience.settling
        return self.waiting.until(
            f"{action_of(operation)} to know {resource_name(params)}",
            lambda: unless_absent(operation, **params),
            wanted=lambda answer: answer is not None or self.now() >= settled,
            once=True,
        )

    def delete(self, operation: Any, since: float, **params: Any) -> None:
        """Delete something; that it is not there is believed as in :meth:`look`, and a conflict may pass.

        IAM answers DeleteConflict for a user whose key or policy it still sees. Source: IAM API reference, DeleteUser.

        Raises:
            ClientError: AWS refuses it.
        """
        settled = since + self.waiting.patience.settling
        self.waiting.until(
            f"{action_of(operation)} of {resource_name(params)}",
            lambda: unless_absent(operation, **params),
            passing=lambda fault: isinstance(fault, ClientError) and code_of(fault) == "DeleteConflict",
            wanted=lambda answer: answer is not None or self.now() >= settled,
            once=True,
        )

    def stays(self, operation: Any, **params: Any) -> bool:
        """Whether something that was deleted goes on being there, after the time that it may take to be gone."""
        gone = self.waiting.until(
            f"{resource_name(params)} to be gone",
            lambda: unless_absent(operation, **params) is None,
            wanted=bool,
        )
        return not gone
