"""The time that was waited until an account agreed with itself, for people."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from stslab.result import Wait


def waited(waits: Sequence[Wait]) -> str:
    """How long was waited in all, and what for the longest, as a sentence."""
    if not waits:
        return "Nothing had to be waited for."
    longest = max(waits, key=lambda wait: wait.seconds)
    total = sum(wait.seconds for wait in waits)
    return f"{total:.1f} s were waited in all, {longest.seconds:.1f} s of it for {longest.what} ({longest.why})."


def waits_list(waits: Sequence[Wait]) -> str:
    """The waits of a check as an HTML list; empty where there was none."""
    if not waits:
        return ""
    items = "".join(
        f"<li>{wait.seconds:.1f} s for {escape(wait.what)}: answered {escape(wait.why)} at first, asked "
        f"{wait.attempts} times</li>"
        for wait in waits
    )
    return f'<p class="lab-waits">Waited</p><ul class="lab-waits">{items}</ul>'
