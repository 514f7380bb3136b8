"""Read ``result.json``, which may have lain about for years and been through many hands."""

from __future__ import annotations

from datetime import datetime
from functools import lru_cache
from hashlib import sha256
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter, ValidationError
from pydantic_core import from_json

from stslab.errors import BadInput
from stslab.report.visible import one_line, visible
from stslab.result import SCHEMA, LabResult

RESULT = "result.json"


def read_result(path: Path) -> tuple[LabResult, str]:
    """Read a result.

    Args:
        path: the file.

    Returns:
        the result, and the SHA-256 of the file in hex.

    Raises:
        BadInput: it cannot be read, is damaged, or is of another schema.
    """
    try:
        raw = path.read_bytes()
    except OSError as fault:
        problem = f"the result cannot be read ({fault.strerror})"
        raise BadInput(visible(str(path)), problem, "give the result.json of a run") from None
    return parse_result(str(path), raw), sha256(raw).hexdigest()


def parse_result(where: str, raw: bytes) -> LabResult:
    """Read a result from its bytes.

    Args:
        where: what to call the file.
        raw: its bytes.

    Raises:
        BadInput: it is damaged, or of another schema.
    """
    try:
        shape: Any = from_json(raw)
        _require_schema(where, shape)
        result = _adapter().validate_json(raw)
        for name, time in (("started", result.started), ("finished", result.finished)):
            _require_time(where, name, time)
        return result
    except ValidationError as fault:
        first = fault.errors(include_url=False, include_input=False)[0]
        at = ".".join(str(part) for part in first["loc"])
        raise _damaged(where, f"{at}: {first['msg']}") from None
    except ValueError as fault:
        raise _damaged(where, str(fault)) from None


@lru_cache(maxsize=1)
def _adapter() -> TypeAdapter[LabResult]:
    return TypeAdapter(LabResult)


def _require_schema(where: str, shape: Any) -> None:
    schema = shape.get("schema") if isinstance(shape, dict) else None
    if schema != SCHEMA or isinstance(schema, bool):
        told = "it names no schema" if schema is None else f"its schema is {one_line(repr(schema), 40)}"
        problem = f"{told}, and this version of stslab reads {SCHEMA}"
        raise BadInput(visible(where), problem, "give the result.json of a run, or take the version that wrote it")


def _require_time(where: str, name: str, time: str) -> None:
    try:
        datetime.fromisoformat(time)
    except ValueError:
        raise _damaged(where, f"{name}: {one_line(time, 40)!r} is no time") from None


def _damaged(where: str, problem: str) -> BadInput:
    return BadInput(
        visible(where), f"the result is damaged, {one_line(problem, 160).rstrip('.')}", "perform the lab again"
    )
