"""``ctrf.json``: the class as one report in the Common Test Report Format."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from stslab import __version__
from stslab.exporters import Files
from stslab.exporters.worth import tidy
from stslab.grading.graded import Graded
from stslab.report.text import plain
from stslab.report.visible import one_line, visible
from stslab.result import CheckResult, Outcome
from stslab.rubric import Entry

SPEC = "0.0.0"

STATUSES = ("passed", "failed", "skipped", "pending", "other")

_STATUS = {
    Outcome.PASSED: "passed",
    Outcome.FAILED: "failed",
    Outcome.ERROR: "other",
    Outcome.BLOCKED: "skipped",
    Outcome.UNDETERMINED: "other",
}


class Ctrf:
    """A test for each submission and check, a suite a submission."""

    name = "ctrf"
    about = "ctrf.json: every check of every submission, for what reads the Common Test Report Format"

    def files(self, graded: Sequence[Graded], rubric: Mapping[str, Entry]) -> Files:  # noqa: ARG002
        """Give the report.

        Args:
            graded: the class.
            rubric: not needed.

        Source: CTRF specification 0.0, and its JSON Schema in the repository ctrf-io/ctrf.
        """
        tests = [_test(one, check) for one in graded for check in one.result.checks]
        counted = Counter(test["status"] for test in tests)
        summary = {
            "tests": len(tests),
            **{status: counted[status] for status in STATUSES},
            "suites": len(graded),
            "start": min((_milliseconds(one.result.started) for one in graded), default=0),
            "stop": max((_milliseconds(one.result.finished) for one in graded), default=0),
        }
        report = {
            "reportFormat": "CTRF",
            "specVersion": SPEC,
            "generatedBy": f"stslab {__version__}",
            "results": {"tool": {"name": "stslab", "version": __version__}, "summary": summary, "tests": tests},
        }
        yield "ctrf.json", json.dumps(report, indent=2, ensure_ascii=False) + "\n"


def _test(one: Graded, check: CheckResult) -> dict[str, Any]:
    test: dict[str, Any] = {
        "name": f"{check.id}: {check.title}",
        "status": _STATUS[check.outcome],
        # A result does not say how long a check took, and the format wants a number.
        "duration": 0,
        "suite": [one_line(one.name)],
        "rawStatus": check.outcome.value,
        "extra": {
            "check": check.id,
            "points": tidy(check.points),
            "max_points": tidy(check.max_points),
            "needs_person": check in one.result.undecided,
            "carried_on": check.carried_on,
        },
    }
    text = "\n".join(visible(line) for line in plain(check).strip().splitlines())
    return {**test, "message": text} if text else test


def _milliseconds(time: str) -> int:
    return round(datetime.fromisoformat(time).timestamp() * 1000)
