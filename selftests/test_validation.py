"""What has passed on AWS: remembered per check, and said to be nothing as long as it is nothing."""

from __future__ import annotations

import json
import os
from pathlib import Path

import documents as d
import performing
import pytest

from stslab.errors import BadInput
from stslab.report.job_summary import job_summary
from stslab.result import CheckResult, LabResult, Outcome, Wait
from stslab.validation import NEVER, Validation, read_validations, summary, with_those_of, write_validations

SHIPPED = performing.ROOT / "docs" / "validated.json"
OLD = Validation("2026-01-01T00:00:00.000Z", "eu-west-1", "stslab 0")


def check(name: str, outcome: Outcome, **more) -> CheckResult:
    return CheckResult(id=name, title=f"{name} holds", outcome=outcome, points=1, max_points=1, **more)


def result(*checks: CheckResult, waits=()) -> LabResult:
    times = {"started": "2026-11-25T10:00:00.000Z", "finished": "2026-11-25T10:05:00.000Z"}
    return LabResult("lab", "mine", "aws", "111122223333", **times, checks=checks, calls=(), waits=waits)


def test_it_ships_empty_and_every_report_says_so(perform):
    assert read_validations(SHIPPED) == {}
    run = perform()
    assert "The checks were never validated on AWS." in run.output
    html = run.text("lab.html")
    assert "The checks were never validated on AWS." in html
    assert html.count(f"On AWS itself: {NEVER}.") == 19


def test_what_passed_is_remembered_and_the_rest_is_as_it_was(tmp_path):
    checks = [check("a", Outcome.PASSED), check("b", Outcome.FAILED), check("c", Outcome.UNDETERMINED)]
    after = with_those_of({"b": OLD, "z": OLD}, result(*checks), "us-east-1", "stslab 1, boto3 2")
    assert after["a"] == Validation("2026-11-25T10:05:00.000Z", "us-east-1", "stslab 1, boto3 2")
    assert {name: after[name] for name in after if name != "a"} == {"b": OLD, "z": OLD}
    path = tmp_path / "validated.json"
    write_validations(path, after)
    assert read_validations(path) == after
    assert list(json.loads(path.read_text())["checks"]) == ["a", "b", "z"]


def test_the_oldest_success_is_told():
    known = {"a": OLD, "b": Validation("2026-02-02T00:00:00.000Z", "eu-west-1", "stslab 0")}
    assert summary(["a", "b", "c"], known) == (
        "2 of 3 checks have passed on AWS, the oldest at 2026-01-01T00:00:00.000Z."
    )
    assert summary(["c"], known) == "The checks were never validated on AWS."
    assert str(OLD) == "last validated on AWS 2026-01-01T00:00:00.000Z, in eu-west-1, with stslab 0"


def test_there_is_nothing_where_there_is_no_file(tmp_path):
    assert read_validations(tmp_path / "none.json") == {}


@pytest.mark.parametrize("text", ["", "[]", '{"schema": 2, "checks": {}}', '{"schema": 1, "checks": {"a": {}}}', "{"])
def test_a_damaged_file_is_a_sentence(tmp_path, text):
    path = tmp_path / "validated.json"
    path.write_text(text)
    with pytest.raises(BadInput, match=r"validated\.json: it does not say when checks passed on AWS .*; take it from"):
        read_validations(path)


def test_a_job_of_github_gets_a_summary(tmp_path, perform):
    path = tmp_path / "summary.md"
    path.write_text("before\n")
    documents = d.write(tmp_path, d.template(trust=[d.trusting({"Service": "s3.amazonaws.com"})]), None)
    run = perform(f"--policies={documents}", sabotage=_in_a_job)
    text = path.read_text()
    assert text.startswith("before\n### The STS AssumeRole lab: ")
    assert "| FAILED" not in text
    assert "| Failed | <code>role&#46;trust</code> |" in text
    assert text.count("\n| ") == 19 + 2
    assert run.exit_code == 1


def _in_a_job() -> None:
    os.environ["GITHUB_STEP_SUMMARY"] = str(Path("summary.md").resolve())


def test_what_a_summary_says_is_inert_and_names_waits_and_leftovers():
    waits = [Wait("the <b>key</b>", "InvalidClientTokenId", 3.21, 4, None), Wait("a role", "NoSuchEntity", 1, 2, "a")]
    shown = result(check("a", Outcome.FAILED, reason="no <script> | @somebody"), waits=waits)
    text = job_summary(shown, ["user <i>ana</i>: denied"], "The checks were never validated on AWS.")
    assert "<script>" not in text
    assert "<b>" not in text
    assert "<i>" not in text
    assert "@somebody" not in text
    assert "4&#46;2 s were waited in all&#44; 3&#46;2 s of it for the &#60;b&#62;key" in text
    assert "**Left behind:**" in text
    assert "never validated on AWS" in text
