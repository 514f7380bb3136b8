"""What a run shows about controls, and what it does not: decided here, shown elsewhere."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from enum import StrEnum

from stslab.controls.control import Control, Controls, Exemption
from stslab.result import CheckResult, LabResult, Outcome

METHOD = "TEST"
"""Source: NIST SP 800-53A rev. 5, "Assessment Method Descriptions": they are examine, interview and test."""

METHOD_SENTENCE = (
    "The method is TEST only: nothing was claimed by EXAMINE or INTERVIEW, "
    "and a control is spoken for only as far as its sentence says."
)


class Standing(StrEnum):
    """How a run leaves a control."""

    SATISFIED = "satisfied"
    NOT_SATISFIED = "not satisfied"
    EXEMPTED = "broken by the lab, exempted"
    EXPIRED = "broken by the lab, exemption expired"
    UNEXEMPTED = "broken by the lab, no exemption"
    NOT_DETERMINED = "not determined"


FAULTY = frozenset({Standing.EXPIRED, Standing.UNEXEMPTED})
"""Standings that turn a report's verdict, whatever the checks say."""


@dataclass(frozen=True)
class Assessed:
    """A control after a run.

    Args:
        control: the control.
        standing: how the run leaves it.
        why: one sentence.
        checks: the results of its checks, as far as they were performed.
        exemption: the exemption, in force or not, of a control that the lab breaks.
    """

    control: Control
    standing: Standing
    why: str
    checks: tuple[CheckResult, ...]
    exemption: Exemption | None = None


@dataclass(frozen=True)
class Assessment:
    """What a run shows about all controls of a mapping.

    Args:
        controls: the mapping.
        assessed: its controls after the run, in the mapping's order.
        limits: sentences on what holds for all of it: the method, and who answered the calls.
        faults: sentences that turn the report's verdict; none where all is well.
    """

    controls: Controls
    assessed: tuple[Assessed, ...]
    limits: tuple[str, ...]
    faults: tuple[str, ...]


def assess(result: LabResult, controls: Controls) -> Assessment:
    """Say how a run leaves each control; the same result always gets the same answer.

    An exemption counts by the day on which the run ended, in UTC, whenever this is asked.

    Args:
        result: the run; a check that it left out leaves its controls undetermined.
        controls: the mapping.
    """
    ended = _day(result.finished)
    results = {check.id: check for check in result.checks}
    assessed = tuple(_assessed(control, controls, results, ended) for control in controls.controls)
    faults = tuple(f"{controls.name(one.control)}. {one.why}" for one in assessed if one.standing in FAULTY)
    return Assessment(controls, assessed, tuple(_limits(result)), faults)


def _day(time: str) -> date:
    moment = datetime.fromisoformat(time)
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC).date()


def _limits(result: LabResult) -> Iterator[str]:
    yield METHOD_SENTENCE
    if result.target == "aws":
        yield f"AWS itself answered the calls, in account {result.account}."
    else:
        # An endpoint may be AWS's all the same; a result does not tell, and too little is better claimed than too much.
        who = "An emulation (moto)" if result.target == "moto" else f"What is taken for an emulation ({result.target})"
        yield (
            f"{who} answered the calls: they show what the lab's documents amount to under emulated rules, "
            "and nothing of any account on AWS."
        )


def _assessed(control: Control, controls: Controls, results: Mapping[str, CheckResult], ended: date) -> Assessed:
    wanted = (control.broken_by,) if control.broken_by else control.checks
    performed = tuple(results[check] for check in wanted if check in results)
    if control.broken_by:
        exemption = controls.exemption(control)
        return Assessed(control, *_broken(control.broken_by, performed, exemption, ended), performed, exemption)
    return Assessed(control, *_spoken_for(control, performed), performed)


def _broken(
    check: str, performed: tuple[CheckResult, ...], exemption: Exemption | None, ended: date
) -> tuple[Standing, str]:
    if not performed:
        return Standing.NOT_DETERMINED, f"{check} was not performed, so that nothing shows whether the lab broke it."
    if performed[0].outcome is not Outcome.PASSED:
        said = f"{check} is {performed[0].outcome}, so that nothing shows whether the lab broke it."
        return Standing.NOT_DETERMINED, said
    if exemption is None:
        return Standing.UNEXEMPTED, "The lab breaks it, and there is no exemption."
    if ended > exemption.expires:
        return (
            Standing.EXPIRED,
            f"The lab breaks it, and the exemption of the {exemption.owner} expired on {exemption.expires}.",
        )
    return (
        Standing.EXEMPTED,
        f"The lab breaks it, exempted until {exemption.expires} by the {exemption.owner}.",
    )


def _spoken_for(control: Control, performed: tuple[CheckResult, ...]) -> tuple[Standing, str]:
    failed = [check.id for check in performed if check.outcome is Outcome.FAILED]
    if failed:
        return Standing.NOT_SATISFIED, f"{_listed(failed)} failed."
    open_ = [*_open(control, performed)]
    if open_:
        return Standing.NOT_DETERMINED, f"{'; '.join(open_)}."
    return Standing.SATISFIED, f"{_listed([check.id for check in performed])} passed."


def _open(control: Control, performed: tuple[CheckResult, ...]) -> Iterator[str]:
    """What keeps a control from being decided, check by check."""
    results = {check.id: check for check in performed}
    for name in control.checks:
        check = results.get(name)
        if check is None:
            yield f"{name} was not performed"
        elif check.outcome is Outcome.BLOCKED:
            yield f"{name} was blocked{f' by {check.blocked_by}' if check.blocked_by else ''}"
        elif check.outcome is not Outcome.PASSED:
            yield f"{name} is {check.outcome}"
        elif check.carried_on:
            yield f"{name} passed with the reference {check.carried_on} in place of what was handed in"


def _listed(names: list[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
