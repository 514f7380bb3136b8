"""The one data type of a run: its checks and the calls that prove them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

SCHEMA = 1


class Outcome(StrEnum):
    """What became of a check."""

    PASSED = "passed"
    FAILED = "failed"
    ERROR = "error"
    BLOCKED = "blocked"
    UNDETERMINED = "undetermined"


@dataclass
class Call:
    """One API call and its answer.

    ``outcome`` is ``success``, ``denied`` (the service refused the action), or ``error``; ``check`` is the id of the
    check that made the call, or ``None`` for the suite's own business.
    """

    id: str
    time: str
    principal: str
    action: str
    resource: str
    outcome: str
    error_code: str | None
    request_id: str | None
    http_status: int | None
    check: str | None


@dataclass
class CheckResult:
    """One check: what it claims (its title), what became of it, and the ids of the calls that prove it."""

    id: str
    title: str
    outcome: Outcome
    points: float
    max_points: float
    reason: str = ""
    hint: str = ""
    expected: str = ""
    actual: str = ""
    blocked_by: str | None = None
    evidence: list[str] = field(default_factory=list)


@dataclass
class LabResult:
    """A whole run; times are UTC in ISO 8601."""

    lab: str
    submission: str
    target: str
    account: str
    started: str
    finished: str
    checks: Sequence[CheckResult]
    calls: Sequence[Call]

    def as_dict(self) -> dict[str, Any]:
        """Give the shape of ``result.json``."""
        return {
            "schema": SCHEMA,
            "lab": self.lab,
            "submission": self.submission,
            "target": self.target,
            "account": self.account,
            "started": self.started,
            "finished": self.finished,
            "score": _total(check.points for check in self.checks),
            "max_score": _total(check.max_points for check in self.checks),
            "checks": [{**asdict(check), "outcome": check.outcome.value} for check in self.checks],
            "calls": [asdict(call) for call in self.calls],
        }


def now() -> str:
    """The time in UTC, ISO 8601 with milliseconds."""
    return datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _total(points: Any) -> float:
    total = sum(points)
    return int(total) if total == int(total) else total
