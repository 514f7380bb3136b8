"""The checks that a class missed, as bars with what is behind them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from html import escape

from stslab.grading.graded import Graded
from stslab.report.classroom_matrix import REASON
from stslab.report.figures import Missed, columns, missed
from stslab.report.visible import counted, one_line, visible
from stslab.rubric import Entry

UNFOLDED = 3
"""How many of the most missed checks are shown with their reasons."""

COMMON = 3
"""How many reasons a missed check is shown with."""


def missed_checks(graded: Sequence[Graded], rubric: Mapping[str, Entry]) -> str:
    """The checks that somebody missed, a row each with a bar, that opens to hint and reasons.

    Args:
        graded: the class.
        rubric: entries by check id.
    """
    checks, of = missed(graded, rubric), sum(not one.problem for one in graded)
    if not of:
        return '<p class="note">No submission was graded.</p>'
    if not checks:
        return '<p class="note">Nobody missed any.</p>'
    rows = "".join(_check(check, of, place < UNFOLDED) for place, check in enumerate(checks))
    ids = {check.id for check in checks}
    passed = ", ".join(check for check in columns(graded) if check not in ids)
    rest = f'<p class="note">Missed by nobody: {escape(visible(passed))}.</p>' if passed else ""
    return (
        '<p class="note">Ordered by how many of the graded submissions failed the check. A blocked check was not '
        "tried, because another one that it stands on did not pass.</p>"
        '<div class="missed"><p class="heads" aria-hidden="true"><span></span><span>Check</span><span>of '
        f"{of:,} graded</span><span>failed</span><span>undecided</span><span>blocked</span></p>{rows}</div>{rest}"
    )


def _check(check: Missed, of: int, unfolded: bool) -> str:
    kinds = (("failed", check.failed), ("open", check.undecided), ("blocked", check.blocked))
    said = f"{check.failed} failed, {check.undecided} undecided, {check.blocked} blocked, of {of}"
    counts = "".join(f'<span class="count{"" if count else " none"}">{count:,}</span>' for _, count in kinds)
    common = "".join(
        f'<li><b>{count:,} {outcome}</b><span class="text">{escape(one_line(reason, REASON)) or "no reason"}</span>'
        for outcome, reason, count in check.reasons[:COMMON]
    )
    others = len(check.reasons) - COMMON
    if others > 0:
        common += f"<li><b></b><span>and {counted(others, 'other reason')}</span></li>"
    hint = f'<p class="text">Hint: {escape(one_line(check.hint))}</p>' if check.hint else ""
    return (
        f"<details{' open' if unfolded else ''}><summary><span><code>{escape(visible(check.id))}</code>"
        f"{escape(one_line(check.title))}</span>{_bar(kinds, of, said)}{counts}</summary>"
        f'<div class="more">{hint}<ul class="reasons">{common}</ul></div></details>\n'
    )


def _bar(kinds: Iterable[tuple[str, int]], of: int, said: str) -> str:
    parts, at = [], 0
    for kind, count in kinds:
        parts.append(f'<rect class="{kind}" x="{at}" width="{count}" height="1"/>')
        at += count
    return (
        f'<svg class="bar" viewBox="0 0 {of} 1" preserveAspectRatio="none" role="img" aria-label="{said}">'
        f"{''.join(parts)}</svg>"
    )
