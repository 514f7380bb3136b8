"""Rules of the services that decide about this lab and that moto leaves out, one module a service.

A rule is asked before moto answers: :func:`validate` before it is known whether the caller may, :func:`check` after.
Where a rule is about what moto itself makes (a role of a stack), moto's method is wrapped (:func:`replacements`).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from stslab.targets.case import Case
from stslab.targets.rules import (
    boundaries,
    cloudformation,
    documents,
    iam,
    identities,
    managed,
    s3,
    simulation,
    sts,
    tokens,
    trust,
)

MODULES = (boundaries, documents, identities, managed, s3, simulation, tokens, trust)


def replacements() -> dict[tuple[Any, str], Callable[..., Any]]:
    """Methods that take the place of moto's, or join them, while a gate is in force."""
    return {place: replacement for module in MODULES for place, replacement in module.replacements().items()}


def validate(case: Case) -> None:
    """Refuse a request that the service does not take from anyone, or never with such credentials.

    Raises:
        Exception: the refusal, in the service's words.
    """
    sts.confine(case)
    if case.service == "sts":
        sts.validate(case)
    elif case.service == "iam":
        iam.validate(case)
    elif case.service == "s3":
        s3.validate(case)


def check(case: Case) -> None:
    """Refuse a permitted request that breaks a rule.

    Raises:
        Exception: the refusal, in the service's words.
    """
    if case.service == "cloudformation":
        cloudformation.check(case)
    elif case.service == "iam":
        iam.check(case)
    elif case.service == "sts":
        sts.check(case)
    elif case.service == "s3":
        s3.check(case)
