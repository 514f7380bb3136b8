"""What a request asks for: its service, operation, access key and parameters."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from email.message import Message
from functools import cache
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

import botocore.session


def read(method: str, target: str, headers: Message, body: bytes) -> tuple[str, str, str, Mapping[str, Any]]:
    """Give a request's service, operation, access key and parameters; empty is what it does not say."""
    url = urlsplit(target)
    query = dict(parse_qsl(url.query, keep_blank_values=True))
    signed = re.search(r"Credential=([^/,]+)/[^/]+/[^/]+/([^/]+)/", headers.get("Authorization", ""))
    presigned = query.get("X-Amz-Credential", "").split("/")
    key, service = signed.groups() if signed else (presigned[0], presigned[3] if len(presigned) > 3 else "")
    if service == "s3":
        bucket, _, name = unquote(url.path).removeprefix("/").partition("/")
        parameters: dict[str, Any] = {"Bucket": bucket} if bucket else {}
        parameters |= {"Key": name} if name else {}
        return service, _s3_operation(method, set(parameters), query, headers), key, parameters
    if wanted := headers.get("X-Amz-Target"):
        return service, wanted.rpartition(".")[2], key, json.loads(body or b"{}")
    form = query | dict(parse_qsl(body.decode("latin-1"), keep_blank_values=True))
    return service, form.pop("Action", ""), key, form


def _s3_operation(method: str, named: set[str], query: Mapping[str, str], headers: Message) -> str:
    given = {f"{name}={value}" for name, value in query.items()} | set(query) | {name.lower() for name in headers}
    fits = [
        (len(asks), name)
        for name, verb, path, asks in _s3_operations()
        if (verb, path) == (method, named) and asks <= given
    ]
    # The one that asks for most: an object's tags are asked for as the object is, and with ?tagging.
    return max(fits, key=lambda fit: fit[0])[1] if fits else ""


@cache
def _s3_operations() -> list[tuple[str, str, set[str], set[str]]]:
    """Botocore's model of S3: name, method, what the path names, and what stands in the query or the headers."""
    model = botocore.session.get_session().get_service_model("s3")
    found = []
    for name in model.operation_names:
        operation = model.operation_model(name)
        path, _, static = operation.http["requestUri"].partition("?")
        shape = operation.input_shape
        required = [shape.members[member].serialization for member in shape.required_members] if shape else []
        asks = {
            each["name"].lower() if each["location"] == "header" else each["name"]
            for each in required
            if each.get("location") in ("querystring", "header")
        }
        asks |= {part for part in static.split("&") if part}
        found.append((name, operation.http["method"], set(re.findall(r"{(\w+)\+?}", path)), asks))
    return found
