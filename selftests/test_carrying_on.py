"""With ``--carry-on`` one mistake does not hide the others, and nobody earns points by the reference documents."""

from __future__ import annotations

import json

import handing_in as h
import pytest

from stslab.grading.carrying_on import to_replace
from stslab.grading.process import grade
from stslab.grading.task import Task
from stslab.result import CheckResult, LabResult, Outcome

pytestmark = pytest.mark.usefixtures("grading_server")


def graded(tmp_path, **changes):
    folder = h.hand_in(tmp_path / "class" / "student", **changes)
    result = grade(Task("student", folder, tmp_path / "out", carry_on=True)).result
    return {check.id: check for check in result.checks}, result


def tried(checks):
    return {check.id: check.outcome.value for check in checks.values() if check.carried_on}


def test_what_a_wrong_trust_hides(tmp_path):
    template = h.changed(h.TEMPLATE, h.TRUSTED, "Service: s3.amazonaws.com").replace("'s3:*'", "'*'")
    template = h.changed(
        template, "Resource:\n                  - 'arn:aws:s3:::*'", "Resource:\n                  - '*'"
    )
    policy = h.changed(h.POLICY, "AssumeRole", "AssumRole")
    checks, result = graded(tmp_path, template=template, policy=policy)
    assert checks["role.trust"].outcome is Outcome.FAILED
    assert checks["policy.targets-role"].outcome is Outcome.FAILED
    # The reference template's trust leaves it to the policy, which is wrong, too.
    assert tried(checks) == {
        "session.assumed": "failed",
        "session.identity": "blocked",
        "session.lists-buckets": "blocked",
        "session.reads-bucket": "blocked",
        "session.least-privilege": "blocked",
    }
    assert checks["session.assumed"].reason.startswith(
        "blocked by role.trust; tried with the reference template: failed. Profile sts cannot sts:AssumeRole"
    )
    assert (checks["session.assumed"].carried_on, checks["session.assumed"].blocked_by) == ("template", None)
    assert result.score == 85
    assert result.max_score == 150


def test_a_template_that_does_not_parse_hides_nothing_of_the_policy(tmp_path):
    checks, result = graded(tmp_path, template="Resources: [")
    assert set(tried(checks).values()) == {"passed"}
    assert len(tried(checks)) == 9
    assert sum(checks[name].points for name in tried(checks)) == 0
    assert result.score == 65
    wrong, _ = graded(tmp_path / "b", template="Resources: [", policy=h.changed(h.POLICY, "AssumeRole", "AssumRole"))
    assert wrong["policy.targets-role"].outcome is Outcome.FAILED


def test_what_sessions_may_do_is_the_templates_merit(tmp_path):
    template = h.changed(h.TEMPLATE, h.TRUSTED, "AWS: !Sub 'arn:aws:iam::${AWS::AccountId}:root'")
    checks, result = graded(tmp_path, template=template, policy=h.changed(h.POLICY, h.ROLE, h.USER))
    assert checks["session.assumed"].outcome is Outcome.FAILED
    assert tried(checks) == {
        "session.identity": "passed",
        "session.lists-buckets": "passed",
        "session.reads-bucket": "passed",
        "session.least-privilege": "passed",
    }
    assert {checks[name].carried_on for name in tried(checks)} == {"policy"}
    assert sum(checks[name].points for name in tried(checks)) == 35
    assert result.score == 130


def test_a_policy_that_is_missing(tmp_path):
    checks, result = graded(tmp_path, policy=None)
    assert tried(checks) == {"policy.attached": "passed", "policy.targets-role": "passed"}
    assert result.score == 130


def test_the_calls_of_both_runs_are_told_apart(tmp_path):
    graded(tmp_path, template="Resources: [")
    written = json.loads((tmp_path / "out" / "student" / "result.json").read_text(encoding="utf-8"))
    ids = [call["id"] for call in written["calls"]]
    assert len(set(ids)) == len(ids)
    by_check = {c["id"]: c for c in written["checks"]}
    for name in ("stack.deploys", "user.no-s3"):
        assert by_check[name]["evidence"]
        assert by_check[name]["evidence"] == [call["id"] for call in written["calls"] if call["check"] == name]
    assert (tmp_path / "out" / "student" / "lab-carried-on.html").is_file()


def test_what_passes_whole_is_not_run_again(tmp_path):
    checks, _ = graded(tmp_path)
    assert tried(checks) == {}
    assert not (tmp_path / "out" / "student" / "lab-carried-on.html").exists()


def test_nothing_is_replaced_for_what_is_only_undetermined():
    def check(check_id, outcome, blocked_by=None):
        return CheckResult(check_id, "", outcome, 0, 1, blocked_by=blocked_by)

    result = LabResult(
        "", "", "", "", "", "",
        [check("role.trust", Outcome.UNDETERMINED), check("session.assumed", Outcome.BLOCKED, "role.trust")],
        [],
    )  # fmt: skip
    assert to_replace(result) == ()
