"""``stslab explain`` as a person sees it."""

from __future__ import annotations

from stslab.iam import Caller, Request, explain, parse_policy
from stslab.report.explanation import rendered

ANA = Caller("arn:aws:iam::111122223333:user/ana")
GET = {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::lab/home/*", "Sid": "Home"}
DENY = {"Effect": "Deny", "Action": "*", "Resource": "*", "Condition": {"Bool": {"aws:SecureTransport": "false"}}}


def told(key, width=100):
    request = Request(ANA, "s3:GetObject", f"arn:aws:s3:::lab/{key}")
    documents = [{"Version": "2012-10-17", "Statement": [GET, DENY]}, {"Version": "2012-10-17", "Statement": [GET]}]
    policies = [parse_policy(data, f"{name}.json") for data, name in zip(documents, ("own", "group"), strict=True)]
    return rendered(request, explain(request, policies), width).splitlines()


def test_statements_stand_under_their_documents_with_what_of_them_matched():
    assert told("home/x") == [
        "allowed",
        "s3:GetObject on arn:aws:s3:::lab/home/x is allowed by statement 1 (Home) of own.json and statement 1",
        "(Home) of group.json.",
        "",
        "statement   effect  principal  action  resource  condition  applies",
        "identity-based policy: own.json",
        "  1 (Home)  Allow   -          yes     yes       -          YES",
        "  2         Deny    -          yes     yes       no         no",
        "      its condition is not met: Bool aws:SecureTransport false, where the request has no such key",
        "identity-based policy: group.json",
        "  1 (Home)  Allow   -          yes     yes       -          YES",
    ]


def test_nothing_is_wider_than_the_terminal():
    lines = told("a-key-that-no-statement-covers", 80)
    assert max(len(line) for line in lines) <= 80
    assert "      its Resource is arn:aws:s3:::lab/home/*" in lines


def test_an_arn_is_never_broken():
    arn = f"arn:aws:s3:::lab/{'x' * 120}"
    assert any(line == arn or line.startswith(f"{arn} ") for line in told("x" * 120, 80))
