"""Rules of the services that decide about this lab and that moto leaves out, one module a service.

A rule is asked before moto answers: :func:`validate` before it is known whether the caller may, :func:`check` after.
Where a rule is about what moto itself makes (a role of a stack), moto's method is wrapped (:func:`replacements`).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from stslab.targets.callers import Actor
from stslab.targets.rules import boundaries, cloudformation, iam, simulation, sts, trust
from stslab.targets.rules.trust import trust_policy

__all__ = ["check", "replacements", "trust_policy", "validate"]


def replacements() -> dict[tuple[Any, str], Callable[..., Any]]:
    """Methods that take the place of moto's, or join them, while a gate is in force."""
    return {**trust.replacements(), **sts.replacements(), **boundaries.replacements(), **simulation.replacements()}


def validate(call: Any, service: str, operation: str) -> None:
    """Refuse a request whose parameters the service does not take from anyone.

    Raises:
        Exception: the refusal, in the service's words.
    """
    if service == "sts":
        sts.validate(call, operation)
    elif service == "iam":
        iam.validate(call, operation)


def check(call: Any, service: str, operation: str, actor: Actor) -> None:
    """Refuse a permitted request that breaks a rule.

    Raises:
        Exception: the refusal, in the service's words.
    """
    if service == "cloudformation":
        cloudformation.check(call, operation)
    elif service == "iam":
        iam.check(call, operation)
    elif service == "sts":
        sts.check(call, operation, actor)
