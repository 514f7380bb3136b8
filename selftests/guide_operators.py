"""Condition operators: the tables and rules of the guide's pages on conditions, each row a case.

Pages: "IAM JSON policy elements: Condition operators", "Conditions with multiple context keys or values",
"Single-valued vs. multivalued context keys", "IAM policy elements: Variables and tags".
"""

from __future__ import annotations

from typing import Any

from guide_cases import ALLOWED, IMPLICIT, SESSION, USER, Case, allow, ask, document

OPERATORS = "IAM JSON policy elements: Condition operators"
SEVERAL = "Conditions with multiple context keys or values"
SETS = "Single-valued vs. multivalued context keys"
VARIABLES = "IAM policy elements: Variables and tags"

TAG, TAGS = "aws:RequestTag/environment", "aws:TagKeys"
CREATE_TAGS = {
    "StringEqualsIgnoreCase": {TAG: ["preprod", "storage"]},
    "ForAnyValue:StringEquals": {TAGS: "environment"},
}
ADMIN = {"StringEquals": {"aws:PrincipalTag/job-category": "iamuser-admin"}}
PREFIX = {"StringLike": {"s3:prefix": ["", "home/", "home/${aws:username}/"]}}
LOGS = "logs:LogGeneratingResourceArns"
FRONT = "arn:aws:cloudfront::123456789012:distribution/"
DISTRIBUTIONS = {"ForAllValues:ArnLike": {LOGS: [f"{FRONT}*", f"{FRONT}support*"]}}
TOPIC = "arn:aws:sns:us-west-2:123456789012:TOPIC-ID"
FINANCE = "arn:aws:someservice:*:111122223333:finance/*"
STORE = "arn:aws:someservice:us-east-2:999999999999:store/abc:111122223333:finance/document.txt"
TYPES = ["t1.*", "t2.*", "m3.*"]
HOURS = {
    "DateGreaterThan": {"aws:CurrentTime": "2019-07-16T12:00:00Z"},
    "DateLessThan": {"aws:CurrentTime": "2019-07-16T15:00:00Z"},
    "IpAddress": {"aws:SourceIp": ["192.0.2.0/24", "203.0.113.0/24"]},
}
SENT = "aws:SourceIp"
ATTRIBUTES = "dynamodb:Attributes"
TEAM = "aws:PrincipalTag/team"

# page, title, condition, context, whether it is met
ROWS: list[tuple[str, str, Any, dict[str, Any], bool]] = [
    (OPERATORS, "job category", ADMIN, {"aws:PrincipalTag/job-category": "iamuser-admin"}, True),
    (OPERATORS, "other job category", ADMIN, {"aws:PrincipalTag/job-category": "dev-ops"}, False),
    (OPERATORS, "no job category", ADMIN, {}, False),
    (OPERATORS, "own home directory", PREFIX, {"s3:prefix": "home/ana/"}, True),
    (OPERATORS, "another's home directory", PREFIX, {"s3:prefix": "home/bea/"}, False),
    (OPERATORS, "the root of the bucket", PREFIX, {"s3:prefix": ""}, True),
    (OPERATORS, "tags: one key", CREATE_TAGS, {TAGS: ["environment"], TAG: "preprod"}, True),
    (OPERATORS, "tags: any capitals", CREATE_TAGS, {TAGS: ["environment", "costcenter"], TAG: "PreProd"}, True),
    (OPERATORS, "tags: key in capitals", CREATE_TAGS, {TAGS: ["Environment"], TAG: "preprod"}, False),
    (OPERATORS, "tags: other key", CREATE_TAGS, {TAGS: ["costcenter"], TAG: "preprod"}, False),
    (OPERATORS, "tags: no keys", CREATE_TAGS, {TAG: "storage"}, False),
    (OPERATORS, "tags: no value", CREATE_TAGS, {TAGS: ["environment"]}, False),
    (OPERATORS, "max-keys at the limit", {"NumericLessThanEquals": {"s3:max-keys": "10"}}, {"s3:max-keys": "10"}, True),
    (OPERATORS, "max-keys above", {"NumericLessThanEquals": {"s3:max-keys": "10"}}, {"s3:max-keys": "11"}, False),
    (OPERATORS, "max-keys absent", {"NumericLessThanEquals": {"s3:max-keys": "10"}}, {}, False),
    (OPERATORS, "decimal value", {"NumericGreaterThan": {"k": "1.5"}}, {"k": "1.75"}, True),
    (OPERATORS, "token issued later", {"DateGreaterThan": {"k": "2020-01-01T00:00:01Z"}}, {"k": "2020-06-01"}, True),
    (OPERATORS, "token issued before", {"DateGreaterThan": {"k": "2020-01-01T00:00:01Z"}}, {"k": "2019-06-01"}, False),
    (OPERATORS, "no token", {"DateGreaterThan": {"k": "2020-01-01T00:00:01Z"}}, {}, False),
    (OPERATORS, "epoch and ISO are one", {"DateEquals": {"k": "1577836800"}}, {"k": "2020-01-01T00:00:00Z"}, True),
    (OPERATORS, "year alone", {"DateEquals": {"k": "2020"}}, {"k": "2020-01-01T00:00Z"}, True),
    (OPERATORS, "offset", {"DateEquals": {"k": "2020-01-01T02:30:00+02:30"}}, {"k": "1577836800"}, True),
    (OPERATORS, "offset to the west", {"DateEquals": {"k": "2019-12-31T19:00-05:00"}}, {"k": "1577836800"}, True),
    (OPERATORS, "fraction", {"DateLessThan": {"k": "2020-01-01T00:00:00.5Z"}}, {"k": "2020-01-01T00:00:00.45Z"}, True),
    (OPERATORS, "no TLS", {"Bool": {"aws:SecureTransport": "false"}}, {"aws:SecureTransport": "false"}, True),
    (OPERATORS, "TLS", {"Bool": {"aws:SecureTransport": "false"}}, {"aws:SecureTransport": "true"}, False),
    (OPERATORS, "unknown TLS", {"Bool": {"aws:SecureTransport": "false"}}, {}, False),
    (OPERATORS, "all of them true", {"ForAllValues:Bool": {"k": "true"}}, {"k": ["true", "false"]}, False),
    (OPERATORS, "one of them true", {"ForAnyValue:Bool": {"k": "true"}}, {"k": ["true", "false"]}, True),
    (OPERATORS, "Bool takes variables", {"Bool": {"k": f"${{{TEAM}}}"}}, {"k": "true", TEAM: "true"}, True),
    (OPERATORS, "same bytes", {"BinaryEquals": {"k": "QmluYXJ5"}}, {"k": "QmluYXJ5"}, True),
    (OPERATORS, "other bytes", {"BinaryEquals": {"k": "QmluYXJ5"}}, {"k": "ASIAIOSFODNN7EXAMPLE"}, False),
    (OPERATORS, "no bytes", {"BinaryEquals": {"k": "QmluYXJ5"}}, {}, False),
    (OPERATORS, "in the range", {"IpAddress": {SENT: "203.0.113.0/24"}}, {SENT: "203.0.113.1"}, True),
    (OPERATORS, "out of the range", {"IpAddress": {SENT: "203.0.113.0/24"}}, {SENT: "198.51.100.1"}, False),
    (OPERATORS, "no prefix is /32", {"IpAddress": {SENT: "203.0.113.1"}}, {SENT: "203.0.113.2"}, False),
    (OPERATORS, "IPv6", {"IpAddress": {SENT: "2001:DB8:1234:5678::/64"}}, {SENT: "2001:db8:1234:5678::9"}, True),
    (OPERATORS, "no IP", {"IpAddress": {SENT: "203.0.113.0/24"}}, {}, False),
    (OPERATORS, "topic", {"ArnEquals": {"aws:SourceArn": TOPIC}}, {"aws:SourceArn": TOPIC}, True),
    (OPERATORS, "topic abroad", {"ArnEquals": {"k": TOPIC}}, {"k": TOPIC.replace("1234567", "7777888")}, False),
    (OPERATORS, "no topic", {"ArnEquals": {"aws:SourceArn": TOPIC}}, {}, False),
    (OPERATORS, "StringLike crosses colons", {"StringLike": {"k": FINANCE}}, {"k": STORE}, True),
    (OPERATORS, "ArnLike does not", {"ArnLike": {"k": FINANCE}}, {"k": STORE}, False),
    (OPERATORS, "ArnEquals takes wildcards", {"ArnEquals": {"k": "arn:aws:sns:*:*:TOPIC-??"}}, {"k": TOPIC}, True),
    (OPERATORS, "one distribution", DISTRIBUTIONS, {LOGS: [f"{FRONT}costcenter"]}, True),
    (OPERATORS, "two distributions", DISTRIBUTIONS, {LOGS: [f"{FRONT}costcenter", f"{FRONT}support2025"]}, True),
    (OPERATORS, "one abroad", DISTRIBUTIONS, {LOGS: [f"{FRONT}a", "arn:aws:cloudfront::777788889999:d/a"]}, False),
    (OPERATORS, "no distribution", DISTRIBUTIONS, {}, True),
    (OPERATORS, "instance type", {"StringLike": {"ec2:InstanceType": TYPES}}, {"ec2:InstanceType": "t2.micro"}, True),
    (OPERATORS, "resource without a type", {"StringLike": {"ec2:InstanceType": TYPES}}, {}, False),
    (OPERATORS, "IfExists without a type", {"StringLikeIfExists": {"ec2:InstanceType": TYPES}}, {}, True),
    (OPERATORS, "IfExists, other type", {"StringLikeIfExists": {"k": TYPES}}, {"k": "c5.large"}, False),
    (OPERATORS, "negated IfExists, absent", {"StringNotEqualsIfExists": {"k": "a"}}, {}, True),
    (OPERATORS, "own credentials", {"Null": {"aws:TokenIssueTime": "true"}}, {}, True),
    (OPERATORS, "temporary ones", {"Null": {"aws:TokenIssueTime": "true"}}, {"aws:TokenIssueTime": "2020"}, False),
    (OPERATORS, "key there", {"Null": {"k": "false"}}, {"k": "x"}, True),
    (OPERATORS, "key without values", {"Null": {"k": "false"}}, {"k": []}, False),
    (OPERATORS, "negated, absent", {"StringNotLike": {"k": "a*"}}, {}, True),
    (OPERATORS, "negated ARN, absent", {"ArnNotLike": {"k": "arn:aws:*:*:*:*"}}, {}, True),
    (OPERATORS, "negated number, absent", {"NumericNotEquals": {"k": "1"}}, {}, True),
    (OPERATORS, "negated date, absent", {"DateNotEquals": {"k": "2020-01-01"}}, {}, True),
    (OPERATORS, "a number is no pattern", {"NumericEquals": {"k": "1*"}}, {"k": "10"}, False),
    (SEVERAL, "all three", HOURS, {"aws:CurrentTime": "2019-07-16T13:00:00Z", SENT: "192.0.2.9"}, True),
    (SEVERAL, "the other range", HOURS, {"aws:CurrentTime": "2019-07-16T13:00:00Z", SENT: "203.0.113.9"}, True),
    (SEVERAL, "too late", HOURS, {"aws:CurrentTime": "2019-07-16T15:00:00Z", SENT: "192.0.2.9"}, False),
    (SEVERAL, "elsewhere", HOURS, {"aws:CurrentTime": "2019-07-16T13:00:00Z", SENT: "198.51.100.9"}, False),
    (SEVERAL, "none of the negated", {"StringNotEquals": {"k": ["a", "b"]}}, {"k": "c"}, True),
    (SEVERAL, "several values, none of the negated", {"StringNotEquals": {"k": "a"}}, {"k": ["b", "c"]}, True),
    (SEVERAL, "several values, one of the negated", {"StringNotEquals": {"k": "a"}}, {"k": ["b", "a"]}, False),
    (SEVERAL, "several values, one of the list", {"StringEquals": {"k": "a"}}, {"k": ["b", "a"]}, True),
    (SEVERAL, "one of the negated", {"StringNotEquals": {"k": ["a", "b"]}}, {"k": "b"}, False),
    (SETS, "all in the list", {"ForAllValues:StringEquals": {ATTRIBUTES: ["ID", "Message", "Tags"]}},
     {ATTRIBUTES: ["ID", "Tags"]}, True),
    (SETS, "one not in the list", {"ForAllValues:StringEquals": {ATTRIBUTES: ["PostDateTime", "Message", "Tags"]}},
     {ATTRIBUTES: ["PostDateTime", "UserName"]}, False),
    (SETS, "no keys", {"ForAllValues:StringEquals": {ATTRIBUTES: ["ID"]}}, {}, True),
    (SETS, "an empty string is no value", {"ForAllValues:StringEquals": {ATTRIBUTES: ["ID"]}}, {ATTRIBUTES: ""}, True),
    (SETS, "one of the list", {"ForAnyValue:StringEquals": {ATTRIBUTES: ["ID", "PostDateTime"]}},
     {ATTRIBUTES: ["UserName", "Message", "PostDateTime"]}, True),
    (SETS, "none of the list", {"ForAnyValue:StringEquals": {ATTRIBUTES: ["ID"]}}, {ATTRIBUTES: ["UserName"]}, False),
    (SETS, "none at all", {"ForAnyValue:StringEquals": {ATTRIBUTES: ["ID"]}}, {ATTRIBUTES: ""}, False),
    (SETS, "none may match", {"ForAllValues:StringNotLike": {"k": ["a*"]}}, {"k": ["b", "ax"]}, False),
    (SETS, "one does not match", {"ForAnyValue:StringNotLike": {"k": ["a*"]}}, {"k": ["b", "ax"]}, True),
    (SETS, "negated, no keys", {"ForAnyValue:StringNotEquals": {"k": ["a"]}}, {}, False),
    (SETS, "guarded against no keys", {"ForAllValues:StringEquals": {"k": "a"}, "Null": {"k": "false"}}, {}, False),
    (VARIABLES, "key names have no case", {"StringEquals": {"k": "${AWS:USERNAME}"}}, {"K": "ana"}, True),
    (VARIABLES, "no value equals nothing", {"StringEquals": {"k": f"${{{TEAM}}}"}}, {"k": "x"}, False),
    (VARIABLES, "no value is like nothing", {"StringLike": {"k": f"${{{TEAM}}}*"}}, {"k": "x"}, False),
    (VARIABLES, "the negated match no value", {"StringNotEquals": {"k": f"${{{TEAM}}}"}}, {"k": "x"}, True),
    (VARIABLES, "default", {"StringEquals": {"k": f"${{{TEAM}, 'company-wide'}}"}}, {"k": "company-wide"}, True),
    (VARIABLES, "value before default", {"StringEquals": {"k": f"${{{TEAM}, 'x'}}"}}, {"k": "x", TEAM: "y"}, False),
    (VARIABLES, "several are none", {"StringEquals": {"k": f"${{{TEAM}}}"}}, {"k": "a", TEAM: ["a", "b"]}, False),
    (VARIABLES, "nor a default", {"StringEquals": {"k": f"${{{TEAM}, 'x'}}"}}, {"k": "x", TEAM: ["a", "b"]}, False),
    (VARIABLES, "a star in a value", {"StringLike": {"k": f"${{{TEAM}}}"}}, {"k": "abc", TEAM: "a*"}, False),
    (VARIABLES, "an escaped star", {"StringLike": {"k": "a${*}*"}}, {"k": "a*b"}, True),
    (VARIABLES, "an escaped question mark", {"StringLike": {"k": "a${?}"}}, {"k": "ab"}, False),
    (VARIABLES, "an escaped dollar", {"StringEquals": {"k": "${$}{aws:username}"}}, {"k": "${aws:username}"}, True),
    (VARIABLES, "not in numbers", {"NumericEquals": {"k": f"${{{TEAM}}}"}}, {"k": "1", TEAM: "1"}, False),
    (VARIABLES, "not in addresses", {"IpAddress": {"k": f"${{{TEAM}}}"}}, {"k": "192.0.2.1", TEAM: "192.0.2.1"}, False),
    (VARIABLES, "no space in the name", {"StringEquals": {"k": "${ aws:username }"}}, {"k": "ana"}, False),
]  # fmt: skip

# page, title, principal, condition, whether it is met: keys that follow from who calls
CALLERS: list[tuple[str, str, str, Any, bool]] = [
    (VARIABLES, "a user has a name", USER, {"StringEquals": {"aws:username": "ana"}}, True),
    (VARIABLES, "a session has none", SESSION, {"Null": {"aws:username": "true"}}, True),
    (VARIABLES, "a session's type", SESSION, {"StringEquals": {"aws:PrincipalType": "AssumedRole"}}, True),
    (VARIABLES, "a user's type", USER, {"StringEquals": {"aws:PrincipalType": "User"}}, True),
    ("AWS global condition context keys", "a session's ARN is its role's", SESSION,
     {"ArnEquals": {"aws:PrincipalArn": "arn:aws:iam::111122223333:role/Reader"}}, True),
    ("AWS global condition context keys", "the account", USER,
     {"StringEquals": {"aws:PrincipalAccount": "111122223333"}}, True),
    ("AWS global condition context keys", "a user is no service", USER,
     {"Bool": {"aws:PrincipalIsAWSService": "false"}}, True),
    ("AWS global condition context keys", "the owner of the resource", USER,
     {"StringEquals": {"aws:ResourceAccount": "${aws:PrincipalAccount}"}}, True),
]  # fmt: skip


def _case(page: str, title: str, principal: str, condition: Any, context: dict[str, Any], met: bool) -> Case:
    policy = document(allow("s3:GetObject", Condition=condition))
    request = ask(principal=principal, identity=[policy], context=context)
    return Case(page, title, request, ALLOWED if met else IMPLICIT)


CASES = [
    *(_case(page, title, USER, condition, context, met) for page, title, condition, context, met in ROWS),
    *(_case(page, title, principal, condition, {}, met) for page, title, principal, condition, met in CALLERS),
]
