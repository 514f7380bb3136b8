"""Students by checks: a row a submission, a column a check, and every reason once below."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from html import escape
from itertools import groupby
from urllib.parse import quote

from stslab.grading.graded import Graded
from stslab.report.figures import columns, percent, share
from stslab.report.visible import named, one_line, visible
from stslab.result import CheckResult, Outcome

MARKS = {
    Outcome.PASSED: "\N{CHECK MARK}",
    Outcome.FAILED: "F",
    Outcome.BLOCKED: "B",
    Outcome.ERROR: "E",
    Outcome.UNDETERMINED: "?",
}
"""What a cell says, for eyes that do not tell its colours apart."""

REPORT, RESULT = "lab.html", "result.json"
"""A submission's files, in a folder of its name beside the page."""

CARRIED, REMARKED = "*", "+"
"""What is added to a mark: the reference stood in for a document; it passed, and there is something to say of it."""

REASON = 300
"""How many characters of a reason are shown; the submission's own report has it all."""

_BEFORE = 3
"""How many columns come before the checks."""


class Reasons:
    """Numbers for texts, so that each of them stands in the page once."""

    def __init__(self) -> None:
        self._numbers: dict[str, int] = {}

    def number(self, text: str) -> int:
        """The number of a text, from 1 on."""
        return self._numbers.setdefault(text, len(self._numbers) + 1)

    def listed(self) -> str:
        """All texts as a numbered list."""
        items = "".join(f"<li id=r{number}>{escape(text)}" for text, number in self._numbers.items())
        return f'<ol class="all-reasons">{items}</ol>'


def address(name: str, file: str) -> str:
    """The address of a submission's file, from where the page lies."""
    return "./" + quote(f"{name}/{file}".encode("utf-8", "surrogateescape"))


def link(one: Graded) -> str:
    """A submission's name, which leads to its report; that of a lab which did not end has only a result."""
    return f'<a href="{address(one.name, RESULT if one.problem else REPORT)}">{escape(named(one.name))}</a>'


def matrix(graded: Sequence[Graded], reasons: Reasons) -> str:
    """The table of all submissions and checks.

    A passed cell, of which there are most, has no class and no link: that is half of the page.

    Args:
        graded: the class, a row each.
        reasons: takes the reasons of the cells, which link to them.
    """
    checks = columns(graded)
    rows = "".join(_row(one, checks, reasons) for one in graded)
    return f'<table id="matrix"><thead>{_head(checks)}</thead><tbody>{rows}</tbody></table>'


def legend() -> str:
    """What the marks mean."""
    words = (
        ((Outcome.PASSED,), "passed"),
        ((Outcome.FAILED,), "failed"),
        ((Outcome.BLOCKED,), "blocked: not tried, since another check did not pass"),
        ((Outcome.ERROR, Outcome.UNDETERMINED), "error, undetermined: a person has to look"),
    )
    items = "".join(
        f"<li>{' '.join(f'<b class={outcome}>{MARKS[outcome]}</b>' for outcome in outcomes)} {text}</li>"
        for outcomes, text in words
    )
    added = (
        f"<li><b class=carried>{CARRIED}</b> tried with a reference document in place of the submission's</li>"
        f"<li><b>{REMARKED}</b> with a remark</li>"
    )
    return f'<ul class="legend">{items}{added}</ul>'


def gaps(graded: Sequence[Graded]) -> str:
    """The style rule that sets the steps apart. Cells have no classes for that: there are too many of them."""
    firsts = [place for place, (_, _, first) in enumerate(_bordered(columns(graded)), start=_BEFORE + 1) if first]
    cells = ", ".join(f"#matrix tbody td:nth-child({place})" for place in firsts)
    return f"{cells} {{ border-left: 2px solid var(--paper) }}" if firsts else ""


def _head(checks: Mapping[str, str]) -> str:
    groups = "".join(
        f'<th class="step" scope="colgroup" colspan="{len(list(group))}">{escape(visible(step))}</th>'
        for step, group in groupby(checks, key=_step)
    )
    names = "".join(
        f'<th class="check{first}" scope="col" data-column="{place}" title="{escape(one_line(f"{check}: {title}"))}">'
        f"<span>{escape(visible(check.partition('.')[2] or check))}</span></th>"
        for place, (check, title, first) in enumerate(_bordered(checks), start=_BEFORE)
    )
    return (
        '<tr><th class="name" scope="col" rowspan="2" data-column="0">Submission</th>'
        '<th class="score" scope="col" rowspan="2" data-column="1">Points</th>'
        f'<th class="score" scope="col" rowspan="2" data-column="2">Score</th>{groups}'
        f'<th scope="col" rowspan="2">Data</th></tr><tr>{names}</tr>'
    )


def _bordered(checks: Mapping[str, str]) -> Iterator[tuple[str, str, str]]:
    before = None
    for check, title in checks.items():
        yield check, title, "" if _step(check) == before else " first"
        before = _step(check)


def _step(check: str) -> str:
    return check.partition(".")[0]


def _row(one: Graded, checks: Mapping[str, str], reasons: Reasons) -> str:
    result, part = one.result, share(one.result)
    results = {check.id: check for check in result.checks}
    cells = "".join(_cell(results.get(check), one.problem, reasons) for check in checks)
    return (
        f"<tr><th scope=row>{link(one)}"
        f"<td class=score>{result.score} / {result.max_score}"
        f"<td class=score>{'none' if part is None else percent(part)}"
        f'{cells}<td class=data><a href="{address(one.name, RESULT)}">json</a>\n'
    )


def _cell(check: CheckResult | None, problem: str, reasons: Reasons) -> str:
    if check is None:
        return _marked("error", MARKS[Outcome.ERROR], problem, reasons) if problem else "<td class=absent>"
    mark, why, kind = MARKS[check.outcome], check.reason, "" if check.outcome is Outcome.PASSED else check.outcome.value
    if check.carried_on:
        mark, why, kind = mark + CARRIED, why or f"Tried with the reference {check.carried_on}.", kind or "carried"
    elif check.outcome is Outcome.PASSED:
        if not why:
            return f"<td>{mark}"
        mark += REMARKED
    return _marked(kind, mark, why, reasons)


def _marked(kind: str, mark: str, why: str, reasons: Reasons) -> str:
    return f"<td{kind and f' class={kind}'}><a href=#r{reasons.number(one_line(why, REASON) or kind)}>{mark}</a>"
