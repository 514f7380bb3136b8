"""What a part of a template refers to."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

_SUBSTITUTED = re.compile(r"\$\{(?!!)\s*([^}]+?)\s*\}")


def references(value: Any) -> Iterator[str]:
    """Yield the logical ids, parameters and pseudo parameters that ``Ref``, ``Fn::GetAtt`` and ``Fn::Sub`` name."""
    yield from (name for name, _ in _found(value))


def attributes(value: Any) -> Iterator[tuple[str, str]]:
    """Yield the logical ids with the attributes that ``Fn::GetAtt`` and ``Fn::Sub`` ask of them."""
    yield from ((name, attribute) for name, attribute in _found(value) if attribute)


def dependencies(resource: Mapping[str, Any]) -> list[str]:
    """The names that a resource waits for, its ``DependsOn`` included, each once."""
    named = resource.get("DependsOn") or []
    return list(dict.fromkeys([*([named] if isinstance(named, str) else named), *references(resource)]))


def conditions(value: Any) -> Iterator[str]:
    """Yield the conditions that a part of a template depends on, by ``Condition`` and by ``Fn::If``."""
    if isinstance(value, Mapping):
        if isinstance(value.get("Condition"), str):
            yield value["Condition"]
        branch = value.get("Fn::If")
        if isinstance(branch, list) and branch and isinstance(branch[0], str):
            yield branch[0]
        for each in value.values():
            yield from conditions(each)
    elif isinstance(value, list):
        for each in value:
            yield from conditions(each)


def circle(resources: Mapping[str, Mapping[str, Any]]) -> list[str]:
    """The resources that wait for one another; empty where there are none."""
    waiting = {name: {n for n in dependencies(r) if n in resources} for name, r in resources.items()}
    while ready := [
        name for name, needs in waiting.items() if not needs & waiting.keys() - {name} and name not in needs
    ]:
        for name in ready:
            del waiting[name]
    return list(waiting)


def _found(value: Any) -> Iterator[tuple[str, str]]:
    if isinstance(value, Mapping):
        for key, inner in value.items():
            if key == "Ref" and isinstance(inner, str):
                yield inner, ""
            elif key == "Fn::GetAtt" and isinstance(inner, list) and inner and isinstance(inner[0], str):
                yield inner[0], ".".join(str(part) for part in inner[1:])
            elif key == "Fn::Sub":
                yield from _substituted(inner)
            else:
                yield from _found(inner)
    elif isinstance(value, list):
        for each in value:
            yield from _found(each)


def _substituted(value: Any) -> Iterator[tuple[str, str]]:
    text, names = (value[0], value[1]) if isinstance(value, list) and len(value) == 2 else (value, {})
    yield from _found(names)
    for found in _SUBSTITUTED.findall(text) if isinstance(text, str) else ():
        name, _, attribute = found.partition(".")
        if found not in names:
            yield name, attribute
