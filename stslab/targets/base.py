"""What every target offers, and what it declares about itself."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from stslab.principals import Principal, Sessions
from stslab.result import Ruling


@dataclass(frozen=True)
class Patience:
    """How a target wants to be asked.

    Args:
        in_a_row: how often an access or a denial has to be answered before it is believed.
        between_seconds: seconds between two such answers.
        longest_wait: seconds after which what has not become true yet is not waited for any more; 0 where whatever is
            done is done at once.
        longest_stack: the same for a stack that is being made or torn down.
        settling: seconds after the making of a thing within which "there is no such thing" is not believed.
    """

    in_a_row: int = 1
    between_seconds: float = 0.0
    longest_wait: float = 0.0
    longest_stack: float = 0.0
    settling: float = 0.0


class Target(ABC):
    """An account to perform the lab in, opened before and closed after it.

    ``name`` is what reports call it; ``almighty`` tells whether the admin may do everything, so that a denial to it is
    the lab's doing and not the account's.
    """

    name: str
    account: str
    region: str
    patience: Patience
    almighty: bool

    @abstractmethod
    def open(self) -> None:
        """Make the target ready.

        Raises:
            TargetError: the target cannot be had, or cannot be trusted.
        """

    @abstractmethod
    def admin(self, sessions: Sessions) -> Principal:
        """Give the suite's own admin, once the target is open.

        Args:
            sessions: where the run's principals come from.
        """

    @property
    @abstractmethod
    def wiring(self) -> Mapping[str, Any]:
        """What every client of the run is made with, beside its credentials."""

    @abstractmethod
    def require_stacks(self) -> None:
        """Make sure that a stack's end can be known here, in the region of the target.

        Raises:
            Undetermined: it cannot.
        """

    @abstractmethod
    def close(self) -> None:
        """Give everything back that :meth:`open` took; harmless when called twice."""

    @abstractmethod
    def decisions(self) -> int | None:
        """Count the authorisation decisions made so far, or ``None`` where the target does not show them.

        A call that succeeds without a decision has gone unchecked.
        """

    @abstractmethod
    def ruling(self) -> Ruling | None:
        """Tell why the last request was decided as it was, or ``None`` where the target does not show that."""
