"""moto's server application behind the gate: signed requests only, each one kept and told of."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from io import BytesIO
from threading import RLock
from typing import Any

from stslab.credentials import Secret
from stslab.errors import BadInput, Undetermined
from stslab.marks import CHECKING
from stslab.sandbox.accounts import Accounts
from stslab.sandbox.answer import Answer
from stslab.sandbox.dispatcher import dispatcher, service_of
from stslab.sandbox.management import Management
from stslab.sandbox.quotas import Quotas
from stslab.sandbox.state.store import Store
from stslab.sandbox.talk import line_of
from stslab.sandbox.trail.naming import event_name, is_read
from stslab.sandbox.trail.record import records_of
from stslab.sandbox.trail.trail import Trail
from stslab.sandbox.wsgi import Environ, Start, error, in_json
from stslab.targets.authentication import find_holder
from stslab.targets.gate import Gate
from stslab.targets.heard import Heard
from stslab.targets.signatures import BODY

_KEY = re.compile(r"Credential=([A-Za-z0-9]+)(?:/|%2F)")


class Sandbox:
    """A WSGI application.

    Args:
        accounts: the accounts.
        token: what opens the management routes.
        gate: what decides every request.
        trail: keeps what was called.
        store: keeps everything on the disk, if anything does.
        say: is given a line for every call.
    """

    def __init__(
        self,
        accounts: Accounts,
        token: Secret,
        gate: Gate,
        trail: Trail,
        store: Store | None = None,
        say: Callable[[str], None] = lambda _: None,
    ) -> None:
        self._moto = dispatcher()
        self._accounts = accounts
        self._management = Management(self._moto, accounts, token, trail.clear)
        self._gate = gate
        self._trail = trail
        self._store = store
        self._say = say
        self._quotas = Quotas()
        # What is saved has to be at rest; without a store nobody waits for anybody.
        self._in_turn = RLock()

    def __call__(self, environ: Environ, start_response: Start) -> Iterable[bytes]:
        """Answer one request."""
        # A caller's account is the one of its key, whatever it says of itself.
        environ.pop("HTTP_X_MOTO_ACCOUNT_ID", None)
        path = str(environ.get("PATH_INFO", ""))
        try:
            if self._management.has(path):
                return self._management.answer(path, environ, start_response)
            if path.startswith(("/latest/meta-data", "/latest/api/")):
                return in_json(start_response, "403 Forbidden", {"message": "There is no instance metadata here."})
            service = service_of(self._moto, environ)
            if not service:
                message = "This service is not in the sandbox."
                return in_json(start_response, "501 Not Implemented", {"message": message})
            return self._answer(service, environ, start_response)
        except BadInput as fault:
            return error(start_response, "500 Internal Server Error", "InternalFailure", str(fault))
        except Exception as fault:  # a garbage request may trip moto anywhere; the server goes on
            sys.stderr.write(f"stslab sandbox: {type(fault).__name__} at a {environ.get('REQUEST_METHOD')} request\n")
            return error(start_response, "400 Bad Request", "InvalidRequest", "The request cannot be read.")

    def _answer(self, service: str, environ: Environ, start_response: Start) -> Iterable[bytes]:
        """Have moto answer, and keep and tell what was called."""
        account = _account(environ)
        if account:
            # Else moto looks for the key in every account, of every partition.
            environ["HTTP_X_MOTO_ACCOUNT_ID"] = account
        excess = self._quotas.take(account, _size(environ), s3=service == "s3")
        if excess is not None:
            return error(start_response, excess.status, excess.code, excess.message)
        if "HTTP_TRANSFER_ENCODING" not in environ:
            # As it came: moto keeps of a form what it means, and it is signed as it is written.
            environ[BODY] = environ["wsgi.input"].read(_size(environ))
            environ["wsgi.input"] = BytesIO(environ[BODY])
        if self._store is None:
            return self._answered(environ, start_response)
        with self._in_turn:
            return self._answered(environ, start_response)

    def _answered(self, environ: Environ, start_response: Start) -> Iterable[bytes]:
        begun: list[tuple[str, list[tuple[str, str]]]] = []

        def start(status: str, headers: list[tuple[str, str]], *_: Any) -> None:
            begun.append((status, headers))

        self._gate.forget()
        when = datetime.now(UTC)
        try:
            body = list(self._moto(environ, start))
        except Undetermined as unknown:
            begun.clear()
            body = error(start, "500 Internal Server Error", "Undetermined", str(unknown))
        status, headers = begun[-1]
        heard = self._gate.heard
        if heard is not None:
            self._keep(heard, Answer(int(status[:3]), b"".join(body), dict(headers)), when, environ)
        start_response(status, headers)
        return body

    def _keep(self, heard: Heard, answer: Answer, when: datetime, environ: Environ) -> None:
        records = records_of(heard, answer, when, str(environ.get("REMOTE_ADDR", "")))
        if self._store is not None:
            self._save(self._store, heard, [(record["recipientAccountId"], record) for record in records])
        for record in records:
            self._trail.add(record)
        if CHECKING not in heard.user_agent:  # who asks how far he is has done nothing
            self._say(line_of(heard, answer, when.astimezone().strftime("%H:%M:%S"), len(self._accounts.admins) > 1))

    def _save(self, store: Store, heard: Heard, records: list[tuple[str, dict[str, Any]]]) -> None:
        """Keep what was called, and the accounts in which it may have changed something."""
        reads = is_read(event_name(heard)) and heard.service != "sts"
        try:
            store.save(*({heard.account, *heard.owners} if not reads else ()), records=records)
        except BadInput as fault:
            # What was done is done, and the answer is right; the next save tries again.
            sys.stderr.write(f"stslab sandbox: {fault}\n")


def _account(environ: Environ) -> str:
    """Whose key a request names; empty where it names none that is known."""
    found = _KEY.search(f"{environ.get('HTTP_AUTHORIZATION', '')} {environ.get('QUERY_STRING', '')}")
    holder = find_holder(found[1]) if found else None
    return holder.account if holder is not None else ""


def _size(environ: Environ) -> int:
    length = str(environ.get("CONTENT_LENGTH") or 0)
    return int(length) if length.isdecimal() else 0
