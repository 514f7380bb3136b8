"""audit.html of a run answers what an auditor asks, from the page alone."""

from __future__ import annotations

import re
from hashlib import sha256

import documents as d
import performing
import pytest
from markup import Element, parsed

from stslab.audit.page import SECURITY


@pytest.fixture(scope="module")
def green(tmp_path_factory):
    return performing.perform(tmp_path_factory.mktemp("green"), "--tester", "the auditor's clerk")


@pytest.fixture(scope="module")
def page(green) -> Element:
    return parsed(green.text("audit.html"))


@pytest.fixture(scope="module")
def broken(tmp_path_factory):
    """A lab whose role's trust is wrong."""
    folder = tmp_path_factory.mktemp("broken")
    template = d.template(trust=[d.trusting({"Service": "s3.amazonaws.com"})])
    return performing.perform(folder, "--policies", str(d.write(folder, template)))


@pytest.fixture(scope="module")
def partial(tmp_path_factory):
    """A run of one check, which needs many others done."""
    return performing.perform(tmp_path_factory.mktemp("partial"), "--only=session.reads-bucket")


def words(element: Element) -> str:
    return " ".join(element.text.split())


def facts(element: Element) -> dict[str, str]:
    rows = [one.children for one in element.descendants() if [part.tag for part in one.children] == ["dt", "dd"]]
    return {words(name): words(told) for name, told in rows}


def answers(page: Element) -> list[list[str]]:
    return [[words(cell) for cell in row.children] for row in page.one("table", "answers").all("tr")[1:]]


def test_it_says_what_was_tested_when_against_what_and_by_whom(green, page):
    said = facts(page.one("header"))
    assert "template.yaml and policy.json" in said["What was tested"]
    assert "19 checks" in said["What was tested"]
    for time in (green.result["started"], green.result["finished"]):
        assert time.replace("T", " ").rstrip("Z") in said["When"]
    assert said["Against what"].startswith(
        "account 123456789012, in an emulation of AWS (moto), region us-east-1. No AWS"
    )
    assert said["By whom"] == "the auditor's clerk"
    assert said["Left behind"] == "nothing, as far as was asked"
    digest = sha256((green.reports / "result.json").read_bytes()).hexdigest()
    assert said["Its result.json"].startswith(f"SHA-256 {digest}, ")
    assert digest in words(page.by_id("integrity"))
    assert f"result.json {digest[:16]}" in page.one("style").text
    environment = facts(page.by_id("environment"))
    assert re.match(r"[0-9a-f]{40}\b", environment["Commit of the suite"])
    for library in ("stslab", "Python", "moto", "boto3"):
        assert re.search(rf"\b{library} \d+\.\d", environment["Versions"])


def test_it_begins_with_the_verdict_in_one_sentence(page, broken):
    assert words(page.one("p", "verdict")) == (
        "Passed, in an emulation of AWS (moto): all 19 checks passed, and nothing was left behind."
    )
    failing = parsed(broken.text("audit.html")).one("p", "verdict")
    assert words(failing) == "Not passed, in an emulation of AWS (moto): 1 of 19 checks failed: role.trust."
    assert "fails" in failing.classes


def test_it_says_what_was_denied_and_what_allowed_and_why(page):
    told = {(who, asked.partition(" on ")[0], answer): why for who, asked, answer, why, _ in answers(page)}
    assert [row[4] for row in answers(page) if row[4].startswith("user.no-s3")] == ["user.no-s3, passed: c22"]
    denied = ("user", "s3:ListAllMyBuckets", "denied (AccessDenied)")
    assert "because no identity-based policy allows the s3:ListAllMyBuckets action" in told[denied]
    assert (
        "is allowed by statement 1 (AssumeTheLabsRole) of policy StsAssumePolicy of user sts-machine-user"
        in told["user", "sts:AssumeRole", "allowed"]
    )
    assert "statement 3 (ReadItsObjects) of policy ReadTheBucket" in told["session", "s3:GetObject", "allowed"]
    assert ("session", "secretsmanager:ListSecrets", "denied (AccessDeniedException)") in told
    assert all(told.values())


def test_every_check_shows_claim_expected_observed_and_the_calls_that_prove_it(green, page):
    calls = {call["id"]: call for call in green.result["calls"]}
    for check in green.result["checks"]:
        article = page.by_id(check["id"])
        said = facts(article)
        assert said["Claim"] == " ".join(check["title"].split())
        assert said["Expected"] == check["expected"]
        assert said["Observed"].startswith("as expected")
        assert said["Check on AWS"] == "never validated on AWS"
        rows = [row for row in article.all("tr") if row.attributes.get("id")]
        assert [row.attributes["id"] for row in rows] == check["evidence"]
        for row in rows:
            call, shown = calls[row.attributes["id"]], words(row)
            for value in (call["action"], call["resource"], call["request_id"], call["time"][11:23]):
                assert value in shown
            assert call["time"] in [time.attributes["datetime"] for time in row.all("time")]


def test_the_deciding_statement_stands_below_the_call(page):
    said = words(page.by_id("session.reads-bucket"))
    assert "Statement 3 (ReadItsObjects) of policy ReadTheBucket of role" in said
    assert '"Action": "s3:GetObject"' in said
    assumed = words(page.by_id("session.assumed"))
    assert "of policy StsAssumePolicy of user sts-machine-user" in assumed
    assert '"Principal": {"AWS": "arn:aws:iam::123456789012:root"}' in assumed
    assert "Answered: User: arn:aws:iam::123456789012:user/sts-machine-user is not authorized" in words(
        page.by_id("user.no-s3")
    )


def test_what_was_decided_by_reading_policies_is_said(page):
    trusted = words(page.by_id("role.trust"))
    assert "The trust policy admits the user: allowed, by statement 1 of trust policy of my-sts-fun-stack-" in trusted
    assert "The trust policy admits everyone: implicitDeny, because no role trust policy allows" in trusted
    assert "allowed, by statement 1 (AssumeTheLabsRole) of policy StsAssumePolicy" in words(
        page.by_id("policy.targets-role")
    )
    assert "reaches beyond s3: none does." in words(page.by_id("session.least-privilege"))


def test_it_says_which_files_were_looked_at(page):
    assert "template.yaml, 1,900 bytes, was read." in words(page.by_id("submission.template"))
    looked = words(page.by_id("submission.secrets"))
    assert re.search(r"Read ?\d+ files looked through: controls.toml, policy.json, rubric.toml, ", looked)


def test_the_documents_are_there_word_for_word_with_their_digests(green, page):
    shown = {words(one.one("h3")): one for one in page.all("article", "document")}
    for name in ("template.yaml", "policy.json"):
        raw = (performing.ROOT / "policies" / name).read_bytes()
        assert shown[name].one("pre").text == raw.decode().rstrip("\n")
        assert shown[name].one("code", "digest").text == sha256(raw).hexdigest()
        assert (green.reports / "documents" / name).read_bytes() == raw
    stored = [name for name in shown if name.startswith(("policy ", "trust policy "))]
    assert len(stored) == 3
    for name in stored:
        assert shown[name].one("code", "digest").text == sha256(shown[name].one("pre").text.encode()).hexdigest()


def test_the_clean_up_is_proved_thing_by_thing(page):
    rows = [[words(cell) for cell in row.children] for row in page.one("table", "removed").all("tr")[1:]]
    things = {row[0].split(" ")[0] + " " + row[0].split(" ")[-1].partition("-")[0]: row for row in rows}
    assert "iam:DeleteUser" in things["user sts"][2]
    assert things["user sts"][3].endswith("iam:GetUser: NoSuchEntity")
    assert things["access sts"][3].endswith("sts:GetCallerIdentity: InvalidClientTokenId")
    assert things["policy sts"][3].endswith("iam:GetUserPolicy: NoSuchEntity")
    assert things["stack my"][3].endswith("cloudformation:DescribeStacks: ValidationError")
    assert things["session my"][3].endswith("s3:ListAllMyBuckets: denied (AccessDenied)")
    assert things["bucket arn:aws:s3:::my"][3].endswith("s3:ListBucket: NotFound")
    assert things["role my"][3].endswith("iam:GetRole: NoSuchEntity")
    assert not [row for row in rows if "no call shows it" in row]


def test_it_says_what_it_does_not_prove(page, broken):
    said = words(page.by_id("limits"))
    for limit in ("No AWS account was touched", "service control policies", "CloudTrail", "never validated on AWS"):
        assert limit in said
    assert "Not tried, because of what failed before: session.assumed" in words(
        parsed(broken.text("audit.html")).by_id("limits")
    )


def test_a_failed_check_says_why_and_what_it_blocks(broken):
    page = parsed(broken.text("audit.html"))
    said = facts(page.by_id("role.trust"))
    assert "because no role trust policy allows" in said["Reason"]
    assert "AssumeRolePolicyDocument has to allow sts:AssumeRole" in said["What to do"]
    assert re.fullmatch(r"template.json, line \d+", said["Where"])
    assert facts(page.by_id("session.assumed"))["Observed"] == "not tried, since role.trust did not pass"
    arrows = [words(item.one("strong")) for item in page.by_id("picture").all("li")]
    assert arrows == [
        "done, proved",
        "does NOT work",
        "not decided",
        "denied, proved",
        "not decided",
    ]


def test_what_was_done_for_a_check_that_was_not_asked_for_is_shown_as_such(partial):
    page = parsed(partial.text("audit.html"))
    told = {asked.partition(" on ")[0]: where for _, asked, _, _, where in answers(page)}
    assert re.fullmatch(r"c\d+", told["sts:AssumeRole"])
    assert told["s3:GetObject"].startswith("session.reads-bucket, passed: c")
    assert "Passed in part" in words(page.one("p", "verdict"))
    assert told["sts:AssumeRole"] in words(page.by_id("others"))


def test_it_is_one_static_file_that_asks_for_nothing(green, broken, partial):
    for lab in (green, broken, partial):
        text = lab.text("audit.html")
        page = parsed(text)
        assert not page.all("script") + page.all("link") + page.all("img") + page.all("iframe")
        assert [e.attributes["content"] for e in page.all("meta") if "http-equiv" in e.attributes] == [SECURITY]
        assert not re.search(r"@import|url\((?!#)|\son\w+=|javascript:", text)
        used = [e.attributes[name] for e in page.descendants() for name in ("src", "href") if name in e.attributes]
        assert all(link.startswith(("#", "https://")) or link == "lab.html" for link in used)
        ids = [e.attributes["id"] for e in page.descendants() if "id" in e.attributes]
        assert len(ids) == len(set(ids))
        assert {link[1:] for link in used if link.startswith("#")} <= set(ids)
    assert "audit.html" in green.text("lab.html")


def test_the_picture_has_a_text_that_says_the_same(page):
    drawn = page.one("svg")
    assert drawn.attributes["role"] == "img"
    named = [page.by_id(name) for name in (drawn.attributes["aria-labelledby"] or "").split()]
    assert all(words(one) for one in named)
    for item in page.by_id("picture").all("li"):
        assert words(item.one("strong")) in words(named[1])
