"""The wire and its meddlers do what they say, seen by boto3 through a real proxy in front of a real sandbox."""

from __future__ import annotations

import itertools
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from typing import Any

import boto3
import pytest
from accounts import ALLOW, REGION, ROOT, Account, Server, code_of, document, refusal
from botocore.auth import S3SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.config import Config
from botocore.credentials import Credentials as Keys
from botocore.exceptions import (
    ClientError,
    ConnectionClosedError,
    ReadTimeoutError,
    ResponseStreamingError,
)
from botocore.httpsession import URLLib3Session
from botocore.parsers import ResponseParserError
from wire import Meddler, Wire
from wire_faults import FAULTS
from wire_killing import KillAt, SignalAt
from wire_stale import Stale

from stslab.credentials import Credentials

TEMPLATE = (ROOT / "policies" / "template.yaml").read_text()
NUMBERS = itertools.count(200000000000)


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    server = Server()
    yield server
    assert "Traceback" not in server.stop()


@contextmanager
def wired(server: Server, meddler: Meddler | None = None) -> Iterator[tuple[Wire, Account]]:
    """Open a fresh account, and give it as seen through a wire."""
    with Wire(server.ready["endpoint"], meddler) as wire:
        yield wire, replace(server.account(str(next(NUMBERS))), endpoint=wire.url)


def client(account: Account, service: str, attempts: int = 1, seconds: float = 5) -> Any:
    return boto3.client(
        service,
        region_name=REGION,
        endpoint_url=account.endpoint,
        aws_access_key_id=account.admin.access_key_id,
        aws_secret_access_key=account.admin.secret_access_key.reveal(),
        config=Config(
            retries={"total_max_attempts": attempts, "mode": "standard"},
            read_timeout=seconds,
            s3={"addressing_style": "path"},
        ),
    )


def made(account: Account) -> list[str]:
    users = [user["UserName"] for user in client(account, "iam").list_users()["Users"]]
    return sorted(set(users) - {"stslab-admin"})


def names(wire: Wire) -> list[tuple[int, str, str, int]]:
    return [(call.number, call.service, call.operation, call.status) for call in wire.calls]


def test_everything_passes_and_is_named(server):
    with wired(server) as (wire, account):
        account.user("ana")
        s3, cloudformation = client(account, "s3"), client(account, "cloudformation")
        client(account, "sts").get_caller_identity()
        cloudformation.create_stack(StackName="s", TemplateBody=TEMPLATE, Capabilities=["CAPABILITY_IAM"])
        bucket = s3.list_buckets()["Buckets"][0]["Name"]
        s3.head_bucket(Bucket=bucket)
        s3.put_object(Bucket=bucket, Key="/a b/é+%.txt", Body=b"hello")
        assert [e["Key"] for e in s3.list_objects_v2(Bucket=bucket)["Contents"]] == ["/a b/é+%.txt"]
        assert s3.get_object(Bucket=bucket, Key="/a b/é+%.txt")["Body"].read() == b"hello"
        assert s3.head_object(Bucket=bucket, Key="/a b/é+%.txt")["ContentLength"] == 5
        s3.list_object_versions(Bucket=bucket)
        assert code_of(s3.get_bucket_tagging, Bucket=bucket) == "NoSuchTagSet"
        s3.delete_object(Bucket=bucket, Key="/a b/é+%.txt")
        cloudformation.delete_stack(StackName="s")
        client(account, "dynamodb").list_tables()
        client(account, "secretsmanager").list_secrets()
    assert names(wire) == [
        (0, "iam", "CreateUser", 200),
        (1, "iam", "CreateAccessKey", 200),
        (2, "sts", "GetCallerIdentity", 200),
        (3, "cloudformation", "CreateStack", 200),
        (4, "s3", "ListBuckets", 200),
        (5, "s3", "HeadBucket", 200),
        (6, "s3", "PutObject", 200),
        (7, "s3", "ListObjectsV2", 200),
        (8, "s3", "GetObject", 200),
        (9, "s3", "HeadObject", 200),
        (10, "s3", "ListObjectVersions", 200),
        (11, "s3", "GetBucketTagging", 404),
        (12, "s3", "DeleteObject", 204),
        (13, "cloudformation", "DeleteStack", 200),
        (14, "dynamodb", "ListTables", 200),
        (15, "secretsmanager", "ListSecrets", 200),
    ]
    assert {call.access_key_id for call in wire.calls} == {account.admin.access_key_id}
    assert wire.calls[0].parameters["UserName"] == "ana"
    assert wire.calls[6].parameters == {"Bucket": bucket, "Key": "/a b/é+%.txt"}


def test_aws_chunked_bodies_pass_under_both_framings(server):
    """Boto3 sends a trailer over https only, so the request is made by hand, as it makes it."""
    content = b"5\r\nhello\r\n0\r\nx-amz-checksum-crc32:NhCmhg==\r\n\r\n"
    with wired(server) as (wire, account):
        account.bucket("chunked")
        for key, body in {"long": content, "chunks": iter([content[:9], content[9:]])}.items():
            request = AWSRequest("PUT", f"{wire.url}/chunked/{key}", data=body)
            request.headers["Content-Encoding"] = "aws-chunked"
            request.headers["X-Amz-Content-SHA256"] = "STREAMING-UNSIGNED-PAYLOAD-TRAILER"
            request.headers["X-Amz-Trailer"] = "x-amz-checksum-crc32"
            request.headers["X-Amz-Decoded-Content-Length"] = "5"
            if key == "chunks":
                request.headers["Transfer-Encoding"] = "chunked"
            request.context["has_streaming_input"] = True
            request.context["checksum"] = {"request_algorithm": {"in": "trailer"}}
            keys = Keys(account.admin.access_key_id, account.admin.secret_access_key.reveal())
            S3SigV4Auth(keys, "s3", REGION).add_auth(request)
            answer = URLLib3Session().send(request.prepare())
            assert (answer.status_code, answer.content) == (200, b"")
            assert client(account, "s3").get_object(Bucket="chunked", Key=key)["Body"].read() == b"hello"


def test_a_connection_is_kept_alive(server):
    with wired(server) as (wire, account):
        sts = client(account, "sts")
        ports = []
        wire.meddler = Meddler()
        wire._server.process_request = lambda request, address, then=wire._server.process_request: (
            ports.append(address),
            then(request, address),
        )
        for _ in range(3):
            sts.get_caller_identity()
    assert len(ports) == 1


FACES = {
    "throttled": {"iam": "Throttling", "s3": "SlowDown", "dynamodb": "ThrottlingException"},
    "internal failure": {"iam": "InternalFailure", "s3": "InternalError", "dynamodb": "InternalFailure"},
    "unavailable": dict.fromkeys(("iam", "s3", "dynamodb"), "ServiceUnavailable"),
    "reset before": dict.fromkeys(("iam", "s3"), ConnectionClosedError),
    "reset after": dict.fromkeys(("iam", "s3"), ConnectionClosedError),
    "time-out before": dict.fromkeys(("iam", "s3"), ReadTimeoutError),
    "time-out after": dict.fromkeys(("iam", "s3"), ReadTimeoutError),
    # Botocore makes an error of status 500 of an answer of S3 that it cannot read, and retries it; not so of IAM's.
    "truncated": {"iam": ResponseParserError, "s3": "500"},
    "shortened": {"iam": ResponseParserError, "s3": "500"},
}
ACTED = ("reset after", "time-out after", "truncated", "shortened")
READS = {"iam": "list_users", "s3": "list_buckets", "dynamodb": "list_tables"}


@pytest.mark.parametrize("name", FACES)
def test_a_fault_shows_its_face(server, name):
    for service, face in FACES[name].items():
        with wired(server, FAULTS[name](1)) as (wire, account):
            read = getattr(client(account, service, seconds=0.3), READS[service])
            read()
            if isinstance(face, str):
                assert code_of(read) == face
            else:
                with pytest.raises(face):
                    read()
            read()
        assert [call.number for call in wire.meddler.hits] == [1]
        assert [call.forwarded for call in wire.calls] == [True, name in ACTED, True]


@pytest.mark.parametrize("name", FACES)
def test_a_retry_is_the_same_call_and_passes(server, name):
    with wired(server, FAULTS[name](0, 1)) as (wire, account):
        s3 = client(account, "s3", attempts=3, seconds=0.3)
        s3.list_buckets()
        s3.list_buckets()
    assert [(call.number, call.attempt) for call in wire.calls] == [(0, 0), (0, 1), (1, 0)]


def test_a_fault_may_hit_every_attempt(server):
    with wired(server, FAULTS["unavailable"](0, None)) as (wire, account):
        iam = client(account, "iam", attempts=3)
        assert code_of(iam.list_users) == "ServiceUnavailable"
        iam.list_users()
    assert [(call.number, call.status) for call in wire.calls] == [(0, 503), (0, 503), (0, 503), (1, 200)]


@pytest.mark.parametrize("name", ["reset before", "reset after", "time-out before", "time-out after"])
def test_the_upstream_has_acted_after_and_not_before(server, name):
    with wired(server, FAULTS[name](0)) as (_, account):
        iam = client(account, "iam", seconds=0.3)
        with pytest.raises((ConnectionClosedError, ReadTimeoutError)):
            iam.create_user(UserName="ana")
        there = "ana" in [user["UserName"] for user in iam.list_users()["Users"]]
    assert there is name.endswith("after")


def test_a_slow_answer_is_slow_and_whole(server):
    with wired(server, FAULTS["slow"](0, 1, 0.4)) as (_, account):
        started = time.monotonic()
        client(account, "sts").get_caller_identity()
        assert 0.4 < time.monotonic() - started < 2


def test_an_objects_body_is_truncated_too(server):
    with wired(server, FAULTS["truncated"](2)) as (_, account):
        account.bucket("truncated-body", "k")
        body = client(account, "s3").get_object(Bucket="truncated-body", Key="k")["Body"]
        with pytest.raises(ResponseStreamingError):
            body.read()


def test_what_a_meddler_raises_is_not_lost(server):
    class Clumsy(Meddler):
        def before(self, call):
            raise LookupError(call.operation)

    def attempt() -> None:
        with wired(server, Clumsy()) as (_, account), pytest.raises(ConnectionClosedError):
            client(account, "sts").get_caller_identity()

    with pytest.raises(LookupError, match="GetCallerIdentity"):
        attempt()


def test_who_is_held_is_let_go_when_the_wire_closes(server):
    with ThreadPoolExecutor() as pool:
        with wired(server, FAULTS["time-out before"](0)) as (wire, account):
            held = pool.submit(client(account, "sts", seconds=30).get_caller_identity)
            while not wire.calls:
                time.sleep(0.01)
        assert isinstance(held.exception(5), ConnectionClosedError)


def test_half_a_request_is_not_forwarded(server):
    with wired(server) as (wire, account):
        for framing in ("Content-Length: 9\r\n\r\nhalf", "Transfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\n"):
            with socket.create_connection(("127.0.0.1", int(wire.url.rpartition(":")[2])), 5) as connection:
                connection.sendall(f"PUT /b/k HTTP/1.1\r\nHost: x\r\n{framing}".encode())
                connection.shutdown(socket.SHUT_WR)
                assert connection.recv(1) == b""
        client(account, "sts").get_caller_identity()
    assert [call.operation for call in wire.calls] == ["GetCallerIdentity"]


def test_many_at_once_are_numbered_apart(server):
    with wired(server) as (wire, account), ThreadPoolExecutor(6) as pool:
        iam = client(account, "iam")
        list(pool.map(lambda number: iam.create_user(UserName=f"u{number}"), range(18)))
        assert made(account) == sorted(f"u{number}" for number in range(18))
    assert [call.number for call in wire.calls] == list(range(19))


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


CLIENT = """
import boto3, sys
from botocore.config import Config
iam = boto3.client("iam", region_name="us-east-1", endpoint_url=sys.argv[1], aws_access_key_id=sys.argv[2],
                   aws_secret_access_key=sys.stdin.readline().strip(), config=Config(read_timeout=20))
try:
    for number in range(3):
        iam.create_user(UserName=f"u{number}")
except KeyboardInterrupt:
    print("interrupted at", number)
"""


@contextmanager
def started(account: Account) -> Iterator[subprocess.Popen[str]]:
    command = [sys.executable, "-c", CLIENT, account.endpoint, account.admin.access_key_id]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        yield process


@pytest.mark.parametrize(("moment", "left"), [("before", ["u0"]), ("after", ["u0", "u1"])])
def test_the_client_is_killed_before_and_after(server, moment, left):
    with wired(server) as (wire, account), started(account) as process:
        assert process.stdin

        def kill() -> None:
            process.kill()
            process.wait()

        wire.meddler = KillAt(1, moment, kill)
        process.stdin.write(account.admin.secret_access_key.reveal() + "\n")
        process.stdin.flush()
        assert process.wait(20) == -signal.SIGKILL
        assert wire.meddler.hit
        assert wire.meddler.hit.operation == "CreateUser"
        assert made(account) == left


def test_a_signal_is_sent_while_the_call_goes_through(server):
    with wired(server) as (wire, account), started(account) as process:
        assert process.stdin
        wire.meddler = SignalAt(1, partial(os.kill, process.pid, signal.SIGINT))
        process.stdin.write(account.admin.secret_access_key.reveal() + "\n")
        process.stdin.flush()
        assert process.wait(20) == 0
        assert process.stdout
        assert process.stdout.read() == "interrupted at 1\n"
        assert made(account) == [
            "u0",
            "u1",
        ]
