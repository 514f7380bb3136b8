"""Requests that a service makes for a caller: with his own credentials (forward access sessions), or with a role's.

Source: IAM user guide, "Forward access sessions"; CloudFormation user guide, "AWS CloudFormation service role".
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any

from stslab.targets.callers import Actor
from stslab.targets.signatures import Signature


@dataclass(frozen=True)
class Forwarded:
    """Whose credentials a service calls with, and the condition keys that tell its calls from his own.

    ``signature`` says which service is called, and in which region; there is nothing in it to verify.
    """

    actor: Actor
    signature: Signature
    keys: Mapping[str, str | list[str]] = field(default_factory=dict)


_CURRENT: ContextVar[Forwarded | None] = ContextVar("forwarded", default=None)


@contextmanager
def forwarding(request: Forwarded) -> Iterator[None]:
    """Have every request that moto is asked within be this one's."""
    before = _CURRENT.set(request)
    try:
        yield
    finally:
        _CURRENT.reset(before)


def forwarded(call: Any) -> tuple[Signature, Actor] | None:
    """Who makes a request that a service forwards, in whose account moto then answers; ``None`` for any other.

    Args:
        call: moto's response object of the request.
    """
    request = _CURRENT.get()
    if request is None:
        return None
    call.current_account = request.actor.caller.account
    return request.signature, request.actor


def forwarded_keys() -> Mapping[str, str | list[str]] | None:
    """The condition keys that the service adds; ``None`` where the caller calls himself."""
    request = _CURRENT.get()
    return request.keys if request is not None else None
