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
    return pattern.translate(_AS_WRITTEN)


def matches(pattern: str, text: str) -> bool:
    """Say whether a pattern covers a text: ``*`` is any number of characters, ``?`` is one, all else is itself.

    Both cross slashes and colons.

    Source: IAM user guide, "IAM JSON policy elements: Resource", "Using wildcards in resource ARNs", and "IAM JSON
    policy elements: Condition operators", StringLike.
    """
    if pattern == "*":
        return True
    if "*" in pattern or "?" in pattern:
        return _compiled(pattern).fullmatch(text) is not None
    return written(pattern) == text


def matches_action(pattern: str, action: str) -> bool:
    """Say whether an Action element's value covers an action; case does not matter.

    Source: IAM user guide, "IAM JSON policy elements: Action": prefixes and action names are case-insensitive,
    ``*`` stands for any number of characters and ``?`` for one.
    """
    return matches(pattern.lower(), action.lower())


@lru_cache(maxsize=8192)
def _compiled(pattern: str) -> re.Pattern[str]:
    """A regular expression that does not backtrack over stars: the first place for what follows a star will do."""
    first, *others = (_fixed(part) for part in pattern.split("*"))
    if not others:
        return re.compile(first, re.DOTALL)
    middle = "".join(f"(?>.*?{part})" for part in others[:-1] if part)
    return re.compile(f"{first}{middle}.*{others[-1]}", re.DOTALL)


def _fixed(part: str) -> str:
    return "".join("." if c == "?" else re.escape(written(c)) for c in part)


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
