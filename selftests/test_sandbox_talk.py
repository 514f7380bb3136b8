"""The live log: who called what, what became of it, and why."""

from __future__ import annotations

from dataclasses import replace

import pytest
from recorded import ACCOUNT, ANA, ROLE, SESSION, answered, heard, refused

from stslab.iam import Caller, Policies, parse_policy
from stslab.iam.evaluate import decide
from stslab.iam.request import Request
from stslab.sandbox.answer import Answer
from stslab.sandbox.talk import became, line_of, what, who
from stslab.targets.callers import NOBODY, Actor
from stslab.targets.case import Weighed

BUCKETS = ("s3", "ListAllMyBuckets")


def decided(call, action, resource, *policies):
    asked, theirs = Request(call.actor.caller, action, resource, ACCOUNT), Policies(list(policies))
    return replace(call, weighed=Weighed(asked, theirs, decide(asked, theirs)))


def policy(effect="Allow", action="s3:*", name="policy S3Access"):
    statement = {"Effect": effect, "Action": action, "Resource": "*"}
    return parse_policy({"Version": "2012-10-17", "Statement": [statement]}, name)


def test_an_allowed_call_names_the_policy_that_allows_it():
    call = decided(heard(*BUCKETS), "s3:ListAllMyBuckets", "*", policy())
    assert (
        line_of(call, answered(), "10:00:00")
        == "10:00:00  staff/ana  ListBuckets: allowed, by statement 1 of policy S3Access"
    )


def test_a_denied_call_says_why():
    call = decided(heard(*BUCKETS), "s3:ListAllMyBuckets", "*")
    said = became(call, refused("AccessDenied"))
    assert said.startswith("DENIED: ")
    assert "allowed, by" not in said
    forbidden = decided(heard(*BUCKETS), "s3:ListAllMyBuckets", "*", policy(), policy("Deny", name="policy NoS3"))
    assert "NoS3" in became(forbidden, refused("AccessDenied"))
    assert became(forbidden, refused("AccessDenied")).startswith("DENIED: ")


def test_a_call_that_no_policy_governs_is_allowed_by_none():
    assert became(heard("sts", "GetCallerIdentity"), answered()) == "allowed, no policy governs it"


def test_a_refusal_for_other_reasons_is_no_denial():
    call = decided(heard(operation="CreateUser", UserName="ben"), "iam:CreateUser", "*", policy(action="iam:*"))
    exists = refused("EntityAlreadyExists", "User ben already exists.", 409)
    assert became(call, exists) == "allowed, and answered with EntityAlreadyExists: User ben already exists."
    unknown = heard("sts", "GetCallerIdentity", None)
    assert became(unknown, refused("InvalidClientTokenId", "m")) == "refused, InvalidClientTokenId: m"


def test_an_answer_without_a_body_has_no_loose_end():
    assert became(heard("s3", "HeadBucket", Bucket="b"), Answer(404)) == "refused, NotFound"


def test_who_calls_is_told_in_short():
    root = Actor(Caller(f"arn:aws:iam::{ACCOUNT}:root"), Policies())
    assert who(heard()) == "staff/ana"
    assert who(heard(actor=SESSION)) == "Reader/lab-session"
    assert who(heard(actor=root)) == "root"
    assert who(heard(actor=None)) == "key AKIAWRONG"
    assert who(replace(heard(actor=NOBODY), access_key_id="")) == "somebody who does not sign"


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (heard("s3", "GetObject", Bucket="b", Key="a/k"), "GetObject b/a/k"),
        (heard(*BUCKETS), "ListBuckets"),
        (heard(operation="PutUserPolicy", UserName="ben", PolicyName="P"), "PutUserPolicy P"),
        (heard("sts", "AssumeRole", RoleArn=ROLE, RoleSessionName="s"), f"AssumeRole {ROLE}"),
        (heard("cloudformation", "CreateStack", StackName="mine"), "CreateStack mine"),
        (heard(operation="CreateUser", UserName="ben"), "CreateUser ben"),
    ],
)
def test_what_is_called_is_told_with_what_it_is_about(call, said):
    assert what(call) == said


def test_in_a_class_it_is_told_whose_it_is():
    assert line_of(heard(), answered(), "10:00:00", of_several=True).startswith(f"10:00:00  {ACCOUNT}  staff/ana  ")
    stranger = replace(heard(), actor=None)
    assert line_of(stranger, refused("X"), "10:00:00", of_several=True).startswith(
        "10:00:00  (no account)  key AKIAANA"
    )


def test_nobodys_text_acts_on_the_terminal():
    for evil in ("a\n10:00:01  root  CreateUser: allowed", "\x1b[2J", "\u202ecod.exe", "\r"):
        lines = [
            line_of(heard(operation="CreateUser", UserName=evil), answered(), "10:00:00"),
            line_of(heard(operation="CreateUser"), refused("X", evil), "10:00:00"),
            line_of(replace(heard(actor=None), access_key_id=evil), refused("X"), "10:00:00"),
        ]
        assert all(line.isprintable() for line in lines)


def test_no_policy_that_has_no_say_is_named():
    call = decided(heard(actor=ANA), "iam:ListUsers", "*", policy(), policy(action="iam:*", name="policy IamAccess"))
    assert became(call, answered()) == "allowed, by statement 1 of policy IamAccess"
