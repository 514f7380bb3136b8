"""``gradebook.csv``: the class with every outcome, for a spreadsheet or a script."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from stslab.exporters import Files
from stslab.exporters.cells import csv_text
from stslab.exporters.worth import total, worths
from stslab.grading.graded import Graded
from stslab.result import CheckResult, Outcome
from stslab.rubric import Entry

COLUMNS = ("submission", "score", "max_score", "possible", "needs_person", "why")


class Gradebook:
    """A row a submission, a column a check."""

    name = "gradebook"
    about = "gradebook.csv: scores and the outcome of every check, for a spreadsheet"

    def files(self, graded: Sequence[Graded], rubric: Mapping[str, Entry]) -> Files:
        """Give the gradebook.

        ``max_score`` is what could be earned where something was decided, ``possible`` what could be earned had
        everything been.

        Args:
            graded: the class.
            rubric: entries by check id.
        """
        worth = worths(graded, rubric)
        possible = total(worth.values())
        yield "gradebook.csv", csv_text([[*COLUMNS, *worth], *(_row(one, possible, list(worth)) for one in graded)])


def _row(one: Graded, possible: float, ids: Sequence[str]) -> list[str | float]:
    checks = {check.id: check for check in one.result.checks}
    outcomes = (_outcome(checks[check_id]) if check_id in checks else "" for check_id in ids)
    needs = "yes" if one.needs_person else "no"
    return [one.name, one.result.score, one.result.max_score, possible, needs, one.why_person, *outcomes]


def _outcome(check: CheckResult) -> str:
    notes = [f"by {check.blocked_by}"] if check.outcome is Outcome.BLOCKED and check.blocked_by else []
    if check.carried_on:
        notes.append(f"with the reference {check.carried_on}")
    return f"{check.outcome.value} ({', '.join(notes)})" if notes else check.outcome.value
