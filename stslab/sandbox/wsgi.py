"""Answers of the sandbox's own, in the forms that clients read."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any
from xml.sax.saxutils import escape

Start = Callable[..., Any]
Environ = dict[str, Any]


def in_json(start_response: Start, status: str, body: dict[str, Any]) -> list[bytes]:
    """Answer with JSON."""
    return _answer(start_response, status, "application/json", json.dumps(body))


def error(start_response: Start, status: str, code: str, message: str) -> list[bytes]:
    """Answer with an error that botocore reads in the query protocol; S3's is the part within."""
    inner = f"<Code>{escape(code)}</Code><Message>{escape(message)}</Message>"
    return _answer(start_response, status, "text/xml", f"<ErrorResponse><Error>{inner}</Error></ErrorResponse>")


def _answer(start_response: Start, status: str, kind: str, text: str) -> list[bytes]:
    body = text.encode()
    start_response(status, [("Content-Type", kind), ("Content-Length", str(len(body)))])
    return [body]
