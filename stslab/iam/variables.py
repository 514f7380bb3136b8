"""Policy variables: ``${aws:username}``, ``${aws:PrincipalTag/team, 'none'}``, escapes ``${*}``, ``${?}``, ``${$}``.

Source: IAM user guide, "IAM policy elements: Variables and tags".
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from stslab.iam.matching import literal
from stslab.iam.request import Request

_VARIABLE = re.compile(r"\$\{(?:(?P<escape>[*?$])|(?P<key>[^,}'\s]+)(?:,\s*'(?P<default>[^']*)')?|(?P<none>[^}]*))\}")
"""An escape, a key with or without a default, or what is neither and therefore names no key."""


class Unresolved(Exception):
    """A pattern names a key that has no single value.

    Args:
        key: the key.
        known: whether it is known to have none, and not merely unknown here.
    """

    def __init__(self, key: str, known: bool) -> None:
        super().__init__(key)
        self.key = key
        self.known = known


@dataclass(frozen=True)
class _Variable:
    key: str
    default: str | None


def resolve(pattern: str, request: Request) -> str:
    """Put the request's values in the place of a pattern's variables; wildcards in a value are no wildcards.

    Raises:
        Unresolved: a variable has no value, or several, and no default.

    Source: IAM user guide, "IAM policy elements: Variables and tags": only single-valued keys can be variables; a
    variable whose key is not in the request has no value ("There is no equal or like value"); a default stands in
    single quotes after a comma. "Access Analyzer policy check reference": "you cannot include a space in the variable
    name", and a variable must not be empty, so that ``${ aws:username }`` and ``${}`` are variables without a value.
    """
    if "${" not in pattern:
        return pattern
    return "".join(part if isinstance(part, str) else _value(part, request) for part in _parts(pattern))


def resolve_arn(pattern: str, request: Request) -> str:
    """Put the request's values in the place of the variables of a Resource.

    Raises:
        Unresolved: a variable has no value, or stands where a Resource can have none.

    Source: IAM user guide, "IAM policy elements: Variables and tags", Resource element: only "after the fifth colon
    (:). You can't use a variable to replace parts of the ARN before the fifth colon, such as the service or account".
    """
    if "${" not in pattern:
        return pattern
    colons = 0
    for part in _parts(pattern):
        if isinstance(part, str):
            colons += part.count(":")
        elif colons < 5:
            raise Unresolved(part.key, known=True)
    return resolve(pattern, request)


def _value(variable: _Variable, request: Request) -> str:
    values = request.values(variable.key)
    if values is not None and len(values) == 1:
        return literal(values[0])
    if values is None:
        raise Unresolved(variable.key, known=False)
    if variable.default is not None and not values:
        return literal(variable.default)
    raise Unresolved(variable.key, known=True)


@lru_cache(maxsize=8192)
def _parts(pattern: str) -> tuple[str | _Variable, ...]:
    parts: list[str | _Variable] = []
    end = 0
    # Up to the last brace only: behind it no variable can end, and looking for one at every "${" takes long.
    for found in _VARIABLE.finditer(pattern, 0, pattern.rfind("}") + 1):
        parts.append(pattern[end : found.start()])
        end = found.end()
        parts.append(literal(found["escape"]) if found["escape"] else _Variable(found["key"] or "", found["default"]))
    parts.append(pattern[end:])
    return tuple(parts)
