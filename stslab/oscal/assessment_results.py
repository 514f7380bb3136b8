"""``assessment-results.json``: what a run shows about controls, in NIST's OSCAL."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

from stslab import __version__
from stslab.controls.standing import Assessment
from stslab.oscal.findings import findings, local_objectives, reviewed, risks
from stslab.oscal.names import Names, line
from stslab.oscal.observations import observations
from stslab.report.visible import visible
from stslab.result import LabResult, ShownDocument

VERSION = "1.2.1"
"""Of OSCAL. Source: OSCAL Assessment Results model, JSON format reference."""

RESULT = "result.json"


def assessment_results(result: LabResult, assessment: Assessment) -> str:
    """Give a run as OSCAL assessment results; the same run gets the same bytes.

    There is an observation for each check, with its calls as evidence, a finding for each control, and a risk for
    each that the lab breaks. Text is on one line, and what is no printable character in it is spelled out.

    Args:
        result: the run.
        assessment: what it shows about controls.
    """
    names = Names(json.dumps([result.as_dict(), repr(assessment)], sort_keys=True))
    document = {
        "uuid": names.of_run("document"),
        "metadata": {
            "title": line(f"{result.lab}: assessment results of {result.submission}"),
            "last-modified": result.finished,
            "version": f"stslab {__version__}",
            "oscal-version": VERSION,
        },
        "import-ap": {
            "href": f"#{names.of_tool('plan')}",
            "remarks": "There is no assessment plan in OSCAL: the resource says what takes its place.",
        },
        **_optional("local-definitions", objectives_and_methods=local_objectives(assessment)),
        "results": [_result(names, result, assessment)],
        "back-matter": {"resources": [*_resources(names, result, assessment)]},
    }
    return json.dumps({"assessment-results": document}, indent=2, ensure_ascii=False) + "\n"


def _result(names: Names, result: LabResult, assessment: Assessment) -> dict[str, Any]:
    said = [*assessment.limits, *(f"Fault: {fault}" for fault in assessment.faults)]
    left = [f"Left behind: {sentence}" for sentence in result.left_behind]
    return {
        "uuid": names.of_run("result"),
        "title": line(f"{result.lab}, performed on {result.target}"),
        "description": "The lab was performed step by step, and each of its claims was put to the test.",
        "start": result.started,
        "end": result.finished,
        "local-definitions": _local(names, result),
        "reviewed-controls": reviewed(assessment),
        **_optional(
            observations=[*observations(names, result, assessment)],
            risks=[*risks(names, assessment)],
            findings=[*findings(names, assessment)],
        ),
        "remarks": line(" ".join([*said, *left])),
    }


def _local(names: Names, result: LabResult) -> dict[str, Any]:
    account = f" in account {result.account}" if result.account else ""
    lab = {
        "uuid": names.of_run("lab"),
        "type": "system",
        "title": line(f"The lab of {result.submission}"),
        "description": line(f"User, bucket and role, made for the run{account} on {result.target}."),
        "status": {"state": "disposition", "remarks": "They are taken away at the end of the run."},
    }
    tool = {
        "uuid": names.of_tool("component"),
        "type": "software",
        "title": f"stslab {__version__}",
        "description": "The suite that performs and validates the lab.",
        "status": {"state": "operational"},
    }
    platform = {
        "uuid": names.of_run("platform"),
        "title": line(result.target),
        "uses-components": [{"component-uuid": tool["uuid"]}],
    }
    return {"components": [lab], "assessment-assets": {"components": [tool], "assessment-platforms": [platform]}}


def _resources(names: Names, result: LabResult, assessment: Assessment) -> Iterator[dict[str, Any]]:
    yield {
        "uuid": names.of_tool("plan"),
        "title": f"stslab {__version__}, the suite itself",
        "description": "What is tested, and how, is written in the suite's tests, one for each check; "
        "its mapping says which of them speak for which controls.",
    }
    yield {
        "uuid": names.of_run(RESULT),
        "title": "The run as data, with every call",
        "rlinks": [{"href": RESULT, "media-type": "application/json"}],
    }
    for framework in assessment.controls.frameworks.values():
        yield {
            "uuid": names.of_run(f"framework/{framework.id}"),
            "title": line(f"{framework.title}, {framework.version}"),
            "rlinks": [{"href": framework.source}],
        }
    for number, document in enumerate(result.documents):
        yield {"uuid": names.of_run(f"document/{number}"), "title": line(document.name), **_document(document)}


def _document(document: ShownDocument) -> dict[str, Any]:
    if document.kind == "stored":
        return {"description": "As IAM showed it.", "rlinks": [{"href": RESULT}]}
    link: dict[str, Any] = {"href": f"documents/{quote(visible(document.name))}"}
    if document.redacted:
        # The hash is of what was handed in, and not of what is shown of it.
        said = f"The {document.kind} handed in, with what is secret taken out; the SHA-256 of the whole: "
        return {"description": line(said + document.sha256), "rlinks": [link]}
    if document.sha256:
        link["hashes"] = [{"algorithm": "SHA-256", "value": document.sha256}]
    return {"description": f"The {document.kind} handed in.", "rlinks": [link]}


def _optional(*named: str, **lists: list[Any]) -> dict[str, Any]:
    """What has entries: OSCAL knows no empty list. Under a name, where one is given, or else as it is."""
    found = {key.replace("_", "-"): entries for key, entries in lists.items() if entries}
    return {named[0]: found} if named and found else found
