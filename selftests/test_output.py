"""What a run says: on the terminal, in lab.html, junit.xml and result.json."""

from __future__ import annotations

import html
import json
import re
import xml.etree.ElementTree as ET

import documents as d
import pytest
import sabotage

OUTCOMES = {"passed", "failed", "error", "blocked", "undetermined"}


@pytest.fixture
def failing(perform, tmp_path):
    """A lab whose role's trust is wrong: one check failed, five blocked, the others passed."""
    template = d.template(trust=[d.trusting({"Service": "s3.amazonaws.com"})])
    return perform("--policies", str(d.write(tmp_path, template)))


def test_the_terminal_shows_the_lab_as_steps(perform):
    lab = perform()
    steps = ["Create a user with no permissions", "Create a role: ", "Use new user credentials", "Clean up: "]
    places = [lab.output.index(f"\n{step}") for step in steps]
    assert places == sorted(places)
    assert "  passed       user.no-s3               ListBuckets as profile sts is AccessDenied\n" in lab.output
    assert "19 of 19 checks passed; 150 of 150 points." in lab.output
    assert re.search(r"=+ 19 passed in [\d.]+s =+", lab.output)


def test_the_terminal_gives_reason_and_hint_and_no_traceback(failing):
    said = " ".join(failing.output.split())
    assert "FAILED role.trust The role's trust policy admits the user, and not everyone why The trust policy" in said
    assert "because no role trust policy allows the sts:AssumeRole action" in said
    assert "hint AssumeRolePolicyDocument has to allow sts:AssumeRole" in said
    assert "blocked session.assumed blocked by role.trust" in said
    assert "Traceback" not in failing.output
    assert ".py:" not in failing.output
    assert re.search(r"= 1 failed, 13 passed, 5 blocked in", failing.output)


@pytest.mark.parametrize("verbosity", ["-v", "-q"])
def test_other_verbosities_name_the_failure_too(perform, tmp_path, verbosity):
    template = d.template(trust=[d.trusting({"Service": "s3.amazonaws.com"})])
    lab = perform(verbosity, "--policies", str(d.write(tmp_path, template)))
    assert lab.exit_code == 1
    assert "because no role trust policy allows" in " ".join(lab.output.split())
    assert "Traceback" not in lab.output


def test_a_crash_of_the_suite_is_an_error_in_one_sentence(perform):
    lab = perform(sabotage=sabotage.Crash("policy", "exception"))
    assert lab.check("policy.attached")["reason"] == "RuntimeError: a crash on purpose"
    assert "Traceback" not in lab.output
    assert "Traceback" not in json.dumps(lab.result)


def test_result_json_keeps_the_contract(failing):
    result = failing.result
    assert list(result) == [
        *("schema", "lab", "submission", "target", "account", "started", "finished"),
        *("score", "max_score", "checks", "calls", "waits"),
        *("documents", "left_behind", "validated", "environment", "faults"),
    ]
    assert result["schema"] == 1
    assert (result["lab"], result["submission"], result["target"]) == ("sts-assume-role", "documents", "moto")
    assert result["account"] == "123456789012"
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", result["started"])
    assert result["started"] < result["finished"]
    assert result["score"] == sum(c["points"] for c in result["checks"])
    assert result["max_score"] == sum(c["max_points"] for c in result["checks"])
    ids = {call["id"] for call in result["calls"]}
    for check in result["checks"]:
        assert list(check) == [
            *("id", "title", "outcome", "points", "max_points", "reason", "hint", "expected", "actual"),
            *("blocked_by", "evidence", "worth", "carried_on", "step", "grounds"),
        ]
        assert check["outcome"] in OUTCOMES
        assert check["points"] == (check["max_points"] if check["outcome"] == "passed" else 0)
        assert (check["blocked_by"] is not None) == (check["outcome"] == "blocked")
        assert bool(check["reason"]) == (check["outcome"] != "passed")
        assert bool(check["hint"]) == (check["outcome"] == "failed")
        assert check["expected"]
        assert check["step"]
        assert set(check["evidence"]) <= ids
        called = check["outcome"] in ("passed", "failed") and not check["id"].startswith("submission.")
        assert bool(check["evidence"]) == called
        assert (check["worth"], check["carried_on"]) == (check["max_points"], None)
    for call in result["calls"]:
        assert list(call) == [
            *("id", "time", "principal", "action", "resource", "outcome", "error_code", "request_id"),
            *("http_status", "check", "retries", "message", "ruling"),
        ]
        assert (call["message"] == "") == (call["outcome"] == "success")
        decided = call["ruling"]["decision"] if call["ruling"] else ""
        assert (
            decided
            in {"success": ("allowed",), "denied": ("implicitDeny", "explicitDeny"), "error": ("",)}[call["outcome"]]
        )
        assert call["outcome"] in ("success", "denied", "error")
        assert (call["error_code"] is None) == (call["outcome"] == "success")
        assert re.fullmatch(r"[a-z0-9]+:[A-Z]\w+", call["action"])


def test_calls_name_principal_action_resource_and_answer(perform):
    lab = perform()
    calls = [c for c in lab.result["calls"] if c["check"] == "user.no-s3"]
    assert [(c["action"], c["outcome"], c["error_code"], c["http_status"]) for c in calls] == [
        ("sts:GetCallerIdentity", "success", None, 200),
        ("s3:ListAllMyBuckets", "denied", "AccessDenied", 403),
    ]
    assert {c["principal"] for c in calls} == {"arn:aws:iam::123456789012:user/sts-machine-user"}
    reading = [c for c in lab.result["calls"] if c["action"] == "s3:GetObject" and c["outcome"] == "success"]
    assert [c["principal"].rpartition("/")[2] for c in reading] == ["s3-sts-fun"]
    assert reading[0]["resource"].endswith("/stslab/hello.txt")


def test_junit_tells_failed_from_error_and_blocked(perform, failing):
    cases = {c.find("properties/property[@name='check']").get("value"): c for c in junit(failing).iter("testcase")}
    assert len(cases) == 19
    failure = cases["role.trust"].find("failure")
    assert "no role trust policy allows" in "".join(failure.itertext())
    assert cases["session.assumed"].find("skipped").get("message") == "blocked by role.trust"
    outcomes = {c: e.find("properties/property[@name='outcome']").get("value") for c, e in cases.items()}
    assert outcomes == failing.outcomes


def test_junit_calls_a_fault_of_the_environment_an_error(perform):
    lab = perform(sabotage=sabotage.throttled_instead_of_denied)
    suite = junit(lab).find("testsuite")
    assert (suite.get("errors"), suite.get("failures"), suite.get("skipped")) == ("3", "0", "1")


def junit(lab):
    return ET.fromstring(lab.text("junit.xml"))


def test_the_html_report_is_one_file_with_title_facts_checks_and_calls(failing):
    text = failing.text("lab.html")
    assert "<title" in text
    assert "The STS AssumeRole lab" in text
    assert not re.search(r'<(script|link|img)[^>]+(src|href)="(?!data:|")', text)
    blob = json.loads(html.unescape(re.search(r'data-jsonblob="([^"]*)"', text)[1]))
    facts = blob["environment"]
    assert facts["Target"] == "moto"
    assert facts["Account"] == "123456789012"
    assert "moto 5.2" in facts["Versions"]
    rows = {}
    for (test,) in blob["tests"].values():
        shown = [re.sub(r"<td hidden.*?</td>", "", cell) for cell in test["resultsTableRow"]]
        cells = [html.unescape(re.sub(r"<[^>]+>", "", cell)) for cell in shown]
        rows[cells[1]] = (cells, test)
    assert list(rows) == list(failing.outcomes)
    cells, test = rows["role.trust"]
    assert cells[0] == "Failed"
    assert cells[2] == failing.check("role.trust")["title"]
    assert rows["session.assumed"][0][0] == "Blocked"
    assert rows["session.assumed"][0][2].endswith("blocked by role.trust")
    # pytest-html's script shows a row only if it knows its outcome.
    assert rows["session.assumed"][1]["result"] == "Skipped"
    assert {test["result"] for _, test in rows.values()} == {"Passed", "Failed", "Skipped"}
    assert "no role trust policy allows" in test["log"]
    assert "Hint: " in test["log"]
    assert "Traceback" not in test["log"]
    (calls,) = [extra["content"] for extra in test["extras"]]
    assert "iam:GetRole" in calls
    assert "arn:aws:iam::123456789012:user/stslab-admin" in calls
    assert "13 of 19 checks passed (1 failed, 5 blocked)" in text


def test_what_a_template_says_cannot_become_html(perform, tmp_path):
    hostile = "<script>alert(1)</script>"
    template = d.template(
        may=[d.LIST_ALL, d.LIST, d.READ, {"Effect": "Allow", "Action": f"ec2:{hostile}", "Resource": "*"}]
    )
    lab = perform("--policies", str(d.write(tmp_path, template)))
    assert hostile in lab.check("session.least-privilege")["reason"]
    assert hostile not in lab.text("lab.html")
    blob = json.loads(html.unescape(re.search(r'data-jsonblob="([^"]*)"', lab.text("lab.html"))[1]))
    assert hostile not in json.dumps(blob)


def test_a_part_of_the_lab_runs_alone_with_what_it_stands_on(perform):
    lab = perform("-k", "least_privilege or cleanup")
    assert list(lab.outcomes) == ["session.least-privilege", "cleanup.complete", "cleanup.residue"]
    assert lab.not_passed == {}
    assert lab.left == {}


@pytest.mark.parametrize("option", ["--help", "--collect-only", "--fixtures", "--markers"])
def test_looking_at_the_lab_does_and_writes_nothing(perform, option):
    lab = perform(option)
    assert lab.exit_code == 0
    assert not lab.reports.exists()
    assert lab.left is None
    assert "Not run" not in lab.output
    if option == "--help":
        for setting in (
            "--policies",
            "--user-name",
            "--bucket-name",
            "lab_stack_name",
            "'sts-machine-user' unless told",
        ):
            assert setting in " ".join(lab.output.split())
    if option == "--fixtures":
        assert "The lab's user, created." in lab.output


def test_several_processes_are_refused(perform):
    lab = perform("-p", "no:xdist", "-p", "pretending", "--numprocesses", "2", sabotage=_pretend_xdist)
    assert lab.exit_code == pytest.ExitCode.USAGE_ERROR
    assert "run it in one process" in lab.output


def _pretend_xdist():
    import sys
    import types

    module = types.ModuleType("pretending")
    module.pytest_addoption = lambda parser: parser.addoption("--numprocesses")
    sys.modules["pretending"] = module


def test_a_module_that_names_no_check_is_refused(perform, tmp_path):
    stray = tmp_path / "test_stray.py"
    stray.write_text("def test_stray(): pass\n")
    lab = perform(str(stray))
    assert lab.exit_code == pytest.ExitCode.USAGE_ERROR
    assert "names no check" in lab.output
