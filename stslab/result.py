"""The one data type of a run: its checks and the calls that prove them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
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


UNDECIDED = frozenset({Outcome.ERROR, Outcome.UNDETERMINED})
"""Outcomes that say nothing about the lab: they neither earn nor cost points, and need a person."""


@dataclass
class Call:
    """One API call and its answer.

    ``outcome`` is ``success``, ``denied`` (the service refused the action), or ``error``; ``check`` is the id of the
    check that made the call, or ``None`` for the suite's own business; ``retries`` is how often it was made again
    before this answer, since the wire or the service failed.
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
    retries: int = 0


@dataclass
class Wait:
    """A time that was waited until an account agreed with itself.

    ``what`` is what was waited for, ``why`` what was answered first, ``seconds`` how long it took, ``attempts`` how
    often it was asked; ``check`` is the check that waited, or ``None`` for the suite's own business.
    """

    what: str
    why: str
    seconds: float
    attempts: int
    check: str | None


@dataclass
class CheckResult:
    """One check: what it claims (its title), what became of it, and the ids of the calls that prove it.

    ``worth`` is what it is worth, and so is ``max_points``, except that this is 0 where nothing could be decided;
    ``carried_on`` names the document (``template``, ``policy``) in
    whose place the reference stood when the check was tried.
    """

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
    worth: float = 0
    carried_on: str | None = None


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
    waits: Sequence[Wait] = ()

    @property
    def score(self) -> float:
        """The points earned."""
        return _total(check.points for check in self.checks)

    @property
    def max_score(self) -> float:
        """The points that could be earned: those of every check on which something was decided."""
        return _total(check.max_points for check in self.checks)

    @property
    def undecided(self) -> list[CheckResult]:
        """The checks for which a person is needed."""
        return [check for check in self.checks if check.outcome in UNDECIDED]

    @classmethod
    def from_dict(cls, shape: Mapping[str, Any]) -> LabResult:
        """Take a result from the shape of ``result.json``.

        Raises:
            KeyError, TypeError, ValueError: it has another shape.
        """
        if shape["schema"] != SCHEMA:
            raise ValueError(f"schema {shape['schema']!r} is not {SCHEMA}")
        return cls(
            **{name: shape[name] for name in ("lab", "submission", "target", "account", "started", "finished")},
            checks=[CheckResult(**{**check, "outcome": Outcome(check["outcome"])}) for check in shape["checks"]],
            calls=[Call(**call) for call in shape["calls"]],
            waits=[Wait(**wait) for wait in shape.get("waits", ())],
        )

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
            "score": self.score,
            "max_score": self.max_score,
            "checks": [{**asdict(check), "outcome": check.outcome.value} for check in self.checks],
            "calls": [asdict(call) for call in self.calls],
            "waits": [asdict(wait) for wait in self.waits],
        }


def now() -> str:
    """The time in UTC, ISO 8601 with milliseconds."""
    return datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _total(points: Iterable[float]) -> float:
    total = round(sum(points), 2)
    return int(total) if total == int(total) else total
