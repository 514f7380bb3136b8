"""What one account may take of a sandbox that many share."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from threading import Lock

REQUESTS_A_SECOND, AT_ONCE = 100.0, 500.0
"""Requests of one account: on the average, and so many more after a pause. A lab makes some hundred in all."""

BODY, SENT = 32_000_000, 256_000_000
"""Bytes that one request may have, and that an account may send as long as the sandbox runs."""


@dataclass(frozen=True)
class Excess:
    """A quota that is used up: an error's status line, code and message.

    Source for the codes of AWS's: CloudFormation API reference, "Common errors"; Amazon S3 API reference, "List of
    error codes". The limit of what is sent is the sandbox's own, and so is its code.
    """

    status: str
    code: str
    message: str


@dataclass
class _Account:
    tokens: float = AT_ONCE
    since: float = 0.0
    sent: int = 0


@dataclass
class Quotas:
    """Counts what each account takes.

    Args:
        clock: gives the seconds since some moment.
    """

    clock: Callable[[], float] = time.monotonic
    _accounts: dict[str, _Account] = field(default_factory=dict)
    _lock: Lock = field(default_factory=Lock)

    def take(self, account: str, size: int, *, s3: bool) -> Excess | None:
        """Count a request, unless it is one too many.

        Args:
            account: who makes it, 12 digits; whoever has no key that is known counts as one.
            size: the bytes of its body.
            s3: whether it is one to S3, which has words of its own.

        Returns:
            the quota that is used up, or ``None``.
        """
        if size > BODY:
            message = f"The sandbox takes requests of up to {BODY // 1_000_000} MB."
            return Excess("400 Bad Request", "EntityTooLarge" if s3 else "RequestEntityTooLarge", message)
        with self._lock:
            now, mine = self.clock(), self._accounts.setdefault(account, _Account())
            mine.tokens = min(AT_ONCE, mine.tokens + (now - mine.since) * REQUESTS_A_SECOND)
            mine.since = now
            if mine.tokens < 1:
                if s3:
                    return Excess("503 Slow Down", "SlowDown", "Please reduce your request rate.")
                return Excess("400 Bad Request", "Throttling", "Rate exceeded")
            if mine.sent + size > SENT:
                message = f"The sandbox takes {SENT // 1_000_000} MB of an account until it is started again."
                return Excess("403 Forbidden", "SandboxQuotaExceeded", message)
            mine.tokens -= 1
            mine.sent += size
        return None
