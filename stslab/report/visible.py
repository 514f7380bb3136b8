"""Other people's text, made fit to be shown: on one line, and with nothing in it that acts instead of being seen."""

from __future__ import annotations

_JOINERS = frozenset("\u200c\u200d")


def visible(text: str) -> str:
    """Spell out what is no printable character: escapes, line ends, marks of direction, halves of surrogate pairs.

    The two joiners stay, because names in several scripts, and emoji, are made with them.
    """
    if text.isprintable():
        return text
    return "".join(
        char if char.isprintable() or char in _JOINERS else char.encode("unicode_escape").decode() for char in text
    )


def one_line(text: str, limit: int | None = None) -> str:
    """Put a text on one line.

    Args:
        text: several lines, perhaps.
        limit: how many characters it may have; a longer one ends in an ellipsis.
    """
    line = visible(" ".join(text.split()))
    return line if limit is None or len(line) <= limit else line[: limit - 1].rstrip() + "…"


def named(name: str) -> str:
    """A submission's name, also where there is nothing of it to be seen."""
    return visible(name) if name.strip() else repr(name)


def counted(count: int, what: str) -> str:
    """So many of something, in the singular or the plural."""
    return f"{count:,} {what}{'' if count == 1 else 's'}"


def needing(count: int) -> str:
    """So many that need a person."""
    return f"{count:,} {'needs' if count == 1 else 'need'} a person"
