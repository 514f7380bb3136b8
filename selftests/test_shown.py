"""What a run shows of its documents, of itself, and of who ran it."""

from __future__ import annotations

import secrets
import string
import subprocess
from hashlib import sha256
from pathlib import Path
from typing import Any
from urllib.parse import quote

import documents as d
import performing
import pytest
from performing import ROOT

from stslab import environment
from stslab.environment import commit
from stslab.stored import stored_policies


def secret_key() -> str:
    """Forty characters such as a secret access key has, made now."""
    return "".join(secrets.choice(string.ascii_letters + string.digits + "+/") for _ in range(40))


def test_a_document_with_a_secret_is_not_shown_anywhere(tmp_path):
    folder = d.write(tmp_path, d.template(), d.policy())
    secret = secret_key()
    path = folder / "policy.json"
    text = path.read_text().replace('"Version"', f'"Id": "aws_secret_access_key = {secret}", "Version"', 1)
    path.write_text(text)
    lab = performing.perform(tmp_path, f"--submission={folder}")
    assert lab.outcomes["submission.secrets"] == "failed"
    shown = next(document for document in lab.result["documents"] if document["kind"] == "policy")
    assert shown["redacted"]
    assert shown["sha256"] == sha256(text.encode()).hexdigest()
    assert shown["text"].startswith("Not shown: there is a secret access key in line ")
    for file in lab.reports.rglob("*"):
        if file.is_file():
            assert secret not in file.read_text(), file
    assert secret not in lab.output


def test_an_access_key_id_in_a_document_is_shortened_and_that_is_said(tmp_path):
    folder = d.write(tmp_path, d.template(), d.policy())
    key = "AKIA" + "".join(secrets.choice(string.ascii_uppercase) for _ in range(16))
    path = folder / "policy.json"
    path.write_text(path.read_text().replace('"Version"', f'"Id": "{key}", "Version"', 1))
    lab = performing.perform(tmp_path, "--policies", str(folder))
    shown = next(document for document in lab.result["documents"] if document["kind"] == "policy")
    assert shown["redacted"]
    assert shown["sha256"] == sha256(path.read_bytes()).hexdigest()
    assert f"AKIA...{key[-4:]}" in shown["text"]
    assert all(key not in text for text in lab.texts())
    assert "Changed here" in lab.text("audit.html")


def test_a_documents_digest_is_that_of_its_bytes(tmp_path):
    folder = d.write(tmp_path, d.template(), d.policy())
    path = folder / "policy.json"
    raw = b"\xef\xbb\xbf" + path.read_bytes().replace(b"\n", b"\r\n") + b"\r\n"
    path.write_bytes(raw)
    lab = performing.perform(tmp_path, "--policies", str(folder))
    assert lab.exit_code == 0
    assert (lab.reports / "documents" / "policy.json").read_bytes() == raw
    shown = next(document for document in lab.result["documents"] if document["kind"] == "policy")
    assert shown["sha256"] == sha256(raw).hexdigest()
    assert not shown["redacted"]


def test_two_documents_of_one_name_are_both_there(tmp_path):
    folder = d.write(tmp_path, d.template(), d.policy())
    for name, kind in (("template.json", "a"), ("policy.json", "b")):
        (folder / kind).mkdir()
        (folder / name).rename(folder / kind / "lab.json")
    lab = performing.perform(tmp_path, f"--submission={folder}")
    assert sorted(path.name for path in (lab.reports / "documents").iterdir()) == ["lab.json", "policy-lab.json"]


DOCUMENT: dict[str, Any] = {"Version": "2012-10-17", "Statement": []}


@pytest.mark.parametrize(
    ("operation", "resource", "answer", "name"),
    [
        (
            "GetUserPolicy",
            "ann",
            {"UserName": "ann", "PolicyName": "P", "PolicyDocument": DOCUMENT},
            "policy P of user ann",
        ),
        (
            "GetRolePolicy",
            "r",
            {"RoleName": "r", "PolicyName": "P", "PolicyDocument": quote('{"Version": "2012-10-17", "Statement": []}')},
            "policy P of role r",
        ),
        (
            "GetRole",
            "r",
            {"Role": {"RoleName": "r", "AssumeRolePolicyDocument": DOCUMENT}},
            "trust policy of role r",
        ),
        (
            "GetPolicyVersion",
            "arn:aws:iam::1:policy/x/P",
            {"PolicyVersion": {"Document": DOCUMENT}},
            "managed policy P",
        ),
    ],
)
def test_the_policies_in_iams_answers_are_kept(operation, resource, answer, name):
    found = dict(stored_policies(operation, resource, answer))
    assert found == {name: '{\n  "Version": "2012-10-17",\n  "Statement": []\n}'}


def test_other_answers_hold_none():
    assert not list(stored_policies("ListRolePolicies", "r", {"PolicyNames": ["P"]}))


def test_the_tester_is_who_was_told_or_githubs_actor_or_the_login():
    assert environment.tester("Ann", {"GITHUB_ACTIONS": "true"}) == "Ann"
    assert (
        environment.tester(
            "",
            {
                "GITHUB_ACTIONS": "true",
                "GITHUB_ACTOR": "ann",
                "GITHUB_SERVER_URL": "https://github.example",
                "GITHUB_REPOSITORY": "a/lab",
                "GITHUB_RUN_ID": "7",
            },
        )
        == "ann by https://github.example/a/lab/actions/runs/7"
    )
    assert environment.tester("", {}).startswith("the login ")


def test_a_students_report_does_not_tell_who_grades(tmp_path):
    lab = performing.perform(tmp_path, f"--submission={ROOT / 'policies'}")
    assert "Performed by" not in lab.result["environment"]


def git(folder: Path, *arguments: str) -> str:
    them = ["-c", "user.name=a", "-c", "user.email=a@example.com"]
    return subprocess.run(
        ["git", "-C", str(folder), *them, *arguments], capture_output=True, text=True, check=True
    ).stdout.strip()


def test_the_commit_is_told_and_whether_it_was_changed(tmp_path):
    git(tmp_path, "init", "-q")
    (tmp_path / "a").write_text("a")
    git(tmp_path, "add", "a")
    git(tmp_path, "commit", "-qm", "a")
    head = git(tmp_path, "rev-parse", "HEAD")
    assert commit.__wrapped__(tmp_path) == head
    (tmp_path / "a").write_text("b")
    assert commit.__wrapped__(tmp_path) == f"{head}, with changes that are not committed"
    assert commit.__wrapped__(tmp_path / "none") == "not known, since the suite was not run from a clone"
    (tmp_path / "none" / ".git").mkdir(parents=True)
    (tmp_path / ".git").rename(tmp_path / "away")
    assert commit.__wrapped__(tmp_path / "none") == "not known, since git does not tell"
