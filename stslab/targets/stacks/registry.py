"""Which handler a resource type has."""

from __future__ import annotations

from collections.abc import Mapping

from stslab.targets.stacks import federation, iam, identities, s3
from stslab.targets.stacks.handlers import Handler

_HANDLERS: Mapping[str, Handler] = {
    **identities.HANDLERS,
    **iam.HANDLERS,
    **federation.HANDLERS,
    **s3.HANDLERS,
}


def handler_of(resource_type: str) -> Handler | None:
    """The handler of a type, or ``None`` where moto's own model of it is used."""
    return _HANDLERS.get(resource_type)
