"""The observations of OSCAL assessment results: one for each check, with its calls as evidence."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from stslab.controls.standing import METHOD, Assessment
from stslab.oscal.names import Names, line, origins, prop
from stslab.result import Call, CheckResult, LabResult


def observations(names: Names, result: LabResult, assessment: Assessment) -> Iterator[dict[str, Any]]:
    """Give the observations.

    Args:
        names: of the document.
        result: the run.
        assessment: what it shows about controls.
    """
    calls = {call.id: call for call in result.calls}
    speaking = {check.id for one in assessment.assessed for check in one.checks}
    for check in result.checks:
        yield _observation(names, check, calls, result.finished, speaks=check.id in speaking)


def observation_uuid(names: Names, check: str) -> str:
    """The identifier of a check's observation."""
    return names.of_run(f"observation/{check}")


def _observation(
    names: Names, check: CheckResult, calls: Mapping[str, Call], finished: str, *, speaks: bool
) -> dict[str, Any]:
    mine = [calls[call] for call in check.evidence if call in calls]
    carried = [prop("reference-in-place-of", check.carried_on)] if check.carried_on else []
    blocked = [prop("blocked-by", check.blocked_by)] if check.blocked_by else []
    evidence = [_evidence(names, call) for call in mine]
    return {
        "uuid": observation_uuid(names, check.id),
        "title": line(f"{check.id}: {check.title}"),
        "description": line(_description(check)),
        "props": [prop("check", check.id), prop("outcome", check.outcome), *blocked, *carried],
        "methods": [METHOD],
        "types": ["control-objective" if speaks else "discovery"],
        "origins": origins(names),
        "subjects": [{"subject-uuid": names.of_run("lab"), "type": "component"}],
        **({"relevant-evidence": evidence} if evidence else {}),
        "collected": max((call.time for call in mine), default=finished),
    }


def _description(check: CheckResult) -> str:
    said = f"{check.outcome.capitalize()}. {check.reason}"
    return f"{said} Expected {check.expected}, got {check.actual}." if check.expected and check.actual else said


def _evidence(names: Names, call: Call) -> dict[str, Any]:
    code = f" ({call.error_code})" if call.error_code else ""
    request = [prop("request-id", call.request_id)] if call.request_id else []
    return {
        "href": f"#{names.of_run('result.json')}",
        "description": line(f"{call.time} {call.principal}: {call.action} on {call.resource}: {call.outcome}{code}"),
        "props": [prop("call", call.id), *request],
    }
