"""The same cases by the pure function, by moto in this process and by the server: one answer."""

from __future__ import annotations

import itertools
import json

import pytest
from accounts import Server, in_process
from botocore.exceptions import ClientError
from cases import ALLOWED, ASSUME, CASES, EXPLICIT, GET, GET_USER, IMPLICIT, LIST, LIST_ALL, LIST_USERS, PUT

from stslab.simulation import answer

NAMES = [f"{number}-{case.action}-{case.answer}" for number, case in enumerate(CASES)]
every_case = pytest.mark.parametrize("case", CASES, ids=NAMES)


def filled(data, account, bucket):
    return json.loads(json.dumps(data).replace("ACCOUNT", account).replace("BUCKET", bucket))


def document(statements, case):
    return {"Version": case.version, "Statement": list(statements)}


RESOURCES = {
    LIST_ALL: "*",
    LIST: "arn:aws:s3:::BUCKET",
    ASSUME: "arn:aws:iam::ACCOUNT:role/Target",
    LIST_USERS: "*",
    GET_USER: "arn:aws:iam::ACCOUNT:user/team/ana",
}


@every_case
def test_purely(case):
    who = "arn:aws:sts::ACCOUNT:assumed-role/Reader/s1" if case.session else "arn:aws:iam::ACCOUNT:user/team/ana"
    request = {
        "principal": who,
        "action": case.action,
        "resource": RESOURCES.get(case.action, f"arn:aws:s3:::BUCKET/{case.key}"),
        "resource_account": "ACCOUNT",
        "context": case.context,
        "identity_policies": [document(case.identity, case)] if case.identity else [],
        "permissions_boundary": None if case.boundary is None else document(case.boundary, case),
        "session_policies": [] if case.sessions is None else [document(case.sessions, case)],
        "resource_policy": None if case.theirs is None else document(case.theirs, case),
    }
    assert answer(json.dumps(filled(request, "111122223333", "lab")))["decision"] == case.answer


@every_case
def test_in_process(case):
    with in_process() as account:
        assert decided(case, account) == case.answer


@pytest.fixture(scope="module")
def server():
    server = Server()
    yield server
    assert server.stop() == ""


_numbers = itertools.count(200000000000)


@every_case
def test_over_the_wire(case, server):
    assert decided(case, server.account(str(next(_numbers)))) == case.answer


def decided(case, account):
    """Make everything that a case speaks of, put its request, and read the decision out of the answer."""
    bucket = f"lab-{account.id}"

    def text(statements):
        return json.dumps(filled(document(statements, case), account.id, bucket))

    account.bucket(bucket, case.key)
    iam = account.client("iam")
    more = {}
    if case.boundary is not None:
        made = iam.create_policy(PolicyName="limit", PolicyDocument=text(case.boundary))
        more["PermissionsBoundary"] = made["Policy"]["Arn"]
    caller = account.user("ana", path="/team/", **({} if case.session else more))
    reader = account.role("Reader", Path="/lab/", **(more if case.session else {}))
    if case.identity and case.session:
        iam.put_role_policy(RoleName="Reader", PolicyName="p", PolicyDocument=text(case.identity))
    elif case.identity:
        iam.put_user_policy(UserName="ana", PolicyName="p", PolicyDocument=text(case.identity))
    if case.session:
        limits = {} if case.sessions is None else {"Policy": text(case.sessions)}
        caller = account.assume(reader, RoleSessionName="s1", **limits)
    if case.theirs is not None and case.action == ASSUME:
        iam.create_role(RoleName="Target", AssumeRolePolicyDocument=text(case.theirs))
    elif case.theirs is not None:
        account.client("s3").put_bucket_policy(Bucket=bucket, Policy=text(case.theirs))
    s3, sts, theirs = (account.client(service, caller) for service in ("s3", "sts", "iam"))
    operation, params = {
        LIST_ALL: (s3.list_buckets, {}),
        LIST: (s3.list_objects_v2, {"Bucket": bucket}),
        GET: (s3.get_object, {"Bucket": bucket, "Key": case.key}),
        PUT: (s3.put_object, {"Bucket": bucket, "Key": case.key}),
        ASSUME: (sts.assume_role, {"RoleArn": f"arn:aws:iam::{account.id}:role/Target", "RoleSessionName": "session"}),
        LIST_USERS: (theirs.list_users, {}),
        GET_USER: (theirs.get_user, {"UserName": "ana"}),
    }[case.action]
    try:
        operation(**{**params, **case.params})
    except ClientError as refused:
        said = str(refused)
        if "(AccessDenied)" not in said:
            return said
        return EXPLICIT if "with an explicit deny in" in said else IMPLICIT if "because no" in said else said
    return ALLOWED
