"""The values of a template's parameters, as the AWS CLI takes them.

Source: AWS CLI command reference, cloudformation deploy and create-stack.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence

UNKNOWN = "\x02"
"""Stands in a word for what only a shell can work out."""


def parameters_of(words: Sequence[str], notes: list[str]) -> tuple[dict[str, str], str | None]:
    """The parameters on a command line, in their forms of ``Key=Value``, ``ParameterKey=…,ParameterValue=…`` and JSON.

    Args:
        words: the words behind the option.
        notes: takes a sentence for each that cannot be known.

    Returns:
        the values, and the path of the file that has more of them, where one is named.
    """
    found: dict[str, str] = {}
    file = None
    if words and words[0].lstrip().startswith(("[", "{")):
        return _of_json(" ".join(words), notes), None
    for word in words:
        if word.startswith("file://"):
            file = word.removeprefix("file://")
            continue
        long = dict(part.partition("=")[::2] for part in re.split(r"(?<!\\),", word)) if "ParameterKey=" in word else {}
        key, equals, value = word.partition("=")
        if long:
            key, equals, value = long["ParameterKey"], "=", long.get("ParameterValue", "").replace("\\,", ",")
        if UNKNOWN in word or not equals:
            notes.append(f"parameter {key.replace(UNKNOWN, '?')} is worked out by the shell, so it is not known.")
        else:
            found[key] = value.strip("\"'")
    return found, file


def _of_json(text: str, notes: list[str]) -> dict[str, str]:
    try:
        return parameters_in(json.loads(text))
    except (ValueError, RecursionError):
        notes.append("its parameters are no JSON that can be read.")
        return {}


def parameters_in(data: object) -> dict[str, str]:
    """The parameters in JSON, as the AWS CLI takes them in a file or on the command line.

    Args:
        data: a list of ``ParameterKey`` and ``ParameterValue``, a list of ``Key=Value``, or a mapping.

    Source: AWS CLI command reference, cloudformation deploy, ``--parameter-overrides``.
    """
    if isinstance(data, Mapping):
        inner = data.get("Parameters", data)
        return {str(k): str(v) for k, v in inner.items()} if isinstance(inner, Mapping) else {}
    found = {}
    for each in data if isinstance(data, list) else []:
        if isinstance(each, str) and "=" in each:
            key, _, value = each.partition("=")
            found[key] = value
        elif isinstance(each, Mapping) and "ParameterKey" in each and "ParameterValue" in each:
            found[str(each["ParameterKey"])] = str(each["ParameterValue"])
    return found
