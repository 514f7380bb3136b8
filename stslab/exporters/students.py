"""What a student is told of a check, in programs that show students their results."""

from __future__ import annotations

import re
from collections.abc import Mapping

from stslab.report.text import plain
from stslab.report.visible import visible
from stslab.result import UNDECIDED, CheckResult
from stslab.rubric import VISIBILITIES, Entry

SHOWN = VISIBILITIES[0]

PERSON = "A person has to look at this submission: not all of it could be decided here. Nothing of that costs points."

LONGEST = 10_000
"""Characters of one text: PrairieLearn takes no file over 1 MB."""

_UNDECIDED = "A person has to look at this check, and it costs no points until then."


def visibility(check_id: str, rubric: Mapping[str, Entry]) -> str:
    """Who sees a check, and when: one of :data:`stslab.rubric.VISIBILITIES`."""
    return rubric.get(check_id, Entry()).visibility


def told(check: CheckResult, rubric: Mapping[str, Entry]) -> str:
    """Give the text to show beside a check: why it did not pass, and what to do.

    A check that blocks it may be hidden, and then nobody learns from this one that there is such a check.

    Args:
        check: the check.
        rubric: entries by check id.
    """
    text = discreet(plain(check).strip(), rubric)
    return f"{_UNDECIDED}\n{text}" if check.outcome in UNDECIDED else text


def discreet(text: str, rubric: Mapping[str, Entry]) -> str:
    """Take out of a text the ids of checks that students do not see, and whatever acts instead of being seen."""
    for check_id, entry in rubric.items():
        if entry.visibility != SHOWN:
            text = re.sub(rf"(?<![\w.-]){re.escape(check_id)}(?![\w-])", "a check that is not shown", text)
    shown = "\n".join(visible(line) for line in text.splitlines())
    return shown if len(shown) <= LONGEST else shown[: LONGEST - 1] + "…"
