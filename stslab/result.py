"""The one data type of a run: its checks and the calls that prove them."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, Literal

SCHEMA = 1

HANDED_IN = ("template", "policy")
"""The kinds of documents that are handed in."""

DOCUMENTS = "documents"
"""The folder among the reports with what was handed in."""

Number = int | float
"""A number as it is written in the file, whoever reads it: 5 does not become 5.0."""


class Outcome(StrEnum):
    """What became of a check."""

    PASSED = "passed"
    FAILED = "failed"
    ERROR = "error"
    BLOCKED = "blocked"
    UNDETERMINED = "undetermined"


UNDECIDED = frozenset({Outcome.ERROR, Outcome.UNDETERMINED})
"""Outcomes that say nothing about the lab: they neither earn nor cost points, and need a person."""


@dataclass(frozen=True)
class Validation:
    """One check's last success on AWS.

    Args:
        when: the time in UTC, ISO 8601.
        region: the region of the stack.
        versions: of the suite and what it stands on, for people.
    """

    when: str
    region: str
    versions: str

    def __str__(self) -> str:
        return f"last validated on AWS {self.when}, in {self.region}, with {self.versions}"


@dataclass
class Deciding:
    """A statement that decided: the policy it stands in, its index from 0, its Sid or an empty string, its JSON."""

    source: str
    index: int
    sid: str
    text: str


@dataclass
class Ruling:
    """Why a call may be made, or may not: the decision, a sentence that explains it, and the statements that decided.

    ``decision`` is one of the words of IAM's policy simulator: ``allowed``, ``explicitDeny``, ``implicitDeny``; or
    ``undetermined``. ``told_by`` is ``target`` where it is the very decision by which the call was answered, and
    ``documents`` where the target does not show its decisions and the policies that IAM showed were evaluated here.
    """

    decision: str
    sentence: str
    told_by: str
    statements: list[Deciding] = field(default_factory=list)


@dataclass
class Call:
    """One API call and its answer.

    ``outcome`` is ``success``, ``denied`` (the service refused the action), or ``error``; ``check`` is the id of the
    check that made the call, or ``None`` for the suite's own business; ``retries`` is how often it was made again
    before this answer, since the wire or the service failed; ``message`` is the service's own sentence where it is no
    success; ``ruling`` tells why, where that is known.
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
    message: str = ""
    ruling: Ruling | None = None

    @classmethod
    def from_dict(cls, shape: Mapping[str, Any]) -> Call:
        """Take a call from its shape in ``result.json``."""
        ruling = shape.get("ruling")
        if ruling is None:
            return cls(**shape)
        statements = [Deciding(**each) for each in ruling["statements"]]
        return cls(**{**shape, "ruling": Ruling(**{**ruling, "statements": statements})})


@dataclass
class Wait:
    """A time that was waited until an account agreed with itself.

    ``what`` is what was waited for, ``why`` what was answered first, ``seconds`` how long it took, ``attempts`` how
    often it was asked; ``check`` is the check that waited, or ``None`` for the suite's own business.
    """

    what: str
    why: str
    seconds: Number
    attempts: int
    check: str | None


@dataclass
class CheckResult:
    """One check: what it claims (its title), what became of it, and the ids of the calls that prove it.

    ``worth`` is what it is worth, and so is ``max_points``, except that this is 0 where nothing could be decided;
    ``carried_on`` names the document (``template``, ``policy``) in
    whose place the reference stood when the check was tried; ``step`` is the title of the lab's step that it is of;
    ``grounds`` are sentences on what was found by reading policies, where no call can tell.
    """

    id: str
    title: str
    outcome: Outcome
    points: Number
    max_points: Number
    reason: str = ""
    hint: str = ""
    expected: str = ""
    actual: str = ""
    blocked_by: str | None = None
    evidence: list[str] = field(default_factory=list)
    worth: Number = 0
    carried_on: str | None = None
    step: str = ""
    grounds: list[str] = field(default_factory=list)


@dataclass
class ShownDocument:
    """A document that a run rested on, word for word.

    ``kind`` is ``template`` or ``policy`` for what was handed in, and ``stored`` for a policy as IAM showed it. For
    what was handed in ``sha256`` is of the file's bytes, whole; ``text`` is the file's text, in which a secret, where
    there was one, is replaced: ``redacted`` says so.
    """

    name: str
    kind: Literal["template", "policy", "stored"]
    sha256: str
    text: str
    redacted: bool = False

    @property
    def path(self) -> str:
        """Where a document that was handed in lies among the reports, with slashes."""
        return f"{DOCUMENTS}/{self.name}"


@dataclass
class LabResult:
    """A whole run; times are UTC in ISO 8601.

    ``left_behind`` has a sentence for everything that could not be taken away; ``validated`` tells by check when it
    last passed on AWS itself; ``environment`` holds facts for people: versions, names, who ran it; ``faults`` has a
    sentence for whatever turns the verdict though all checks pass: an exemption that has expired.
    """

    lab: str
    submission: str
    target: str
    account: str
    started: str
    finished: str
    checks: Sequence[CheckResult]
    calls: Sequence[Call]
    waits: Sequence[Wait] = ()
    documents: Sequence[ShownDocument] = ()
    left_behind: Sequence[str] = ()
    validated: Mapping[str, Validation] = field(default_factory=dict)
    environment: Mapping[str, str] = field(default_factory=dict)
    faults: Sequence[str] = ()

    @property
    def score(self) -> float:
        """The points earned."""
        return _total(check.points for check in self.checks)

    @property
    def max_score(self) -> float:
        """The points that could be earned: those of every check on which something was decided."""
        return _total(check.max_points for check in self.checks)

    @property
    def handed_in(self) -> list[ShownDocument]:
        """The template and the policy, as far as they could be used, the template first."""
        return sorted((d for d in self.documents if d.kind in HANDED_IN), key=lambda d: HANDED_IN.index(d.kind))

    @property
    def text(self) -> str:
        """What ``result.json`` has in it."""
        return json.dumps(self.as_dict(), indent=2, ensure_ascii=False) + "\n"

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
            calls=[Call.from_dict(call) for call in shape["calls"]],
            waits=[Wait(**wait) for wait in shape.get("waits", ())],
            documents=[ShownDocument(**document) for document in shape.get("documents", ())],
            left_behind=[str(each) for each in shape.get("left_behind", ())],
            validated={check: Validation(**told) for check, told in shape.get("validated", {}).items()},
            environment={str(fact): str(told) for fact, told in shape.get("environment", {}).items()},
            faults=[str(each) for each in shape.get("faults", ())],
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
            "documents": [asdict(document) for document in self.documents],
            "left_behind": list(self.left_behind),
            "validated": {check: asdict(told) for check, told in self.validated.items()},
            "environment": dict(self.environment),
            "faults": list(self.faults),
        }


def now() -> str:
    """The time in UTC, ISO 8601 with milliseconds."""
    return datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _total(points: Iterable[float]) -> float:
    total = round(sum(points), 2)
    return int(total) if total == int(total) else total
