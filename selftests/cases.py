"""Cases that are decided three ways: by the pure function, by moto in this process, by the server.

``ACCOUNT`` and ``BUCKET`` in a document stand for the account's id and its bucket. Each case names the page of the IAM
user guide that says what AWS answers.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

Statement = dict[str, Any]

ALLOWED, EXPLICIT, IMPLICIT = "allowed", "explicitDeny", "implicitDeny"

LIST_ALL, LIST, GET, PUT = "s3:ListAllMyBuckets", "s3:ListBucket", "s3:GetObject", "s3:PutObject"
ASSUME, LIST_USERS, GET_USER = "sts:AssumeRole", "iam:ListUsers", "iam:GetUser"

USER_ARN = "arn:aws:iam::ACCOUNT:user/team/ana"
ROLE_ARN = "arn:aws:iam::ACCOUNT:role/lab/Reader"
SESSION_ARN = "arn:aws:sts::ACCOUNT:assumed-role/Reader/s1"
TARGET_ARN = "arn:aws:iam::ACCOUNT:role/Target"
KEY = "ana/k"


@dataclass(frozen=True)
class Case:
    """One request with its policies.

    ``session`` says that a session of the role ``Reader`` asks, else the user ``ana`` does, whose policies ``identity``
    are; ``theirs`` is the bucket's policy, or the trust policy of ``Target``; ``params`` go with the call, and
    ``context`` says the same, and what else AWS fills in, in condition keys.
    """

    page: str
    action: str
    answer: str
    identity: Sequence[Statement] = ()
    boundary: Sequence[Statement] | None = None
    sessions: Sequence[Statement] | None = None
    theirs: Sequence[Statement] | None = None
    session: bool = False
    key: str = KEY
    params: dict[str, Any] = field(default_factory=dict)
    context: dict[str, Any] = field(default_factory=dict)
    version: str = "2012-10-17"


def allow(action: Any = "*", resource: Any = "*", **more: Any) -> Statement:
    return {"Effect": "Allow", "Action": action, "Resource": resource, **more}


def deny(action: Any = "*", resource: Any = "*", **more: Any) -> Statement:
    return {**allow(action, resource, **more), "Effect": "Deny"}


def bucket_says(effect: str, principal: Any, action: Any = "s3:*", **more: Any) -> Statement:
    resources = ["arn:aws:s3:::BUCKET", "arn:aws:s3:::BUCKET/*"]
    return {"Effect": effect, "Principal": principal, "Action": action, "Resource": resources, **more}


def trusting(principal: Any, effect: str = "Allow", **more: Any) -> Statement:
    return {"Effect": effect, "Principal": principal, "Action": ASSUME, **more}


LOGIC, ACTION = "Policy evaluation logic", "IAM JSON policy elements: Action"
RESOURCE, NOT_ACTION = "IAM JSON policy elements: Resource", "IAM JSON policy elements: NotAction"
NOT_RESOURCE, VARIABLES = "IAM JSON policy elements: NotResource", "IAM policy elements: Variables and tags"
OPERATORS, SETS = "IAM JSON policy elements: Condition operators", "Set operators for multivalued context keys"
BOUNDARIES, SESSIONS = "Permissions boundaries for IAM entities", "Session policies"
PRINCIPAL, TRUST = "AWS JSON policy elements: Principal", "Update a role trust policy"
GLOBAL_KEYS, EXTERNAL_ID = "AWS global condition context keys", "Access to AWS accounts owned by third parties"

TO_ACCOUNT, TO_USER, TO_ROLE, TO_SESSION = ({"AWS": one} for one in ("ACCOUNT", USER_ARN, ROLE_ARN, SESSION_ARN))
EC2 = {"Service": "ec2.amazonaws.com"}

OBJECTS, BUCKET = "arn:aws:s3:::BUCKET/*", "arn:aws:s3:::BUCKET"


def listing(operator: str, key: str, value: Any, answer: str, **params: Any) -> Case:
    keys = {"Prefix": "s3:prefix", "Delimiter": "s3:delimiter", "MaxKeys": "s3:max-keys"}
    context = {keys[name]: str(given) for name, given in params.items()}
    statement = allow(LIST, BUCKET, Condition={operator: {key: value}})
    return Case(OPERATORS, LIST, answer, [statement], params=params, context=context)


def assuming(condition: Statement, answer: str, **params: Any) -> Case:
    keys = {"ExternalId": "sts:ExternalId", "RoleSessionName": "sts:RoleSessionName"}
    context = {keys[name]: given for name, given in params.items()}
    trust = [trusting(TO_ACCOUNT, Condition=condition)]
    return Case(EXTERNAL_ID, ASSUME, answer, [allow(ASSUME)], theirs=trust, params=params, context=context)


CASES = [
    Case(LOGIC, LIST_ALL, IMPLICIT),
    Case(LOGIC, LIST_ALL, ALLOWED, [allow("s3:*")]),
    Case(LOGIC, LIST_ALL, EXPLICIT, [allow("s3:*"), deny(LIST_ALL)]),
    Case(LOGIC, LIST_USERS, IMPLICIT, [allow("s3:*")]),
    Case(ACTION, LIST_ALL, ALLOWED, [allow("S3:listallmybuckets")]),
    Case(ACTION, LIST_ALL, ALLOWED, [allow("s3:ListAllMyBucket?")]),
    Case(ACTION, LIST_ALL, IMPLICIT, [allow("s3:ListAllMyBuckets?")]),
    Case(ACTION, LIST_ALL, IMPLICIT, [allow("s3:ListAllMy.uckets")]),
    Case(NOT_ACTION, LIST_ALL, ALLOWED, [{"Effect": "Allow", "NotAction": "iam:*", "Resource": "*"}]),
    Case(NOT_ACTION, LIST_USERS, IMPLICIT, [{"Effect": "Allow", "NotAction": "iam:*", "Resource": "*"}]),
    Case(NOT_ACTION, LIST_ALL, EXPLICIT, [allow(), {"Effect": "Deny", "NotAction": "iam:*", "Resource": "*"}]),
    Case(RESOURCE, LIST_ALL, ALLOWED, [allow(LIST_ALL, "arn:aws:s3:::*")]),
    Case(RESOURCE, LIST_ALL, IMPLICIT, [allow(LIST_ALL, BUCKET)]),
    Case(RESOURCE, GET, ALLOWED, [allow(GET, OBJECTS)]),
    Case(RESOURCE, GET, IMPLICIT, [allow(GET, BUCKET)]),
    Case(RESOURCE, GET, ALLOWED, [allow(GET, "arn:aws:s3:::BUCKET/a?a/k")]),
    Case(RESOURCE, GET, IMPLICIT, [allow(GET, "arn:aws:s3:::BUCKET/ANA/k")]),
    Case(RESOURCE, PUT, IMPLICIT, [allow(GET, OBJECTS)]),
    Case(RESOURCE, GET_USER, ALLOWED, [allow(GET_USER, "arn:aws:iam::*:user/team/*")]),
    Case(RESOURCE, GET_USER, IMPLICIT, [allow(GET_USER, "arn:aws:iam::*:user/ana")]),
    Case(NOT_RESOURCE, GET, IMPLICIT, [{"Effect": "Allow", "Action": GET, "NotResource": OBJECTS}]),
    Case(NOT_RESOURCE, GET, ALLOWED, [{"Effect": "Allow", "Action": GET, "NotResource": BUCKET}]),
    Case(NOT_RESOURCE, GET, EXPLICIT, [allow(), {"Effect": "Deny", "Action": GET, "NotResource": BUCKET}]),
    Case(VARIABLES, GET, ALLOWED, [allow(GET, "arn:aws:s3:::BUCKET/${aws:username}/*")]),
    Case(VARIABLES, GET, IMPLICIT, [allow(GET, "arn:aws:s3:::BUCKET/${aws:username}/*")], version="2008-10-17"),
    Case(VARIABLES, GET, IMPLICIT, [allow(GET, "arn:aws:s3:::BUCKET/${aws:PrincipalTag/x}/*")]),
    Case(VARIABLES, GET, ALLOWED, [allow(GET, "arn:aws:s3:::BUCKET/${aws:PrincipalTag/x, 'ana'}/*")]),
    Case(VARIABLES, GET, IMPLICIT, [allow(GET, "arn:aws:s3:::BUCKET/ana/${*}")]),
    listing("StringEquals", "s3:prefix", "ana/", ALLOWED, Prefix="ana/"),
    listing("StringEquals", "s3:prefix", "ana/", IMPLICIT, Prefix="bea/"),
    listing("StringEquals", "s3:prefix", "ana/", IMPLICIT),
    listing("StringLike", "s3:prefix", "${aws:username}/*", ALLOWED, Prefix="ana/x"),
    listing("StringNotLike", "s3:prefix", "bea/*", ALLOWED),
    listing("StringEqualsIfExists", "s3:prefix", "ana/", ALLOWED),
    listing("Null", "s3:prefix", "true", ALLOWED),
    listing("Null", "s3:prefix", "true", IMPLICIT, Prefix="x"),
    listing("NumericLessThanEquals", "s3:max-keys", "10", ALLOWED, MaxKeys=10),
    listing("NumericLessThanEquals", "s3:max-keys", "10", IMPLICIT, MaxKeys=11),
    listing("StringEquals", "S3:Delimiter", "/", ALLOWED, Delimiter="/"),
    listing("ForAnyValue:StringEquals", "aws:TagKeys", "a", IMPLICIT),
    listing("ForAllValues:StringEquals", "aws:TagKeys", "a", ALLOWED),
    listing("ArnLike", "aws:PrincipalArn", "arn:aws:iam::*:user/team/*", ALLOWED),
    listing("StringEquals", "aws:PrincipalAccount", "ACCOUNT", ALLOWED),
    listing("StringEquals", "aws:PrincipalType", "AssumedRole", IMPLICIT),
    listing("Bool", "aws:MultiFactorAuthPresent", "false", IMPLICIT),
    listing("BoolIfExists", "aws:MultiFactorAuthPresent", "false", ALLOWED),
    Case(BOUNDARIES, LIST_ALL, ALLOWED, [allow()], boundary=[allow("s3:*")]),
    Case(BOUNDARIES, LIST_USERS, IMPLICIT, [allow()], boundary=[allow("s3:*")]),
    Case(BOUNDARIES, LIST_ALL, EXPLICIT, [allow()], boundary=[allow(), deny("s3:*")]),
    Case(BOUNDARIES, GET, ALLOWED, boundary=[allow("iam:*")], theirs=[bucket_says("Allow", TO_USER)]),
    Case(BOUNDARIES, GET, IMPLICIT, boundary=[allow("iam:*")], theirs=[bucket_says("Allow", TO_ACCOUNT)]),
    Case(BOUNDARIES, LIST_USERS, IMPLICIT, [allow()], boundary=[allow("s3:*")], session=True),
    Case(SESSIONS, LIST_ALL, ALLOWED, [allow()], sessions=[allow("s3:*")], session=True),
    Case(SESSIONS, LIST_USERS, IMPLICIT, [allow()], sessions=[allow("s3:*")], session=True),
    Case(SESSIONS, LIST_ALL, IMPLICIT, [], sessions=[allow("s3:*")], session=True),
    Case(SESSIONS, LIST_ALL, EXPLICIT, [allow()], sessions=[allow(), deny("s3:*")], session=True),
    Case(
        SESSIONS,
        GET,
        ALLOWED,
        sessions=[allow("iam:*")],
        session=True,
        theirs=[bucket_says("Allow", TO_SESSION)],
    ),
    Case(
        SESSIONS,
        GET,
        IMPLICIT,
        sessions=[allow("iam:*")],
        session=True,
        theirs=[bucket_says("Allow", TO_ROLE)],
    ),
    Case(PRINCIPAL, GET, ALLOWED, session=True, theirs=[bucket_says("Allow", TO_ROLE)]),
    Case(PRINCIPAL, GET, ALLOWED, theirs=[bucket_says("Allow", TO_USER)]),
    Case(PRINCIPAL, GET, IMPLICIT, theirs=[bucket_says("Allow", TO_ACCOUNT)]),
    Case(PRINCIPAL, GET, ALLOWED, [allow(GET)], theirs=[bucket_says("Allow", TO_ACCOUNT)]),
    Case(PRINCIPAL, GET, ALLOWED, theirs=[bucket_says("Allow", "*")]),
    Case(PRINCIPAL, GET, EXPLICIT, [allow()], theirs=[bucket_says("Deny", "*")]),
    Case(PRINCIPAL, PUT, EXPLICIT, [allow()], theirs=[bucket_says("Deny", TO_USER, PUT)]),
    Case(PRINCIPAL, GET, IMPLICIT, theirs=[bucket_says("Allow", EC2)]),
    Case(TRUST, ASSUME, ALLOWED, theirs=[trusting(TO_USER)]),
    Case(TRUST, ASSUME, IMPLICIT, theirs=[trusting(TO_ACCOUNT)]),
    Case(TRUST, ASSUME, ALLOWED, [allow(ASSUME, TARGET_ARN)], theirs=[trusting(TO_ACCOUNT)]),
    Case(
        TRUST,
        ASSUME,
        IMPLICIT,
        [allow(ASSUME, "arn:aws:iam::ACCOUNT:role/Other")],
        theirs=[trusting(TO_ACCOUNT)],
    ),
    Case(TRUST, ASSUME, IMPLICIT, [allow()], theirs=[trusting(EC2)]),
    Case(TRUST, ASSUME, ALLOWED, theirs=[trusting(EC2), trusting(TO_USER)]),
    Case(TRUST, ASSUME, EXPLICIT, [allow()], theirs=[trusting(TO_ACCOUNT), trusting(TO_USER, "Deny")]),
    Case(TRUST, ASSUME, EXPLICIT, [deny(ASSUME)], theirs=[trusting(TO_USER)]),
    Case(TRUST, ASSUME, IMPLICIT, boundary=[allow("s3:*")], theirs=[trusting(TO_USER)]),
    Case(TRUST, ASSUME, ALLOWED, boundary=[allow(ASSUME)], theirs=[trusting(TO_USER)]),
    Case(TRUST, ASSUME, IMPLICIT, [allow()], theirs=[trusting({"AWS": "999999999999"})]),
    Case(TRUST, ASSUME, ALLOWED, session=True, theirs=[trusting(TO_ROLE)]),
    Case(TRUST, ASSUME, IMPLICIT, [allow("s3:*")], theirs=[trusting(TO_ACCOUNT)], session=True),
    assuming({"StringEquals": {"sts:ExternalId": "right"}}, ALLOWED, ExternalId="right"),
    assuming({"StringEquals": {"sts:ExternalId": "right"}}, IMPLICIT, ExternalId="Right"),
    assuming({"StringEquals": {"sts:ExternalId": "right"}}, IMPLICIT),
    assuming({"StringLike": {"sts:RoleSessionName": "${aws:username}"}}, ALLOWED, RoleSessionName="ana"),
    assuming({"StringLike": {"sts:RoleSessionName": "${aws:username}"}}, IMPLICIT, RoleSessionName="bea"),
    assuming({"Bool": {"aws:MultiFactorAuthPresent": "true"}}, IMPLICIT),
    assuming({"BoolIfExists": {"aws:MultiFactorAuthPresent": "true"}}, ALLOWED),
    assuming({"ArnEquals": {"aws:PrincipalArn": USER_ARN}}, ALLOWED),
]
