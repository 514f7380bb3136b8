"""The routes of whoever runs a sandbox: to open accounts, and moto's own. They take the management token."""

from __future__ import annotations

import hmac
import json
import re
from collections.abc import Callable, Iterable
from typing import Any

from stslab.credentials import Credentials, Secret
from stslab.sandbox.accounts import Accounts
from stslab.sandbox.wsgi import Environ, Start, in_json

TOKEN_HEADER = "HTTP_X_MANAGEMENT_TOKEN"  # noqa: S105 (a header's name)
ACCOUNTS = "/stslab/accounts"
_MOTOS = ("/moto-api", "/favicon.ico")
_CLOSED = ("/moto-api/reset-auth", "/moto-api/config", "/moto-api/proxy", "/moto-api/recorder")
"""Management routes that could switch the gate off or write files; closed with the token too."""


class Management:
    """Answers the routes of management.

    Args:
        moto: moto's application.
        accounts: the sandbox's accounts.
        token: what opens the routes.
        forget: called when moto has been told to forget everything.
    """

    def __init__(self, moto: Any, accounts: Accounts, token: Secret, forget: Callable[[], None]) -> None:
        self._moto = moto
        self._accounts = accounts
        self._token = token
        self._forget = forget

    @staticmethod
    def has(path: str) -> bool:
        """Whether a path is one of these routes."""
        return path == ACCOUNTS or path.startswith(_MOTOS)

    def answer(self, path: str, environ: Environ, start_response: Start) -> Iterable[bytes]:
        """Answer one request."""
        if not self._is_manager(environ) or path.startswith(_CLOSED):
            return in_json(start_response, "403 Forbidden", {"message": "The management routes are closed."})
        if path == ACCOUNTS:
            return self._add_account(environ, start_response)
        answer = list(self._moto(environ, start_response))
        if path.startswith("/moto-api/reset"):
            self._forget()
            self._accounts.restore_admins()
        return answer

    def _is_manager(self, environ: Environ) -> bool:
        bearer = str(environ.get("HTTP_AUTHORIZATION", "")).removeprefix("Bearer ")
        given = str(environ.get(TOKEN_HEADER) or bearer)
        return hmac.compare_digest(given.encode(), self._token.reveal().encode())

    def _add_account(self, environ: Environ, start_response: Start) -> Iterable[bytes]:
        try:
            wanted = json.loads(environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0)))["account"]
        except (ValueError, KeyError, TypeError):
            wanted = None
        if environ.get("REQUEST_METHOD") != "POST" or not re.fullmatch(r"\d{12}", str(wanted)):
            return in_json(start_response, "400 Bad Request", {"message": 'POST {"account": "12 digits"}.'})
        account = str(wanted)
        self._accounts.open([account])
        shown = credentials_shown(self._accounts.admins[account])
        return in_json(start_response, "200 OK", {"account": account, "region": self._accounts.region, **shown})


def credentials_shown(credentials: Credentials) -> dict[str, str]:
    """An admin's key as the ready line shows it."""
    return {
        "access_key_id": credentials.access_key_id,
        "secret_access_key": credentials.secret_access_key.reveal(),
    }
