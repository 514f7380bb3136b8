"""Waiting on an account that takes its time to agree with itself.

IAM is eventually consistent: a key, a policy or a deletion is not known everywhere at once. Source: IAM user guide,
"Troubleshoot IAM", Changes that I make are not always immediately visible.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Generic, TypeVar

from botocore.exceptions import ClientError

from stslab.answers import code_of, is_throttle
from stslab.targets.base import Patience

T = TypeVar("T")

FIRST, LONGEST = 0.1, 5.0
"""Seconds of the first and of the longest pause between two attempts; each is about twice the one before."""


@dataclass(frozen=True)
class Watch:
    """Is told of waits.

    Args:
        begun: called once when there is something to wait for, with what and why.
        ended: called when that wait is over, with what was waited for, why, the seconds, and how often it was asked.
    """

    begun: Callable[[str], None] = lambda _: None
    ended: Callable[[str, str, float, int], None] = lambda *_: None


class Waiting:
    """Asks until the answer is the one that is waited for, several times in a row, or the patience is at its end.

    Args:
        patience: what the target declares; with none, everything is asked once.
        watch: is told of the waits that there are.
        sleep: pauses for so many seconds.
        clock: gives the seconds since some moment.
    """

    def __init__(
        self,
        patience: Patience,
        watch: Watch | None = None,
        sleep: Callable[[float], None] = time.sleep,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.patience = patience
        self.clock = clock
        self._watch = watch or Watch()
        self._sleep = sleep
        self._together: float | None = None

    @contextmanager
    def together(self, *, in_vain: bool = False) -> Iterator[None]:
        """Have all waits meanwhile count from now: what was done at once is not waited for one after the other.

        Args:
            in_vain: what is asked for was not done, so that no time will make it true; it is asked for once.
        """
        self._together = float("-inf") if in_vain else self.clock()
        try:
            yield
        finally:
            self._together = None

    def until(
        self,
        what: str,
        ask: Callable[[], T],
        *,
        passing: Callable[[Exception], bool] = lambda _: False,
        wanted: Callable[[T], bool] = lambda _: True,
        once: bool = False,
        longest: float | None = None,
    ) -> T:
        """Ask until the answer is wanted as often in a row as the target demands.

        Args:
            what: what is waited for, for people.
            ask: asks, and gives the answer or raises what was answered.
            passing: whether an exception may pass with time; a throttle always may.
            wanted: whether an answer is the one that is waited for.
            once: one such answer is enough.
            longest: seconds to wait at most, where not those of the target.

        Returns:
            the last answer; at the end of the patience it may be one that is not wanted.

        Raises:
            Exception: what ``ask`` raised, where it does not pass, or did not in time.
        """
        cap = self.patience.longest_wait if longest is None else longest
        if cap <= 0:
            return ask()
        return self._repeated(_Wait(what, ask, passing, wanted), 1 if once else self.patience.in_a_row, cap)

    def _repeated(self, wait: _Wait[T], in_a_row: int, cap: float) -> T:
        # Only now: on moto nobody waits, and its import takes as long as several calls.
        from tenacity import Retrying, retry_if_exception, retry_if_result, wait_exponential_jitter

        begun = self.clock()
        since = begun if self._together is None else self._together
        streak = 0

        def in_vain(_: object) -> None:
            nonlocal streak
            streak = 0
            if not wait.vain:
                self._watch.begun(f"{wait.what} ({wait.seen})")
            wait.vain += 1

        retrying = Retrying(
            retry=retry_if_exception(wait.passes) | retry_if_result(wait.is_unwanted),
            stop=lambda _: self.clock() - since >= cap,
            wait=wait_exponential_jitter(multiplier=FIRST, max=LONGEST, jitter=FIRST),
            sleep=self._sleep,
            before_sleep=in_vain,
            retry_error_callback=lambda state: state.outcome.result() if state.outcome else None,
        )
        try:
            while True:
                answer = retrying(wait.once)
                streak += 1
                if streak >= in_a_row or wait.is_unwanted(answer):
                    return answer
                if self.patience.between_seconds:
                    self._sleep(self.patience.between_seconds)
        finally:
            if wait.vain:
                seconds = round(self.clock() - begun, 3)
                self._watch.ended(wait.what, wait.first_seen, seconds, wait.attempts)


class _Wait(Generic[T]):
    """One wait: what is asked, and what has come of it so far."""

    def __init__(
        self, what: str, ask: Callable[[], T], passing: Callable[[Exception], bool], wanted: Callable[[T], bool]
    ) -> None:
        self.what = what
        self.attempts = self.vain = 0
        self.seen = self.first_seen = ""
        self._ask = ask
        self._passing = passing
        self._wanted = wanted

    def once(self) -> T:
        """Ask once."""
        self.attempts += 1
        return self._ask()

    def passes(self, fault: BaseException) -> bool:
        """Whether what was raised may pass with time."""
        if not isinstance(fault, Exception) or not (is_throttle(fault) or self._passing(fault)):
            return False
        self._see(code_of(fault) if isinstance(fault, ClientError) else str(fault))
        return True

    def is_unwanted(self, answer: T) -> bool:
        """Whether an answer is not yet the one that is waited for."""
        if self._wanted(answer):
            return False
        self._see(answer if isinstance(answer, str) else "not yet")
        return True

    def _see(self, what: str) -> None:
        self.seen = what
        self.first_seen = self.first_seen or what
