"""Why a resource cannot be made or changed, and what its event says of it."""

from __future__ import annotations

from moto.core.exceptions import ServiceException
from werkzeug.exceptions import HTTPException

from stslab.errors import Undetermined
from stslab.targets.stacks.client import Refused


class Failed(Exception):
    """A resource cannot be made or changed."""


class Unfit(Exception):
    """Properties that a type does not take."""


def reason_of(fault: Exception) -> str:
    """What the event of a resource says of a fault."""
    if isinstance(fault, Refused):
        return fault.reason
    if isinstance(fault, ServiceException):
        return str(fault.message)
    if isinstance(fault, HTTPException):
        return str(getattr(fault, "message", "") or fault.description or fault)
    if isinstance(fault, Unfit | Undetermined):
        return str(fault)
    return f"Internal Failure ({type(fault).__name__}: {fault})"
