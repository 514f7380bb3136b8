"""What was answered to one request, read for what an account of it needs: whether it was refused, and by which id."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from html import unescape
from typing import Any

_BODILESS = {403: "AccessDenied", 404: "NotFound"}
"""What the error is called where the answer has no body, as every answer to HEAD."""

_REQUEST_IDS = ("x-amzn-requestid", "x-amz-request-id")


@dataclass(frozen=True)
class Answer:
    """An HTTP answer of AWS's.

    Source for the forms of errors: Smithy, "AWS query protocol", "AWS restXml protocol" (S3 has no wrapper around its
    error) and "AWS JSON 1.1 protocol".

    Args:
        status: the HTTP status.
        body: the body, whole.
        headers: the headers, in whatever case.
    """

    status: int
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)

    @property
    def refused(self) -> bool:
        """Whether it is an error."""
        return self.status >= 400

    @cached_property
    def _json(self) -> Mapping[str, Any]:
        if not self.body.lstrip().startswith(b"{"):
            return {}
        try:
            read = json.loads(self.body)
        except ValueError:
            return {}
        return read if isinstance(read, dict) else {}

    @cached_property
    def error_code(self) -> str:
        """The error's code as the client reads it, for example ``AccessDenied``; empty where it is none."""
        if not self.refused:
            return ""
        kind = str(self._json.get("__type", "")).rpartition("#")[2]
        return kind or self.text("Code") or _BODILESS.get(self.status, str(self.status))

    @cached_property
    def message(self) -> str:
        """The error's sentence; empty where it is none, or has none."""
        if not self.refused:
            return ""
        return str(self._json.get("message") or self._json.get("Message") or self.text("Message"))

    @cached_property
    def request_id(self) -> str:
        """The request's id; empty where the answer has none."""
        lowered = {name.lower(): value for name, value in self.headers.items()}
        found = next((lowered[name] for name in _REQUEST_IDS if name in lowered), "")
        # It stands at the end of an answer that may be long.
        return found or self.text("RequestId", max(0, self.body.rfind(b"<RequestId>")))

    def text(self, element: str, start: int = 0) -> str:
        """The text of the first XML element of a name; empty where there is none, or it holds others.

        Args:
            element: its name.
            start: the byte from which on it is looked for.
        """
        found = re.compile(rb"<%b>([^<]*)</" % element.encode()).search(self.body, start)
        return unescape(found[1].decode("utf-8", "replace")) if found else ""
