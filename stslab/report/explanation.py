"""An explanation as text: the decision, the sentence, and a table of the statements that were looked at."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Sequence
from itertools import groupby

from stslab.iam import Explanation, Finding, Request
from stslab.iam.explain import miss
from stslab.iam.matching import Answer

HEADS = ("statement", "effect", "principal", "action", "resource", "condition", "applies")

_WORDS = {True: "yes", False: "no", None: "unknown"}
_NOT_ASKED = "-"


def rendered(request: Request, explanation: Explanation, width: int = 100) -> str:
    """The text of an explanation.

    Args:
        request: what was asked.
        explanation: what was found.
        width: columns of the terminal.
    """
    lines = [explanation.decision.outcome.value, *_wrapped(explanation.sentence, width)]
    if explanation.findings:
        lines += ["", *_table(explanation.findings, request, width)]
    return "\n".join(lines)


def _table(findings: Sequence[Finding], request: Request, width: int) -> Iterator[str]:
    """The statements under the document that they stand in, each with why it does not apply, where it does not."""
    rows = [_row(finding) for finding in findings]
    widths = [max(len(row[column]) for row in [HEADS, *rows]) for column in range(len(HEADS))]

    def aligned(row: Sequence[str]) -> str:
        return "  ".join(cell.ljust(wide) for cell, wide in zip(row, widths, strict=True)).rstrip()

    yield aligned(HEADS)
    for (layer, source), listed in groupby(
        zip(findings, rows, strict=True), key=lambda pair: (pair[0].layer, pair[0].statement.source)
    ):
        yield f"{layer.value}: {source}"
        for finding, row in listed:
            yield aligned(row)
            if not finding.applies:
                yield from _wrapped(miss(finding, request), width, indent="      ")


def _row(finding: Finding) -> tuple[str, ...]:
    statement = finding.statement
    met: Answer = True
    for _, answer in finding.unmet:
        met = False if met is False or answer is False else None
    return (
        f"  {statement.index + 1}{f' ({statement.sid})' if statement.sid else ''}",
        "Allow" if statement.allows else "Deny",
        _NOT_ASKED if finding.principal is None else _WORDS[finding.principal],
        _WORDS[finding.action],
        _WORDS[finding.resource],
        _WORDS[met] if statement.conditions else _NOT_ASKED,
        _WORDS[finding.applies].upper() if finding.applies else _WORDS[finding.applies],
    )


def _wrapped(text: str, width: int, indent: str = "") -> list[str]:
    return textwrap.wrap(
        text,
        max(width, 60),
        initial_indent=indent,
        subsequent_indent=indent,
        break_long_words=False,
        break_on_hyphens=False,
    )
