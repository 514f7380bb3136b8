"""Take secrets out of text by value, whole or in part, whoever printed them."""

from __future__ import annotations

import re
from urllib.parse import quote

from stslab.credentials import REDACTED, Secret

FRAGMENT = 12
"""Characters of a secret that may not stand together in what leaves; a report's ``repr`` cuts strings anywhere."""

_ALPHABET = r"[A-Za-z0-9+/=%\\]"
"""What a key or a token is made of, in every form that is looked for."""


class Scrubber:
    """Knows every secret of a run and replaces each in text.

    A secret is found also in part (any :data:`FRAGMENT` characters in a row), URL-encoded, or with its slashes escaped.
    """

    def __init__(self) -> None:
        self._fragments: set[str] = set()

    def learn(self, *secrets: Secret) -> None:
        """Remember secrets, before they are used for the first time."""
        for secret in secrets:
            value = secret.reveal()
            if len(value) < FRAGMENT:
                continue  # no secret of AWS's: an emulator takes "test", which is found in every other word
            for form in {value, quote(value, safe=""), value.replace("/", "\\/")}:
                self._fragments.update(form[i : i + FRAGMENT] for i in range(len(form) - FRAGMENT + 1))

    def clean(self, text: str) -> str:
        """Replace every stretch of a known secret by ``[redacted]``."""
        if not self._fragments:
            return text
        marks = bytearray(len(text))
        for size in {len(f) for f in self._fragments}:
            for found in re.finditer(rf"{_ALPHABET}{{{size},}}", text):
                start, end = found.span()
                for i in range(start, end - size + 1):
                    if text[i : i + size] in self._fragments:
                        marks[i : i + size] = b"\x01" * size
        if not any(marks):
            return text
        out: list[str] = []
        at = 0
        for found_marks in re.finditer(b"\x01+", marks):
            out += [text[at : found_marks.start()], REDACTED]
            at = found_marks.end()
        return "".join([*out, text[at:]])
