"""The sandbox's server, from the first look at its state to its end."""

from __future__ import annotations

import secrets
import socket
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from stslab.credentials import Secret
from stslab.errors import BadInput
from stslab.sandbox.accounts import Accounts, chosen_account
from stslab.sandbox.application import Sandbox
from stslab.sandbox.state.store import Store, Told
from stslab.sandbox.trail.lookup import serving
from stslab.sandbox.trail.trail import LIMIT, Trail
from stslab.targets.gate import Gate
from stslab.targets.seam import in_force

HOST = "127.0.0.1"


@dataclass(frozen=True)
class Wanted:
    """What a sandbox should be; what is ``None`` it chooses itself, or has from its state.

    Args:
        port: where it listens on 127.0.0.1.
        account: the first account, 12 digits.
        region: the accounts' region.
        accounts: how many accounts there are to be.
        state: the file that keeps it.
    """

    port: int | None = None
    account: str | None = None
    region: str | None = None
    accounts: int = 1
    state: Path | None = None


@dataclass(frozen=True)
class Serving:
    """A sandbox that serves: its endpoint, its region, its accounts and the management token."""

    endpoint: str
    region: str
    accounts: Accounts
    token: Secret

    @property
    def account(self) -> str:
        """The first account."""
        return next(iter(self.accounts.admins))


@contextmanager
def served(wanted: Wanted, default_region: str, say: Callable[[str], None]) -> Iterator[Serving]:
    """Serve a sandbox as long as this lasts.

    Args:
        wanted: what it should be.
        default_region: the region where neither that nor the state tells one.
        say: is given a line for every call.

    Raises:
        BadInput: the port is taken, or the state is not one to go on with.
    """
    with ExitStack() as stack:
        store = Store.open(wanted.state) if wanted.state is not None else None
        if store is not None:
            stack.callback(store.close)
        told = store.told if store is not None else None
        region = _agreed("--region", wanted.region, told.region if told else None, default_region)
        listening = stack.enter_context(_listening(wanted.port, told.port if told else None))
        gate, trail = Gate(), Trail()
        stack.enter_context(in_force(gate))
        stack.enter_context(serving(trail))
        if store is not None:
            _restore(store, trail)
        accounts = Accounts(region, store)
        first = next(iter(accounts.admins), None)
        accounts.open([_agreed("--account", wanted.account, first, chosen_account())])
        accounts.open(_further(accounts, wanted.accounts))
        token = told.token if told else Secret(secrets.token_urlsafe(32))
        server, port = _server(Sandbox(accounts, token, gate, trail, store, say), listening), listening.getsockname()[1]
        if store is not None:
            store.tell(Told(port, region, token))
        thread = threading.Thread(target=server.serve_forever, args=(0.1,), name="sandbox")
        thread.start()
        try:
            yield Serving(f"http://{HOST}:{port}", region, accounts, token)
        finally:
            server.shutdown()
            thread.join()
            server.server_close()


def _agreed(option: str, wanted: str | None, kept: str | None, default: str) -> str:
    """What was told, what the state has, or a default; the first two have to be the same.

    Raises:
        BadInput: they are not.
    """
    if wanted is not None and kept is not None and wanted != kept:
        raise BadInput(
            option, f"the state has {kept}, and not {wanted}", "leave the option out, or take another --state"
        )
    return wanted or kept or default


def _restore(store: Store, trail: Trail) -> None:
    store.restore()
    for account in store.accounts:
        store.forget_records(account, LIMIT)
    records: dict[str, list[dict[str, Any]]] = {}
    for account, record in store.records():
        records.setdefault(account, []).append(record)
    for account, theirs in records.items():
        trail.load(account, theirs)


def _further(accounts: Accounts, count: int) -> Sequence[str]:
    """Ids of accounts that make so many of those there are."""
    fresh: set[str] = set()
    while len(accounts.admins) + len(fresh) < count:
        fresh |= {chosen_account()} - accounts.admins.keys()
    return sorted(fresh)


def _listening(port: int | None, kept: int | None) -> socket.socket:
    """A socket that listens on the port that was told, that the state has, or that is free.

    Raises:
        BadInput: the port is taken.
    """
    wanted = port if port is not None else kept or 0
    try:
        return socket.create_server((HOST, wanted), backlog=128)
    except OSError:
        if port is None:
            problem = f"port {wanted}, on which the state's sandbox was, is taken"
            raise BadInput("--state", problem, "end what listens there, or give another with --port") from None
        raise BadInput("--port", f"{wanted} is taken", "give another, or none for a free one") from None


def _server(sandbox: Sandbox, listening: socket.socket) -> Any:
    from moto.moto_server.werkzeug_app import MotoRequestHandler
    from werkzeug.serving import make_server

    class Quiet(MotoRequestHandler):
        def log(self, type: str, message: str, *args: Any) -> None:  # noqa: A002
            """Keep quiet: the log that people read is the sandbox's own."""

    return make_server(HOST, 0, sandbox, threaded=True, request_handler=Quiet, fd=listening.fileno())
