"""What conditions find when the lab calls AssumeRole."""

from __future__ import annotations

from datetime import UTC, datetime

from stslab.iam import Context

ABSENT = (
    "aws:federatedprovider",
    "aws:multifactorauth",
    "aws:principaltag/",
    "aws:requesttag/",
    "aws:sourceidentity",
    "aws:tagkeys",
    "aws:tokenissuetime",
    "sts:externalid",
    "sts:sourceidentity",
    "sts:transitivetagkeys",
)
"""How keys begin, in lower case, that a call of the lab never carries: its user has no tag and a long-term key, and
calls AssumeRole with a role and a session name only. Source: IAM user guide, "AWS global condition context keys" and
"Available keys for AWS STS"."""


def lab_call(session_name: str) -> Context:
    """The condition keys of the lab's call to AssumeRole; where it comes from is not known beforehand.

    Args:
        session_name: the RoleSessionName of the call.
    """
    now = datetime.now(UTC)
    known = {
        "aws:CurrentTime": now.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "aws:EpochTime": str(int(now.timestamp())),
        "aws:SecureTransport": "true",
        "sts:RoleSessionName": session_name,
    }
    return Context(known, unknown=lambda key: not key.startswith(ABSENT))
