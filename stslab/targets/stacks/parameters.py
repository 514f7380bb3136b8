"""The parameters of a deployment: what a request gives, what a template asks for, and what it keeps from before.

Source for the whole module: CloudFormation user guide, "Parameters"; CloudFormation API reference, Parameter.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from stslab.targets.stacks.templates import invalid


def parameters_of(
    template: Mapping[str, Any], given: Sequence[Mapping[str, Any]], before: Mapping[str, str] | None = None
) -> dict[str, str]:
    """The values that a request gives for a template's parameters; those that it leaves out have a default.

    Args:
        template: the template, read.
        given: the request's Parameters.
        before: the values that ``UsePreviousValue`` refers to, where there is a stack already.

    Raises:
        ValidationError: one has no value, is not the template's, or is not what the template admits.
    """
    declared: Mapping[str, Mapping[str, Any]] = template.get("Parameters") or {}
    values: dict[str, str] = {}
    for each in given:
        name = str(each.get("ParameterKey"))
        if each.get("UsePreviousValue"):
            if "ParameterValue" in each:
                raise invalid(
                    f"Invalid input for parameter key {name}. Cannot specify usePreviousValue as true and non empty "
                    "value for a parameter"
                )
            if before is None or (name not in before and "Default" not in declared.get(name, {})):
                raise invalid(f"Invalid input for parameter key {name}. Cannot use previous value: there is none")
            if name in before:
                values[name] = before[name]
        elif "ParameterValue" in each:
            values[name] = str(each["ParameterValue"])
    strange = [str(each.get("ParameterKey")) for each in given if each.get("ParameterKey") not in declared]
    if strange:
        raise invalid(f"Parameters: [{', '.join(strange)}] do not exist in the template")
    missing = [name for name, parameter in declared.items() if name not in values and "Default" not in parameter]
    if missing:
        raise invalid(f"Parameters: [{', '.join(missing)}] must have values")
    for name, parameter in declared.items():
        _require(name, values.get(name, parameter.get("Default")), parameter)
    return values


def values_of(template: Mapping[str, Any], given: Mapping[str, str]) -> dict[str, str]:
    """The values of all parameters of a template, the defaults included."""
    declared = template.get("Parameters") or {}
    return {name: _text(given.get(name, each.get("Default"))) for name, each in declared.items()}


def _require(name: str, value: Any, parameter: Mapping[str, Any]) -> None:
    text = _text(value)
    kind = parameter["Type"]
    if kind == "Number" and not re.fullmatch(r"[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d+)?", text):
        raise invalid(f"Parameter '{name}' must be a number")
    each = [part.strip() for part in text.split(",")] if kind.startswith(("List<", "CommaDelimitedList")) else [text]
    allowed = parameter.get("AllowedValues")
    if isinstance(allowed, list) and not set(each) <= {_text(one) for one in allowed}:
        raise invalid(f"Parameter '{name}' must be one of AllowedValues")
    pattern = parameter.get("AllowedPattern")
    if isinstance(pattern, str) and not all(_matches(name, pattern, one) for one in each):
        raise invalid(f"Parameter '{name}' must match pattern {pattern}")
    for bound, word, wrong in (("Min", "at least", -1), ("Max", "at most", 1)):
        length, limit = parameter.get(f"{bound}Length"), parameter.get(f"{bound}Value")
        if length is not None and _compared(len(text), length) == wrong:
            raise invalid(f"Parameter '{name}' must contain {word} {length} characters")
        if limit is not None and kind == "Number" and _compared(float(text), limit) == wrong:
            comparison = "greater" if bound == "Min" else "less"
            raise invalid(f"Parameter '{name}' must be a number {comparison} than or equal to {limit}")


def _text(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _matches(name: str, pattern: str, value: str) -> bool:
    try:
        return re.fullmatch(pattern, value) is not None
    except re.error:
        raise invalid(f"Template error: AllowedPattern of parameter '{name}' is not a regular expression") from None


def _compared(value: float, bound: Any) -> int:
    try:
        limit = float(bound)
    except (TypeError, ValueError):
        raise invalid(f"Template format error: {bound} is not a number") from None
    return (value > limit) - (value < limit)
