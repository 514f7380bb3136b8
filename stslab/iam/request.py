"""One request: who wants what, and the keys that conditions and policy variables read."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from stslab.iam.principal import Caller

Values = tuple[str, ...]


class Context:
    """The condition keys of a request; their names are case-insensitive.

    Args:
        values: a value, or the values of a multivalued key, by the key's name. A key with no values is absent.
        unknown: says of a key in lower case, and not among the values, that the target cannot tell its value. Every
            other key is known to be absent.

    Source: IAM user guide, "IAM JSON policy elements: Condition": "condition key names are not case-sensitive".
    """

    def __init__(
        self, values: Mapping[str, str | Sequence[str]] | None = None, unknown: Callable[[str], bool] | None = None
    ) -> None:
        self._values: dict[str, Values] = {
            key.lower(): (value,) if isinstance(value, str) else tuple(value) for key, value in (values or {}).items()
        }
        self._unknown = unknown

    def given(self, key: str) -> Values | None:
        """The values of a key in lower case, or ``None`` where there is no such key."""
        return self._values.get(key)

    def values(self, key: str) -> Values | None:
        """The values of a key in lower case: none where it is absent, ``None`` where it is not known."""
        found = self._values.get(key)
        if found is None:
            return None if self._unknown is not None and self._unknown(key) else ()
        return found

    def __contains__(self, key: str) -> bool:
        return key in self._values


@dataclass(frozen=True)
class Request:
    """One request.

    Args:
        caller: who calls.
        action: for example ``s3:GetObject``.
        resource: the resource's ARN, or ``*`` for an action without one.
        resource_account: the account that owns the resource, 12 digits; empty where the resource's ARN says it, or
            where it is the caller's.
        context: the request's condition keys. Those that follow from the caller need not be given.
    """

    caller: Caller
    action: str
    resource: str
    resource_account: str = ""
    context: Context = field(default_factory=Context)

    @property
    def owner(self) -> str:
        """The account that owns the resource."""
        if self.resource_account:
            return self.resource_account
        return self._account_of_resource or self.caller.account

    @cached_property
    def _account_of_resource(self) -> str:
        parts = self.resource.split(":", 5)
        return parts[4] if len(parts) == 6 and parts[4].isdecimal() else ""

    @property
    def crosses_partitions(self) -> bool:
        """Whether the resource is of another partition than the caller, as ``arn:aws-cn:…`` is for one of ``aws``."""
        _, _, rest = self.resource.partition(":")
        partition = rest.partition(":")[0]
        return partition.startswith("aws") and self.caller.account != "" and partition != self.caller.partition

    @cached_property
    def target(self) -> str:
        """The resource as policies are matched against it.

        Source: service authorization reference, "Actions, resources, and condition keys for Amazon S3":
        ListAllMyBuckets has no resource type of its own; it is asked for all buckets, ``arn:aws:s3:::*``, whichever
        bucket the caller has in mind.
        """
        if self.action.lower() == "s3:listallmybuckets":
            return f"arn:{self.caller.partition}:s3:::*"
        return self.resource

    def values(self, key: str) -> Values | None:
        """The values of a condition key: none where it is absent, ``None`` where the target cannot tell.

        Keys that follow from the caller and from the resource need not be in the context; where one is, it counts.

        Source: IAM user guide, "AWS global condition context keys": aws:ResourceAccount is the account that owns the
        resource.
        """
        key = key.lower()
        given = self.context.given(key)
        if given is not None:
            return given
        follows = self.caller.keys.get(key)
        if follows is not None:
            return (follows,)
        if key == "aws:resourceaccount" and (self.resource_account or self._account_of_resource):
            return (self.owner,)
        return self.context.values(key)
