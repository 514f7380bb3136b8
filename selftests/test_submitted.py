"""One submission, performed by pytest itself: what the suite says of it, and what it may be told."""

from __future__ import annotations

import html
import json
import re

import handing_in as h
import pytest

from stslab.documents import template_data
from stslab.errors import CheckFailed, Undetermined
from stslab.iam import parse_policy
from stslab.iam.public import is_public
from stslab.lab.lint import lint
from stslab.parts import parts
from stslab.submission.contents import shown


def secret():
    """A key that nobody has, made here."""
    return "".join("aB3/xY7+pQ9z"[i * 7 % 12] for i in range(40))


def test_a_submission_is_performed_in_its_own_account(perform, tmp_path):
    lab = perform("--submission", str(h.hand_in(tmp_path / "student")))
    assert lab.exit_code == 0
    assert lab.not_passed == {}
    assert lab.result["account"] == h.ACCOUNT
    assert lab.result["submission"] == "student"
    assert h.ROLE in json.dumps(lab.result["calls"])
    assert lab.left is None or lab.left == {}


def test_an_option_wins_over_what_a_submission_tells(perform, tmp_path):
    lab = perform("--submission", str(h.hand_in(tmp_path / "student")), "--stack-name", "told")
    assert '"told"' in json.dumps(lab.result["calls"])
    # The role is not the one of the policy then: its stack has another name.
    assert lab.not_passed == {"policy.targets-role": "failed"}


def test_a_warning_and_what_was_decided_are_told(perform, tmp_path):
    key_id = "AKIA" + "QYLPMN5HFIQR7XYA"
    template = h.changed(h.TEMPLATE, h.TRUSTED, f"AWS: [{h.USER}, {h.USER}2]")
    lab = perform("--submission", str(h.hand_in(tmp_path / "student", template=template, files={"a.txt": key_id})))
    assert lab.not_passed == {}
    assert "note   a.txt:1: warning, there is an access key id." in lab.output
    said = " ".join(lab.output.split())
    assert "note The trust policy names several users; the lab is done by sts-machine-user." in said
    blob = html.unescape(re.search(r'data-jsonblob="([^"]*)"', lab.text("lab.html"))[1])
    assert "a.txt:1: warning, there is an access key id." in blob
    assert key_id not in lab.output + lab.text("lab.html") + json.dumps(lab.result)


@pytest.mark.parametrize("name", ["credentials", "bin/notes.md", "deep/er/x.json"])
def test_a_secret_fails_with_its_place_and_never_its_value(perform, tmp_path, name):
    text = f"# mine\naws_secret_access_key = {secret()}\n"
    lab = perform("--submission", str(h.hand_in(tmp_path / "student", files={name: text})))
    assert lab.not_passed == {"submission.secrets": "failed"}
    reason = lab.check("submission.secrets")["reason"]
    assert reason == f"There are secrets in what was handed in: {name}:2: secret access key."
    for report in ("lab.html", "junit.xml", "result.json"):
        assert secret()[:12] not in lab.text(report)


def test_a_secret_in_utf_16_is_found(perform, tmp_path):
    text = f"aws_secret_access_key = {secret()}\r\n".encode("utf-16")
    lab = perform("--submission", str(h.hand_in(tmp_path / "student", files={"printed.txt": text})))
    assert lab.not_passed == {"submission.secrets": "failed"}


def test_what_was_not_looked_through_is_left_to_a_person(perform, tmp_path):
    folder = h.hand_in(tmp_path / "student")
    with (folder / "large.bin").open("wb") as out:
        out.truncate(6_000_000)
    lab = perform("--submission", str(folder))
    assert lab.not_passed == {"submission.secrets": "undetermined"}
    check = lab.check("submission.secrets")
    assert check["reason"] == "Not looked through for secrets: large.bin has 6,000,000 bytes."
    assert (check["points"], check["max_points"], check["worth"]) == (0, 0, 10)
    assert lab.result["score"] == lab.result["max_score"] == 140


def test_another_partition_is_left_to_a_person(perform, tmp_path):
    files = {name: text.replace("arn:aws:", "arn:aws-cn:") for name, text in h.RIGHT.items()}
    files["bin/deploy"] = h.DEPLOY.rstrip() + " --region cn-north-1\n"
    lab = perform("--submission", str(h.hand_in(tmp_path / "student", files=files)))
    assert lab.check("stack.deploys")["outcome"] == "undetermined"
    assert "moto's S3 does not know aws-cn" in lab.check("stack.deploys")["reason"]
    assert lab.check("user.no-s3")["outcome"] == "passed"
    # What an undecided check blocks is not lost either.
    assert lab.result["score"] == lab.result["max_score"]


def test_a_refused_submission_is_judged_to_its_end(perform, tmp_path):
    archive = h.zipped(tmp_path / "student.zip", {**h.RIGHT, "../outside": "x"})
    lab = perform("--submission", str(archive))
    assert lab.check("submission.template")["outcome"] == "failed"
    assert lab.check("submission.secrets")["outcome"] == "undetermined"
    assert lab.check("user.no-s3")["outcome"] == "passed"
    assert lab.check("cleanup.residue")["outcome"] == "passed"
    assert {c["blocked_by"] for c in lab.result["checks"] if c["outcome"] == "blocked"} == {
        "submission.template",
        "submission.policy",
    }
    assert not (tmp_path / "outside").exists()


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--submission", "a", "--policies", "b"), "--submission: --policies is given, too"),
        (("--only", "user.crated"), "--only: there is no check user.crated; there are submission.template, "),
        (("--reference-for", "rubric"), "--reference-for: there is no document 'rubric'"),
        (("--rubric", "nowhere.toml"), "nowhere.toml: it cannot be read"),
    ],
)
def test_options_that_will_not_do(perform, options, said):
    lab = perform(*options)
    assert lab.exit_code == pytest.ExitCode.USAGE_ERROR
    assert said in lab.output
    assert "Traceback" not in lab.output


@pytest.mark.parametrize(
    ("rubric", "said"),
    [
        ("points = -1", "the points of user.created are no number"),
        ("points = inf", "the points of user.created are no number"),
        ('visibility = "never"', "the visibility of user.created is unknown"),
        ("partial = 1", "partial of user.created is neither true nor false"),
    ],
)
def test_a_rubric_that_will_not_do(perform, tmp_path, rubric, said):
    (tmp_path / "rubric.toml").write_text(f'[checks."user.created"]\n{rubric}\n')
    assert said in perform("--rubric", "rubric.toml").output


def test_a_partial_credit_and_its_parts():
    def tried(*faults):
        with parts() as part:
            for fault in faults:
                with part():
                    if fault:
                        raise fault

    tried(None, None)
    with pytest.raises(CheckFailed, match=r"^First\. Second\.$") as failed:
        tried(CheckFailed("First."), None, CheckFailed("Second."), None)
    assert failed.value.credit == 0.5
    with pytest.raises(CheckFailed) as failed:
        tried(Undetermined("?"), CheckFailed("First."))
    assert failed.value.credit == 0
    with pytest.raises(Undetermined):
        tried(None, Undetermined("?"))
    with pytest.raises(RuntimeError):
        tried(CheckFailed("First."), RuntimeError())


def test_lint_gives_what_is_enforced_with_its_line():
    template = h.changed(h.TEMPLATE, "BucketName: !Ref BucketName", "BucketNam: x")
    (said,) = lint(template, "us-east-1")
    assert said.startswith("line 11: Additional properties are not allowed ('BucketNam' was unexpected")
    assert said.endswith("(cfn-lint E3002)")
    assert lint(h.TEMPLATE, "us-east-1") == []
    # A warning, and a rule of policies, which are judged elsewhere.
    assert lint(h.changed(h.TEMPLATE, "sts:AssumeRole", "sts:AssumRole"), "us-east-1") == []
    assert lint(h.changed(h.TEMPLATE, "Resources:", "Mappings:\n  M: {a: {b: c}}\nResources:"), "us-east-1") == []


@pytest.mark.parametrize(
    ("statement", "public"),
    [
        ({"Principal": "*"}, True),
        ({"Principal": {"AWS": "*"}}, True),
        ({"Principal": {"AWS": ["*", h.USER]}}, True),
        ({"Principal": {"AWS": h.USER}}, False),
        ({"Principal": {"Service": "s3.amazonaws.com"}}, False),
        ({"Principal": "*", "Effect": "Deny"}, False),
        ({"NotPrincipal": {"AWS": h.USER}}, True),
        ({"Principal": "*", "Condition": {"IpAddress": {"aws:SourceIp": "192.0.2.0/24"}}}, False),
        ({"Principal": "*", "Condition": {"IpAddress": {"aws:SourceIp": "0.0.0.0/0"}}}, True),
        ({"Principal": "*", "Condition": {"StringEquals": {"AWS:PrincipalOrgID": "o-a1b2"}}}, False),
        ({"Principal": "*", "Condition": {"StringLike": {"aws:PrincipalOrgID": "o-*"}}}, True),
        ({"Principal": "*", "Condition": {"StringEquals": {"aws:PrincipalAccount": ["1", "2?"]}}}, True),
        ({"Principal": "*", "Condition": {"StringEqualsIfExists": {"aws:SourceVpc": "vpc-1"}}}, True),
        ({"Principal": "*", "Condition": {"StringNotEquals": {"aws:SourceVpc": "vpc-1"}}}, True),
        ({"Principal": "*", "Condition": {"Bool": {"aws:SecureTransport": "true"}}}, True),
        ({"Principal": "*", "Condition": {"StringEquals": {"aws:userid": "${aws:userid}"}}}, True),
    ],
)
def test_whether_a_bucket_policy_is_public(statement, public):
    whole = {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::b/*", **statement}
    assert is_public(parse_policy({"Version": "2012-10-17", "Statement": [whole]}, "the policy")) is public


def test_numbers_that_are_accounts():
    read = template_data('a: 012345678901\nb: 111122223333\nc: "012345678901"\nd: 0123\ne: 08')
    assert read == {"a": "1.2345678901E10", "b": 111122223333, "c": "012345678901", "d": 83, "e": "08"}


def test_paths_are_shown_as_what_can_be_printed():
    assert shown("a\n\x1b[31m\udcff\u202e") == "a\\n\\x1b[31m\\xff\\u202e"
