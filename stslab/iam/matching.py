"""Wildcards, and the three answers that a comparison can give.

A comparison answers ``True``, ``False`` or ``None``; ``None`` says that the target cannot tell (a condition key whose
value it does not know), and must never be taken for either.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache

Answer = bool | None

LITERAL_STAR, LITERAL_QUESTION = "\ufdd0", "\ufdd1"
"""Stand in a pattern for a ``*`` and a ``?`` that are no wildcards. Both are noncharacters of Unicode."""

_AS_LITERAL = str.maketrans({"*": LITERAL_STAR, "?": LITERAL_QUESTION})
_AS_WRITTEN = str.maketrans({LITERAL_STAR: "*", LITERAL_QUESTION: "?"})


def literal(text: str) -> str:
    """A pattern that stands for a text and nothing else."""
    return text.translate(_AS_LITERAL)


def written(pattern: str) -> str:
    """A pattern as a person writes it, without the stand-ins."""
    if LITERAL_STAR in pattern or LITERAL_QUESTION in pattern:
        return pattern.translate(_AS_WRITTEN)
    return pattern


def matches(pattern: str, text: str) -> bool:
    """Say whether a pattern covers a text: ``*`` is any number of characters, ``?`` is one, all else is itself.

    Both cross slashes and colons.

    Source: IAM user guide, "IAM JSON policy elements: Resource", "Using wildcards in resource ARNs", and "IAM JSON
    policy elements: Condition operators", StringLike.
    """
    if "*" not in pattern:
        return _covers(pattern, text) if "?" in pattern else written(pattern) == text
    if pattern.find("*") == len(pattern) - 1 and "?" not in pattern:
        return text.startswith(written(pattern[:-1]))
    first, *middle, last = pattern.split("*")
    end = len(text) - len(last)
    if end < len(first) or not (_covers(first, text[: len(first)]) and _covers(last, text[end:])):
        return False
    # What stands between two stars may be taken where it first occurs: a later place leaves less room for the rest.
    at = len(first)
    for part in middle:
        at = _end_of(part, text, at, end) if part else at
        if at < 0:
            return False
    return True


def matches_action(pattern: str, action: str) -> bool:
    """Say whether an Action element's value covers an action; case does not matter.

    Source: IAM user guide, "IAM JSON policy elements: Action": prefixes and action names are case-insensitive,
    ``*`` stands for any number of characters and ``?`` for one.
    """
    return pattern == "*" or matches(pattern.lower(), action.lower())


def _covers(part: str, text: str) -> bool:
    """Whether a pattern without stars covers a text as a whole."""
    if "?" not in part:
        return written(part) == text
    return len(part) == len(text) and all(c == "?" or written(c) == t for c, t in zip(part, text, strict=True))


def _end_of(part: str, text: str, start: int, end: int) -> int:
    """Where the first occurrence of a pattern without stars ends, or -1."""
    if "?" in part:
        found = _compiled(part).search(text, start, end)
        return found.end() if found else -1
    literally = written(part)
    at = text.find(literally, start, end)
    return at if at < 0 else at + len(literally)


@lru_cache(maxsize=1024)
def _compiled(part: str) -> re.Pattern[str]:
    return re.compile("".join("." if c == "?" else re.escape(written(c)) for c in part), re.DOTALL)


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
