"""A proxy on 127.0.0.1 between boto3 and an emulator, which shows every call to a meddler and does what it says.

Requests go on as they came, Host and body included: whatever is signed stays as it was signed.
"""

from __future__ import annotations

import os
import select
import socket
import struct
import sys
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from email.message import Message
from http.client import HTTPConnection, HTTPException
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any
from urllib.parse import urlsplit

from wire_reading import read

HOP_BY_HOP = frozenset(
    {"connection", "keep-alive", "proxy-connection", "te", "trailer", "transfer-encoding", "upgrade"}
)
"""Headers that are about one connection and not about the message. Source: RFC 9110, 7.6.1."""


@dataclass(frozen=True)
class Call:
    """A request that has arrived: one attempt of a call.

    Args:
        number: of the call, from 0 in the order of first attempts; the retries of a call have its number.
        attempt: from 0.
        parameters: the form's fields, the JSON, or ``Bucket`` and ``Key`` for S3.
        target: path and query as sent.
        body: free of the transfer's chunks, but aws-chunked as it came.
    """

    number: int
    attempt: int
    service: str
    operation: str
    access_key_id: str
    parameters: Mapping[str, Any]
    method: str
    target: str
    headers: Message
    body: bytes


@dataclass(frozen=True)
class Answer:
    """A whole answer; Content-Length is added as the body has it."""

    status: int
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b""


@dataclass(frozen=True)
class Reset:
    """Drop the connection with a TCP reset and no answer."""


@dataclass(frozen=True)
class Hold:
    """Give no answer until the client hangs up or the wire is closed."""


@dataclass(frozen=True)
class Cut:
    """Send the first ``sent`` bytes of the body under a Content-Length of ``declared``, then close the connection."""

    answer: Answer
    sent: int
    declared: int


@dataclass(frozen=True)
class Delayed:
    """Wait, then do what ``then`` says; ``None``, in ``before`` only, lets the request through."""

    seconds: float
    then: Answer | Cut | Hold | Reset | None = None


Deed = Reset | Hold | Cut | Delayed


class Meddler:
    """Lets everything through. Its hooks are called from several threads at once."""

    def before(self, call: Call) -> Answer | Deed | None:
        """Decide on a request that has not been forwarded; ``None`` lets it through."""
        return None

    def after(self, call: Call, answer: Answer) -> Answer | Deed:
        """Decide on the answer; the upstream has acted."""
        return answer


@dataclass
class Passed:
    """What ``Wire.calls`` keeps of each attempt; the status is what the client got, 0 for none (or none yet)."""

    number: int
    service: str
    operation: str
    access_key_id: str
    parameters: Mapping[str, Any]
    status: int = 0
    attempt: int = 0
    forwarded: bool = False


class Wire:
    """The proxy, as a context manager.

    Leaving it raises what a meddler raised: a test must not pass because its equipment broke.

    Args:
        upstream_url: the emulator's, as ``http://127.0.0.1:4566``.
        meddler: may be replaced at any time.
    """

    def __init__(self, upstream_url: str, meddler: Meddler | None = None) -> None:
        upstream = urlsplit(upstream_url)
        self.upstream = (str(upstream.hostname), upstream.port or 80)
        self.meddler = meddler or Meddler()
        self.calls: list[Passed] = []
        self.faults: list[BaseException] = []
        self.closing = threading.Event()
        self._attempts: dict[str, list[int]] = {}
        self._lock = threading.Lock()
        self._server = _Server(self)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,), name="wire")
        self.url = f"http://127.0.0.1:{self._server.server_port}"

    def __enter__(self) -> Wire:
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None) -> None:
        self.closing.set()
        self._server.shutdown()
        self._thread.join()
        self._server.hang_up()
        self._server.server_close()
        if self.faults and error is None:
            raise self.faults[0]

    def arrived(self, method: str, target: str, headers: Message, body: bytes) -> tuple[Call, Passed]:
        """Number a request: botocore gives all attempts of a call one invocation id."""
        about = read(method, target, headers, body)
        with self._lock:
            invocation = headers.get("amz-sdk-invocation-id") or f"request {len(self.calls)}"
            counted = self._attempts.setdefault(invocation, [len(self._attempts), -1])
            counted[1] += 1
            number, attempt = counted
            passed = Passed(number, *about, attempt=attempt)
            self.calls.append(passed)
        return Call(number, attempt, *about, method, target, headers, body), passed


class _Server(ThreadingHTTPServer):
    daemon_threads = False  # so that server_close waits for the threads
    request_queue_size = 64

    def __init__(self, wire: Wire) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.wire = wire
        self._open: set[socket.socket] = set()

    def process_request(self, request: Any, client_address: Any) -> None:
        self._open.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        self._open.discard(request)
        super().shutdown_request(request)

    def hang_up(self) -> None:
        """Wake the threads that wait for a client's next request."""
        for connection in list(self._open):
            try:
                connection.shutdown(socket.SHUT_RDWR)
            except OSError:
                continue

    def handle_error(self, request: Any, client_address: Any) -> None:
        error = sys.exception()
        if error and not isinstance(error, ConnectionError):  # a client may go at any time: some are killed on purpose
            self.wire.faults.append(error)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: _Server

    def setup(self) -> None:
        super().setup()
        self._upstream = HTTPConnection(*self.server.wire.upstream, timeout=60)

    def finish(self) -> None:
        self._upstream.close()
        super().finish()

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
        """Keep quiet."""

    def serve(self) -> None:
        wire = self.server.wire
        body = self._body()
        # The attribute ``path`` will not do: the base class changes one that begins with two slashes.
        call, passed = wire.arrived(self.command, self.requestline.split()[1], self.headers, body)
        deed = self._waited(wire.meddler.before(call))
        if deed is None:
            passed.forwarded = True
            answer = self._forward(call)
            deed = self._waited(wire.meddler.after(call, answer)) if isinstance(answer, Answer) else answer
        if isinstance(deed, Hold):
            self._hold()
            deed = Reset()
        if isinstance(deed, Answer):
            passed.status = deed.status
            self._send(deed, len(deed.body), len(deed.body))
        elif isinstance(deed, Cut):
            passed.status = deed.answer.status
            self.close_connection = True
            self._send(deed.answer, deed.sent, deed.declared)
        else:
            self._reset()

    do_GET = do_HEAD = do_POST = do_PUT = do_DELETE = do_PATCH = do_OPTIONS = serve  # noqa: N815

    def _waited(self, deed: Answer | Deed | None) -> Answer | Cut | Hold | Reset | None:
        if not isinstance(deed, Delayed):
            return deed
        return Reset() if self.server.wire.closing.wait(deed.seconds) else deed.then

    def _body(self) -> bytes:
        if "chunked" not in self.headers.get("Transfer-Encoding", "").lower():
            return self._exactly(int(self.headers.get("Content-Length") or 0))
        parts = []
        while size := int(self._line().partition(b";")[0], 16):
            parts.append(self._exactly(size))
            self._line()
        while self._line().strip():  # trailers: those of aws-chunked are within the body
            pass
        return b"".join(parts)

    def _exactly(self, size: int) -> bytes:
        body = self.rfile.read(size)
        if len(body) < size:  # half a request is none, and must not be forwarded as one
            raise ConnectionAbortedError
        return body

    def _line(self) -> bytes:
        line = self.rfile.readline()
        if not line:
            raise ConnectionAbortedError
        return line

    def _forward(self, call: Call) -> Answer | Reset:
        chunked = "chunked" in call.headers.get("Transfer-Encoding", "").lower()
        upstream = self._upstream
        if upstream.sock and select.select([upstream.sock], [], [], 0)[0]:
            upstream.close()  # it was kept alive, and the other side has closed it meanwhile
        try:
            upstream.putrequest(call.method, call.target, skip_host=True, skip_accept_encoding=True)
            for name, value in call.headers.items():
                if name.lower() not in HOP_BY_HOP | {"expect"}:  # this proxy has answered 100-continue itself
                    upstream.putheader(name, value)
            if chunked:
                upstream.putheader("Transfer-Encoding", "chunked")
            upstream.endheaders(call.body, encode_chunked=chunked)
            response = upstream.getresponse()
            body = response.read()
        except (OSError, HTTPException):
            upstream.close()
            return Reset()
        dropped = HOP_BY_HOP if call.method == "HEAD" else HOP_BY_HOP | {"content-length"}
        headers = tuple((name, value) for name, value in response.getheaders() if name.lower() not in dropped)
        return Answer(response.status, headers, body)

    def _send(self, answer: Answer, sent: int, declared: int) -> None:
        self.send_response_only(answer.status)
        for name, value in answer.headers:
            self.send_header(name, value)
        if answer.status not in (204, 304) and "content-length" not in {name.lower() for name, _ in answer.headers}:
            self.send_header("Content-Length", str(declared))
        if self.close_connection:
            self.send_header("Connection", "close")
        # In one go: headers and body in two segments wait for each other on a connection that is kept alive.
        head = b"".join(self._headers_buffer) + b"\r\n"
        self._headers_buffer = []
        bodiless = self.command == "HEAD" or answer.status in (204, 304)
        self.wfile.write(head if bodiless else head + answer.body[:sent])

    def _hold(self) -> None:
        # Nothing is read when the client has gone, or hang_up has ended the connection.
        while self.connection.recv(1, socket.MSG_PEEK):
            self.server.wire.closing.wait(0.05)

    def _reset(self) -> None:
        self.close_connection = True
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        # The file objects of the connection would keep it open, and the base class would send an orderly end first.
        os.close(self.connection.detach())
