"""Find credentials in text: where they stand and of what kind they are, never what they are."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from detect_secrets.filters.heuristic import is_sequential_string
from detect_secrets.plugins.aws import AWSKeyDetector
from detect_secrets.plugins.private_key import PrivateKeyDetector


@dataclass(frozen=True)
class Finding:
    """A credential in a text: its line, counted from 1, and its kind; it only warns where it opens nothing alone."""

    line: int
    kind: str
    warns: bool


_FORMS = (
    (re.compile(r"\\[nrt]|[ \t]{2,}"), " "),
    (re.compile(r"\\/|%2[Ff]"), "/"),
    (re.compile(r"%2[Bb]"), "+"),
)
"""The forms that text has in JSON, in a table and in a URL, and the plain one; a line stays a line."""

# Words are found first, each only from its beginning, and then looked at with a bounded stretch of text around them;
# detect-secrets is asked about that stretch only. So the time is linear in the text, whatever is in it.

_KEY_ID = re.compile(r"(?<![A-Za-z0-9])[A-Z0-9]{20}(?![A-Za-z0-9])")

_SECRET = re.compile(
    # ":-" comes before the default of a shell's variable; any other dash is part of a name.
    r"(?:(?<![\w+/.\-])|(?<=:-))[A-Za-z0-9+/]{40}"
    # A dot may end a sentence, but not come before a file's suffix.
    r"(?![\w+/=\-]|\.\w)"
)
"""A word that may be a secret access key: 40 characters of base64, which needs no padding."""

_SECRET_LABEL = re.compile(r"secret[ _\-]?(?:access[ _\-]?)?key\W{1,20}$", re.IGNORECASE)
"""What calls the very next word a secret access key, which leaves less to chance than a name somewhere near."""

_SECRET_NAME = re.compile(r"secret|(?:access|aws)[ _\-]?key", re.IGNORECASE)
_BEFORE, _AFTER = 200, 100
"""Characters around a possible secret in which its name or its key id is looked for: a few lines, or a table's row."""

_WHOLE = r"(?!\.\.|…|\*)"
"""What follows a word that is whole: one that is cut short, as in "IQoJ...", opens nothing."""

_TOKEN = re.compile(
    r"(?<![A-Za-z0-9+/])(?P<mark>[A-Za-z0-9+/]{2}o(?:Jb3JpZ2luX2Vj|GZXIvYXdz|DYXdz))?[A-Za-z0-9+/]{50,}+" + _WHOLE
)
"""A word that may be a session token, with the mark that AWS's begin with.

The mark is a byte, a newline, a length, and the name ``origin_ec``, ``er/aws`` or ``aws``, in base64. The later lines
of a wrapped token have none, and one line is enough.
"""

_TOKEN_NAME = re.compile(r"(?:session|security)[ _\-]?token", re.IGNORECASE)
_TOKEN_BEFORE = 80
"""Characters before a token without the mark in which its name is looked for."""

_HEADERS = (
    *PrivateKeyDetector.denylist,
    re.compile(r"BEGIN ENCRYPTED PRIVATE KEY"),
    re.compile(r"PuTTY-User-Key-File-[13]"),
)
_BODY = re.compile(r"(?<![A-Za-z0-9+/])[A-Za-z0-9+/]{12,}+" + _WHOLE)
_BODY_WITHIN = 1000
"""Characters after the header in which the key begins; lines such as ``Proc-Type`` may come between."""
_DISTINCT_BODY = 8
"""Different characters in a line of a key at least: its header says already what it is."""

_BODY_END = re.compile(r"PRIVATE KEY|-----BEGIN|PuTTY-User-Key")

_PLACEHOLDER = re.compile(
    r"example|secret|accesskey|sessiontoken|privatekey|placeholder|replace|changeme|redacted|insert", re.IGNORECASE
)
"""Words in the credentials of AWS's documentation and in those to be replaced; none comes about by chance."""

_DISTINCT = 20
"""Different characters among 40 random ones at least; a placeholder that repeats itself has fewer."""

_DISTINCT_NAMED = 10
"""The same for a word whose place says what it is: one that somebody has made up is as wrong to hand in."""

_WORD, _VOWEL = re.compile(r"[A-Z]?[a-z]+|[A-Z]+|[0-9]+"), re.compile(r"[aeiou]")
_WORDS_OVER_VOWELS = 7
"""How many more words and numbers than small vowels there are in 40 random characters at least.

Random words are short and have few vowels. Names in camel case and paths are the other way round, and have no such
lead. Of secrets, one in a thousand falls short.
"""

_AWS = AWSKeyDetector()


def find_secrets(text: str) -> list[Finding]:
    """Find secret access keys, session tokens, private keys, and access key ids.

    A random word of 40 characters is a secret access key if a name for one or a key id is near. A token has a name or
    the mark of AWS's. A private key has a header and a body. Passed over are placeholders and the credentials of AWS's
    documentation, which have "EXAMPLE" in them.

    Args:
        text: a file, of any kind and size.

    Returns:
        What was found, by line; each kind once in a line.

    Source: detect-secrets, which knows the prefixes of key ids, secrets in quotes, and headers of private keys; it
    knows neither secrets without quotes nor tokens, and takes a header alone for a key. IAM User Guide, "IAM
    identifiers": only some prefixes are those of keys. STS API Reference, "Credentials": tokens have no fixed size.
    """
    for form, plain in _FORMS:
        text = form.sub(plain, text)
    found: dict[Finding, None] = {}
    line, counted = 1, 0
    for at, kind, warns in sorted([*_key_ids(text), *_secret_keys(text), *_tokens(text), *_private_keys(text)]):
        line += text.count("\n", counted, at)
        counted = at
        found[Finding(line, kind, warns)] = None
    return list(found)


def _key_ids(text: str) -> Iterator[tuple[int, str, bool]]:
    for word in _KEY_ID.finditer(text):
        chosen = word[0][4:]
        made_up = len(set(chosen)) < 8 or is_sequential_string(chosen) or _PLACEHOLDER.search(chosen)
        if not made_up and any(_AWS.analyze_string(word[0])):
            yield word.start(), "access key id", True


def _secret_keys(text: str) -> Iterator[tuple[int, str, bool]]:
    for word in _SECRET.finditer(text):
        if _SECRET_LABEL.search(text[max(0, word.start() - 40) : word.start()]) and _may_be_random(word[0]):
            yield word.start(), "secret access key", False
        elif _is_random(word[0]):
            near = text[max(0, word.start() - _BEFORE) : word.end() + _AFTER]
            if _SECRET_NAME.search(near) or any(_AWS.analyze_string(near)):
                yield word.start(), "secret access key", False


def _tokens(text: str) -> Iterator[tuple[int, str, bool]]:
    for word in _TOKEN.finditer(text):
        named = _TOKEN_NAME.search(text, max(0, word.start() - _TOKEN_BEFORE), word.start())
        if (word["mark"] or named) and _may_be_random(word[0][-40:]) and not _PLACEHOLDER.search(word[0]):
            yield word.start(), "session token", False


def _private_keys(text: str) -> Iterator[tuple[int, str, bool]]:
    for header in _HEADERS:
        for found in header.finditer(text):
            after = text[found.end() : found.end() + _BODY_WITHIN]
            words = _BODY.findall(_BODY_END.split(after, maxsplit=1)[0])
            lines = [word for word in words if len(set(word)) >= _DISTINCT_BODY and not word.isalpha()]
            if lines and not any(map(_PLACEHOLDER.search, lines)):
                yield found.start(), "private key", False


def _may_be_random(value: str) -> bool:
    """Whether 40 characters are no placeholder, where their place says what they are."""
    return _is_mixed(value, _DISTINCT_NAMED)


def _is_random(value: str) -> bool:
    """Whether 40 characters are such as chance makes them."""
    return _is_mixed(value, _DISTINCT)


def _is_mixed(value: str, distinct: int) -> bool:
    return (
        not value.islower()
        and not value.isupper()
        and len(set(value)) >= distinct
        and len(_WORD.findall(value)) - len(_VOWEL.findall(value)) >= _WORDS_OVER_VOWELS
        and not _PLACEHOLDER.search(value)
    )
