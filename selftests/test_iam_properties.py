"""What holds for every policy and every request, tried on many that hypothesis makes up."""

from __future__ import annotations

import json
import re

from hypothesis import given, settings
from hypothesis import strategies as st

from stslab.iam import Caller, Context, MalformedPolicy, Outcome, Request, evaluate, explain, parse_policy, read_policy
from stslab.iam.matching import matches
from stslab.simulation import answer

settings.register_profile("selftests", max_examples=150, deadline=None, database=None, derandomize=True)
settings.load_profile("selftests")

HERE = "111122223333"
CALLER = Caller(f"arn:aws:iam::{HERE}:user/ana")
ACTIONS = ["s3:GetObject", "s3:ListBucket", "iam:ListUsers"]
RESOURCES = ["arn:aws:s3:::lab", "arn:aws:s3:::lab/k", "arn:aws:s3:::other/k"]

conditions = st.dictionaries(
    st.sampled_from(["StringEquals", "StringNotEquals", "ForAllValues:StringLike", "ForAnyValue:StringEquals", "Null"]),
    st.dictionaries(
        st.sampled_from(["a", "b"]), st.sampled_from(["x", "true", ["x", "y"], "${aws:username}"]), max_size=2
    ),
    max_size=2,
)
statements = st.fixed_dictionaries(
    {
        "Effect": st.sampled_from(["Allow", "Deny"]),
        "Action": st.sampled_from(["*", "s3:*", "S3:get*", ["s3:ListBucket", "iam:*"]]),
        "Resource": st.sampled_from(["*", "arn:aws:s3:::lab", "arn:aws:s3:::lab/*", "arn:aws:s3:::*/k"]),
        "Condition": conditions,
    }
)
contexts = st.dictionaries(st.sampled_from(["a", "b"]), st.sampled_from(["x", "z", ["x", "y"], []]), max_size=2)
requests = st.builds(
    lambda action, resource, context: Request(CALLER, action, resource, HERE, Context(context)),
    st.sampled_from(ACTIONS),
    st.sampled_from(RESOURCES),
    contexts,
)
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                ["Version", "Statement", "Effect", "Action", "Resource", "Principal", "AWS", "Condition", "Null"]
            )
            | st.text(max_size=4),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)


def policy(listed):
    return parse_policy({"Version": "2012-10-17", "Statement": listed}, "policy")


@given(requests, st.lists(statements, min_size=1, max_size=4))
def test_a_deny_always_wins(request, listed):
    deny = {"Effect": "Deny", "Action": request.action, "Resource": "*"}
    assert evaluate(request, [policy(listed), policy([deny])]).outcome is Outcome.EXPLICIT_DENY


@given(requests, st.lists(statements, min_size=1, max_size=4), statements)
def test_one_more_allow_never_takes_anything_away(request, listed, more):
    before = evaluate(request, [policy(listed)])
    after = evaluate(request, [policy(listed), policy([{**more, "Effect": "Allow"}])])
    assert after.allowed or not before.allowed


@given(requests, st.lists(statements, min_size=1, max_size=4), st.randoms(use_true_random=False))
def test_the_order_of_statements_does_not_matter(request, listed, chance):
    shuffled = list(listed)
    chance.shuffle(shuffled)
    assert evaluate(request, [policy(listed)]).outcome is evaluate(request, [policy(shuffled)]).outcome


@given(requests, st.lists(statements, min_size=1, max_size=4), st.lists(statements, min_size=1, max_size=3))
def test_a_boundary_only_ever_takes_away(request, listed, limits):
    within = evaluate(request, [policy(listed)], boundary=policy(limits))
    assert evaluate(request, [policy(listed)]).allowed or not within.allowed


@given(requests, st.lists(statements, min_size=1, max_size=4))
def test_an_explanation_agrees_with_the_decision(request, listed):
    told = explain(request, [policy(listed)])
    applying = {finding.statement.allows for finding in told.findings if finding.applies}
    expected = Outcome.EXPLICIT_DENY if False in applying else Outcome.ALLOWED if applying else Outcome.IMPLICIT_DENY
    assert told.decision.outcome is expected


@given(json_values)
def test_a_document_is_read_or_malformed_and_nothing_else(value):
    try:
        parsed = parse_policy(value, "policy")
    except MalformedPolicy:
        return
    assert evaluate(Request(CALLER, "s3:GetObject", "*"), [parsed]).outcome in Outcome


@given(st.text(max_size=60) | json_values.map(json.dumps))
def test_a_text_is_read_or_malformed_and_nothing_else(text):
    try:
        parsed = read_policy(text, "policy")
    except MalformedPolicy:
        return
    assert parsed.statements


@given(st.binary(max_size=60) | json_values.map(lambda v: json.dumps(v).encode()))
def test_every_line_has_an_answer(line):
    assert set(answer(line)) in ({"error"}, {"decision", "reason", "matched_statements"})


@given(st.text("ab*?/:", max_size=10), st.text("ab*?/:", max_size=10))
def test_wildcards_are_as_a_plain_regular_expression_has_them(pattern, text):
    plain = "".join(".*" if c == "*" else "." if c == "?" else re.escape(c) for c in pattern)
    assert matches(pattern, text) is (re.fullmatch(plain, text, re.DOTALL) is not None)


def test_many_stars_take_no_time():
    assert not matches("a*" * 60 + "b", "a" * 5000)
