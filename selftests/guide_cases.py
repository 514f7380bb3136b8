"""The shape of the IAM user guide's own cases, which other modules list as plain data.

A case is a line of ``stslab simulate --jsonl`` with the answer that the guide gives: a decision, or the code of an
error. ``page`` is the title of the page of the guide (or of the document named before a colon) that gives it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

ALLOWED, IMPLICIT, EXPLICIT = "allowed", "implicitDeny", "explicitDeny"
MALFORMED, INVALID = "MalformedPolicyDocument", "ValidationError"

HERE, ABROAD = "111122223333", "444455556666"
USER = f"arn:aws:iam::{HERE}:user/team/ana"
ROLE = f"arn:aws:iam::{HERE}:role/Reader"
SESSION = f"arn:aws:sts::{HERE}:assumed-role/Reader/s1"
ROOT = f"arn:aws:iam::{HERE}:root"
OBJECT = "arn:aws:s3:::lab/k"

Document = dict[str, Any]


@dataclass(frozen=True)
class Case:
    """One request and the guide's answer to it."""

    page: str
    title: str
    request: Mapping[str, Any]
    answer: str


def document(*statements: Document, version: str | None = "2012-10-17", **more: Any) -> Document:
    """A policy document; without a version where that is ``None``."""
    named = {} if version is None else {"Version": version}
    return {**named, "Statement": list(statements), **more}


def allow(action: Any, resource: Any = "*", **more: Any) -> Document:
    """An Allow statement."""
    return {"Effect": "Allow", "Action": action, "Resource": resource, **more}


def deny(action: Any, resource: Any = "*", **more: Any) -> Document:
    """A Deny statement."""
    return {"Effect": "Deny", "Action": action, "Resource": resource, **more}


def trust(principal: Any, **more: Any) -> Document:
    """A statement of a trust policy."""
    return {"Effect": "Allow", "Principal": principal, "Action": "sts:AssumeRole", **more}


def ask(
    action: str = "s3:GetObject",
    resource: str = OBJECT,
    *,
    principal: str = USER,
    identity: Sequence[Document] = (),
    boundary: Document | None = None,
    sessions: Sequence[Document] = (),
    theirs: Document | None = None,
    owner: str = HERE,
    context: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """A request of the contract's shape."""
    return {
        "principal": principal,
        "action": action,
        "resource": resource,
        "resource_account": owner,
        "context": dict(context or {}),
        "identity_policies": list(identity),
        "permissions_boundary": boundary,
        "session_policies": list(sessions),
        "resource_policy": theirs,
    }
