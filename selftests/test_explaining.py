"""Where an account does not show its decisions, the reason is told from its policies, or not at all."""

from __future__ import annotations

import json
from dataclasses import replace

import documents as d
import emulators
import performing
import pytest
import results as r
from emulators import lab

from stslab.explaining import explained
from stslab.result import Call, LabResult

TRUST = {"Version": "2012-10-17", "Statement": [d.trusting({"AWS": "arn:aws:iam::123456789012:root"})]}
STORED = {
    "policy StsAssumePolicy of user sts-machine-user": json.dumps(d.policy()),
    "policy Read of role lab-StsRole-1A2B3C": json.dumps(d.policy(d.LIST_ALL)),
    "trust policy of role lab-StsRole-1A2B3C": json.dumps(TRUST),
}
CALLS = (
    r.call(1, r.USER, "s3:ListAllMyBuckets", "*", "AccessDenied"),
    r.call(2, r.ADMIN, "iam:PutUserPolicy", "sts-machine-user"),
    r.call(3, r.USER, "sts:AssumeRole", r.ROLE),
    r.call(4, r.SESSION, "s3:ListAllMyBuckets", "*"),
    r.call(5, r.SESSION, "iam:ListUsers", "*", "AccessDenied"),
)


def why(calls=CALLS, stored=STORED) -> list[str]:
    return [call.ruling.sentence if call.ruling else "" for call in explained(calls, stored, "sts-machine-user")]


def test_each_call_gets_the_reason_for_its_answer():
    first, put, assumed, listed, denied = why()
    assert first.endswith("because no identity-based policy allows the s3:ListAllMyBuckets action: there is none.")
    assert put == ""
    assert "statement 1 of policy StsAssumePolicy of user sts-machine-user" in assumed
    assert "statement 1 of trust policy of role lab-StsRole-1A2B3C" in assumed
    assert listed.endswith("is allowed by statement 1 of policy Read of role lab-StsRole-1A2B3C.")
    assert "statement 1 of policy Read of role lab-StsRole-1A2B3C comes nearest" in denied
    assert {call.ruling.told_by for call in explained(CALLS, STORED, "sts-machine-user") if call.ruling} == {
        "documents"
    }


def other(name: str, document: object) -> dict[str, str]:
    return {**STORED, name: json.dumps(document)}


@pytest.mark.parametrize(
    ("stored", "silent"),
    [
        (other("managed policy Boundary", d.policy(d.LIST_ALL)), {1, 3, 4, 5}),
        (other("policy Read of role lab-StsRole-1A2B3C", d.policy(d.READ | {"Resource": "*"})), {4}),
        (
            other(
                "policy Read of role lab-StsRole-1A2B3C",
                d.policy({**d.LIST_ALL, "Condition": {"StringEquals": {"aws:SourceVpc": "vpc-1"}}}),
            ),
            {4},
        ),
        ({name: text for name, text in STORED.items() if not name.startswith("trust")}, {3}),
        ({**STORED, "policy Broken of role x": "no JSON"}, {1, 3, 4, 5}),
    ],
)
def test_what_is_not_known_to_be_the_reason_is_not_told(stored, silent):
    assert {number for number, reason in enumerate(why(stored=stored), 1) if not reason} == silent | {2}


@pytest.mark.parametrize(
    ("number", "change"),
    [
        (1, {"message": "… with an explicit deny in a resource-based policy"}),
        (4, {"outcome": "denied", "error_code": "AccessDenied"}),
        (5, {"outcome": "error", "error_code": "Throttling"}),
        (5, {"outcome": "success"}),
        (4, {"check": "cleanup.residue"}),
    ],
)
def test_a_reason_that_does_not_agree_with_the_answer_is_not_told(number, change):
    calls = [replace(call, **change) if call.id == f"c{number}" else call for call in CALLS]
    told = why(calls)
    assert told[number - 1] == ""
    assert [bool(reason) for reason in told].count(True) == 3


def test_it_is_what_the_gate_has_decided(tmp_path):
    it = LabResult.from_dict(performing.perform(tmp_path).result)
    stored = {document.name: document.text for document in it.documents if document.kind == "stored"}
    again = explained([replace(call, ruling=None) for call in it.calls], stored, "sts-machine-user")
    told = 0
    for call, other_call in zip(it.calls, again, strict=True):
        if other_call.ruling is None:
            continue
        told += 1
        assert call.ruling is not None
        assert replace(call.ruling, told_by="documents") == other_call.ruling
    assert told == len([call for call in it.calls if _of_the_lab(call) and not str(call.check).startswith("cleanup")])


def _of_the_lab(call: Call) -> bool:
    return call.principal.endswith("sts-machine-user") or ":assumed-role/" in call.principal


def test_a_run_elsewhere_tells_its_reasons(tmp_path):
    with emulators.sandbox() as account:
        ran = lab(tmp_path, account.endpoint, **account.environment)
    reasons = [
        call["ruling"]
        for call in ran.result["calls"]
        if call["check"] == "session.reads-bucket" and call["action"] == "s3:GetObject"
    ]
    assert reasons
    assert all(ruling["told_by"] == "documents" and "(ReadItsObjects)" in ruling["sentence"] for ruling in reasons)
    assert "By the policies that IAM showed: " in ran.text("audit.html")
    assert "on an emulator of AWS at http://127.0.0.1" in ran.text("audit.html")
