"""What stands in a frozen account for what pickle by itself would write too long, or wrong, or not at all."""

from __future__ import annotations

import copyreg
from contextlib import suppress
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

from stslab.sandbox.state.admitted import KEPT
from stslab.targets.made import Made
from stslab.targets.rules.managed import provide


@dataclass
class Elsewhere(Made):
    """A resource that a stack has in a service that the sandbox does not serve, such as a queue.

    Nobody can ask that service for it, so what a stack shows of it is all that there is to keep.
    """

    def delete(self, _account: str, _region: str) -> None:
        """Delete it, as moto's stacks do: it is gone with the process in which it was made."""


def is_elsewhere(kind: type) -> bool:
    """Whether a class is a model of a service of moto's whose state is not kept."""
    root, _, rest = kind.__module__.partition(".")
    service, _, module = rest.partition(".")
    return root == "moto" and module.startswith("models") and service not in KEPT


def without_service(resource: Any) -> tuple[Any, ...]:
    """How to make the stand-in of a resource, in the form of ``__reduce__``."""
    kind = str(resource.cloudformation_type()) if hasattr(resource, "cloudformation_type") else ""
    told = (kind, _text(resource, "physical_resource_id"), _attributes(resource, kind))
    return Elsewhere, (*told, _text(resource, "logical_resource_id"))


def by_items(held: dict[Any, Any]) -> tuple[Any, ...]:
    """How to make one of moto's dictionaries again, in the form of ``__reduce__``: with the items that it holds.

    They have their own way of adding an item and of listing them, by which pickle would have S3 keep the last version
    of each object and no other.
    """
    # A list of the items is made at one go, whoever else has moto file something meanwhile.
    items = dict(list(dict.items(held)))
    # typeshed does not have it; pickle writes an instruction of its own for it.
    making = copyreg.__newobj__  # type: ignore[attr-defined]
    return making, (type(held),), (items, vars(held)), None, None, put_items


def put_items(held: dict[Any, Any], state: tuple[dict[Any, Any], dict[str, Any]]) -> None:
    """Put items and attributes back into one of moto's dictionaries, whatever its own way of adding them."""
    dict.update(held, state[0])
    vars(held).update(state[1])


def by_name(policy: Any) -> tuple[Any, ...]:
    """How to make a managed policy of AWS's again, in the form of ``__reduce__``: moto ships its document.

    ReadOnlyAccess alone has 100 kB, which would be written each time that its account is saved.
    """
    kept = {name: getattr(policy, name) for name in ("attachment_count", "id", "tags")}
    return aws_policy, (policy.arn, policy.account_id), kept


def aws_policy(arn: str, account: str) -> Any:
    """Make a managed policy of AWS's, from the data that moto ships.

    Raises:
        KeyError: there is no such policy.
    """
    partition = arn.split(":")[1]
    backend = SimpleNamespace(managed_policies={}, partition=partition, account_id=account, region_name=partition)
    provide(backend, arn)
    return backend.managed_policies[arn]


def _text(resource: Any, name: str) -> str:
    return str(getattr(resource, name, None) or "")


def _attributes(resource: Any, kind: str) -> dict[str, str]:
    # Only now: a stack has made the resource, so moto's CloudFormation is there.
    from stslab.targets.stacks.schemas import attributes_of

    found = {}
    for name in attributes_of(kind):
        with suppress(Exception):  # moto's models answer for few of the attributes, and each in its own way
            found[name] = str(resource.get_cfn_attribute(name))
    return found
