"""How far the lab is, as lines for a terminal."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from stslab.observing.history import CLEAN_UP, Trace
from stslab.observing.next_step import Next
from stslab.observing.progress import Phase
from stslab.report.text import INDENT
from stslab.report.visible import visible
from stslab.result import CheckResult, Outcome

LATER = "to come"


def history_lines(traces: Sequence[Trace], phase: Phase) -> Iterator[tuple[str, bool]]:
    """The steps of the lab as the account's history shows them, each with whether something is wrong with it.

    Args:
        traces: what was found of each step.
        phase: where in the lab somebody is; a step that is still to come is left out, and so is what was taken away
            while the lab is being done, which is not yet the clean-up.
    """
    if phase is Phase.DOING:
        traces = [trace for trace in traces if trace.wrong or trace.id not in CLEAN_UP]
    days = {trace.event.time.date() for trace in traces if trace.event is not None}
    last = max((index for index, trace in enumerate(traces) if trace.event is not None), default=-1)
    for index, trace in enumerate(traces):
        missing = trace.event is None
        if missing and index > last and phase is not Phase.CLEAN:
            continue
        if trace.event is None:
            yield visible(f"  {'not found':<{INDENT - 2}}{trace.title}"), phase is Phase.CLEAN
            continue
        at = trace.event.time.strftime("%H:%M:%SZ" if len(days) == 1 else "%Y-%m-%d %H:%M:%SZ")
        word = "WRONG" if trace.wrong else "done"
        what = f"  {word:<{INDENT - 2}}{at}  {trace.title}, by {trace.event.caller}"
        yield visible(what + (f": {trace.problem}" if trace.problem else "")), trace.wrong


def next_lines(next_step: Next) -> Iterator[str]:
    """What to do next, with its commands on lines of their own, to be copied."""
    yield f"Next: {next_step.sentence}{':' if next_step.commands else '.'}"
    for command in next_step.commands:
        yield f"    {command}"


def summary(checks: Sequence[CheckResult], to_come: int, phase: Phase) -> str:
    """What the checks come to, in a sentence or two."""
    passed = sum(check.outcome is Outcome.PASSED for check in checks)
    if phase is Phase.CLEANING:
        return "The clean-up has begun; what was there before is not checked any more."
    if not checks:
        return "Nothing can be checked yet."
    if phase is Phase.CLEAN:
        gone = "Whether the role and the policies were right went with them: only what was checked before tells."
        return f"{passed} of {len(checks)} checks of the clean-up passed. {gone}"
    return f"{passed} of {len(checks)} checks passed{f'; {to_come} to come' if to_come else ''}."


def wrong_among(checks: Sequence[CheckResult]) -> list[str]:
    """The ids of the checks that have to be put right."""
    return [check.id for check in checks if check.outcome in (Outcome.FAILED, Outcome.ERROR)]


def objections(checks: Sequence[CheckResult], traces: Sequence[Trace], phase: Phase) -> Iterator[str]:
    """What has to be put right, in the checks and in the history; none where all is as it should be.

    Args:
        checks: the checks that were made.
        traces: what was found of each step in the history; none where there is no history.
        phase: where in the lab somebody is; in the end every step has to be in the history.
    """
    wrong = wrong_among(checks)
    if wrong:
        yield f"First put right what is told above of {', '.join(wrong)}."
    for trace in traces:
        if trace.wrong:
            yield visible(
                f"In the history a step is wrong, {trace.title}: {trace.problem}; do it again as the lab says."
            )
    missing = [trace.title for trace in traces if trace.event is None]
    if phase is Phase.CLEAN and (missing or not traces):
        what = "; ".join(missing) or "any of the steps"
        yield visible(f"That the lab was done is not proved, since this is not in the history: {what}.")
