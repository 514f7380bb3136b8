"""Parts of the HTML report: the calls of a check, and the run's verdict."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from stslab.report.text import WORDS
from stslab.result import Call, CheckResult, LabResult, Outcome

STYLE = """<style>
#environment td, #results-table td { color: #222 }
#results-table td.lab-outcome { font-weight: bold; white-space: nowrap }
#results-table td.lab-passed { color: #0a6b0a }
#results-table td.lab-failed, #results-table td.lab-error { color: #b00020 }
#results-table td.lab-blocked, #results-table td.lab-undetermined { color: #8a5a00 }
.col-check { white-space: nowrap }
.lab-verdict { font-size: 16px; margin: .5em 0 }
.lab-calls { border-collapse: collapse; margin: .5em 0 1em; font-size: 12px; width: 100% }
.lab-calls th, .lab-calls td { border: 1px solid #c8c8c8; padding: 3px 8px; text-align: left; vertical-align: top;
  white-space: nowrap }
.lab-calls td:nth-child(3), .lab-calls td:nth-child(5), .lab-calls td:nth-child(8) { white-space: normal;
  overflow-wrap: anywhere }
.lab-left { color: #b00020; font-weight: bold }
.lab-waits, .lab-validation { font-size: 12px; margin: .3em 0 }
.lab-calls caption { text-align: left; font-weight: bold; padding: 4px 0 }
.logwrapper .log { white-space: pre-wrap }
</style>"""

_HEADINGS = ("Call", "Time (UTC)", "Principal", "Action", "Resource", "Answer", "HTTP", "Request id", "Retries")


def calls_table(calls: Sequence[Call]) -> str:
    """The calls of a check as a table."""
    head = "".join(f'<th scope="col">{heading}</th>' for heading in _HEADINGS)
    rows = "".join(f"<tr>{_cells(call)}</tr>" for call in calls)
    caption = "1 call" if len(calls) == 1 else f"{len(calls)} calls"
    return (
        f'<table class="lab-calls"><caption>{caption} made in this check</caption>'
        f"<thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>"
    )


def _cells(call: Call) -> str:
    answer = call.error_code or call.outcome
    status = "" if call.http_status is None else str(call.http_status)
    asked = (call.id, call.time, call.principal, call.action, call.resource)
    texts = (*asked, answer, status, call.request_id or "", str(call.retries or ""))
    return "".join(f"<td>{escape(text)}</td>" for text in texts)


def validation(told: str) -> str:
    """When a check last passed on AWS, as a paragraph."""
    return f'<p class="lab-validation">On AWS itself: {escape(told)}.</p>'


def row(check: CheckResult, pytests: str, duration: str) -> list[str]:
    """The cells of a check in the results table: outcome, id, claim, duration.

    Args:
        check: the check.
        pytests: pytest-html's own cell with the outcome.
        duration: pytest-html's own cell with the duration.
    """
    told = check.outcome in (Outcome.BLOCKED, Outcome.PASSED) and check.reason
    remark = f"<br><em>{escape(check.reason)}</em>" if told else ""
    outcome = f'<td class="lab-outcome lab-{check.outcome.value}">{WORDS[check.outcome].capitalize()}</td>'
    return [
        pytests.replace("<td ", "<td hidden ", 1) + outcome,
        f'<td class="col-check"><code>{escape(check.id)}</code></td>',
        f'<td class="col-claim">{escape(check.title)}{remark}</td>',
        duration,
    ]


def _sortable(kind: str, heading: str) -> str:
    """A heading that sorts. pytest-html's script reads what to sort by off whatever was clicked."""
    button = f'<button type="button" data-column-type="{kind}">{heading}</button>'
    return f'<th class="sortable" scope="col" data-column-type="{kind}">{button}</th>'


HEADER = [
    # pytest-html's script hides a row whose outcome it does not know, so its own word stays, unseen, before ours.
    '<th class="sortable" data-column-type="result" hidden>pytest</th><th scope="col">Result</th>',
    _sortable("check", "Check"),
    '<th scope="col">Claim</th>',
    _sortable("duration", "Duration"),
]


def verdict(result: LabResult) -> str:
    """The run's verdict in one sentence, with its score."""
    outcomes = [check.outcome for check in result.checks]
    bad = [f"{outcomes.count(o)} {o.value}" for o in Outcome if o is not Outcome.PASSED and o in outcomes]
    shape = result.as_dict()
    passed = f"{outcomes.count(Outcome.PASSED)} of {len(outcomes)} checks passed"
    rest = f" ({', '.join(bad)})" if bad else ""
    return f"{passed}{rest}; {shape['score']} of {shape['max_score']} points."
