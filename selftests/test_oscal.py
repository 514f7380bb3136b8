"""OSCAL: what trestle reads, in which every reference leads somewhere, and which claims no more than was shown."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import classes
import pytest
from trestle.oscal.assessment_results import AssessmentResults

from stslab.controls.control import Control, Controls, Framework
from stslab.controls.reference import reference_controls
from stslab.controls.standing import assess
from stslab.oscal.assessment_results import assessment_results
from stslab.oscal.names import control_id, token
from stslab.result import Call, LabResult, Outcome, ShownDocument

CALL = Call("c1", "2026-01-02T03:04:06.000Z", "sts", "s3:ListBuckets", "*", "denied", "AccessDenied", "R1", 403, None)
TEMPLATE = ShownDocument("template.yaml", "template", "a" * 64, "Resources: {}\n")


def run(name: str = "fine", finished: str = "2026-01-02T03:04:09.000Z", **said: tuple[Outcome, str]) -> LabResult:
    outcomes = {check: said[key] for check in classes.CHECKS if (key := re.sub(r"\W", "_", check)) in said}
    result = replace(classes.graded(name, outcomes).result, finished=finished, calls=[CALL], documents=[TEMPLATE])
    for check in result.checks:
        check.evidence = ["c1"] if check.id == "user.no-s3" else []
    return result


def text_of(result: LabResult, controls: Controls | None = None) -> str:
    return assessment_results(result, assess(result, controls or reference_controls()))


def valid(tmp_path, text: str) -> dict[str, Any]:
    """The document, as trestle has read it and as JSON, with its references followed."""
    (tmp_path / "assessment-results.json").write_text(text, encoding="utf-8")
    assert AssessmentResults.oscal_read(tmp_path / "assessment-results.json") is not None
    document: dict[str, Any] = json.loads(text)["assessment-results"]
    own = [value for key, value in pairs(document) if key == "uuid"]
    assert len(set(own)) == len(own)
    referred = {value for key, value in pairs(document) if key.endswith("-uuid")}
    referred |= {value[1:] for key, value in pairs(document) if key == "href" and value.startswith("#")}
    assert referred
    assert referred <= set(own)
    objectives = {
        part["id"] for one in document["local-definitions"]["objectives-and-methods"] for part in one["parts"]
    }
    for finding in document["results"][0]["findings"]:
        target = finding["target"]["target-id"]
        assert target in objectives or re.match(r"[a-z]{2}-[0-9.]+_obj", target)
    return document


def pairs(value: Any) -> Iterator[tuple[str, str]]:
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from [(key, inner)] if isinstance(inner, str) else pairs(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from pairs(inner)


def findings(document: dict[str, Any]) -> dict[str, Any]:
    return {one["target"]["target-id"]: one for one in document["results"][0]["findings"]}


def status(document: dict[str, Any], target: str) -> tuple[str, str]:
    told = findings(document)[target]["target"]["status"]
    return told["state"], told["reason"]


def test_a_run_is_what_trestle_reads(tmp_path):
    document = valid(tmp_path, text_of(run()))
    (result,) = document["results"]
    assert len(result["observations"]) == len(classes.CHECKS)
    assert {method for one in result["observations"] for method in one["methods"]} == {"TEST"}
    assert status(document, "ac-3_obj") == ("satisfied", "pass")
    assert (result["start"], result["end"]) == (run().started, run().finished)
    assert document["metadata"]["last-modified"] == run().finished


def test_a_failure_is_a_fail_and_what_was_not_decided_is_neither(tmp_path):
    said = {"submission_secrets": (Outcome.FAILED, "There are."), "role_trust": (Outcome.UNDETERMINED, "Who knows.")}
    document = valid(tmp_path, text_of(run(**said)))
    assert status(document, "ia-5.7_obj") == ("not-satisfied", "fail")
    assert status(document, "ac-6_obj") == ("not-satisfied", "other")
    assert "not determined" in findings(document)["ac-6_obj"]["target"]["status"]["remarks"]


def test_what_the_lab_breaks_is_an_approved_deviation_with_a_deadline_until_it_expires(tmp_path):
    for finished, wanted in (("2028-11-30T23:00:00Z", "deviation-approved"), ("2028-12-01T00:00:00Z", "open")):
        document = valid(tmp_path, text_of(run(finished=finished)))
        (result,) = document["results"]
        assert [risk["status"] for risk in result["risks"]] == [wanted] * 2
        assert {risk["deadline"] for risk in result["risks"]} == {"2028-11-30T23:59:59Z"}
        assert {prop["value"] for risk in result["risks"] for prop in risk["props"] if prop["name"] == "owner"} == {
            "owner of the sandbox account"
        }
        assert ("Fault:" in result["remarks"]) == (wanted == "open")
        broken = findings(document)["cis-aws-foundations_1.14_obj"]
        assert broken["target"]["status"]["state"] == "not-satisfied"
        assert broken["related-risks"][0]["risk-uuid"] == result["risks"][0]["uuid"]


def test_what_is_not_exempted_is_an_open_risk_without_a_deadline(tmp_path):
    document = valid(tmp_path, text_of(run(), replace(reference_controls(), exemptions=())))
    for risk in document["results"][0]["risks"]:
        assert risk["status"] == "open"
        assert "deadline" not in risk


def test_there_is_no_risk_where_the_policy_was_not_put(tmp_path):
    document = valid(tmp_path, text_of(run(policy_attached=(Outcome.FAILED, "IAM does not take it."))))
    assert "risks" not in document["results"][0]
    assert status(document, "cis-aws-foundations_1.14_obj") == ("not-satisfied", "other")


def test_the_calls_of_a_check_are_its_evidence_and_its_time(tmp_path):
    document = valid(tmp_path, text_of(run()))
    told = {one["title"].split(":")[0]: one for one in document["results"][0]["observations"]}
    (evidence,) = told["user.no-s3"]["relevant-evidence"]
    assert "s3:ListBuckets on *: denied (AccessDenied)" in evidence["description"]
    assert told["user.no-s3"]["collected"] == CALL.time
    assert "relevant-evidence" not in told["role.trust"]
    assert told["role.trust"]["collected"] == run().finished


def test_a_call_that_the_result_does_not_have_is_no_evidence(tmp_path):
    result = run()
    result.checks[0].evidence = ["c9"]
    document = valid(tmp_path, text_of(result))
    assert "relevant-evidence" not in document["results"][0]["observations"][0]


def test_a_control_whose_checks_were_left_out_is_undecided_and_related_to_nothing(tmp_path):
    whole = run()
    document = valid(tmp_path, text_of(replace(whole, checks=[one for one in whole.checks if one.id == "role.trust"])))
    assert status(document, "ac-3_obj") == ("not-satisfied", "other")
    assert "related-observations" not in findings(document)["ac-3_obj"]
    assert "related-observations" in findings(document)["ac-6_obj"]


def test_the_limits_are_said_and_so_is_what_nobody_speaks_for(tmp_path):
    (result,) = valid(tmp_path, text_of(run()))["results"]
    assert "An emulation (moto) answered" in result["remarks"]
    assert all("TEST only" in one["remarks"] for one in result["findings"])
    assert "AU-12: Audit Record Generation" in result["reviewed-controls"]["remarks"]
    assert {prop["value"] for one in result["findings"] for prop in one["props"] if prop["name"] == "extent"} == {
        "partial"
    }


def test_a_document_is_named_with_its_hash(tmp_path):
    resources = valid(tmp_path, text_of(run()))["back-matter"]["resources"]
    (link,) = next(one["rlinks"] for one in resources if one["title"] == "template.yaml")
    assert link == {"href": "documents/template.yaml", "hashes": [{"algorithm": "SHA-256", "value": "a" * 64}]}


def test_the_hash_of_a_document_that_was_withheld_in_part_is_not_that_of_the_file_beside(tmp_path):
    result = replace(run(), documents=[replace(TEMPLATE, redacted=True)])
    resources = valid(tmp_path, text_of(result))["back-matter"]["resources"]
    (told,) = [one for one in resources if one["title"] == "template.yaml"]
    assert told["rlinks"] == [{"href": "documents/template.yaml"}]
    assert "a" * 64 in told["description"]


def test_the_same_run_gets_the_same_bytes_and_another_run_other_identifiers(tmp_path):
    assert text_of(run()) == text_of(run())
    first, second = (valid(tmp_path, text_of(one)) for one in (run(), run(finished="2026-01-02T03:04:10.000Z")))
    shared = {value for key, value in pairs(first) if key == "uuid"} & {v for k, v in pairs(second) if k == "uuid"}
    titles = {one["title"] for one in first["back-matter"]["resources"] if one["uuid"] in shared}
    assert len(shared) == 2, "the suite and its plan"
    assert len(titles) == 1


@pytest.mark.parametrize("text", [*classes.HOSTILE, "", "\n", "\x00\x0b\x85\u2028", " lead and trail "])
def test_no_text_breaks_it(tmp_path, text):
    result = run(text, role_trust=(Outcome.FAILED, text), user_no_s3=(Outcome.ERROR, text))
    result.checks[0].title = result.checks[0].carried_on = result.checks[1].blocked_by = text
    result.checks[0].id = f"x{text}"
    bad = replace(CALL, principal=text, resource=text, action=text, error_code=text, request_id=text, id=text)
    shown = [ShownDocument(text, kind, "", text) for kind in ("template", "stored")]
    result.checks[2].evidence = [text]
    result = replace(result, calls=[bad], documents=shown, target=text, account=text, lab=text, left_behind=[text])
    framework = replace(reference_controls().frameworks["cis-aws-foundations"], title=text or "t", version=text)
    controls = reference_controls()
    hostile = replace(
        controls,
        frameworks={**controls.frameworks, "cis-aws-foundations": framework},
        controls=tuple(replace(one, title=text, speaks=text) for one in controls.controls),
    )
    written = text_of(result, hostile)
    written.encode()
    valid(tmp_path, written)
    assert written.replace("\n", "").replace("\u200d", "").isprintable()


@pytest.mark.parametrize("id_", ["1(2)", "1[2]", "1_2", "1_28_2_29_", "IAM.2"])
def test_ids_that_differ_stay_different_and_are_tokens(id_):
    ids = [token("1f", other) for other in ("1(2)", "1[2]", "1_2", "1_28_2_29_", "IAM.2")]
    assert len(set(ids)) == len(ids)
    assert re.fullmatch(r"[A-Za-z_][A-Za-z0-9_.-]*", token("1f", id_))
    assert control_id(Control("f", id_, "t", "s")) == token("f", id_)


def test_a_run_of_nothing_by_a_mapping_of_nothing_is_still_a_document(tmp_path):
    nothing = Controls({"f": Framework("f", "F", "v1", "https://example.org")}, ())
    empty = replace(run(), checks=[], calls=[], documents=[])
    (tmp_path / "assessment-results.json").write_text(text_of(empty, nothing), encoding="utf-8")
    assert AssessmentResults.oscal_read(tmp_path / "assessment-results.json") is not None
