"""Make a check fail with all credentials of the run in its hands, and find what of them has come out.

What is looked for is taken from moto and from botocore's signer, and nothing of it from the project's own scrubber.
"""

from __future__ import annotations

import base64
import json
import logging
import re
import secrets
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from stslab.errors import CheckFailed

Fault = Callable[[str], BaseException]

PIECE = 12
"""Characters of a secret that may not be found together."""

_WINDOW = 7
_STRIDE = PIECE - _WINDOW + 1

EVERYTHING = [
    *("-l", "-vv", "--tb=long", "-rA", "--setup-show", "--durations=0", "-W", "error", "--color=yes"),
    *("-p", "faulthandler", "--log-level=DEBUG", "-o", "log_cli=true", "--log-file=reports/debug.log"),
    *("-o", "junit_logging=all", "--debug=reports/pytestdebug.log"),
]


class Keeping:
    """Writes down every secret key, token, signature and key id that comes into being, one a line, with its kind.

    Secret keys become such as AWS's are, with the characters that are written in many ways; moto's have only letters.
    """

    def __init__(self, path: Path) -> None:
        self._path = path

    def __call__(self) -> list[object]:
        from botocore.auth import SigV4Auth
        from moto.iam.models import AccessKey
        from moto.sts.models import AssumedRole

        make_key, make_session, sign = AccessKey.__init__, AssumedRole.__init__, SigV4Auth.signature

        def key(made: Any, *args: Any, **kwargs: Any) -> None:
            make_key(made, *args, **kwargs)
            made.secret_access_key = f"{secrets.token_hex(4)}/+{base64.b64encode(secrets.token_bytes(21)).decode()}/+"
            self._keep("secret", made.secret_access_key)
            self._keep("id", made.access_key_id)

        def session(made: Any, *args: Any, **kwargs: Any) -> None:
            make_session(made, *args, **kwargs)
            self._keep("secret", made.session_token)
            self._keep("secret", made.secret_access_key)
            self._keep("id", made.access_key_id)

        def signature(signer: Any, *args: Any, **kwargs: Any) -> Any:
            made = sign(signer, *args, **kwargs)
            self._keep("signature", made)
            return made

        AccessKey.__init__, AssumedRole.__init__, SigV4Auth.signature = key, session, signature
        return []

    def _keep(self, kind: str, value: str) -> None:
        with self._path.open("a") as out:
            out.write(f"{kind} {value}\n")


class Leaking:
    """Sabotage: a plugin of the lab's pytest leaks in one of its hooks, in every way there is.

    Args:
        kept: where all is written down that must not come out, outside the folder that is searched.
        hook: the hook.
        check: the check after whose test it leaks, for ``pytest_pyfunc_call``.
        fault: makes the exception that is raised then of a message; nothing is raised without one.
    """

    def __init__(
        self,
        kept: Path,
        hook: str = "pytest_pyfunc_call",
        check: str = "",
        fault: Fault | None = None,
    ) -> None:
        self._kept, self._hook, self._check, self._fault = kept, hook, check, fault

    def __call__(self) -> list[object]:
        import boto3
        from botocore.awsrequest import AWSPreparedRequest
        from botocore.client import BaseClient

        Keeping(self._kept)()
        boto3.set_stream_logger("")
        clients: list[Any] = []
        requests: list[Any] = []
        _afterwards(BaseClient, clients.append)
        _afterwards(AWSPreparedRequest, requests.append)
        plugin = type("Plugin", (), {self._hook: staticmethod(self._hooked(clients, requests))})
        return [plugin()]

    def _hooked(self, clients: list[Any], requests: list[Any]) -> Callable[..., Any]:
        if self._hook != "pytest_pyfunc_call":
            return pytest.hookimpl(trylast=True)(lambda: leak(clients, requests, self._fault) if clients else None)

        @pytest.hookimpl(wrapper=True)
        def call(pyfuncitem: pytest.Function) -> Iterator[None]:
            answer = yield
            if pyfuncitem.get_closest_marker("check").args[0] == self._check:
                from fixtures.options import RUN

                pyfuncitem.config.stash[RUN].enter()
                leak(clients, requests, self._fault)
            return answer

        return call


def _afterwards(made: type, tell: Callable[[Any], None]) -> None:
    init = made.__init__

    def make(self: Any, *args: Any, **kwargs: Any) -> None:
        init(self, *args, **kwargs)
        tell(self)

    made.__init__ = make


def leak(clients: list[Any], requests: list[Any], fault: Fault | None) -> None:
    """Print, log, warn of and raise every credential in use and every signature of late, in every form."""
    held = list({c.access_key: c for c in (client._request_signer._credentials for client in clients) if c}.values())
    lately = [request for request in requests if "Authorization" in request.headers][-2:]
    signed = [f"{request.method} {request.url} {dict(request.headers)}" for request in lately]
    tails = [f"...{request.headers['Authorization'][-PIECE - 10 :].decode()}" for request in lately]
    plain = [json.dumps({"id": each.access_key, "secret": each.secret_key, "token": each.token}) for each in held]
    plain += [*signed, *tails, *(f"{each.secret_key[-20:]}..." for each in held)]
    written = [form for text in plain for form in in_forms(text)]
    print(*written, sep="\n")
    for text in plain:
        logging.getLogger("leak").debug("leaked %s", text)
    try:
        warnings.warn(f"leaked {plain}", stacklevel=1)
        raise ValueError(written)
    except (ValueError, UserWarning) as first:
        logging.getLogger("leak").exception("leaked %r", plain)
        if fault is not None:
            raise fault(f"leaked {plain} {written}") from first


def failed(message: str) -> CheckFailed:
    """The lab's fault, with a message wherever there is room for one."""
    return CheckFailed(message, expected=message, actual=message)


def in_forms(text: str) -> list[str]:
    """A text as it may be written somewhere."""
    return [
        text,
        text.replace("/", "\\/"),
        *(base64.b64encode(b"#" * before + text.encode()).decode() for before in range(3)),
        *(base64.urlsafe_b64encode(b"#" * before + text.encode()).decode() for before in range(3)),
        quote(text, safe=""),
        quote(quote(text, safe=""), safe=""),
        text.replace("/", "&#x2F;").replace("+", "&#43;"),
        text.encode().hex(),
        text.encode().hex().upper(),
    ]


def kept(path: Path, kind: str) -> set[str]:
    """What has been written down of a kind."""
    return {value for line in path.read_text().splitlines() for found, value in [line.split(" ", 1)] if found == kind}


def found_in(folder: Path, values: set[str]) -> list[str]:
    """Every file under a folder with a piece of a value in it, in whatever form, and the piece."""
    plain = {form for value in values for form in _encoded(value)}
    # Two digits stand for a character, and half a dozen characters are soon found elsewhere: a date in a signature.
    digits = {form for value in values for form in (value.encode().hex(), value.encode().hex().upper())}
    forms = plain | digits
    pieces = {form[i : i + PIECE] for form in plain for i in range(len(form) - PIECE + 1)}
    pieces |= {form[i : i + 2 * PIECE] for form in digits for i in range(len(form) - 2 * PIECE + 1)}
    windows = {form[i : i + _WINDOW] for form in forms for i in range(len(form) - _WINDOW + 1)}
    found = []
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        text = _decoded(path.read_bytes().decode("latin-1"))
        hits = [at for at in range(0, len(text), _STRIDE) if text[at : at + _WINDOW] in windows]
        starts = [start for at in hits for start in range(max(at - _STRIDE + 1, 0), at + 1)]
        around = (text[start : start + size] for start in starts for size in (PIECE, 2 * PIECE))
        found += [f"{path.relative_to(folder)}: {piece}" for piece in around if piece in pieces][:3]
    return found


def _encoded(value: str) -> Iterator[str]:
    yield value
    for encode, before in ((e, b) for e in (base64.b64encode, base64.urlsafe_b64encode) for b in range(3)):
        # The six bits of a character that are all of the value's own, whatever stands around it.
        yield encode(b"#" * before + value.encode())[-(-before * 8 // 6) : (before + len(value)) * 8 // 6].decode()


def _decoded(text: str) -> str:
    text = re.sub(r"(?i)&#x2f;|&#47;|%(?:25)?2f|\\+/", "/", text)
    text = re.sub(r"(?i)&#x2b;|&#43;|%(?:25)?2b", "+", text)
    return re.sub(r"(?i)&#x3d;|&#61;|%(?:25)?3d", "=", text)
