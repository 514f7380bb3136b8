"""The stale wire: what it withholds, from whom, and until when, seen by boto3 in front of a real sandbox."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

import pytest
from accounts import ALLOW, Account, Server, code_of, document, refusal
from botocore.exceptions import (
    ClientError,
)
from test_wire import TEMPLATE, client, server, wired
from wire_stale import Stale

from stslab.credentials import Credentials

__all__ = ["server"]


class Clock:
    """One that goes on only when it is told to: what is unseen stays unseen, however slow the machine."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@contextmanager
def stale(server: Server, seed: int = 1, **more: Any) -> Iterator[tuple[Stale, Account, Clock]]:
    clock = Clock()
    meddler = Stale(seed, 100, clock=clock, **more)
    with wired(server, meddler) as (_, account):
        yield meddler, account, clock


def changes(meddler: Stale) -> set[str]:
    return {each.change for each in meddler.withheld}


def test_new_users_keys_and_policies_are_seen_late(server):
    with stale(server) as (meddler, account, clock):
        iam = client(account, "iam")
        role = account.role("r")
        iam.create_user(UserName="ana")
        assert refusal(iam.get_user, UserName="ana")[::2] == ("NoSuchEntity", 404)
        assert code_of(iam.create_access_key, UserName="ana") == "NoSuchEntity"
        assert code_of(iam.get_role, RoleName="r") == "NoSuchEntity"
        assert code_of(account.assume, arn=role) == "AccessDenied"
        clock.now += 100
        iam.get_role(RoleName="r")
        ana = Credentials.from_answer(iam.create_access_key(UserName="ana")["AccessKey"])
        sts, s3 = account.client("sts", ana), account.client("s3", ana)
        assert refusal(sts.get_caller_identity)[::2] == ("InvalidClientTokenId", 403)
        assert refusal(s3.list_buckets)[::2] == ("InvalidAccessKeyId", 403)
        clock.now += 100
        sts.get_caller_identity()
        assert code_of(s3.list_buckets) == "AccessDenied"
        policy = {"UserName": "ana", "PolicyName": "p"}
        iam.put_user_policy(PolicyDocument=document(ALLOW), **policy)
        assert code_of(iam.get_user_policy, **policy) == "NoSuchEntity"
        code, message, status = refusal(account.assume, arn=role, credentials=ana)
        assert (code, status) == ("AccessDenied", 403)
        assert "user/ana is not authorized to perform: sts:AssumeRole" in message
        clock.now += 100
        iam.get_user_policy(**policy)
        account.assume(role, ana)
    assert changes(meddler) == {"new user", "new role", "new key", "new policy"}


def test_a_stacks_role_is_seen_late_and_goes_late(server):
    with stale(server) as (meddler, account, clock):
        cloudformation, iam, s3 = (client(account, service) for service in ("cloudformation", "iam", "s3"))
        answer = cloudformation.create_stack(StackName="s", TemplateBody=TEMPLATE, Capabilities=["CAPABILITY_IAM"])
        stack = {"StackName": answer["StackId"]}
        resources = cloudformation.describe_stack_resources(**stack)["StackResources"]
        ids = {each["ResourceType"]: each["PhysicalResourceId"] for each in resources}
        role, bucket = {"RoleName": ids["AWS::IAM::Role"]}, {"Bucket": ids["AWS::S3::Bucket"]}
        assert code_of(iam.list_role_policies, **role) == "NoSuchEntity"
        clock.now += 100
        theirs = account.client("s3", account.assume(iam.get_role(**role)["Role"]["Arn"]))
        assert refusal(theirs.list_buckets)[::2] == ("AccessDenied", 403)
        clock.now += 100
        reads = [partial(cloudformation.describe_stacks, **stack), partial(s3.head_bucket, **bucket)]
        reads += [partial(iam.get_role, **role), theirs.list_buckets]
        was = [read() for read in reads]
        cloudformation.delete_stack(**stack)
        assert [read()["ResponseMetadata"]["HTTPStatusCode"] for read in reads] == [200] * 4
        assert reads[0]()["Stacks"] == was[0]["Stacks"]
        clock.now += 100
        assert reads[0]()["Stacks"][0]["StackStatus"] == "DELETE_COMPLETE"
        assert [code_of(read) for read in reads[1:3]] == ["404", "NoSuchEntity"]
        assert code_of(reads[3]) in ("InvalidAccessKeyId", "AccessDenied")
    late = {f"gone {kind}" for kind in ("key", "stack", "bucket", "role")}
    assert changes(meddler) == {"new role", "new session"} | late


def test_what_is_deleted_goes_late(server):
    with stale(server) as (meddler, account, clock):
        iam = client(account, "iam")
        iam.create_user(UserName="ana")
        clock.now += 100
        iam.put_user_policy(UserName="ana", PolicyName="p", PolicyDocument=document(ALLOW))
        ana = Credentials.from_answer(iam.create_access_key(UserName="ana")["AccessKey"])
        clock.now += 100
        sts = account.client("sts", ana)
        before = sts.get_caller_identity()["Arn"]
        iam.get_user(UserName="ana")
        iam.delete_access_key(UserName="ana", AccessKeyId=ana.access_key_id)
        assert sts.get_caller_identity()["Arn"] == before
        code, message, status = refusal(iam.delete_user, UserName="ana")
        assert (code, status) == ("DeleteConflict", 409)
        assert "access keys" in message
        clock.now += 100
        assert code_of(sts.get_caller_identity) == "InvalidClientTokenId"
        iam.delete_user_policy(UserName="ana", PolicyName="p")
        assert "delete policies first" in refusal(iam.delete_user, UserName="ana")[1]
        clock.now += 100
        iam.delete_user(UserName="ana")
        assert iam.get_user(UserName="ana")["User"]["UserName"] == "ana"
        clock.now += 100
        assert code_of(iam.get_user, UserName="ana") == "NoSuchEntity"
    assert changes(meddler) == {"gone key", "gone policy", "gone user"}


@pytest.mark.parametrize("flapping", [False, True])
def test_steady_turns_once_and_flapping_turns_often(server, flapping):
    with stale(server, flapping=flapping) as (meddler, account, clock):
        iam = client(account, "iam")
        iam.create_user(UserName="ana")
        read = []
        for _ in range(25):
            try:
                iam.get_user(UserName="ana")
                read.append("new")
            except ClientError:
                read.append("old")
            clock.now += 4
        assert meddler.seconds_left() == 0
    turns = sum(one != other for one, other in itertools.pairwise(read))
    assert read[-1] == "new"
    assert turns > 2 if flapping else turns == 1


def test_deletions_see_new_things_unless_told_otherwise(server):
    for blind in (False, True):
        with stale(server, deletions_too=blind) as (_, account, _):
            iam = client(account, "iam")
            iam.create_user(UserName="ana")
            if blind:
                assert code_of(iam.delete_user, UserName="ana") == "NoSuchEntity"
            else:
                iam.delete_user(UserName="ana")


def test_the_delays_are_the_seeds_and_each_readers_own(server):
    def delays(seed: int) -> list[int]:
        """Give after how many seconds each reader takes a new key."""
        with stale(server, seed) as (_, account, clock):
            account.client("iam").create_user(UserName="ana")
            clock.now += 100
            ana = Credentials.from_answer(account.client("iam").create_access_key(UserName="ana")["AccessKey"])
            reads = [account.client("sts", ana).get_caller_identity, account.client("s3", ana).list_buckets]
            taken: dict[Any, int] = {}
            for second in range(0, 101, 4):
                for read in reads:
                    try:
                        read()
                    except ClientError as error:
                        if error.response["Error"]["Code"] != "AccessDenied":
                            continue
                    taken.setdefault(read, second)
                clock.now += 4
            return [taken[read] for read in reads]

    first = delays(5)
    assert first[0] != first[1]
    assert first == delays(5)
    assert first != delays(6)
