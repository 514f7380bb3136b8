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
from accounts import REGION, ROOT, Account, Server, code_of
from botocore.auth import S3SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.config import Config
from botocore.credentials import Credentials as Keys
from botocore.exceptions import (
    ConnectionClosedError,
    ReadTimeoutError,
    ResponseStreamingError,
)
from botocore.httpsession import URLLib3Session
from botocore.parsers import ResponseParserError
from wire import Meddler, Wire
from wire_faults import FAULTS
from wire_killing import KillAt, SignalAt

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
