"""The resource types that CloudFormation knows, and the properties that each of them takes.

They are read from the registry's own schemas, which cfn-lint brings: moto's CloudFormation depends on it. cfn-lint
itself is not imported, since that takes as long as moto's CloudFormation does.

Source: CloudFormation CLI user guide, "Resource type schema".
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

REGION = "us-east-1"
"""The region that has every type."""

_JSON = {"object": "JSONObject", "array": "JSONArray", "string": "String"}
_KINDS = {"object": Mapping, "array": list}


def is_known(resource_type: str) -> bool:
    """Whether CloudFormation has a resource type; modules and custom resources are named freely."""
    return resource_type in types() or resource_type.startswith("Custom::") or resource_type.endswith("::MODULE")


def property_faults(resource_type: str, properties: Mapping[str, Any]) -> list[str]:
    """What the registry's schema of a type has against properties, in CloudFormation's words; empty where nothing.

    Names, required properties and the kinds of objects, lists and strings are looked at, nothing else.
    """
    schema = schema_of(resource_type)
    return list(_faults(properties, schema, schema, "#"))


def attributes_of(resource_type: str) -> frozenset[str]:
    """The attributes that ``Fn::GetAtt`` may ask of a type, by their first name; empty where that is not known."""
    return frozenset(schema_of(resource_type).get("properties", ()))


@lru_cache(maxsize=1)
def types() -> Mapping[str, str]:
    """The resource types, each with the name of its schema's file."""
    found: dict[str, str] = json.loads((_data() / "providers" / f"{REGION}.json").read_text(encoding="utf-8"))
    return found


@lru_cache(maxsize=64)
def schema_of(resource_type: str) -> Mapping[str, Any]:
    """The schema of a type; empty for one that has none."""
    name = types().get(resource_type)
    if name is None:
        return {}
    found: dict[str, Any] = json.loads((_data() / "resources" / f"{name}.json").read_text(encoding="utf-8"))
    return found


def _data() -> Path:
    spec = find_spec("cfnlint")
    return Path(str(spec.origin if spec else "")).parent / "data" / "schemas"


def _faults(value: Any, schema: Mapping[str, Any], root: Mapping[str, Any], where: str) -> Iterator[str]:
    schema = _resolved(schema, root)
    given = schema.get("type")
    wanted = [given] if isinstance(given, str) else list(given or ())
    kind = next((k for k, known in _KINDS.items() if isinstance(value, known)), "string")
    if wanted and kind not in wanted and ("object" in wanted or "array" in wanted or kind != "string"):
        expected = _JSON.get(wanted[0], wanted[0].capitalize())
        yield f"{where}: expected type: {expected}, found: {_JSON[kind]}"
    elif kind == "object":
        yield from _faults_of_object(value, schema, root, where)
    elif kind == "array" and isinstance(schema.get("items"), Mapping):
        for index, each in enumerate(value):
            yield from _faults(each, schema["items"], root, f"{where}/{index}")


def _faults_of_object(
    value: Mapping[str, Any], schema: Mapping[str, Any], root: Mapping[str, Any], where: str
) -> Iterator[str]:
    known = schema.get("properties")
    if not isinstance(known, Mapping):
        return
    for name in schema.get("required", ()):
        if name not in value:
            yield f"{where}: required key [{name}] not found"
    for name, inner in value.items():
        if name in known:
            yield from _faults(inner, known[name], root, f"{where}/{name}")
        elif schema.get("additionalProperties") is False:
            yield f"{where}: extraneous key [{name}] is not permitted"


def _resolved(schema: Mapping[str, Any], root: Mapping[str, Any]) -> Mapping[str, Any]:
    seen = 0
    while isinstance(schema.get("$ref"), str) and seen < 10:
        target: Any = root
        for part in schema["$ref"].lstrip("#/").split("/"):
            target = target.get(part, {}) if isinstance(target, Mapping) else {}
        schema, seen = target, seen + 1
    return schema
