"""SARIF: what is wrong in a document is found in its line, and nothing else is called a finding."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from typing import Any

import classes
import exporting
import jsonschema
import pytest

from stslab.result import Call, Deciding, LabResult, Outcome, Ruling, ShownDocument
from stslab.sarif.log import sarif

SCHEMA = json.loads((exporting.SCHEMAS / "sarif.schema.json").read_text(encoding="utf-8"))

TEMPLATE = """\
Resources:
  OtherBucket:
    Type: AWS::S3::Bucket
  LabBucket:
    Type: AWS::S3::Bucket
    DeletionPolicy: Retain
  StsRole:
    Type: AWS::IAM::Role
    Properties:
      AssumeRolePolicyDocument:
        Statement:
          - Effect: Allow
          - Effect: Deny
      Policies:
        - PolicyName: first
          PolicyDocument:
            Statement:
              - Action: s3:ListAllMyBuckets
        - PolicyName: second
          PolicyDocument:
            Statement:
              - Action: s3:GetObject
              - Action: !Sub "*"
  Managed:
    Type: AWS::IAM::ManagedPolicy
    Properties:
      PolicyDocument:
        Statement: {Effect: Allow}
  Gate:
    Type: AWS::S3::BucketPolicy
    Properties:
      PolicyDocument:
        Statement:
          - Sid: Gate
  Apart:
    Type: AWS::IAM::Policy
    Properties:
      PolicyName: apart
      PolicyDocument:
        Statement:
          - Sid: Apart
"""
POLICY = '{\n  "Statement": [\n    {"Effect": "Allow"},\n    {"Effect": "Deny"}\n  ]\n}\n'
DOCUMENTS = (
    ShownDocument("template.yaml", "template", "a" * 64, TEMPLATE),
    ShownDocument("policy.json", "policy", "b" * 64, POLICY),
    ShownDocument("trust policy of role x", "stored", "", "{}"),
)
FAILED, OPEN = Outcome.FAILED, Outcome.UNDETERMINED


def line(text: str, beginning: str) -> int:
    (number,) = [n for n, each in enumerate(text.splitlines(), start=1) if each.strip().startswith(beginning)]
    return number


def run(check: str, reason: str, outcome: Outcome = FAILED, documents: Any = DOCUMENTS, *calls: Call) -> LabResult:
    result = classes.graded("x", {check: (outcome, reason)}).result
    next(one for one in result.checks if one.id == check).evidence = [call.id for call in calls]
    return replace(result, documents=documents, calls=calls)


def ruled(id_: str, action: str, *deciding: tuple[str, int]) -> Call:
    ruling = Ruling("allowed", "So.", "target", [Deciding(source, index, "", "{}") for source, index in deciding])
    return Call(id_, "2026-01-02T03:04:05Z", "sts", action, "*", "success", None, None, 200, None, ruling=ruling)


def log(result: LabResult) -> dict[str, Any]:
    text = sarif(result)
    text.encode()
    shape: dict[str, Any] = json.loads(text)
    jsonschema.Draft4Validator(SCHEMA).validate(shape)
    (whole,) = shape["runs"]
    for one in whole["results"]:
        assert whole["tool"]["driver"]["rules"][one["ruleIndex"]]["id"] == one["ruleId"]
        assert (one["kind"] == "fail") or (one["level"] == "none"), "SARIF 2.1.0, 3.27.10"
    return dict(whole)


def found(result: LabResult) -> tuple[str, int | None]:
    (one,) = log(result)["results"]
    return at(one)


def at(one: dict[str, Any]) -> tuple[str, int | None]:
    (place,) = one["locations"]
    physical = place["physicalLocation"]
    assert physical["artifactLocation"]["uriBaseId"] == "SUBMISSION"
    return physical["artifactLocation"]["uri"], physical.get("region", {}).get("startLine")


WHERE = {
    "a line that the reason tells": ("submission.template", "template.yaml:7: it does not parse; mend it.", 7),
    "a file that it tells": ("submission.template", "lab.yml: it has 9 bytes; cut it.", ("lab.yml", None)),
    "a line of cfn-lint's": (
        "stack.deploys",
        "AWS does not deploy template.yaml: line 9: no (cfn-lint E1); line 2: x.",
        9,
    ),
    "an element that CloudFormation tells": (
        "stack.deploys",
        "ValidationError, [/Resources/StsRole/Properties/AssumeRolePolicyDocument/Statement/1/Effect] 'null'",
        "- Effect: Deny",
    ),
    "a resource that it tells": ("stack.deploys", "The stack failed: Gate: it is bad.", "Gate:"),
    "no resource in a role's name": (
        "stack.deploys",
        "The stack failed: x-Gate and Gate-Y are bad.",
        ("template.yaml", None),
    ),
    "the trust": ("role.trust", "The trust policy admits the user: no.", "AssumeRolePolicyDocument:"),
    "the role's policies": ("session.lists-buckets", "Profile assumed cannot.", "Policies:"),
    "a statement that was read": (
        "session.least-privilege",
        "Statement 2 of policy second of role x-StsRole-Y allows *, which reaches beyond s3.",
        "- Action: !Sub",
    ),
    "a policy apart": (
        "session.least-privilege",
        "Statement 1 of policy apart of role x allows *, so.",
        "- Sid: Apart",
    ),
    "a managed policy": (
        "session.least-privilege",
        "Statement 1 of managed policy m allows *, so.",
        "Statement: {Effect",
    ),
    "the user's policy": ("policy.targets-role", "The user's policies allow it: no.", ("policy.json", 2)),
    "the policy of a session denied": ("session.assumed", "Profile sts cannot.", ("policy.json", 2)),
    "what was retained": ("cleanup.residue", "AWS::S3::Bucket b-1 is still there.", "DeletionPolicy:"),
    "no bucket at all": ("stack.bucket", "The stack has no bucket (AWS::S3::Bucket).", ("template.yaml", None)),
}


@pytest.mark.parametrize(("check", "reason", "wanted"), WHERE.values(), ids=WHERE)
def test_a_finding_is_in_its_line(check, reason, wanted):
    if isinstance(wanted, str):
        wanted = line(TEMPLATE, wanted)
    assert found(run(check, reason)) == (wanted if isinstance(wanted, tuple) else ("template.yaml", wanted))


RULED = {
    "a role's policy": ("session.least-privilege", ("policy second of role x-StsRole-Y", 1), "- Action: !Sub"),
    "a user's policy": ("user.still-no-s3", ("policy anything of user u", 1), ("policy.json", 4)),
    "a user's policy in the template": ("user.still-no-s3", ("policy apart of user u", 0), "- Sid: Apart"),
    "a bucket policy": ("user.still-no-s3", ("policy of bucket b", 0), "- Sid: Gate"),
    "a trust policy": ("session.assumed", ("trust policy of role x-StsRole-Y", 1), "- Effect: Deny"),
}


@pytest.mark.parametrize(("check", "deciding", "wanted"), RULED.values(), ids=RULED)
def test_the_statement_that_decided_the_last_call_is_the_place(check, deciding, wanted):
    calls = (ruled("c1", "s3:GetObject", ("policy first of role x", 0)), ruled("c2", "iam:ListUsers", deciding))
    who = ruled("c3", "sts:GetCallerIdentity")
    wanted = ("template.yaml", line(TEMPLATE, wanted)) if isinstance(wanted, str) else wanted
    assert found(run(check, "Profile sts may.", FAILED, DOCUMENTS, *calls, who)) == wanted


def test_a_statement_before_the_last_call_is_not_to_blame():
    calls = (ruled("c1", "s3:ListBucket", ("policy first of role x", 0)), ruled("c2", "s3:GetObject"))
    result = run("session.reads-bucket", "Profile assumed cannot.", FAILED, DOCUMENTS, *calls)
    assert found(result) == ("template.yaml", line(TEMPLATE, "Policies:"))


def test_the_calls_that_only_fetch_a_document_are_not_looked_at():
    call = ruled("c1", "iam:GetRole", ("policy first of role x", 0))
    wanted = ("template.yaml", line(TEMPLATE, "AssumeRolePolicyDocument:"))
    assert found(run("role.trust", "It admits nobody.", FAILED, DOCUMENTS, call)) == wanted


def test_an_index_that_the_document_does_not_have_leads_to_no_line():
    call = ruled("c1", "iam:ListUsers", ("policy second of role x", 99))
    assert found(run("session.least-privilege", "x", FAILED, DOCUMENTS, call)) == ("template.yaml", None)


def test_a_bucket_policy_that_cannot_be_told_is_the_templates_and_not_the_users():
    two = TEMPLATE + "  Second:\n    Type: AWS::S3::BucketPolicy\n"
    documents = (replace(DOCUMENTS[0], text=two), DOCUMENTS[1])
    call = ruled("c1", "s3:GetObject", ("policy of bucket b", 0))
    assert found(run("user.still-no-s3", "It may.", FAILED, documents, call)) == ("template.yaml", None)


def test_one_of_two_roles_is_told_by_its_name_or_not_at_all():
    two = TEMPLATE + "  Role:\n    Type: AWS::IAM::Role\n    Properties: {AssumeRolePolicyDocument: {}}\n"
    documents = (replace(DOCUMENTS[0], text=two), DOCUMENTS[1])
    told = line(TEMPLATE, "AssumeRolePolicyDocument:")
    assert found(run("role.trust", "The trust policy of s-StsRole-9X", FAILED, documents)) == ("template.yaml", told)
    assert found(run("role.trust", "It admits nobody.", FAILED, documents)) == ("template.yaml", None)


def test_every_secret_is_a_finding_of_its_own():
    reason = "There are secrets in what was handed in: bin/de ploy:3: secret access key; a.txt:12: private key."
    results = log(run("submission.secrets", reason))["results"]
    assert [at(one) for one in results] == [("bin/de%20ploy", 3), ("a.txt", 12)]
    twice = "There are secrets in what was handed in: a.txt:3: private key; a.txt:12: private key."
    for each in (results, log(run("submission.secrets", twice))["results"]):
        assert len({one["partialFingerprints"]["stslab/v1"] for one in each}) == 2


@pytest.mark.parametrize(
    "document",
    [
        replace(DOCUMENTS[0], redacted=True),
        replace(DOCUMENTS[0], text="Resources: [}"),
        replace(DOCUMENTS[0], text=""),
        replace(DOCUMENTS[0], text="[" * 5000),
        replace(DOCUMENTS[0], text="Resources: {StsRole: 1}"),
    ],
    ids=["withheld", "no YAML", "empty", "too deep", "no role"],
)
def test_a_document_in_which_nothing_can_be_told_is_named_alone(document):
    assert found(run("role.trust", "No.", FAILED, [document])) == ("template.yaml", None)


def test_a_document_that_was_not_handed_in_is_called_by_the_labs_name():
    assert found(run("submission.policy", "there is no policy.json; hand it in.", FAILED, [])) == ("policy.json", None)


def test_what_no_document_is_to_blame_for_is_no_finding():
    for check in ("user.created", "user.identity", "user.no-s3", "session.identity"):
        assert log(run(check, "No."))["results"] == []


def test_what_failed_with_the_reference_in_its_place_is_no_finding_in_what_was_handed_in():
    result = run("session.lists-buckets", "Profile assumed cannot.")
    next(one for one in result.checks if one.id == "session.lists-buckets").carried_on = "template"
    assert log(result)["results"] == []


def test_only_what_failed_or_is_open_is_a_finding_and_an_error_is_the_suites():
    for outcome in (Outcome.PASSED, Outcome.BLOCKED):
        whole = log(run("role.trust", "So.", outcome))
        assert (whole["results"], whole["invocations"][0]["executionSuccessful"]) == ([], True)
    whole = log(run("role.trust", "The wire broke.", Outcome.ERROR))
    (invocation,) = whole["invocations"]
    assert (whole["results"], invocation["executionSuccessful"]) == ([], False)
    assert [one["message"]["text"] for one in invocation["toolExecutionNotifications"]] == ["The wire broke."]
    (one,) = log(run("role.trust", "Who knows.", OPEN))["results"]
    assert (one["kind"], one["level"]) == ("open", "none")
    (one,) = log(run("role.trust", "No."))["results"]
    assert (one["kind"], one["level"]) == ("fail", "error")


def test_what_is_open_and_has_no_place_is_said_all_the_same():
    (one,) = log(run("submission.secrets", "Not looked through for secrets: big.bin.", OPEN))["results"]
    assert "locations" not in one


def test_a_fingerprint_stays_when_lines_move_and_names_are_made_up_anew():
    def printed(text: str, reason: str, check: str = "role.trust") -> str:
        (one,) = log(run(check, reason, FAILED, [replace(DOCUMENTS[0], text=text)]))["results"]
        return str(one["partialFingerprints"]["stslab/v1"])

    first = printed(TEMPLATE, "The trust of s-StsRole-AAA admits nobody.")
    assert first == printed("# moved\n" + TEMPLATE, "The trust of s-StsRole-BBB admits nobody.")
    assert first != printed(TEMPLATE, "No.", "session.lists-buckets")


def test_documents_are_artifacts_with_their_hashes_and_what_iam_showed_is_none():
    told = [(one["location"]["uri"], one["hashes"]["sha-256"]) for one in log(run("role.trust", "No."))["artifacts"]]
    assert told == [("template.yaml", "a" * 64), ("policy.json", "b" * 64)]


def test_a_rule_tells_what_to_do():
    result = run("role.trust", "No.")
    next(check for check in result.checks if check.id == "role.trust").hint = "Do this."
    rules = {one["id"]: one for one in log(result)["tool"]["driver"]["rules"]}
    assert set(rules) == set(classes.CHECKS)
    assert rules["role.trust"]["help"]["text"] == "Do this."
    assert rules["user.created"]["help"]["text"] == classes.CHECKS["user.created"]


def test_the_same_run_gets_the_same_bytes():
    assert sarif(run("role.trust", "No.")) == sarif(run("role.trust", "No."))


def test_nothing_in_a_message_is_a_link_or_a_placeholder():
    (one,) = log(run("role.trust", "[x](y) ${AWS::AccountId} {0} {12}"))["results"]
    assert one["message"]["text"] == r"[x\](y) ${AWS::AccountId} {{0}} {{12}}"


@pytest.mark.parametrize("text", [*classes.HOSTILE, "", "\n", "\x00\x0b\x85\u2028", "{0} [x](y)"])
def test_no_text_breaks_it(text):
    named = [replace(each, name=text, text=text) for each in DOCUMENTS]
    for check, reason in (("role.trust", text), ("submission.secrets", f"{text}:3: secret; {text}:4: key.")):
        for outcome in (FAILED, OPEN, Outcome.ERROR):
            result = run(check, reason, outcome, named)
            result.checks[0].title = result.checks[0].hint = result.checks[1].id = text
            written = sarif(replace(result, lab=text))
            assert written.replace("\n", "").replace("\u200d", "").isprintable()
            assert log(result)
            uris = re.findall(r'"uri": "([^"]*)"', written)
            assert all(re.fullmatch(r"[A-Za-z0-9%/._~-]*", uri) for uri in uris)
