"""``summary.md``: the class as a table for the summary of a GitHub Actions job."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

from stslab.exporters import Files
from stslab.exporters.worth import tidy
from stslab.grading.graded import Graded
from stslab.report.visible import one_line
from stslab.result import Outcome
from stslab.rubric import Entry

LIMIT = 1024 * 1024
"""Bytes of a step's summary: GitHub takes no larger one at all."""

LONGEST = 300
"""Characters of a student's text in one cell."""

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

        Source: GitHub documentation, "Workflow commands for GitHub Actions", "Adding a job summary" and its limits;
        GitHub Flavored Markdown Spec, "Entity and numeric character references" and "Tables".
        """
        people = sum(one.needs_person for one in graded)
        text = f"### Graded submissions: {len(graded)}, of which need a person: {people}\n\n"
        text += _line(_HEADINGS) + _line(_ALIGNED)
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
    return _line((_inert(one.name), *map(str, numbers), _inert(one.why_person)))


def _line(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |\n"


def _inert(text: str) -> str:
    """A text that is neither Markdown nor HTML, nor a mention or a link, which GitHub looks for outside of code."""
    spelled = "".join(
        char if char.isalnum() or char == " " or not char.isascii() else f"&#{ord(char)};"
        for char in one_line(text, LONGEST)
    )
    return f"<code>{spelled}</code>" if spelled else ""
