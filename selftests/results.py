"""Results made by hand: what a run of the lab might have found."""

from __future__ import annotations

from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path
from typing import Any

from performing import ROOT

from stslab.controls.control import Controls
from stslab.controls.mapping import read_controls
from stslab.result import Call, CheckResult, LabResult, Outcome, ShownDocument
from stslab.rubric import read_rubric

CHECKS = tuple(read_rubric(ROOT / "policies" / "rubric.toml"))

ADMIN = "arn:aws:iam::123456789012:user/stslab-admin"
USER = "arn:aws:iam::123456789012:user/sts-machine-user"
ROLE = "arn:aws:iam::123456789012:role/lab-StsRole-1A2B3C"
SESSION = "arn:aws:sts::123456789012:assumed-role/lab-StsRole-1A2B3C/s3-sts-fun"

FACTS = {"Region": "us-east-1", "User": "sts-machine-user", "Policy": "StsAssumePolicy", "Admin": ADMIN}


def result(outcomes: Mapping[str, Outcome] | None = None, *, calls: tuple[Call, ...] = (), **more: Any) -> LabResult:
    """A run in which every check passed but those whose outcomes are given."""
    told = outcomes or {}
    checks = [
        CheckResult(
            id=check,
            title=f"The claim of {check}",
            outcome=told.get(check, Outcome.PASSED),
            points=5 if check not in told else 0,
            max_points=5,
            reason=f"What is wrong with {check}." if check in told else "",
            worth=5,
            expected="what is right",
            evidence=[call.id for call in calls if call.check == check],
            step=f"The step of {check.partition('.')[0]}",
        )
        for check in CHECKS
    ]
    shape: dict[str, Any] = {
        "lab": "sts-assume-role",
        "submission": "the-lab",
        "target": "moto",
        "account": "123456789012",
        "started": "2026-11-26T10:00:00.000Z",
        "finished": "2026-11-26T10:00:01.500Z",
        "checks": checks,
        "calls": list(calls),
        "environment": FACTS,
        **more,
    }
    return LabResult(**shape)


def call(number: int, principal: str, action: str, resource: str, answer: str = "", **more: Any) -> Call:
    """A call: a success, or answered with an error code."""
    denied = answer.startswith("AccessDenied")
    return Call(
        id=f"c{number}",
        time=f"2026-11-26T10:00:00.{number:03}Z",
        principal=principal,
        action=action,
        resource=resource,
        outcome="denied" if denied else "error" if answer else "success",
        error_code=answer or None,
        request_id=f"request-{number}",
        http_status=403 if denied else 404 if answer else 200,
        **{"check": "user.created", **more},
    )


def document(name: str = "policy.json", text: str = "{}", kind: Any = "policy") -> ShownDocument:
    """A document that was handed in."""
    return ShownDocument(name, kind, sha256(text.encode()).hexdigest(), text)


def controls(path: Path | None = None) -> Controls:
    """The project's own mapping, or another."""
    return read_controls(path or ROOT / "policies" / "controls.toml", CHECKS)


def written(folder: Path, it: LabResult) -> Path:
    """A result as a run writes it."""
    path = folder / "result.json"
    path.write_text(it.text, encoding="utf-8")
    return path
