"""The findings of OSCAL assessment results: one for each control, and a risk for each that the lab breaks."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from stslab.controls.control import Control
from stslab.controls.standing import Assessed, Assessment, Standing
from stslab.oscal.names import Names, control_id, line, objective_id, origins, prop
from stslab.oscal.observations import observation_uuid

_STATUS = {Standing.SATISFIED: ("satisfied", "pass"), Standing.NOT_DETERMINED: ("not-satisfied", "other")}
"""State and reason of all but what failed. Source: OSCAL Assessment Results model, objective status: there are no other
states, and ``other`` is the reason for what neither passed nor failed."""

_RISKS = {Standing.EXEMPTED: "deviation-approved", Standing.EXPIRED: "open", Standing.UNEXEMPTED: "open"}


def findings(names: Names, assessment: Assessment) -> Iterator[dict[str, Any]]:
    """Give the findings.

    Args:
        names: of the document.
        assessment: what the run shows about controls.
    """
    for one in assessment.assessed:
        control = one.control
        state, reason = _STATUS.get(one.standing, ("not-satisfied", "fail"))
        related = [{"observation-uuid": observation_uuid(names, check.id)} for check in one.checks]
        risk = [{"risk-uuid": _risk_uuid(names, control)}] if one.standing in _RISKS else []
        yield {
            "uuid": names.of_run(f"finding/{control.key}"),
            "title": line(assessment.controls.name(control)),
            "description": line(f"{one.why} What it shows if its checks pass: {control.speaks}"),
            "props": [prop("standing", one.standing), prop("extent", "partial")],
            "links": [{"href": f"#{names.of_run(f'framework/{control.framework}')}", "rel": "reference"}],
            "origins": origins(names),
            "target": {
                "type": "objective-id",
                "target-id": objective_id(control),
                "status": {"state": state, "reason": reason, "remarks": line(f"{one.standing}: {one.why}")},
            },
            **({"related-observations": related} if related else {}),
            **({"related-risks": risk} if risk else {}),
            "remarks": line(" ".join(assessment.limits)),
        }


def risks(names: Names, assessment: Assessment) -> Iterator[dict[str, Any]]:
    """Give the risks: an exemption in force is an approved deviation with its last day as the deadline.

    Args:
        names: of the document.
        assessment: what the run shows about controls.
    """
    for one in assessment.assessed:
        if one.standing in _RISKS:
            yield _risk(names, assessment, one)


def _risk(names: Names, assessment: Assessment, one: Assessed) -> dict[str, Any]:
    exemption = one.exemption
    owner = [prop("owner", exemption.owner)] if exemption else []
    reason = f" {exemption.reason}" if exemption else ""
    return {
        "uuid": _risk_uuid(names, one.control),
        "title": line(f"The lab breaks {one.control.id}: {one.control.title}"),
        "description": line(f"{assessment.controls.name(one.control)}. {one.why}{reason}"),
        "statement": line(one.control.speaks),
        "props": [prop("standing", one.standing), *owner],
        "status": _RISKS[one.standing],
        "origins": origins(names),
        **({"deadline": f"{exemption.expires}T23:59:59Z"} if exemption else {}),
        "related-observations": [{"observation-uuid": observation_uuid(names, check.id)} for check in one.checks],
    }


def _risk_uuid(names: Names, control: Control) -> str:
    return names.of_run(f"risk/{control.key}")


def reviewed(assessment: Assessment) -> dict[str, Any]:
    """Give the controls that were reviewed, by framework, and say of which others nothing was tested.

    Args:
        assessment: what the run shows about controls.
    """
    controls = assessment.controls
    selections = []
    for framework in controls.frameworks.values():
        ids = dict.fromkeys(control_id(one) for one in controls.controls if one.framework == framework.id)
        if ids:
            title = line(f"{framework.title}, {framework.version}")
            selections.append({"description": title, "include-controls": [{"control-id": id_} for id_ in ids]})
    objectives = [{"objective-id": objective_id(one)} for one in controls.controls]
    silent = [f"{controls.name(silence)}. {silence.why}" for silence in controls.silences]
    return {
        "control-selections": selections or [{"description": "None.", "include-all": {}}],
        **({"control-objective-selections": [{"include-objectives": objectives}]} if objectives else {}),
        **({"remarks": line(f"No check speaks for: {' '.join(silent)}")} if silent else {}),
    }


def local_objectives(assessment: Assessment) -> list[dict[str, Any]]:
    """Give the objectives of controls that have none in NIST's catalog, so that findings can be about them.

    Args:
        assessment: what the run shows about controls.
    """
    return [
        {
            "control-id": control_id(control),
            "description": line(assessment.controls.name(control)),
            "parts": [{"id": objective_id(control), "name": "assessment-objective", "prose": line(control.title)}],
        }
        for control in assessment.controls.controls
        if not control.objective
    ]
