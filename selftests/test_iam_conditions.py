"""Conditions and policy variables, as a table of cases with AWS's answer to each.

Pages of the IAM user guide: "IAM JSON policy elements: Condition operators", "Set operators for multivalued keys",
"IAM policy elements: Variables and tags".
"""

from __future__ import annotations

import pytest

from stslab.iam import Caller, Context, Request, evaluate, parse_policy

ANA = Caller("arn:aws:iam::111122223333:user/team/ana")
SESSION = Caller("arn:aws:sts::111122223333:assumed-role/Reader/s1")


def met(condition, context, caller=ANA, version="2012-10-17", resource="arn:aws:s3:::lab/ana/x", covered="*"):
    statement = {"Effect": "Allow", "Action": "s3:GetObject", "Resource": covered, "Condition": condition}
    policy = parse_policy({"Version": version, "Statement": statement}, "policy")
    return evaluate(Request(caller, "s3:GetObject", resource, context=Context(context)), [policy]).allowed


T = [
    # String
    ("StringEquals", "k", "a", {"k": "a"}, True),
    ("StringEquals", "k", "a", {"k": "A"}, False),
    ("StringEquals", "k", ["a", "b"], {"k": "b"}, True),
    ("StringEquals", "K", "a", {"k": "a"}, True),
    ("StringEquals", "k", "a*", {"k": "ab"}, False),
    ("StringEquals", "k", "a", {}, False),
    ("StringEquals", "k", "a", {"k": []}, False),
    ("StringNotEquals", "k", "a", {"k": "b"}, True),
    ("StringNotEquals", "k", ["a", "b"], {"k": "b"}, False),
    ("StringNotEquals", "k", "a", {}, True),
    ("StringEqualsIgnoreCase", "k", "aB", {"k": "Ab"}, True),
    ("StringNotEqualsIgnoreCase", "k", "aB", {"k": "Ab"}, False),
    ("StringLike", "k", "a*c?", {"k": "a/b:cd"}, True),
    ("StringLike", "k", "a.c", {"k": "abc"}, False),
    ("StringLike", "k", "", {"k": ""}, True),
    ("StringNotLike", "k", "a*", {"k": "b"}, True),
    ("StringNotLike", "k", "a*", {}, True),
    # Numeric
    ("NumericEquals", "k", "1.0", {"k": "1"}, True),
    ("NumericEquals", "k", 10, {"k": "10"}, True),
    ("NumericNotEquals", "k", "1", {"k": "2"}, True),
    ("NumericNotEquals", "k", "1", {}, True),
    ("NumericLessThan", "k", "10", {"k": "9"}, True),
    ("NumericLessThan", "k", "10", {"k": "10"}, False),
    ("NumericLessThanEquals", "k", "10", {"k": "10"}, True),
    ("NumericGreaterThan", "k", "10", {"k": "9"}, False),
    ("NumericGreaterThanEquals", "k", "10", {"k": "10"}, True),
    ("NumericLessThan", "k", "10", {"k": "x"}, False),
    # Date: ISO 8601 or seconds since 1970
    ("DateLessThan", "k", "2026-01-01T00:00:00Z", {"k": "2025-12-31T23:59:59Z"}, True),
    ("DateLessThan", "k", "2026-01-01", {"k": "2026-01-01T00:00:00Z"}, False),
    ("DateLessThanEquals", "k", "2026-01-01", {"k": "2026-01-01T00:00:00Z"}, True),
    ("DateGreaterThan", "k", "1600000000", {"k": "2026-01-01T00:00:00Z"}, True),
    ("DateEquals", "k", "2026-01-01T01:00:00+01:00", {"k": "2026-01-01T00:00:00Z"}, True),
    ("DateNotEquals", "k", "2026-01-01T00:00:00Z", {"k": "2026-01-02T00:00:00Z"}, True),
    ("DateGreaterThan", "aws:TokenIssueTime", "2020-01-01T00:00:01Z", {}, False),
    # Bool
    ("Bool", "k", "true", {"k": "true"}, True),
    ("Bool", "k", True, {"k": "true"}, True),
    ("Bool", "k", "True", {"k": "true"}, True),
    ("Bool", "k", "false", {"k": "true"}, False),
    ("Bool", "aws:MultiFactorAuthPresent", "true", {}, False),
    ("Bool", "aws:MultiFactorAuthPresent", "false", {}, False),
    ("BoolIfExists", "aws:MultiFactorAuthPresent", "false", {}, True),
    # Binary
    ("BinaryEquals", "k", "QmluYXJ5VmFsdWVJbkJhc2U2NA==", {"k": "QmluYXJ5VmFsdWVJbkJhc2U2NA=="}, True),
    ("BinaryEquals", "k", "QmluYXJ5VmFsdWVJbkJhc2U2NA==", {"k": "AAAA"}, False),
    # IpAddress: an address alone is a /32
    ("IpAddress", "k", "203.0.113.0/24", {"k": "203.0.113.9"}, True),
    ("IpAddress", "k", "203.0.113.0/24", {"k": "203.0.114.9"}, False),
    ("IpAddress", "k", "203.0.113.9", {"k": "203.0.113.9"}, True),
    ("IpAddress", "k", ["203.0.113.0/24", "2001:DB8:1234:5678::/64"], {"k": "2001:db8:1234:5678::1"}, True),
    ("NotIpAddress", "k", "203.0.113.0/24", {"k": "192.0.2.1"}, True),
    ("NotIpAddress", "k", "203.0.113.0/24", {}, True),
    # Arn: six parts, each with its own wildcards; Equals and Like are the same
    ("ArnEquals", "k", "arn:aws:sns:*:123456789012:t*", {"k": "arn:aws:sns:eu-west-1:123456789012:topic"}, True),
    ("ArnLike", "k", "arn:aws:sns:*:topic", {"k": "arn:aws:sns:eu-west-1:123456789012:topic"}, False),
    ("ArnLike", "k", "arn:aws:iam::*:role/a*", {"k": "arn:aws:iam::123456789012:role/a/b:c"}, True),
    ("ArnNotLike", "k", "arn:aws:iam::*:role/*", {"k": "arn:aws:iam::123456789012:user/a"}, True),
    ("ArnNotEquals", "k", "arn:aws:iam::*:role/*", {}, True),
    ("ArnLike", "k", "arn:aws:iam::*:role/*", {"k": "role/a"}, False),
    # Null
    ("Null", "k", "true", {}, True),
    ("Null", "k", "true", {"k": "a"}, False),
    ("Null", "k", "false", {"k": "a"}, True),
    ("Null", "k", False, {}, False),
    # IfExists
    ("StringEqualsIfExists", "k", "a", {}, True),
    ("StringEqualsIfExists", "k", "a", {"k": "b"}, False),
    ("NumericLessThanIfExists", "k", "5", {"k": "4"}, True),
    # Set operators: an empty set meets ForAllValues and not ForAnyValue
    ("ForAllValues:StringEquals", "k", ["a", "b"], {"k": ["a", "b"]}, True),
    ("ForAllValues:StringEquals", "k", ["a", "b"], {"k": ["a", "c"]}, False),
    ("ForAllValues:StringEquals", "k", ["a"], {}, True),
    ("ForAllValues:StringEquals", "k", ["a"], {"k": []}, True),
    ("ForAllValues:StringEquals", "k", ["a"], {"k": ""}, True),
    ("ForAllValues:StringNotEquals", "k", ["a"], {"k": ["b", "c"]}, True),
    ("ForAllValues:StringNotEquals", "k", ["a"], {"k": ["a", "b"]}, False),
    ("ForAnyValue:StringEquals", "k", ["a", "b"], {"k": ["c", "b"]}, True),
    ("ForAnyValue:StringEquals", "k", ["a", "b"], {"k": ["c"]}, False),
    ("ForAnyValue:StringEquals", "k", ["a"], {}, False),
    ("ForAnyValue:StringEquals", "k", ["a"], {"k": []}, False),
    ("ForAnyValue:StringNotEquals", "k", ["a"], {"k": ["a", "b"]}, True),
    ("ForAnyValue:StringNotEquals", "k", ["a"], {"k": ["a"]}, False),
    ("ForAnyValue:StringNotEquals", "k", ["a"], {}, False),
    ("ForAnyValue:StringLike", "k", ["a*"], {"k": ["b", "ab"]}, True),
    # Variables, in strings and ARNs
    ("StringEquals", "k", "${aws:username}", {"k": "ana"}, True),
    ("StringLike", "k", "home/${aws:username}/*", {"k": "home/ana/x"}, True),
    ("StringLike", "k", "${aws:PrincipalTag/team}*", {"k": "*x", "aws:PrincipalTag/team": "*"}, True),
    ("StringLike", "k", "${aws:PrincipalTag/team}", {"k": "ab", "aws:PrincipalTag/team": "*"}, False),
    ("StringEquals", "k", "${aws:PrincipalTag/team, 'none'}", {"k": "none"}, True),
    ("StringEquals", "k", "${aws:PrincipalTag/team}", {"k": ""}, False),
    ("StringNotEquals", "k", "${aws:PrincipalTag/team}", {"k": "x"}, True),
    ("StringLike", "k", "a${*}b${?}c${$}", {"k": "a*b?c$"}, True),
    ("StringLike", "k", "a${*}b", {"k": "axb"}, False),
    ("ArnLike", "k", "arn:aws:iam::*:user/team/${aws:username}", {"k": "arn:aws:iam::1:user/team/ana"}, True),
    ("NumericEquals", "k", "${aws:EpochTime}", {"k": "5", "aws:EpochTime": "5"}, False),
]


@pytest.mark.parametrize(("operator", "key", "wanted", "context", "answer"), T)
def test_an_operator(operator, key, wanted, context, answer):
    assert met({operator: {key: wanted}}, context) is answer


def test_operators_and_keys_all_have_to_be_met_and_one_value_is_enough():
    """IAM user guide, "Conditions with multiple context keys or values"."""
    both = {"StringEquals": {"a": ["1", "2"], "b": "3"}, "Bool": {"c": "true"}}
    assert met(both, {"a": "2", "b": "3", "c": "true"})
    assert not met(both, {"a": "2", "b": "4", "c": "true"})
    assert not met(both, {"a": "2", "b": "3", "c": "false"})


RESOURCES = [
    ("arn:aws:s3:::lab/${aws:username}/*", "2012-10-17", ANA, "arn:aws:s3:::lab/ana/x", True),
    ("arn:aws:s3:::lab/${AWS:UserName}/*", "2012-10-17", ANA, "arn:aws:s3:::lab/ana/x", True),
    ("arn:aws:s3:::lab/${aws:username}/*", "2012-10-17", ANA, "arn:aws:s3:::lab/bea/x", False),
    # a session has no aws:username, and a variable without a value matches nothing
    ("arn:aws:s3:::lab/${aws:username}/*", "2012-10-17", SESSION, "arn:aws:s3:::lab//x", False),
    ("arn:aws:s3:::lab/${aws:username, 'guest'}/*", "2012-10-17", SESSION, "arn:aws:s3:::lab/guest/x", True),
    # in the older version a variable is text
    ("arn:aws:s3:::lab/${aws:username}/*", "2008-10-17", ANA, "arn:aws:s3:::lab/ana/x", False),
    ("arn:aws:s3:::lab/${aws:username}/*", "2008-10-17", ANA, "arn:aws:s3:::lab/${aws:username}/x", True),
    # only after the fifth colon
    ("arn:aws:s3::${aws:PrincipalAccount}:lab", "2012-10-17", ANA, "arn:aws:s3::111122223333:lab", False),
    ("arn:aws:s3:::lab/${*}", "2012-10-17", ANA, "arn:aws:s3:::lab/*", True),
    ("arn:aws:s3:::lab/${*}", "2012-10-17", ANA, "arn:aws:s3:::lab/x", False),
]


@pytest.mark.parametrize(("pattern", "version", "caller", "resource", "answer"), RESOURCES)
def test_a_variable_in_a_resource(pattern, version, caller, resource, answer):
    assert met({}, {}, caller, version, resource, pattern) is answer
