"""``findings.sarif``: what is wrong in template and policy, with file and line, for what reads SARIF."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from hashlib import sha256
from typing import Any
from urllib.parse import quote

from stslab import __version__
from stslab.report.visible import one_line, visible
from stslab.result import CheckResult, LabResult, Outcome
from stslab.sarif.locating import Place, places

SPEC = "2.1.0"
SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
BASE = "SUBMISSION"

_KINDS = {Outcome.FAILED: ("fail", "error"), Outcome.UNDETERMINED: ("open", "none")}
"""Kind and level of what is a finding.

Source: SARIF 2.1.0, 3.27.9: ``open`` is what too little is known about; 3.27.10: the level of what does not ``fail`` is
``none``.
"""


def sarif(result: LabResult) -> str:
    """Give the findings of a run as a SARIF log; the same run gets the same bytes.

    What failed and has a document to blame for is an error, what is undetermined an open question; a fault of the suite
    or of its surroundings is a notification. Files are relative to the folder that was handed in.

    Args:
        result: the run.

    Source: SARIF 2.1.0, OASIS standard.
    """
    rules = [_rule(check) for check in result.checks]
    numbers = {check.id: number for number, check in enumerate(result.checks)}
    errors = [check for check in result.checks if check.outcome is Outcome.ERROR]
    run = {
        "tool": {"driver": {"name": "stslab", "version": __version__, "rules": rules}},
        "automationDetails": {"id": f"stslab/{one_line(result.lab)}/"},
        "invocations": [
            {
                "executionSuccessful": not errors,
                "startTimeUtc": result.started,
                "endTimeUtc": result.finished,
                **({"toolExecutionNotifications": [_notification(each) for each in errors]} if errors else {}),
            }
        ],
        "originalUriBaseIds": {BASE: {"description": {"text": "The folder that was handed in."}}},
        "artifacts": [*_artifacts(result)],
        "results": [each for check in result.checks for each in _results(check, numbers[check.id], result)],
    }
    return json.dumps({"$schema": SCHEMA, "version": SPEC, "runs": [run]}, indent=2, ensure_ascii=False) + "\n"


def _rule(check: CheckResult) -> dict[str, Any]:
    title = _message(check.title)
    return {
        "id": visible(check.id),
        "shortDescription": title,
        "fullDescription": title,
        "help": _message(check.hint) if check.hint.strip() else title,
        "defaultConfiguration": {"level": "error"},
    }


def _notification(check: CheckResult) -> dict[str, Any]:
    return {
        "level": "error",
        "message": _message(check.reason),
        "associatedRule": {"id": visible(check.id)},
    }


def _artifacts(result: LabResult) -> Iterator[dict[str, Any]]:
    for document in result.handed_in:
        hashes = {"hashes": {"sha-256": document.sha256}} if document.sha256 else {}
        yield {"location": _artifact(document.name), "roles": ["analysisTarget"], **hashes}


def _results(check: CheckResult, number: int, result: LabResult) -> Iterator[dict[str, Any]]:
    if check.outcome not in _KINDS:
        return
    kind, level = _KINDS[check.outcome]
    found: Sequence[Place | None] = places(check, result)
    if check.outcome is Outcome.UNDETERMINED and not found:
        found = [None]
    said = f"{check.reason} Hint: {check.hint}" if check.hint else check.reason
    for index, place in enumerate(found):
        print_ = "\n".join([check.id, *((place.file, place.element) if place else ()), str(index)])
        yield {
            "ruleId": visible(check.id),
            "ruleIndex": number,
            "kind": kind,
            "level": level,
            "message": _message(said),
            **({"locations": [{"physicalLocation": _location(place)}]} if place else {}),
            "partialFingerprints": {"stslab/v1": sha256(print_.encode("utf-8", "backslashreplace")).hexdigest()},
        }


def _location(place: Place) -> dict[str, Any]:
    region = {"region": {"startLine": place.line}} if place.line else {}
    return {"artifactLocation": _artifact(place.file), **region}


def _artifact(path: str) -> dict[str, str]:
    return {"uri": quote(visible(path)), "uriBaseId": BASE}


def _message(text: str) -> dict[str, str]:
    r"""A text in which nothing is a link or a placeholder.

    Source: SARIF 2.1.0, 3.11.5: ``{`` and ``}`` of a placeholder are doubled; 3.11.6: ``[`` and ``]`` are escaped.
    """
    line = one_line(text) or "(nothing)"
    return {"text": re.sub(r"\{(\d+)\}", r"{{\1}}", line).replace("](", r"\](")}
