"""Bad input is one clear message that names the place, and no traceback."""

from __future__ import annotations

import json

import documents as d
import pytest

GOOD_POLICY, GOOD_TEMPLATE = json.dumps(d.policy(), indent=1), json.dumps(d.template(), indent=1)

CASES = {
    "no folder": ({}, "documents: there is no such folder"),
    "no template": ({"policy.json": GOOD_POLICY}, "documents: there is no template.yaml"),
    "no policy": ({"template.json": GOOD_TEMPLATE}, "documents: there is no policy.json"),
    "two templates": (
        {"policy.json": GOOD_POLICY, "template.json": GOOD_TEMPLATE, "template.yaml": "Resources: {}"},
        "documents: there are template.yaml and template.json",
    ),
    "YAML that does not parse": (
        {
            "policy.json": GOOD_POLICY,
            "template.yaml": "Resources:\n  A:\n    Type: AWS::S3::Bucket\n   Properties: {}\n",
        },
        "template.yaml:4: the template does not parse",
    ),
    "YAML with an unknown alias": (
        {"policy.json": GOOD_POLICY, "template.yaml": "Resources:\n  A: *nowhere\n"},
        "template.yaml:2: the template does not parse",
    ),
    "JSON template that does not parse": (
        {"policy.json": GOOD_POLICY, "template.json": '{\n "Resources": {,}\n}'},
        "template.json:2: this is not JSON",
    ),
    "template that is a list": ({"policy.json": GOOD_POLICY, "template.yaml": "- a\n"}, "is not a mapping"),
    "template without resources": (
        {"policy.json": GOOD_POLICY, "template.yaml": "# nothing\nOutputs: {}\n"},
        "template.yaml:2: the template has no Resources",
    ),
    "resource without a type": (
        {"policy.json": GOOD_POLICY, "template.yaml": "Resources:\n  A:\n    Type: AWS::S3::Bucket\n  B: {}\n"},
        "template.yaml:4: resource B has no Type",
    ),
    "template that is not UTF-8": ({"policy.json": GOOD_POLICY, "template.yaml": b"A: \xff"}, "byte 3 is not UTF-8"),
    "policy that is not JSON": (
        {"policy.json": '{\n "Version": "2012-10-17",\n}', "template.json": GOOD_TEMPLATE},
        "policy.json:3: this is not JSON",
    ),
    "policy that is a string": ({"policy.json": '"a"', "template.json": GOOD_TEMPLATE}, "a policy is a JSON object"),
    "policy in bin without a statement": (
        {"bin/policy.json": "{}", "template.json": GOOD_TEMPLATE},
        "bin/policy.json:1: a policy needs a Statement",
    ),
    "rubric that does not parse": (
        {"policy.json": GOOD_POLICY, "template.json": GOOD_TEMPLATE, "rubric.toml": "[checks\n"},
        "rubric.toml: the rubric does not parse",
    ),
    "rubric with points that are no number": (
        {
            "policy.json": GOOD_POLICY,
            "template.json": GOOD_TEMPLATE,
            "rubric.toml": '[checks."user.created"]\npoints = "a"',
        },
        "the points of user.created",
    ),
}


def statement(**changes):
    whole = {"Version": "2012-10-17", "Statement": [d.ASSUME, {**d.ASSUME, **changes}]}
    return json.dumps(whole, indent=1)


POLICIES = {
    "wrong effect": (statement(Effect="allow"), 10, "needs an Effect of Allow or Deny"),
    "unknown element": (statement(Actoin="sts:*"), 13, "unknown element 'Actoin'"),
    "both actions": (statement(NotAction="sts:*"), 13, "both Action and NotAction"),
    "action without a service": (statement(Action="AssumeRole"), 11, "without a service"),
    "action that is a number": (statement(Action=7), 11, "a string or a list of strings as Action"),
    "resource that is empty": (statement(Resource=[]), 12, "a string or a list of strings as Resource"),
    "principal": (statement(Principal="*"), 13, "has a Principal"),
    "wrong version": ('{\n "Version": "2012-10-18",\n "Statement": []\n}', 2, "Version '2012-10-18' is not one of"),
    "no statements": ('{\n "Statement": []\n}', 2, "Statement is empty"),
    "statement that is text": ('{\n\t"Statement":\n\t["a"]\n}', 3, "statement 1 is not an object"),
    "no resource": ('{"Statement": {\n"Effect": "Deny", "Action": "*"}}', 1, "needs a Resource"),
}


def refused(perform, tmp_path, files, *options):
    if files:
        for name, text in files.items():
            path = tmp_path / "documents" / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(text if isinstance(text, bytes) else text.encode())
    lab = perform("--policies", "documents", *options)
    assert lab.exit_code == pytest.ExitCode.USAGE_ERROR
    assert "Traceback" not in lab.output
    assert lab.result == {}
    (line,) = [line for line in lab.output.splitlines() if line.strip()]
    assert line.startswith("ERROR: ")
    assert line.endswith(".")
    return line


@pytest.mark.parametrize("name", CASES)
def test_a_bad_folder_is_refused_in_one_sentence(perform, tmp_path, name):
    files, message = CASES[name]
    assert message in refused(perform, tmp_path, files)


@pytest.mark.parametrize("name", POLICIES)
def test_a_bad_policy_is_refused_with_its_line(perform, tmp_path, name):
    policy, line, message = POLICIES[name]
    said = refused(perform, tmp_path, {"policy.json": policy, "template.json": GOOD_TEMPLATE})
    assert f"policy.json:{line}: " in said
    assert message in said


@pytest.mark.parametrize(
    ("option", "value"),
    [
        ("--user-name", "a user"),
        ("--policy-name", "ä/b"),
        ("--stack-name", "1st"),
        ("--session-name", "x"),
        ("--bucket-name", "Upper"),
        ("--bucket-name", "a..b"),
        ("--account", "12345"),
        ("--region", "nowhere"),
    ],
)
def test_a_bad_name_is_refused_in_one_sentence(perform, option, value):
    lab = perform(option, value)
    assert lab.exit_code == pytest.ExitCode.USAGE_ERROR
    assert "Traceback" not in lab.output
    assert f"ERROR: {option}: {value!r} will not do; give " in lab.output


def test_a_bucket_name_needs_a_parameter(perform, tmp_path):
    d.write(tmp_path)
    lab = perform("--policies", "documents", "--bucket-name", "some-bucket")
    assert lab.exit_code == pytest.ExitCode.USAGE_ERROR
    assert "there is no parameter BucketName" in lab.output


def test_reports_that_cannot_be_written_are_refused_before_anything_is_made(perform, tmp_path):
    (tmp_path / "file").write_text("")
    lab = perform("--reports", "file/reports")
    assert lab.exit_code == pytest.ExitCode.USAGE_ERROR
    assert "Traceback" not in lab.output
    assert "--reports" in lab.output
    assert lab.left is None


def test_other_names_and_an_ini_file_are_used(perform, tmp_path):
    names = {
        "--user-name": "another-user",
        "--policy-name": "AnotherPolicy",
        "--stack-name": "another-stack",
        "--session-name": "another-session",
        "--bucket-name": "another.bucket",
        "--account": "111122223333",
        "--region": "eu-central-1",
    }
    lab = perform(*(part for pair in names.items() for part in pair))
    assert lab.not_passed == {}
    assert lab.result["account"] == "111122223333"
    told = json.dumps(lab.result["calls"])
    for name in ("user/another-user", "another-stack-StsRole-", "/another-session", "arn:aws:s3:::another.bucket"):
        assert name in told
    assert "sts-machine-user" not in told
    assert "eu-central-1" in lab.text("lab.html")


def test_an_ini_setting_is_used_and_an_option_wins(perform):
    lab = perform("-o", "lab_user_name=from-ini", "-o", "lab_stack_name=from-ini", "--stack-name", "from-option")
    told = json.dumps(lab.result["calls"])
    assert lab.not_passed == {}
    assert "user/from-ini" in told
    assert "stack/from-option/" in told or '"from-option"' in told
