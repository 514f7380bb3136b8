"""The parts of audit.html, each decided from a result made by hand."""

from __future__ import annotations

from dataclasses import replace

import pytest
import results as r
from markup import parsed

from stslab.audit.conclusion import conclude, place
from stslab.audit.evidence import decided, observed
from stslab.audit.limits import limits
from stslab.audit.page import audit_page
from stslab.audit.people import people_of
from stslab.audit.picture import Standing, picture
from stslab.result import LabResult, Outcome, Ruling, Wait

DIGEST = "5ha" * 21


def page_of(it: LabResult, hidden=()) -> str:
    return audit_page(it, DIGEST, r.controls(), hidden)


PASSED, FAILED, ERROR, BLOCKED, UNDETERMINED = (
    Outcome.PASSED,
    Outcome.FAILED,
    Outcome.ERROR,
    Outcome.BLOCKED,
    Outcome.UNDETERMINED,
)


@pytest.mark.parametrize(
    ("it", "faults", "word", "said"),
    [
        (r.result(), (), "Passed", "all 19 checks passed, and nothing was left behind."),
        (r.result({"role.trust": FAILED}), (), "Not passed", "1 of 19 checks failed: role.trust."),
        (
            r.result({"role.trust": FAILED, "user.created": ERROR}),
            (),
            "Not passed",
            "1 of 19 checks failed: role.trust; 1 of 19 checks could not be decided.",
        ),
        (r.result({"role.trust": UNDETERMINED}), (), "Not decided", "1 of 19 checks could not be decided: role.trust."),
        (r.result({"role.trust": ERROR}), (), "Not decided", "1 of 19 checks could not be decided: role.trust."),
        (r.result({"role.trust": BLOCKED}), (), "Not decided", "1 of 19 checks could not be decided: role.trust."),
        (
            r.result(left_behind=["stack x: it stays"]),
            (),
            "Not in order",
            "though all 19 checks passed. Left behind: stack x: it stays.",
        ),
        (r.result(), ("An exemption expired.",), "Not in order", "though all 19 checks passed. An exemption expired."),
        (replace(r.result(), checks=[]), (), "Nothing was tested", "in an emulation of AWS (moto)."),
    ],
)
def test_the_verdict(it, faults, word, said):
    conclusion = conclude(it, faults)
    assert conclusion.sentence.startswith(f"{word}, in an emulation of AWS (moto)")
    assert conclusion.sentence.endswith(said)
    assert conclusion.holds == (word == "Passed")


@pytest.mark.parametrize(
    ("target", "said"),
    [
        ("aws", "on AWS itself"),
        ("moto", "in an emulation of AWS (moto)"),
        ("endpoint at http://127.0.0.1:1", "on an emulator of AWS at http://127.0.0.1:1"),
        ("aws at https://vpce.example", "at https://vpce.example"),
    ],
)
def test_the_place(target, said):
    assert place(target) == said


ARROWS = {
    "has": ("policy.attached",),
    "assumes": ("policy.targets-role", "role.trust", "session.assumed", "session.identity"),
    "reads": ("session.lists-buckets", "session.reads-bucket"),
    "direct": ("user.no-s3", "user.still-no-s3"),
    "beyond": ("session.least-privilege",),
}


@pytest.mark.parametrize(("arrow", "check"), [(arrow, check) for arrow, checks in ARROWS.items() for check in checks])
def test_every_arrow_is_as_its_checks_are(arrow, check):
    def standing(it: LabResult) -> Standing:
        return picture(it).arrows[arrow].standing

    assert standing(r.result()) is Standing.PROVED
    for outcome in (ERROR, BLOCKED, UNDETERMINED):
        assert standing(r.result({check: outcome})) is Standing.OPEN
    assert standing(r.result({check: FAILED})) is Standing.DISPROVED
    others = {name: one.standing for name, one in picture(r.result({check: FAILED})).arrows.items() if name != arrow}
    assert set(others.values()) == {Standing.PROVED}


@pytest.mark.parametrize("arrow", [arrow for arrow, checks in ARROWS.items() if len(checks) > 1])
def test_an_arrow_of_which_a_check_is_missing_is_not_proved(arrow):
    for left_out in ARROWS[arrow]:
        it = r.result()
        it = replace(it, checks=[check for check in it.checks if check.id != left_out])
        assert picture(it).arrows[arrow].standing is Standing.OPEN


def test_a_run_of_some_checks_has_passed_in_part_only():
    it = r.result()
    it = replace(it, checks=[check for check in it.checks if check.id in ("user.created", "user.identity")])
    page = parsed(page_of(it))
    said = " ".join(page.one("p", "verdict").text.split())
    assert said.startswith("Passed in part, in an emulation of AWS (moto): all 2 checks passed, and 17 of the lab's ")
    assert conclude(replace(it, checks=it.checks[:1])).rest.startswith(
        ", in an emulation of AWS (moto): the one check "
    )
    assert "Not performed, and so not shown to hold: cleanup.complete, " in page.by_id("limits").text
    whole = parsed(page_of(r.result(), {"role.trust"}))
    assert whole.one("p", "verdict").text.startswith("Passed, ")


def test_an_arrow_that_no_check_is_about_is_not_drawn_as_proved():
    nothing = picture(replace(r.result(), checks=[]))
    assert {arrow.verdict for arrow in nothing.arrows.values()} == {"not tested"}


def test_a_denial_that_failed_is_said_to_have_failed():
    arrows = picture(r.result({"user.no-s3": FAILED})).arrows
    assert arrows["direct"].verdict == "NOT denied"
    said = picture(r.result({"user.no-s3": FAILED})).in_words
    assert "NOT denied. Something of S3 was allowed to the user itself, without the role." in said
    drawn = parsed(page_of(r.result({"user.no-s3": FAILED}))).one("svg")
    assert len(drawn.all("path", "bar")) == 1
    assert len(parsed(page_of(r.result())).one("svg").all("path", "bar")) == 2


def test_everybody_who_calls_has_a_name():
    canary = "arn:aws:iam::123456789012:user/stslab-canary-1"
    callers = ("AKIA...MPLE", r.ADMIN, canary, r.USER, r.SESSION, "arn:aws:iam::123456789012:user/somebody")
    calls = tuple(r.call(n, arn, "sts:GetCallerIdentity", "*") for n, arn in enumerate(callers))
    people = people_of(r.result(calls=calls))
    assert [people.name(arn) for arn in callers] == ["admin's key", "admin", "canary", "user", "session", "somebody"]
    assert [person.arn for person in people.listed] == list(callers)


def test_an_admin_who_is_a_role_is_not_taken_for_the_labs_session():
    admin = "arn:aws:sts::123456789012:assumed-role/runner/nightly"
    it = r.result(calls=(r.call(1, admin, "iam:GetUser", "a"),), environment={**r.FACTS, "Admin": admin})
    assert people_of(it).name(admin) == "admin"
    assert decided(it, people_of(it)) == []


def test_what_was_observed_names_the_answers():
    calls = (
        r.call(1, r.USER, "sts:GetCallerIdentity", "*"),
        r.call(5, r.USER, "sts:AssumeRole", r.ROLE),
        r.call(2, r.USER, "s3:ListAllMyBuckets", "*", "AccessDenied"),
        r.call(3, r.USER, "s3:GetObject", "arn:aws:s3:::b/k", "AccessDenied"),
        r.call(4, r.ADMIN, "iam:GetUser", "a", "NoSuchEntity"),
    )
    it = r.result(calls=calls)
    check = next(check for check in it.checks if check.id == "user.created")
    people = people_of(it)
    assert observed(check, calls, people) == (
        "as expected: user, allowed: sts:AssumeRole; "
        "user, denied (AccessDenied): s3:ListAllMyBuckets, s3:GetObject; admin, NoSuchEntity: iam:GetUser"
    )
    assert observed(check, calls[:1], people) == "as expected: user, allowed: sts:GetCallerIdentity"
    assert observed(check, (), people) == "as expected"
    assert observed(replace(check, outcome=BLOCKED, blocked_by="role.trust"), (), people).startswith("not tried")
    assert observed(replace(check, outcome=FAILED, actual="success"), calls, people) == "success"
    for outcome in (ERROR, UNDETERMINED):
        assert observed(replace(check, outcome=outcome), calls, people) == "nothing that decides it"


def test_the_limits_follow_the_run():
    def said(it: LabResult, hidden: int = 0) -> str:
        return " ".join(limits(it, hidden))

    assert "No AWS account was touched" in said(r.result())
    assert "No AWS account was touched" not in said(r.result(target="aws"))
    assert "at http://e" in said(r.result(target="endpoint at http://e"))
    assert "Nothing was decided by role.trust" in said(r.result({"role.trust": UNDETERMINED}))
    assert "what failed before: role.trust" in said(r.result({"role.trust": BLOCKED}))
    assert "2 checks of the run are not shown" in said(r.result(), 2)
    assert "In place of the policy that was handed in" in said(
        r.result(environment={"The reference stands for": "policy"})
    )


def test_hidden_checks_are_not_shown_nor_their_calls():
    calls = (
        r.call(1, r.USER, "s3:ListAllMyBuckets", "*", "AccessDenied", check="user.no-s3"),
        r.call(2, r.USER, "s3:GetObject", "arn:aws:s3:::hidden/k", "AccessDenied", check="user.still-no-s3"),
    )
    waits = [Wait("IAM to hide", "NoSuchEntity", 1, 2, "user.still-no-s3")]
    text = page_of(r.result(calls=calls, waits=waits), {"user.still-no-s3"})
    page = parsed(text)
    assert page.by_id("user.no-s3")
    assert not [e for e in page.descendants() if e.attributes.get("id") == "user.still-no-s3"]
    assert "arn:aws:s3:::hidden/k" not in text
    assert "IAM to hide" not in text
    assert "1 check of the run is not shown" in text


def test_the_same_run_gives_the_same_bytes():
    calls = (r.call(1, r.ADMIN, "iam:CreateUser", "ann"), r.call(2, r.ADMIN, "iam:DeleteUser", "ann"))
    one, other = (page_of(r.result(calls=calls)) for _ in range(2))
    assert one == other
    assert one != page_of(r.result(calls=calls[:-1]))


EVIL = "<script>alert(1)</script>\u202e\x1b[31m\"'{{ 7*7 }}"


def test_hostile_text_is_shown_and_does_nothing():
    ruling = Ruling("allowed", EVIL, "target", [])
    calls = (
        r.call(1, f"arn:aws:iam::1:user/{EVIL}", "s3:GetObject", EVIL, EVIL, message=EVIL),
        r.call(2, r.SESSION, "s3:GetObject", EVIL, ruling=ruling),
    )
    it = r.result(
        {"user.created": FAILED},
        calls=calls,
        submission=EVIL,
        left_behind=[EVIL],
        documents=[r.document(EVIL, f"{EVIL}\n{EVIL}")],
        environment={**r.FACTS, "Policy": EVIL, EVIL: EVIL},
        waits=[Wait(EVIL, EVIL, 1, 2, "user.created")],
    )
    text = page_of(it)
    page = parsed(text)
    assert not page.all("script")
    assert "49" not in page.all("title")[0].text
    assert "\u202e" not in text
    assert "\x1b" not in text
    assert "\\u202e" in page.all("title")[0].text
    assert page.one("article", "document").one("pre").text.count("<script>") == 2


def test_waits_and_validations_stand_at_their_check():
    it = r.result(waits=[Wait("IAM to know user a", "NoSuchEntity", 2.25, 4, "user.created")])
    said = " ".join(parsed(page_of(it)).by_id("user.created").text.split())
    assert "2.2 s for IAM to know user a (first answered NoSuchEntity, asked 4 times)" in said
