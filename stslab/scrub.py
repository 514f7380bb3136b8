"""Take secrets out of text: by value, whole or in part and however written, and by name; whoever printed them."""

from __future__ import annotations

import json
import re
from base64 import b64encode, urlsafe_b64encode
from bisect import bisect_right
from collections.abc import Callable, Collection, Iterator
from html import escape
from itertools import accumulate, chain
from urllib.parse import quote

from stslab.credentials import REDACTED, Secret
from stslab.shapes import with_short_keys, without_accounts, without_named

FRAGMENT = 12
"""Characters of a secret that may not stand together in what leaves; a report's ``repr`` cuts strings anywhere."""

_SEED = 5
_STEP = FRAGMENT - _SEED + 1
"""In every fragment of a text one such piece begins at a multiple of this; so it is enough to look there."""

_WRITTEN = (
    re.compile(r"%(?:25)*(2[BbFf]|3[Dd])"),
    re.compile(r"&(?:amp;)*#(?:x0*(2[BbFf]|3[Dd])|0*(43|47|61));"),
    re.compile(r"\\(?:u00(2[BbFf]|3[Dd])|/)"),
)
"""How the three characters of base64 that are no letters are escaped in addresses, HTML and JSON, once or more."""
_ESCAPED = {f"\\{letter}" for letter in "bfnrtu"}
_OF_BASE64 = re.compile("[A-Za-z0-9+/=_-]+")


class Scrubber:
    """Knows every secret of a run and replaces each in text.

    A secret is found also in part (any :data:`FRAGMENT` characters in a row), in base64 and inside longer base64, in
    hexadecimal digits, and with its characters escaped for a URL, JSON or HTML. What stands behind a name as
    ``SecretAccessKey`` or ``Signature`` is taken out whether it is known or not; access key ids are shortened.
    """

    def __init__(self) -> None:
        self._known: set[Secret] = set()
        self._fragments: set[str] = set()
        self._seeds: set[str] = set()
        self._accounts: Callable[[], Collection[str]] | None = None

    def learn(self, *secrets: Secret) -> None:
        """Remember secrets, before they are used for the first time."""
        for secret in secrets:
            if secret in self._known or len(secret.reveal()) < FRAGMENT:
                continue  # no secret of AWS's is so short: an emulator takes "test", which is found in every other word
            self._known.add(secret)
            for form in {_plain(form, _escapes(form)) for form in _forms(secret.reveal())}:
                self._fragments.update(form[i : i + FRAGMENT] for i in range(len(form) - FRAGMENT + 1))
                self._seeds.update(form[i : i + _SEED] for i in range(len(form) - _SEED + 1))

    def mask_accounts(self, own: Callable[[], Collection[str]]) -> None:
        """Show account ids by their last four digits from now on.

        Args:
            own: gives the ids of the run's own accounts, as far as they are known by then; they are found in any word.
        """
        self._accounts = own

    def clean(self, text: str) -> str:
        """Replace every stretch of a secret by ``[redacted]``, and shorten key ids; cleaning twice changes nothing."""
        text = _without(text, self._stretches(text)) if self._seeds else text
        text = with_short_keys(without_named(text))
        return text if self._accounts is None else without_accounts(text, self._accounts())

    def _stretches(self, text: str) -> list[tuple[int, int]]:
        """Where in a text there is something of a known secret, in order and apart."""
        pieces = _escapes(text)
        if not pieces:
            return list(self._hits(text))
        # The places in the plain text behind each escaped character, and how much longer the text is up to there.
        extra = list(accumulate(end - start - 1 for start, end, _ in pieces))
        ends = [end - more for (_, end, _), more in zip(pieces, extra, strict=True)]
        shifts = [0, *extra]

        def place(at: int) -> int:
            return at + shifts[bisect_right(ends, at)]

        return [(place(start), place(end)) for start, end in self._hits(_plain(text, pieces))]

    def _hits(self, text: str) -> Iterator[tuple[int, int]]:
        seeds, done = self._seeds, 0
        for at in [at for at in range(0, len(text), _STEP) if text[at : at + _SEED] in seeds]:
            start = max(at - _STEP + 1, done)
            while start <= at:
                end = self._end(text, start)
                if end > start:
                    yield start, end
                start = done = end + 1

    def _end(self, text: str, start: int) -> int:
        """Where what begins here of a secret, or of several one behind the other, ends; here, where nothing does."""
        fragments, end = self._fragments, start
        step = FRAGMENT if text[start : start + FRAGMENT] in fragments else 0
        while step:
            end += step
            steps = range(FRAGMENT, 0, -1)
            step = next((step for step in steps if text[end + step - FRAGMENT : end + step] in fragments), 0)
        return end


def _forms(value: str) -> Iterator[str]:
    """A value as it may be written, but for the escapes that are undone before anything is looked for."""
    raw = value.encode()
    yield value
    if not _OF_BASE64.fullmatch(value):  # an emulator's, or made by hand
        yield from (escape(value), json.dumps(value)[1:-1], repr(value)[1:-1])
        yield from (quote(value, safe=""), quote(quote(value, safe=""), safe=""))
    yield from (raw.hex(), raw.hex().upper())
    for encode in (b64encode, urlsafe_b64encode):
        yield encode(raw).decode()
        for before in range(3):
            # Inside a longer text, the first and the last character of the value's own may hold bits of its neighbours.
            inside = encode(b"\0" * before + raw).decode().rstrip("=")
            yield inside[(0, 2, 3)[before] : (len(raw) + before) * 8 // 6]


def _escapes(text: str) -> list[tuple[int, int, str]]:
    """Every escaped character of base64: where it begins, where it ends, and what it means."""
    pieces = []
    for found in chain.from_iterable(pattern.finditer(text) for pattern in _WRITTEN):
        start = found.start()
        while found[0][0] == "\\" and start and text[start - 1] == "\\":
            start -= 1  # escaped again, together with its backslash
        code, number = found[1], found[2] if found.re is _WRITTEN[1] else None
        pieces.append((start, found.end(), chr(int(code, 16)) if code else chr(int(number)) if number else "/"))
    return sorted(pieces)


def _plain(text: str, pieces: list[tuple[int, int, str]]) -> str:
    """The text with its escaped characters of base64 as they are."""
    out: list[str] = []
    at = 0
    for start, end, meant in pieces:
        out += [text[at:start], meant]
        at = end
    return "".join([*out, text[at:]])


def _without(text: str, stretches: list[tuple[int, int]]) -> str:
    if not stretches:
        return text
    # A letter behind a backslash is not the secret's but an escape, as of a line's end, and JSON is none without it.
    starts = [start + (text[start - 1 : start + 1] in _ESCAPED) for start, _ in stretches]
    ends = [0, *(end for _, end in stretches)]
    return REDACTED.join(text[end:start] for end, start in zip(ends, [*starts, len(text)], strict=True))
