"""A check as lines for a terminal."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator

from stslab.result import CheckResult, Outcome

WORDS = {
    Outcome.PASSED: "passed",
    Outcome.FAILED: "FAILED",
    Outcome.ERROR: "ERROR",
    Outcome.BLOCKED: "blocked",
    Outcome.UNDETERMINED: "UNDETERMINED",
}

INDENT = 15


def headline(check: CheckResult) -> str:
    """The line of a check behind its outcome: id and claim."""
    return f"{check.id:<24} {check.title}"


def details(check: CheckResult, width: int = 100) -> Iterator[str]:
    """The lines below a check: why it did not pass, what was expected, what came, what to do; or a note where it did.

    Args:
        check: the check.
        width: columns of the terminal.
    """
    answers = f"expected {check.expected}, got {check.actual}" if check.expected and check.actual else ""
    why = "note" if check.outcome is Outcome.PASSED else "why"
    for label, text in ((why, check.reason), ("answer", answers), ("hint", check.hint)):
        if text:
            yield from textwrap.wrap(
                " ".join(text.split()),
                max(width - 2, 60),
                initial_indent=f"{'':{INDENT}}{label:<7}",
                subsequent_indent=" " * (INDENT + 7),
                break_long_words=False,
                break_on_hyphens=False,
            )


def plain(check: CheckResult) -> str:
    """A check that did not pass as text, for reports that show the text of a failure."""
    lines = [check.reason]
    if check.expected and check.actual:
        lines.append(f"Answer: expected {check.expected}, got {check.actual}.")
    if check.hint:
        lines.append(f"Hint: {check.hint}")
    return "\n".join(lines)
