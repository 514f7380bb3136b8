"""How many decisions a second ``stslab simulate --jsonl`` makes on one core, start-up excluded."""

from __future__ import annotations

import json
import time
from typing import Any

from stslab.simulation import answer

ACCOUNT = "111122223333"
ACTIONS = ("s3:GetObject", "s3:PutObject", "s3:ListBucket", "sts:AssumeRole")


def requests(count: int) -> list[str]:
    """Requests whose documents, one to three a line, are all different, so that no cache helps."""
    return [json.dumps(_request(number)) for number in range(count)]


def _request(number: int) -> dict[str, Any]:
    assumes = number % 4 == 3
    bucket, user, role = f"bucket-{number}", f"user-{number % 997}", f"arn:aws:iam::{ACCOUNT}:role/Reader{number}"
    return {
        "principal": f"arn:aws:iam::{ACCOUNT}:user/{user}",
        "action": ACTIONS[number % 4],
        "resource": role if assumes else f"arn:aws:s3:::{bucket}/{user}/{number}.txt",
        "resource_account": ACCOUNT,
        "context": {
            "aws:SecureTransport": "true",
            "aws:SourceIp": f"203.0.{number % 256}.7",
            "aws:CurrentTime": f"2026-01-01T00:{number % 60:02}:00Z",
            "sts:ExternalId": f"id-{number % 2}",
        },
        "identity_policies": [_identity(number, bucket, role)],
        "permissions_boundary": _boundary(number) if number % 3 == 0 else None,
        "session_policies": [],
        "resource_policy": _trust(number) if assumes else _bucket_policy(number, bucket) if number % 5 == 0 else None,
    }


def _policy(*statements: dict[str, Any]) -> dict[str, Any]:
    return {"Version": "2012-10-17", "Statement": list(statements)}


def _identity(number: int, bucket: str, role: str) -> dict[str, Any]:
    return _policy(
        {
            "Sid": f"Tls{number}",
            "Effect": "Deny",
            "Action": "s3:*",
            "Resource": f"arn:aws:s3:::{bucket}*",
            "Condition": {"Bool": {"aws:SecureTransport": "false"}},
        },
        {
            "Effect": "Allow",
            "Action": [f"s3:Get{'Object' if number % 2 else '*'}", "s3:List*"],
            "Resource": [f"arn:aws:s3:::{bucket}", f"arn:aws:s3:::{bucket}/${{aws:username}}/*"],
            "Condition": {
                "IpAddress": {"aws:SourceIp": f"203.0.{number % 256}.0/24"},
                "DateLessThan": {"aws:CurrentTime": f"2027-01-{number % 28 + 1:02}T00:00:00Z"},
            },
        },
        {"Effect": "Allow", "Action": "sts:AssumeRole", "Resource": f"{role[:-1]}*"},
    )


def _boundary(number: int) -> dict[str, Any]:
    return _policy(
        {"Effect": "Allow", "Action": ["s3:*", "sts:*"], "Resource": "*"},
        {"Effect": "Deny", "Action": "*", "Resource": f"arn:aws:s3:::secret-{number}/*"},
    )


def _trust(number: int) -> dict[str, Any]:
    return _policy(
        {
            "Effect": "Allow",
            "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:user/user-{number % 991}" if number % 8 == 3 else ACCOUNT},
            "Action": "sts:AssumeRole",
            "Condition": {"StringEquals": {"sts:ExternalId": "id-1", f"aws:PrincipalTag/t{number}": []}}
            if number % 16 == 3
            else {"StringLike": {"sts:ExternalId": [f"id-{number}", "id-?"]}},
        }
    )


def _bucket_policy(number: int, bucket: str) -> dict[str, Any]:
    return _policy(
        {
            "Sid": f"deny {number}",
            "Effect": "Deny",
            "Principal": "*",
            "Action": "s3:Delete*",
            "Resource": f"arn:aws:s3:::{bucket}/*",
        },
        {
            "Effect": "Allow",
            "Principal": {"AWS": [ACCOUNT, f"arn:aws:iam::{ACCOUNT}:role/r{number}"]},
            "Action": "s3:GetObject",
            "Resource": f"arn:aws:s3:::{bucket}/*",
        },
    )


def decisions_a_second(count: int = 20_000) -> float:
    """Decide so many requests once, and say how many of them a second held."""
    lines = requests(count)
    begun = time.perf_counter()
    for line in lines:
        json.dumps(answer(line))
    return count / (time.perf_counter() - begun)
