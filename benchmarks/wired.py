"""The lab's calls over HTTP, by a client that costs little: botocore's serializer, signer and parser, and nothing else.

What is measured is the time from the connection to the last byte of the answer, so that the client's own work, which is
the same for every server, is not in it.
"""

from __future__ import annotations

import http.client
import io
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache
from typing import Any
from urllib.parse import urlencode

import botocore.session
from botocore import xform_name
from botocore.auth import S3SigV4Auth, SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from botocore.parsers import create_parser
from botocore.serialize import create_serializer

from benchmarks import bare

HOST = "127.0.0.1"
SERVICES = ("cloudformation", "dynamodb", "iam", "s3", "secretsmanager", "sts")

DENIED, IN_JSON, GONE = "AccessDenied", "AccessDeniedException", frozenset({"404", "NoSuchEntity", "ValidationError"})
REFUSED = (
    ("list_buckets", DENIED),
    ("list_users", DENIED),
    ("get_user", "NoSuchEntity"),
    ("list_buckets", DENIED),
    ("list_users", DENIED),
    ("list_stacks", DENIED),
    ("list_tables", IN_JSON),
    ("list_secrets", IN_JSON),
    ("list_buckets", DENIED),
    ("list_objects_v2", DENIED),
    ("get_object", DENIED),
    *[("describe_stacks", "ValidationError")] * 2,
    *[("head_bucket", "404")] * 2,
    *[("get_role", "NoSuchEntity")] * 2,
    ("get_user_policy", "NoSuchEntity"),
    *[("get_user", "NoSuchEntity")] * 2,
    ("get_caller_identity", "InvalidClientTokenId"),
    ("list_buckets", DENIED),
)
"""The calls of a green lab that are refused, in order; a server without IAM refuses those in :data:`GONE` only."""


class WrongAnswer(Exception):
    """A call was refused that has to succeed, or the other way round."""


@dataclass(frozen=True)
class Door:
    """Where a student gets in.

    Args:
        port: of the server, on 127.0.0.1.
        access_key_id: the admin's.
        secret_access_key: the admin's.
        account: 12 digits, for a server that is told the account by header; empty where the key tells.
    """

    port: int
    access_key_id: str
    secret_access_key: str
    account: str = ""


@dataclass
class Lab:
    """What became of one lab: its calls, the seconds that its answers took, and what was refused, in order."""

    calls: int = 0
    seconds: float = 0.0
    refused: list[tuple[str, str]] = field(default_factory=list)


def perform(door: Door, *, enforced: bool) -> Lab:
    """Make the calls of a green lab, one after the other.

    Args:
        door: the server, and the account in it.
        enforced: whether the server is one that decides who may do what.

    Raises:
        WrongAnswer: a call was refused that has to succeed, or the other way round.
    """
    lab = Lab()

    def sessions(**credentials: str) -> Callable[[str], _Client]:
        key, secret = credentials["aws_access_key_id"], credentials["aws_secret_access_key"]
        signing = Credentials(key, secret, credentials.get("aws_session_token"))
        return lambda service: _Client(door, service, signing, lab)

    try:
        bare.perform_in(sessions, aws_access_key_id=door.access_key_id, aws_secret_access_key=door.secret_access_key)
    except LookupError as missing:
        raise WrongAnswer(f"an answer lacks {missing}; refused were {lab.refused}") from None
    expected = [(name, code) for name, code in REFUSED if enforced or code in GONE]
    if lab.refused != expected:
        raise WrongAnswer(f"refused were {lab.refused}, and not {expected}")
    return lab


@cache
def model(service: str) -> tuple[dict[str, Any], Any, Any]:
    """The operations of a service by boto3's names for them, its serializer and its parser."""
    found = botocore.session.get_session().get_service_model(service)
    operations = {xform_name(name): found.operation_model(name) for name in found.operation_names}
    protocol = found.resolved_protocol
    return operations, create_serializer(protocol, include_validation=False), create_parser(protocol)


class _Client:
    """A client of one service, as far as the lab needs one; an error is as good as an answer."""

    def __init__(self, door: Door, service: str, credentials: Credentials, lab: Lab) -> None:
        self._door = door
        self._service = service
        self._signer = (S3SigV4Auth if service == "s3" else SigV4Auth)(credentials, service, bare.REGION)
        self._lab = lab

    def __getattr__(self, operation: str) -> Callable[..., Any]:
        return lambda **params: self._call(operation, params)

    def _call(self, operation: str, params: dict[str, Any]) -> Any:
        operations, serializer, parser = model(self._service)
        shape = operations[operation]
        wanted = serializer.serialize_to_request(params, shape)
        path, query, body = wanted["url_path"], urlencode(wanted["query_string"]), wanted["body"]
        if query:
            path += f"{'&' if '?' in path else '?'}{query}"
        if isinstance(body, dict):
            body = urlencode(body)
        url = f"http://{HOST}:{self._door.port}{path}"
        request = AWSRequest(wanted["method"], url, headers=wanted["headers"], data=body)
        self._signer.add_auth(request)
        headers = dict(request.headers.items())
        if self._door.account:
            headers["x-moto-account-id"] = self._door.account
        begun = time.perf_counter()
        connection = http.client.HTTPConnection(HOST, self._door.port, timeout=120)
        connection.request(request.method, path, body, headers)
        answer = connection.getresponse()
        content: Any = answer.read()
        connection.close()
        self._lab.seconds += time.perf_counter() - begun
        self._lab.calls += 1
        if shape.has_streaming_output and answer.status < 300:
            content = io.BytesIO(content)
        told = {"status_code": answer.status, "headers": answer.headers, "body": content}
        parsed = parser.parse(told, shape.output_shape)
        if "Error" in parsed:
            self._lab.refused.append((operation, str(parsed["Error"]["Code"])))
        return parsed
