"""An account of moto's as bytes, and back: everything that the sandbox's services keep of it, in one pickle.

One pickle, because the services share their objects: a stack holds the very bucket that S3 has, a session of a user the
very user that IAM has, and they have to be the same ones afterwards.
"""

from __future__ import annotations

import io
import pickle
from collections import OrderedDict, defaultdict
from collections.abc import Mapping
from types import BuiltinFunctionType, FunctionType
from typing import Any

from stslab.errors import StslabError
from stslab.sandbox.state.admitted import KEPT, NotOurs, is_admitted, thawed
from stslab.sandbox.state.standing import by_items, by_name, is_elsewhere, without_service

PROTOCOL = 5
ATTEMPTS = 20
"""How often an account is frozen before it is given up, where others who read it have moto file something meanwhile."""


_DICTIONARIES = (dict, OrderedDict, defaultdict)
"""Those that pickle writes as they are."""


class CannotFreeze(StslabError):
    """An account holds something that cannot be kept in a file, or is never at rest."""


def freeze(account: str) -> bytes:
    """Give everything that an account has.

    Nobody may change the account meanwhile; that others read in it does not matter.

    Args:
        account: 12 digits.

    Raises:
        CannotFreeze: it holds something that a state file does not take.
    """
    for _ in range(ATTEMPTS):
        try:
            return _frozen({"account": account, "services": _services(account)})
        except RuntimeError as fault:
            # Reading makes moto file things, as a policy of AWS's that is asked for: a dictionary grows as it is read.
            if "during iteration" not in str(fault):
                raise CannotFreeze(str(fault)) from None
    raise CannotFreeze("it changes while it is saved")


def thaw(account: str, frozen: bytes) -> None:
    """Have an account be as it was when it was frozen, whatever there is of it now.

    Args:
        account: 12 digits.
        frozen: what :func:`freeze` gave.

    Raises:
        NotOurs: the bytes are not of this account, or not frozen by this sandbox; nothing has been changed.
    """
    services = _read(account, frozen)
    _clear(account)
    from moto.backends import get_backend

    for service, regions in services.items():
        held = get_backend(service)[account]  # type: ignore[call-overload]  # one of its names
        for region, backend in regions.items():
            held[region] = backend
    _register_buckets(account, services.get("s3", {}))


def documents(account: str) -> list[Any]:
    """The policies of an account that change when somebody whom they name is deleted, in whichever account he is.

    See :func:`stslab.targets.rules.identities.forget`.
    """
    from moto.iam.models import iam_backends
    from moto.s3.models import s3_backends

    found: list[Any] = []
    for iam in list(dict.values(iam_backends.get(account, {}))):
        found += [role.assume_role_policy_document for role in iam.roles.values()]
    for s3 in list(dict.values(s3_backends.get(account, {}))):
        found += [bucket.policy for bucket in s3.buckets.values()]
    return found


class _Writer(pickle.Pickler):
    """Writes nothing that could not be read again: what is not admitted is refused when it is saved, not afterwards."""

    def reducer_override(self, thing: Any) -> Any:
        if isinstance(thing, type | FunctionType | BuiltinFunctionType):
            module = str(thing.__module__)  # a method of a list has none
            if not is_admitted(module, thing.__qualname__):
                raise CannotFreeze(f"there is a {module}.{thing.__qualname__} in it")
            return NotImplemented
        kind = type(thing)
        if kind.__name__ == "AWSManagedPolicy":
            return by_name(thing)
        if is_elsewhere(kind):
            return without_service(thing)
        return by_items(thing) if isinstance(thing, dict) and kind not in _DICTIONARIES else NotImplemented


def _frozen(state: Mapping[str, Any]) -> bytes:
    written = io.BytesIO()
    try:
        _Writer(written, PROTOCOL).dump(state)
    except (TypeError, AttributeError, RecursionError, pickle.PicklingError) as fault:
        raise CannotFreeze(str(fault)) from None
    return written.getvalue()


def _services(account: str) -> dict[str, dict[str, Any]]:
    """The backends of an account that there are, by service and by region or partition; none is made."""
    # A list of a dictionary's items is made at one go, whoever else has moto make a backend meanwhile.
    return {
        backends.service_name: dict(list(dict.items(backends[account])))
        for backends in _in_use()
        if account in backends
    }


def _in_use() -> list[Any]:
    """The services that moto has backends of in any account."""
    from moto.core.base_backend import BackendDict

    every = list(BackendDict._instances)  # type: ignore[misc]
    return [backends for backends in every if backends.service_name in KEPT]


def _read(account: str, frozen: bytes) -> dict[str, dict[str, Any]]:
    from moto.core.base_backend import BaseBackend

    state = thawed(frozen)
    services = state.get("services") if isinstance(state, dict) and state.get("account") == account else None
    if not isinstance(services, dict) or not all(
        service in KEPT and isinstance(backend, BaseBackend) and backend.account_id == account
        for service, regions in services.items()
        for backend in regions.values()
    ):
        raise NotOurs(f"it is not the account {account}")
    return services


def _clear(account: str) -> None:
    from moto.s3.models import s3_backends

    for backends in _in_use():
        backends.pop(account, None)
    for name, (_, owner) in list(s3_backends.bucket_accounts.items()):
        if owner == account:
            del s3_backends.bucket_accounts[name]


def _register_buckets(account: str, partitions: Mapping[str, Any]) -> None:
    """Have moto find a bucket by its name alone, which is one of all accounts together."""
    from moto.s3.models import s3_backends

    for partition, backend in partitions.items():
        for name in backend.buckets:
            s3_backends.bucket_accounts[name] = (partition, account)
