"""Which documents are policies: the guide's grammar, and what IAM itself answered to documents sent to it.

Pages: "Grammar of the IAM JSON policy language", "IAM JSON policy elements: …", "Access Analyzer policy check
reference". ``IAM`` marks rules that are known from IAM's own MalformedPolicyDocument messages.
"""

from __future__ import annotations

from typing import Any

from guide_cases import (
    ALLOWED,
    HERE,
    IMPLICIT,
    MALFORMED,
    ROOT,
    USER,
    Case,
    Document,
    allow,
    ask,
    document,
    trust,
)

GRAMMAR = "Grammar of the IAM JSON policy language"
CHECKS = "Access Analyzer policy check reference"
IAM = "IAM API reference: MalformedPolicyDocument"
S3 = allow("s3:GetObject")
TARGET = f"arn:aws:iam::{HERE}:role/Target"


def _when(condition: Any) -> Document:
    return document({**S3, "Condition": condition})


def _identity(page: str, title: str, policy: Any, answer: str = MALFORMED) -> Case:
    return Case(page, title, ask(identity=[policy]), answer)


def _trust(page: str, title: str, statement: Document, answer: str = MALFORMED) -> Case:
    return Case(page, title, ask("sts:AssumeRole", TARGET, identity=[document(allow("*"))],
                                 theirs=document(statement)), answer)  # fmt: skip


def _bucket(page: str, title: str, statement: Document, answer: str = MALFORMED) -> Case:
    return Case(page, title, ask(theirs=document(statement)), answer)


BAD_ARNS = ["lab", "", "aws:s3:::lab", "arn:aws", "arn:error:s3:::lab", "arn:aws:s3::lab", "arn:aws::::lab",
            "arn:aws:iam:::lab", "arn:aws:iam:us-east-1::user/lab", "arn:aws:s3:us-east-1::lab", ["*", "lab"], [],
            {"a": "*"}, 7, None, [None], [[]]]  # fmt: skip
GOOD_ARNS = ["arn:aws:fdsasf", "arn:aws:s33:::*", "arn:aws:ec2:us-east-1::*", "arn:*:s3:::lab",
             "arn:aws:s3:us-east-1:123456789012:accesspoint/a", "arn:aws:s3:*:*:access-grants/default/*",
             "arn:aws:iam::aws:role-template/t:1"]  # fmt: skip
BAD_ACTIONS = ["invalid", "", "a a:ListBucket", "s3:List:Bucket", "s*:GetObject", "**", [], {}, [[]], None, 7,
               ["s3:GetObject", "x"]]  # fmt: skip
GOOD_ACTIONS = ["iam: with spaces ", "s3-s:ListBucket", "s3.s:ListBucket", "unknown:Thing", "*:ListBucket"]
BAD_DATES = ["sdfdsf", "234-13", "2016-12-13t2:00:00.593194+1", "2016-12-13t2:00:00.1999999999+10:59",
             "9223372036854775808", "2026-02-30", "2026-01-01T24:00:00Z", "2026-*"]  # fmt: skip
GOOD_DATES = ["01T", "-292275054", "2016-12-13t2:00:00.593194+23", "2019-07-01T13:20:15Z", "2019-07-01T13:20Z",
              "2016-12-13T21:20:37.593194+00:00", "2019", "2019-07", "0", "1577836800", []]  # fmt: skip
BAD_PRINCIPALS: list[Any] = [
    ROOT, [ROOT], {}, [], 7, None, {"aws": HERE}, {"Group": "g"}, {"AWS": []}, {"AWS": ""}, {"AWS": None},
    {"AWS": "ana"}, {"AWS": "12345"}, {"AWS": f"arn:aws:iam::{HERE}:user/*"}, {"AWS": f"arn:aws:iam::{HERE}:user/a?"},
    {"AWS": f"arn:aws:iam::{HERE}:group/g"}, {"AWS": "arn:aws:iam::*:root"}, {"AWS": f"arn:aws:iam::{HERE}:role/"},
    {"AWS": f"arn:aws:sts::{HERE}:assumed-role/Reader/*"}, {"AWS": f"arn:aws:sts::{HERE}:assumed-role/Reader"},
    {"AWS": "${aws:PrincipalArn}"}, {"Service": "ec2"}, {"Service": "*"}, {"Service": "*.amazonaws.com"},
    {"Service": "EC2.amazonaws.com"}, {"Federated": "*"}, {"Federated": "google"}, {"CanonicalUser": "short"},
    {"AWS": {"a": "b"}}, {"AWS": HERE, "Other": "x"},
]  # fmt: skip
GOOD_PRINCIPALS: list[Any] = [
    "*", {"AWS": "*"}, {"AWS": ["*"]}, {"AWS": HERE}, {"AWS": ROOT}, {"AWS": [USER, "444455556666"]},
    {"AWS": f"arn:aws:sts::{HERE}:assumed-role/Reader/s1"}, {"AWS": f"arn:aws:sts::{HERE}:federated-user/Bob"},
    {"AWS": "AIDACKCEVSQ6C2EXAMPLE"}, {"AWS": f"arn:aws-cn:iam::{HERE}:root"},
    {"AWS": "arn:aws:iam::cloudfront:user/CloudFront Origin Access Identity E2EXAMPLE1"},
    {"Service": ["ecs.amazonaws.com", "ec2.amazonaws.com.cn"]}, {"Federated": "cognito-identity.amazonaws.com"},
    {"Federated": f"arn:aws:iam::{HERE}:saml-provider/p"}, {"CanonicalUser": "0123456789abcdef" * 4},
]  # fmt: skip
GRANTING = ("*", {"AWS": "*"}, {"AWS": ["*"]}, {"AWS": [USER, "444455556666"]})

CASES = [
    _identity(GRAMMAR, "one statement without a list", {"Version": "2012-10-17", "Statement": S3}, ALLOWED),
    _identity(GRAMMAR, "without a version", document(S3, version=None), ALLOWED),
    _identity(GRAMMAR, "the older version", document(S3, version="2008-10-17"), ALLOWED),
    _identity(GRAMMAR, "another version", document(S3, version="2012-10-18")),
    _identity(GRAMMAR, "a version that is no text", document(S3, Version=2012)),
    _identity(GRAMMAR, "no statement", {"Version": "2012-10-17"}),
    _identity(GRAMMAR, "no statements", document()),
    _identity(GRAMMAR, "a statement that is text", document("s3")),  # type: ignore[arg-type]
    _identity(GRAMMAR, "a list of lists", document([S3])),  # type: ignore[arg-type]
    _identity(GRAMMAR, "not an object", [S3]),
    _identity(GRAMMAR, "text", "{}"),
    _identity(GRAMMAR, "nothing", None),
    _identity(GRAMMAR, "unknown element at the top", document(S3, Statements=[])),
    _identity(GRAMMAR, "element in small letters at the top", {"version": "2012-10-17", "Statement": [S3]}),
    _identity(GRAMMAR, "unknown element of a statement", document({**S3, "Resorce": "*"})),
    _identity(GRAMMAR, "element in small letters", document({**S3, "action": "s3:*"})),
    _identity(GRAMMAR, "no effect", document({"Action": "s3:*", "Resource": "*"})),
    _identity(GRAMMAR, "effect in small letters", document({**S3, "Effect": "allow"})),
    _identity(GRAMMAR, "effect in a list", document({**S3, "Effect": ["Allow"]})),
    _identity(GRAMMAR, "no action", document({"Effect": "Allow", "Resource": "*"})),
    _identity(GRAMMAR, "both actions", document({**S3, "NotAction": "iam:*"})),
    _identity(GRAMMAR, "both resources", document({**S3, "NotResource": "arn:aws:s3:::x"})),
    _identity(GRAMMAR, "no resource", document({"Effect": "Allow", "Action": "s3:*"})),
    _identity(GRAMMAR, "a principal in an identity policy", document({**S3, "Principal": "*"})),
    _identity(GRAMMAR, "a NotPrincipal in an identity policy", document({**S3, "NotPrincipal": {"AWS": HERE}})),
    _identity(GRAMMAR, "Id that is no text", document(S3, Id={})),
    _identity(IAM, "Id", document(S3, Id="cd3ad3d9-2776-4ef1-a904-4c229d1642ee"), ALLOWED),
    _identity("IAM JSON policy elements: Sid", "letters and digits", document({**S3, "Sid": "A1z"}), ALLOWED),
    _identity("IAM JSON policy elements: Sid", "a space", document({**S3, "Sid": "A 1"})),
    _identity("IAM JSON policy elements: Sid", "not ASCII", document({**S3, "Sid": "Zugriffüber"})),
    _identity("IAM JSON policy elements: Sid", "a number", document({**S3, "Sid": 1})),
    _identity("IAM JSON policy elements: Sid", "twice", document({**S3, "Sid": "A"}, {**S3, "Sid": "A"})),
    _identity("IAM JSON policy elements: Sid", "twice none", document({**S3, "Sid": ""}, {**S3, "Sid": ""}), ALLOWED),
    _identity(GRAMMAR, "numbers and booleans without quotes",
              _when({"NumericEquals": {"k": 7}, "Bool": {"b": False}, "NumericLessThan": {"k": [1, 8.5]}}), IMPLICIT),
    _identity(IAM, "an empty condition", _when({}), ALLOWED),
    _identity(IAM, "an operator without keys", _when({"DateGreaterThan": {}}), ALLOWED),
    _identity(IAM, "an unknown operator without keys", _when({"x": {}, "y": {}}), ALLOWED),
    _identity(IAM, "an unknown operator", _when({"x": {"a": "1"}})),
    _identity(IAM, "an operator in small letters", _when({"stringEquals": {"a": "1"}})),
    _identity(IAM, "a suffix in small letters", _when({"StringEqualsifexists": {"a": "1"}})),
    _identity(IAM, "two colons", _when({"ForAnyValue::StringEqualsIfExists": {"a": "b"}})),
    _identity(IAM, "another quantifier", _when({"ForSomeValues:StringEquals": {"a": "b"}})),
    _identity(CHECKS, "Null with IfExists", _when({"NullIfExists": {"a": "true"}})),
    _identity(CHECKS, "keys that differ in case", _when({"StringEquals": {"aws:username": "a", "AWS:UserName": "b"}})),
    _identity(IAM, "a condition that is a list", _when([])),
    _identity(IAM, "a condition that is text", _when("a")),
    _identity(IAM, "an operator that asks for text", _when({"StringEquals": "b"})),
    _identity(IAM, "a value that is an object", _when({"StringEquals": {"a": {}}})),
    _identity(GRAMMAR, "a value that is null", _when({"StringEquals": {"a": None}})),
    _identity(GRAMMAR, "a null among the values", _when({"StringEquals": {"a": ["b", None]}})),
    _identity(GRAMMAR, "a list of lists of values", _when({"StringEquals": {"a": [["b"]]}})),
    *(_identity(IAM, f"resource {bad!r}", document({**S3, "Resource": bad})) for bad in BAD_ARNS),
    *(_identity(IAM, f"NotResource {bad!r}", document({"Effect": "Deny", "Action": "*", "NotResource": bad}))
      for bad in BAD_ARNS),
    *(_identity(IAM, f"resource {good!r}", document({**S3, "Resource": good}), IMPLICIT) for good in GOOD_ARNS),
    *(_identity(IAM, f"action {bad!r}", document({**S3, "Action": bad})) for bad in BAD_ACTIONS),
    *(_identity(IAM, f"action {good!r}", document({**S3, "Action": good}), IMPLICIT) for good in GOOD_ACTIONS),
    *(_identity(IAM, f"date {bad!r}", _when({"DateLessThan": {"a": bad}})) for bad in BAD_DATES),
    *(_identity(IAM, f"date {good!r}", _when({"DateLessThan": {"a": good}}), IMPLICIT) for good in GOOD_DATES),
    *(_bucket("AWS JSON policy elements: Principal", f"{bad!r}", {**S3, "Principal": bad}) for bad in BAD_PRINCIPALS),
    *(_bucket("AWS JSON policy elements: Principal", f"{good!r}", {**S3, "Principal": good},
              ALLOWED if good in GRANTING else IMPLICIT) for good in GOOD_PRINCIPALS),
    _bucket(GRAMMAR, "a resource's policy without a principal", S3),
    _bucket(GRAMMAR, "with both principals", {**S3, "Principal": "*", "NotPrincipal": {"AWS": HERE}}),
    _bucket(CHECKS, "a resource's policy without a resource", {"Effect": "Allow", "Action": "s3:*", "Principal": "*"}),
    _bucket("AWS JSON policy elements: NotPrincipal", "in an Allow", {**S3, "NotPrincipal": {"AWS": HERE}}),
    _bucket(GRAMMAR, "a Sid with spaces on a bucket", {**S3, "Sid": "all may read", "Principal": "*"}, ALLOWED),
    Case("IAM policy elements: Variables and tags", "a topic's policy without a resource",
         ask("sns:Publish", f"arn:aws:sns:us-east-1:{HERE}:t", theirs=document(
             {"Effect": "Allow", "Action": "sns:*", "Principal": {"AWS": USER}})), ALLOWED),
    _trust(GRAMMAR, "a trust policy", trust({"AWS": ROOT}), ALLOWED),
    _trust(CHECKS, "a trust policy with a Resource", trust({"AWS": ROOT}, Resource="*")),
    _trust(CHECKS, "a trust policy with a NotResource", trust({"AWS": ROOT}, NotResource="*")),
    _trust(CHECKS, "a trust policy without a principal", {"Effect": "Allow", "Action": "sts:AssumeRole"}),
    _trust(CHECKS, "a trust policy with NotPrincipal",
           {"Effect": "Deny", "NotPrincipal": {"AWS": HERE}, "Action": "sts:AssumeRole"}),
    _trust(IAM, "a trust policy for S3", trust({"AWS": ROOT}, Action="s3:GetObject")),
    _trust(IAM, "a trust policy for all actions", trust({"AWS": ROOT}, Action="*")),
    _trust(IAM, "a trust policy for one more", trust({"AWS": ROOT}, Action=["sts:AssumeRole", "iam:PassRole"])),
    _trust(IAM, "a trust policy for a misspelt action", trust({"AWS": ROOT}, Action="sts:TagSessions")),
    _trust(IAM, "a trust policy for another service's action", trust({"AWS": ROOT}, Action="iam:AssumeRole")),
    _trust(IAM, "a trust policy for any service's action", trust({"AWS": ROOT}, Action="*:AssumeRole")),
    _trust(IAM, "a trust policy for all of STS", trust({"AWS": ROOT}, Action="sts:*"), ALLOWED),
    _trust(IAM, "a trust policy in capitals", trust({"AWS": ROOT}, Action="STS:ASSUMEROLE"), ALLOWED),
    _trust("IAM JSON policy elements: Sid", "a trust policy's Sid", trust({"AWS": ROOT}, Sid="not so")),
    Case(GRAMMAR, "the boundary as well", ask(boundary=document({**S3, "Principal": "*"})), MALFORMED),
    Case(GRAMMAR, "the session policy as well", ask(sessions=[document({"Effect": "Allow"})]), MALFORMED),
]  # fmt: skip
