"""An explanation as text: the sentence, and a table of the statements that were looked at."""

from __future__ import annotations

from collections.abc import Sequence

from stslab.iam import Explanation, Finding, Request
from stslab.iam.explain import miss
from stslab.iam.matching import Answer

HEADS = ("statement", "effect", "principal", "action", "resource", "condition", "")

_WORDS = {True: "yes", False: "no", None: "unknown"}


def rendered(request: Request, explanation: Explanation) -> str:
    """The text of an explanation.

    Args:
        request: what was asked.
        explanation: what was found.
    """
    parts = [explanation.decision.outcome.value, explanation.sentence]
    if explanation.findings:
        rows = [HEADS, *(_row(finding, request) for finding in explanation.findings)]
        parts += ["", *_table(rows)]
    return "\n".join(parts)


def _row(finding: Finding, request: Request) -> tuple[str, ...]:
    conditions: Answer = True
    for _, answer in finding.unmet:
        conditions = False if conditions is False or answer is False else None
    applies = finding.applies
    return (
        f"{finding.layer.value}: {finding.name}",
        "Allow" if finding.statement.allows else "Deny",
        "" if finding.principal is None else _WORDS[finding.principal],
        _WORDS[finding.action],
        _WORDS[finding.resource],
        _WORDS[conditions] if finding.statement.conditions else "",
        "applies" if applies else miss(finding, request),
    )


def _table(rows: Sequence[Sequence[str]]) -> list[str]:
    widths = [max(len(row[column]) for row in rows) for column in range(len(HEADS) - 1)]
    return [
        "  ".join((*(cell.ljust(w) for cell, w in zip(row, widths, strict=False)), row[-1])).rstrip() for row in rows
    ]
