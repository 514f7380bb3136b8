"""Wildcards and the three answers that a comparison can give.

A comparison answers ``True``, ``False`` or ``None``; ``None`` says that this evaluation does not know (a policy
variable, a condition), and must never be taken for either.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache

Answer = bool | None


@lru_cache(maxsize=4096)
def _compiled(pattern: str, ignore_case: bool) -> re.Pattern[str]:
    parts = (".*" if c == "*" else "." if c == "?" else re.escape(c) for c in pattern)
    return re.compile("".join(parts), re.DOTALL | (re.IGNORECASE if ignore_case else 0))


def matches_action(pattern: str, action: str) -> bool:
    """Say whether an Action element's value covers an action; case does not matter.

    Source: IAM user guide, "IAM JSON policy elements: Action": prefixes and action names are case-insensitive,
    ``*`` stands for any number of characters and ``?`` for one.
    """
    return _compiled(pattern, True).fullmatch(action) is not None


def matches_resource(pattern: str, resource: str) -> Answer:
    """Say whether a Resource element's value covers an ARN; case matters, wildcards cross ``:`` and ``/``.

    Source: IAM user guide, "IAM JSON policy elements: Resource".

    Returns:
        ``None`` for a pattern with a policy variable, which is not resolved here.
    """
    if "${" in pattern:
        return None
    return _compiled(pattern, False).fullmatch(resource) is not None


def any_of(answers: Iterable[Answer]) -> Answer:
    """Join alternatives: one ``True`` is enough, and only an unmixed ``False`` is ``False``."""
    unknown = False
    for answer in answers:
        if answer:
            return True
        unknown = unknown or answer is None
    return None if unknown else False


def all_of(answers: Iterable[Answer]) -> Answer:
    """Join requirements: one ``False`` is enough to fail, and an unknown one leaves the whole unknown."""
    unknown = False
    for answer in answers:
        if answer is False:
            return False
        unknown = unknown or answer is None
    return None if unknown else True


def negated(answer: Answer) -> Answer:
    """Turn an answer round; what is not known stays so."""
    return None if answer is None else not answer
