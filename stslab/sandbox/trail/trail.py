"""The records of every account's calls, as long as the sandbox runs."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Mapping
from threading import Lock
from typing import Any

LIMIT = 2000
"""Records of one account. A lab leaves some sixty; CloudTrail forgets after 90 days instead."""

Record = Mapping[str, Any]


def _forgotten(_: str, __: Record) -> None:
    """Nobody keeps records elsewhere."""


class Trail:
    """What was called in every account; any thread may add and read.

    Args:
        keep: is given each record that is added, with its account, before anybody can read it and one after the other;
            whoever persists them takes them here.
        limit: how many records an account has; with one more, its oldest is forgotten.
    """

    def __init__(self, keep: Callable[[str, Record], None] = _forgotten, limit: int = LIMIT) -> None:
        self._keep = keep
        self._limit = limit
        self._lock = Lock()
        self._records: dict[str, deque[Record]] = {}

    def add(self, record: Record) -> None:
        """Take a record into the trail of its recipientAccountId."""
        account = str(record["recipientAccountId"])
        with self._lock:
            self._keep(account, record)
            self._of(account).append(record)

    def load(self, account: str, records: Iterable[Record]) -> None:
        """Take records of an earlier run, oldest first, before those of this one; they are not given to be kept."""
        with self._lock:
            mine = self._of(account)
            together = [*records, *mine]
            mine.clear()
            mine.extend(together)

    def events(self, account: str) -> list[Record]:
        """The records of an account, newest first; those of one second in the order in which they were answered."""
        with self._lock:
            records = list(self._records.get(account, ()))
        # A call that took long is answered, and added, after others that came later.
        records.sort(key=lambda record: str(record["eventTime"]))
        records.reverse()
        return records

    def clear(self) -> None:
        """Forget everything."""
        with self._lock:
            self._records.clear()

    def _of(self, account: str) -> deque[Record]:
        return self._records.setdefault(account, deque(maxlen=self._limit))
