"""One run of the lab as the summary of a GitHub Actions job."""

from __future__ import annotations

from collections.abc import Sequence

from stslab.report.html import verdict
from stslab.report.markdown import inert, line
from stslab.report.text import WORDS
from stslab.report.waits import waited
from stslab.result import LabResult

_HEADINGS = ("Result", "Check", "Claim", "Why")


def job_summary(result: LabResult, leftovers: Sequence[str], validated: str) -> str:
    """The run's verdict, what it has left behind, and every check.

    Args:
        result: the run.
        leftovers: what it could not take away, a sentence each.
        validated: when the checks last passed on AWS, as a sentence.

    Source: GitHub documentation, "Workflow commands for GitHub Actions", "Adding a job summary".
    """
    head = f"### The STS AssumeRole lab: {verdict(result)}\n\n"
    head += f"Target {inert(result.target)}, account {result.account}, {result.started} to {result.finished}. "
    head += f"{inert(waited(result.waits), 1000)} {validated}\n\n"
    left = "".join(f"- **Left behind:** {inert(leftover, 1000)}\n" for leftover in leftovers)
    rows = (
        line((WORDS[check.outcome].capitalize(), inert(check.id), inert(check.title), inert(check.reason)))
        for check in result.checks
    )
    table = line(_HEADINGS) + line(["---"] * len(_HEADINGS)) + "".join(rows)
    return head + (f"{left}\n" if left else "") + table + "\n"
