"""``stslab simulate --jsonl`` and ``stslab explain``, as a person or a program uses them."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from pathlib import Path

import pytest

from stslab.simulation import answer

ROOT = Path(__file__).resolve().parent.parent
ACCOUNT = "111122223333"
ALLOW = {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::lab/*"}


def document(*statements, **more):
    return {"Version": "2012-10-17", "Statement": list(statements), **more}


def line(**changes):
    request = {
        "principal": f"arn:aws:iam::{ACCOUNT}:user/ana",
        "action": "s3:GetObject",
        "resource": "arn:aws:s3:::lab/k",
        "resource_account": ACCOUNT,
        "context": {},
        "identity_policies": [document(ALLOW)],
        "permissions_boundary": None,
        "session_policies": [],
        "resource_policy": None,
        **changes,
    }
    return json.dumps(request)


def stslab(*arguments, stdin=b""):
    command = [sys.executable, "-m", "stslab", *map(str, arguments)]
    return subprocess.run(command, cwd=ROOT, input=stdin, capture_output=True, timeout=60, check=False)


def test_a_decision_has_its_reason_and_its_statements():
    assert answer(line()) == {
        "decision": "allowed",
        "reason": "s3:GetObject on arn:aws:s3:::lab/k is allowed by statement 1 of identity_policies[0].",
        "matched_statements": [{"source": "identity_policies[0]", "index": 0, "sid": ""}],
    }
    denied = answer(line(identity_policies=[]))
    assert (denied["decision"], denied["matched_statements"]) == ("implicitDeny", [])
    assert answer(line(permissions_boundary=document({**ALLOW, "Effect": "Deny", "Sid": "No"})))[
        "matched_statements"
    ] == [{"source": "permissions_boundary", "index": 0, "sid": "No"}]


def test_documents_may_hold_bare_values_and_leave_the_version_out():
    condition = {"NumericEquals": {"k": 7}, "Bool": {"b": True}, "ForAllValues:StringEquals": {"l": ["x"]}}
    bare = {"Statement": {**ALLOW, "Condition": condition}}
    assert answer(line(identity_policies=[bare], context={"k": "7", "b": "true", "l": []}))["decision"] == "allowed"
    assert answer(line(identity_policies=[bare], context={"k": "8", "b": "true"}))["decision"] == "implicitDeny"


TRUST = {"Effect": "Allow", "Principal": {"AWS": ACCOUNT}, "Action": "sts:AssumeRole"}
ROLE = {"action": "sts:AssumeRole", "resource": f"arn:aws:iam::{ACCOUNT}:role/r"}

MALFORMED = {
    "unknown element": {"identity_policies": [document({**ALLOW, "Resorce": "*"})]},
    "unknown top-level key": {"identity_policies": [document(ALLOW, Statements=[])]},
    "principal in an identity policy": {"identity_policies": [document({**ALLOW, "Principal": "*"})]},
    "no resource": {"identity_policies": [document({"Effect": "Allow", "Action": "*"})]},
    "both actions": {"identity_policies": [document({**ALLOW, "NotAction": "s3:*"})]},
    "effect in small letters": {"identity_policies": [document({**ALLOW, "Effect": "allow"})]},
    "version": {"identity_policies": [document(ALLOW, Version="2012-10-18")]},
    "not an ARN": {"identity_policies": [document({**ALLOW, "Resource": "lab"})]},
    "action without a service": {"identity_policies": [document({**ALLOW, "Action": "GetObject"})]},
    "wildcard in the service": {"identity_policies": [document({**ALLOW, "Action": "s*:GetObject"})]},
    "unknown operator": {"identity_policies": [document({**ALLOW, "Condition": {"StringEqual": {"a": "b"}}})]},
    "Null with IfExists": {"identity_policies": [document({**ALLOW, "Condition": {"NullIfExists": {"a": "true"}}})]},
    "no date": {"identity_policies": [document({**ALLOW, "Condition": {"DateEquals": {"a": "soon"}}})]},
    "same Sid": {"identity_policies": [document({**ALLOW, "Sid": "A"}, {**ALLOW, "Sid": "A"})]},
    "odd Sid": {"identity_policies": [document({**ALLOW, "Sid": "a b"})]},
    "empty": {"session_policies": [{}]},
    "a list": {"permissions_boundary": []},
    "IAM resource without a kind": {"identity_policies": [document({**ALLOW, "Resource": "arn:aws:iam::1:Reader"})]},
    "trust with a resource": {**ROLE, "resource_policy": document({**TRUST, "Resource": "*"})},
    "trust without a principal": {**ROLE, "resource_policy": document({"Effect": "Allow", "Action": "sts:AssumeRole"})},
    "trust with NotPrincipal": {
        **ROLE,
        "resource_policy": document({"Effect": "Deny", "NotPrincipal": {"AWS": ACCOUNT}, "Action": "sts:*"}),
    },
    "principal with a wildcard": {
        **ROLE,
        "resource_policy": document({**TRUST, "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:user/*"}}),
    },
    "group as principal": {
        **ROLE,
        "resource_policy": document({**TRUST, "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:group/g"}}),
    },
    "principal left empty": {**ROLE, "resource_policy": document({**TRUST, "Principal": {"AWS": ""}})},
}


@pytest.mark.parametrize("name", MALFORMED)
def test_a_malformed_document_is_told_from_an_invalid_request(name):
    error = answer(line(**MALFORMED[name]))["error"]
    assert error["code"] == "MalformedPolicyDocument"
    assert error["message"].startswith(
        ("identity_policies[0]: ", "session_policies[0]: ", "permissions_b", "resource_p")
    )


INVALID = [
    b"",
    b"{",
    b"\xff",
    b"[]",
    b"null",
    b"[" * 100_000,
    line(principal="ana").encode(),
    line(principal=f"arn:aws:iam::{ACCOUNT}:group/g").encode(),
    line(action="s3:*").encode(),
    line(action=7).encode(),
    line(resource="lab").encode(),
    line(resource_account="12").encode(),
    line(context=[]).encode(),
    line(context={"a": {}}).encode(),
    line(context={"a": "1", "A": "2"}).encode(),
    line(identity_policies={}).encode(),
    line(identity_policy=[]).encode(),
    b'{"principal": "a", "principal": "b"}',
    line(context={"a": float("nan")}).encode(),
    line(context={"a": float("inf")}).encode(),
    line(context={"a": [None]}).encode(),
    line(context={"a": [["b"]]}).encode(),
    line(context="a").encode(),
    line(resource_account=0).encode(),
    line(resource_account=[]).encode(),
    line(resource_account=111122223333).encode(),
    line(principal="").encode(),
    line(principal=None).encode(),
    line(principal=f"arn:aws:iam::{ACCOUNT}:role").encode(),
    line(principal=f"arn:aws:iam::{ACCOUNT}:assumed-role/r/s").encode(),
    line(principal=f"arn:aws:sts::{ACCOUNT}:assumed-role/r").encode(),
    line(principal=f"arn:aws:sts::{ACCOUNT}:user/ana").encode(),
    line(principal="arn:aws:iam::12345:user/ana").encode(),
    line(principal=f"arn:aws:iam::{ACCOUNT}:root/ana").encode(),
    line(action="s3").encode(),
    line(resource="arn:aws:s3").encode(),
    line(session_policies="").encode(),
    line(resource_account="DEEP").encode().replace(b'"DEEP"', b"[" * 900 + b"]" * 900),
    b'{"a": ' + b"9" * 5000 + b"}",
    b'"\\ud800"',
    b"\n",
    b" \r\n",
    b"\x00",
]


@pytest.mark.parametrize("given", INVALID, ids=range(len(INVALID)))
def test_an_invalid_request_is_answered_in_its_line(given):
    assert answer(given)["error"]["code"] == "ValidationError"


LONG = "a*" * 20_000
ANSWERED = {
    "a byte order mark": b"\xef\xbb\xbf" + line().encode(),
    "carriage return": line().encode() + b"\r\n",
    "lone surrogate": line(context={"k": "\ud800"}).encode(),
    "null context": line(context=None).encode(),
    "no policies but one": line(session_policies=None, resource_policy=None).encode(),
    "empty owner": line(resource_account="").encode(),
    "another script": line(context={"ключ": "значение"}).encode("utf-8"),
    "a long pattern": line(
        identity_policies=[
            document({**ALLOW, "Resource": ["*", f"arn:aws:s3:::{LONG}b", "arn:aws:s3:::" + "${" * 20_000]})
        ],
        resource=f"arn:aws:s3:::{'a' * 20_000}",
    ).encode(),
    "a huge number": line(
        context={"k": "1e999999999"},
        identity_policies=[document({**ALLOW, "Condition": {"NumericGreaterThan": {"k": "-1e999999999"}}})],
    ).encode(),
}


@pytest.mark.parametrize("name", ANSWERED)
def test_an_odd_line_is_answered_as_any_other(name):
    begun = time.perf_counter()
    assert answer(ANSWERED[name])["decision"] == "allowed"
    assert time.perf_counter() - begun < 2


def test_a_document_nested_too_deeply_is_malformed():
    nested = json.loads("[" * 900 + "]" * 900)
    assert answer(line(identity_policies=[document({**ALLOW, "Resource": nested})]))["error"]["code"] == (
        "MalformedPolicyDocument"
    )


def test_a_key_that_stands_twice_is_malformed():
    twice = line().replace('"Effect": "Allow"', '"Effect": "Deny", "Effect": "Allow"')
    error = answer(twice)["error"]
    assert error["code"] == "MalformedPolicyDocument"
    assert error["message"] == "identity_policies[0]: the key 'Effect' stands twice in Statement[0]"


def test_the_stream_goes_on_after_a_bad_line():
    done = stslab("simulate", "--jsonl", stdin=b"\n".join([line().encode(), b"{", line().encode()]))
    answers = [json.loads(text) for text in done.stdout.splitlines()]
    assert [a.get("decision") for a in answers] == ["allowed", None, "allowed"]
    assert (done.returncode, done.stderr) == (0, b"")


def test_explain_shows_each_statement_and_what_of_it_matched(tmp_path):
    (tmp_path / "policy.json").write_text(json.dumps(document(ALLOW, {**ALLOW, "Action": "iam:*"})))
    asked = ["explain", "--principal", f"arn:aws:iam::{ACCOUNT}:user/ana", "--identity", tmp_path / "policy.json"]
    done = stslab(*asked, "--action", "s3:GetObject", "--resource", "arn:aws:s3:::lab")
    told = done.stdout.decode()
    assert done.returncode == 1
    assert told.startswith("implicitDeny\n")
    assert "statement 1 of policy.json" in told
    assert "its Resource is arn:aws:s3:::lab/*" in told
    assert "its Action is iam:*" in told
    allowed = stslab(*asked, "--action", "s3:GetObject", "--resource", "arn:aws:s3:::lab/k")
    assert (allowed.returncode, allowed.stdout.decode().splitlines()[0]) == (0, "allowed")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("{", "this is not JSON"),
        ('{"Statement": [\n{"Effect": "Allow",\n"Action": "x"}]}', "policy.json:3: statement 1 has an Action 'x'"),
    ],
)
def test_explain_says_in_one_sentence_what_is_wrong_with_a_file(tmp_path, text, words):
    (tmp_path / "policy.json").write_text(text)
    asked = ["explain", "--principal", f"arn:aws:iam::{ACCOUNT}:root", "--action", "s3:GetObject", "--resource", "*"]
    done = stslab(*asked, "--identity", tmp_path / "policy.json")
    assert done.returncode == 2
    assert words in done.stderr.decode()
    assert len(done.stderr.splitlines()) == 1
