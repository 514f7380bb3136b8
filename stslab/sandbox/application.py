"""moto's server application behind the gate: signed requests only, and its management closed without the token."""

from __future__ import annotations

import hmac
import json
import re
import sys
from collections.abc import Callable, Iterable
from threading import Lock
from typing import Any
from xml.sax.saxutils import escape

from stslab.credentials import Credentials
from stslab.errors import Undetermined
from stslab.targets.admin import make_admin

SERVICES = frozenset({"cloudformation", "dynamodb", "iam", "s3", "secretsmanager", "sts"})
"""moto's backends that are served: those whose requests all go through the gate."""

API_VERSIONS = {"2010-05-08": "iam", "2011-06-15": "sts", "2010-05-15": "cloudformation"}
"""The query APIs by their version, which stands in every request. Source: botocore's service models, apiVersion."""

TOKEN_HEADER = "HTTP_X_MANAGEMENT_TOKEN"  # noqa: S105 (a header's name)
ACCOUNTS = "/stslab/accounts"
_CLOSED = ("/moto-api/reset-auth", "/moto-api/config", "/moto-api/proxy", "/moto-api/recorder")
"""Management routes that could switch the gate off or write files; closed with the token too."""

Start = Callable[..., Any]
Environ = dict[str, Any]


class Sandbox:
    """A WSGI application.

    Args:
        account: the first account, 12 digits.
        region: the region of the ready line.
        token: what opens the management routes.
    """

    def __init__(self, account: str, region: str, token: str) -> None:
        self._moto = _dispatcher()
        self._region = region
        self._token = token
        self._lock = Lock()
        self._admins: dict[str, Credentials] = {}
        self.open_account(account)

    def open_account(self, account: str) -> Credentials:
        """Give the admin of an account, who is made with it."""
        with self._lock:
            if account not in self._admins:
                self._admins[account] = make_admin(account, self._region)
            return self._admins[account]

    def __call__(self, environ: Environ, start_response: Start) -> Iterable[bytes]:
        """Answer one request."""
        # A caller's account is the one of its key, whatever it says of itself.
        environ.pop("HTTP_X_MOTO_ACCOUNT_ID", None)
        path = str(environ.get("PATH_INFO", ""))
        try:
            if path == ACCOUNTS or path.startswith(("/moto-api", "/favicon.ico")):
                return self._manage(path, environ, start_response)
            if path.startswith(("/latest/meta-data", "/latest/api/")):
                return _json(start_response, "403 Forbidden", {"message": "There is no instance metadata here."})
            if self._backend(environ) not in SERVICES:
                return _json(start_response, "501 Not Implemented", {"message": "This service is not in the sandbox."})
            return list(self._moto(environ, start_response))
        except Undetermined as unknown:
            return _xml(start_response, "500 Internal Server Error", "Undetermined", str(unknown))
        except Exception as fault:  # a garbage request may trip moto anywhere; the server goes on
            sys.stderr.write(f"stslab sandbox: {type(fault).__name__} at a {environ.get('REQUEST_METHOD')} request\n")
            return _xml(start_response, "400 Bad Request", "InvalidRequest", "The request cannot be read.")

    def _backend(self, environ: Environ) -> Any:
        host = self._moto.infer_service_region_host(environ, str(environ.get("PATH_INFO", "")))
        return self._moto.get_backend_for_host(host or "s3.us-east-1.amazonaws.com")

    def _manage(self, path: str, environ: Environ, start_response: Start) -> Iterable[bytes]:
        if not self._is_manager(environ) or path.startswith(_CLOSED):
            return _json(start_response, "403 Forbidden", {"message": "The management routes are closed."})
        if path == ACCOUNTS:
            return self._add_account(environ, start_response)
        answer = list(self._moto(environ, start_response))
        if path.startswith("/moto-api/reset"):
            self._restore_admins()
        return answer

    def _is_manager(self, environ: Environ) -> bool:
        bearer = str(environ.get("HTTP_AUTHORIZATION", "")).removeprefix("Bearer ")
        given = str(environ.get(TOKEN_HEADER) or bearer)
        return hmac.compare_digest(given.encode(), self._token.encode())

    def _add_account(self, environ: Environ, start_response: Start) -> Iterable[bytes]:
        try:
            wanted = json.loads(environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0)))["account"]
        except (ValueError, KeyError, TypeError):
            wanted = None
        if environ.get("REQUEST_METHOD") != "POST" or not re.fullmatch(r"\d{12}", str(wanted)):
            return _json(start_response, "400 Bad Request", {"message": 'POST {"account": "12 digits"}.'})
        credentials = self.open_account(str(wanted))
        answer = {"account": wanted, "region": self._region, **credentials_shown(credentials)}
        return _json(start_response, "200 OK", answer)

    def _restore_admins(self) -> None:
        """Make every admin again after a reset, with the key that it had."""
        from moto.iam.models import iam_backends
        from moto.utilities.utils import get_partition

        with self._lock:
            for account, had in self._admins.items():
                made = make_admin(account, self._region)
                backend = iam_backends[account][get_partition(self._region)]
                key = backend.access_keys.pop(made.access_key_id)
                key.access_key_id, key.secret_access_key = had.access_key_id, had.secret_access_key.reveal()
                backend.access_keys[had.access_key_id] = key


def _dispatcher() -> Any:
    """Moto's own application, which also knows the services of unsigned requests to the query APIs.

    A signature names the service; without one only the API's version does, and moto would take it for one to S3.
    """
    from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app

    class Dispatcher(DomainDispatcherApplication):
        def get_service_from_body(self, body: str | None, environ: Environ) -> tuple[str | None, str | None]:
            service = API_VERSIONS.get(str(self.get_version_from_body(body)))
            return (service, "us-east-1") if service else super().get_service_from_body(body, environ)

    return Dispatcher(create_backend_app)


def credentials_shown(credentials: Credentials) -> dict[str, str]:
    """An admin's key as the ready line shows it."""
    return {
        "access_key_id": credentials.access_key_id,
        "secret_access_key": credentials.secret_access_key.reveal(),
    }


def _json(start_response: Start, status: str, body: dict[str, Any]) -> list[bytes]:
    return _answer(start_response, status, "application/json", json.dumps(body))


def _xml(start_response: Start, status: str, code: str, message: str) -> list[bytes]:
    """An error that botocore reads in the query protocol; S3's is the part within."""
    error = f"<Code>{code}</Code><Message>{escape(message)}</Message>"
    return _answer(start_response, status, "text/xml", f"<ErrorResponse><Error>{error}</Error></ErrorResponse>")


def _answer(start_response: Start, status: str, kind: str, text: str) -> list[bytes]:
    body = text.encode()
    start_response(status, [("Content-Type", kind), ("Content-Length", str(len(body)))])
    return [body]
