"""What every target offers, and what it declares about itself."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass

from stslab.credentials import Credentials


@dataclass(frozen=True)
class Patience:
    """How a target wants to be asked.

    Args:
        denials_in_a_row: how often a denial has to be answered before it is believed.
        poll_seconds: seconds between two looks at a stack that is being made or torn down.
        polls: how many such looks there are at most.
    """

    denials_in_a_row: int = 1
    poll_seconds: float = 0.0
    polls: int = 1


class Target(ABC):
    """An account to perform the lab in, opened before and closed after it."""

    name: str
    account: str
    region: str
    patience: Patience

    @abstractmethod
    def open(self) -> Credentials:
        """Make the target ready.

        Returns:
            the credentials of the suite's own admin.

        Raises:
            TargetError: the target cannot be had, or cannot be trusted.
        """

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
