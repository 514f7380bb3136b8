"""Work out texts of a template without deploying it, as far as its parameters tell them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from stslab.settings import partition_of

ACCOUNT = "{account}"
"""What stands for the account in a text that leaves it to CloudFormation."""

_PLACEHOLDER = re.compile(r"\$\{(!?)\s*([^}]*?)\s*\}")


def values_of(template: Mapping[str, Any], given: Mapping[str, str], region: str, stack_name: str) -> dict[str, str]:
    """The values of parameters and pseudo parameters by name.

    Args:
        template: the template.
        given: what the deployment gives; other parameters have their defaults.
        region: where it is deployed.
        stack_name: the stack's name.
    """
    declared = template.get("Parameters")
    parameters = declared.items() if isinstance(declared, Mapping) else ()
    defaults = {str(n): str(p["Default"]) for n, p in parameters if isinstance(p, Mapping) and "Default" in p}
    pseudo = {
        "AWS::AccountId": ACCOUNT,
        "AWS::Partition": partition_of(region),
        "AWS::Region": region,
        "AWS::StackName": stack_name,
    }
    return {**defaults, **given, **pseudo}


def text_of(value: Any, values: Mapping[str, str]) -> str | None:
    """Work out a text, or give ``None`` where it takes more than ``Ref``, ``Fn::Sub`` and ``Fn::Join``.

    Args:
        value: what the template says.
        values: texts by the name that ``Ref`` and ``${}`` know them under.
    """
    if isinstance(value, str | int) and not isinstance(value, bool):
        return str(value)
    if not isinstance(value, Mapping) or len(value) != 1:
        return None
    (function, argument) = next(iter(value.items()))
    if function == "Ref":
        return values.get(str(argument))
    if function == "Fn::Sub":
        return _substituted(argument, values)
    if function == "Fn::Join":
        return _joined(argument, values)
    return None


def texts_of(value: Any, values: Mapping[str, str]) -> Iterator[str]:
    """Work out each text of one or a list, leaving out those that cannot be known."""
    for each in value if isinstance(value, list) else [value]:
        text = text_of(each, values)
        if text is not None:
            # A parameter may be a list of its own.
            yield from (part.strip() for part in text.split(","))


def _substituted(argument: Any, values: Mapping[str, str]) -> str | None:
    text, own = (argument[0], argument[1]) if isinstance(argument, list) and len(argument) == 2 else (argument, {})
    if not isinstance(text, str) or not isinstance(own, Mapping):
        return None
    known = dict(values)
    for name, each in own.items():
        its_text = text_of(each, values)
        if its_text is not None:
            known[str(name)] = its_text
    unknown = [name for literal, name in _PLACEHOLDER.findall(text) if not literal and name not in known]
    if unknown:
        return None
    return _PLACEHOLDER.sub(lambda found: f"${{{found[2]}}}" if found[1] else known[found[2]], text)


def _joined(argument: Any, values: Mapping[str, str]) -> str | None:
    if not (isinstance(argument, list) and len(argument) == 2 and isinstance(argument[1], list)):
        return None
    parts = [text_of(each, values) for each in argument[1]]
    return None if None in parts else str(argument[0]).join(str(part) for part in parts)
