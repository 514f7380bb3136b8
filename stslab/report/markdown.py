"""Tables for the summary of a GitHub Actions job.

Source: GitHub Flavored Markdown Spec, "Entity and numeric character references" and "Tables".
"""

from __future__ import annotations

from collections.abc import Sequence

from stslab.report.visible import one_line

LONGEST = 300
"""Characters of somebody's text in one cell."""


def line(cells: Sequence[str]) -> str:
    """One row of a table."""
    return f"| {' | '.join(cells)} |\n"


def inert(text: str, longest: int = LONGEST) -> str:
    """A text that is neither Markdown nor HTML, nor a mention or a link, which GitHub looks for outside of code."""
    spelled = "".join(
        char if char.isalnum() or char == " " or not char.isascii() else f"&#{ord(char)};"
        for char in one_line(text, longest)
    )
    return f"<code>{spelled}</code>" if spelled else ""
