"""How many decisions a second ``stslab simulate --jsonl`` makes on one core, start-up excluded."""

from __future__ import annotations

import itertools
import json
import time

from stslab.simulation import answer

ACCOUNT = "111122223333"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/Reader"


def requests(count: int) -> list[str]:
    """Requests as the lab has them: users and a session, with policies of several statements and conditions."""
    policy = {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Deny",
                "Action": "s3:*",
                "Resource": "*",
                "Condition": {"Bool": {"aws:SecureTransport": "false"}},
            },
            {"Effect": "Allow", "Action": ["s3:Get*", "s3:List*"], "Resource": "arn:aws:s3:::lab/${aws:username}/*"},
            {"Effect": "Allow", "Action": "sts:AssumeRole", "Resource": f"arn:aws:iam::{ACCOUNT}:role/*"},
        ],
    }
    trust = {
        "Version": "2012-10-17",
        "Statement": {
            "Effect": "Allow",
            "Principal": {"AWS": ACCOUNT},
            "Action": "sts:AssumeRole",
            "Condition": {"StringEquals": {"sts:ExternalId": "right"}},
        },
    }
    wishes = itertools.cycle([("sts:AssumeRole", ROLE, trust), ("s3:GetObject", "arn:aws:s3:::lab/ana/", None)])
    made = []
    for number, (action, resource, resource_policy) in zip(range(count), wishes, strict=False):
        request = {
            "principal": f"arn:aws:iam::{ACCOUNT}:user/{('ana', 'bea')[number // 2 % 2]}",
            "action": action,
            "resource": resource if resource_policy else f"{resource}{number}",
            "context": {"aws:SecureTransport": "true", "sts:ExternalId": ("right", "wrong")[number // 4 % 2]},
            "identity_policies": [policy],
            "permissions_boundary": None,
            "session_policies": [],
            "resource_policy": resource_policy,
        }
        made.append(json.dumps(request))
    return made


def decisions_a_second(count: int = 10_000) -> float:
    """Decide so many requests once, and say how many of them a second held."""
    lines = requests(count)
    begun = time.perf_counter()
    for line in lines:
        json.dumps(answer(line))
    return count / (time.perf_counter() - begun)
