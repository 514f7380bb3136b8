"""``summary.md``: the class as a table for the summary of a GitHub Actions job."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

from stslab.exporters import Files
from stslab.exporters.worth import tidy
from stslab.grading.graded import Graded
from stslab.report.markdown import inert, line
from stslab.result import Outcome
from stslab.rubric import Entry

LIMIT = 1024 * 1024
"""Bytes of a step's summary: GitHub takes no larger one at all."""

_HEADINGS = ("Submission", "Score", "Of", *(outcome.value.capitalize() for outcome in Outcome), "Needs a person")
_ALIGNED = ("---", "---:", "---:", *("---:" for _ in Outcome), "---")
_ROOM = 200  # for the line that says what was cut


class GitHub:
    """A row a submission."""

    name = "github"
    about = "summary.md: a table for $GITHUB_STEP_SUMMARY"

    def files(self, graded: Sequence[Graded], rubric: Mapping[str, Entry]) -> Files:  # noqa: ARG002
        """Give the summary, with as many rows as GitHub takes.

        Args:
            graded: the class.
            rubric: not needed.

        Source: GitHub documentation, "Workflow commands for GitHub Actions", "Adding a job summary" and its limits.
        """
        people = sum(one.needs_person for one in graded)
        text = f"### Graded submissions: {len(graded)}, of which need a person: {people}\n\n"
        text += line(_HEADINGS) + line(_ALIGNED)
        left = LIMIT - _ROOM - len(text.encode())
        rows = []
        for one in graded:
            row = _row(one)
            left -= len(row.encode())
            if left < 0:
                break
            rows.append(row)
        cut = len(graded) - len(rows)
        told = f"\n{cut} more submissions are not shown, because a summary has room for 1 MiB.\n" if cut else ""
        yield "summary.md", text + "".join(rows) + told


def _row(one: Graded) -> str:
    counts = Counter(check.outcome for check in one.result.checks)
    numbers = (tidy(one.result.score), tidy(one.result.max_score), *(counts[outcome] for outcome in Outcome))
    return line((inert(one.name), *map(str, numbers), inert(one.why_person)))
