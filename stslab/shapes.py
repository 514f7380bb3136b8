"""What can be told by its looks or by its name: signatures, credentials of unknown value, key ids, account ids."""

from __future__ import annotations

import re
from collections.abc import Collection

from stslab.credentials import REDACTED

_SLASH, _PLUS, _EQUALS = r"(?:/|\\+/|%(?:25)*2[Ff])", r"(?:\+|%(?:25)*2[Bb])", r"(?:=|%(?:25)*3[Dd])"
_LETTER = rf"(?:[A-Za-z0-9]|{_PLUS}|{_SLASH})"
_BETWEEN = rf"(?:\\+[nrt]|&(?:amp;)*#?\w{{2,5}};|\W|{_EQUALS}){{1,12}}?(?:b['\"])?"
"""What stands between a name and its value: in a header, an address, XML, JSON, a Python ``repr`` or a log."""

_DIGEST = rf"([0-9a-f]{{12,}}|{_LETTER}{{27,43}}{_EQUALS}(?!{_LETTER}))"
_KEY = rf"({_LETTER}{{40}}(?!{_LETTER}|{_EQUALS}))"
_ANY = r"[^\s\"'<]*"
_LONG = rf"((?={_ANY}[0-9])(?={_ANY}[A-Z])(?:[\w-]|{_PLUS}|{_SLASH}|{_EQUALS}){{64,}})"

# All patterns begin with letters of one case, for which Python looks ten times as fast as for either.
# Source: IAM user guide, "Create a signed AWS API request"; Amazon S3 user guide, "Signing and authenticating REST
# requests (AWS signature version 2)": a digest in hex or, older, in base64; botocore.auth for how they are logged.
_SIGNATURES = {
    "ignature": re.compile(rf"ignature(?:Provided)?{_BETWEEN}{_DIGEST}"),
    "AWS ": re.compile(rf"AWS [A-Z0-9]{{16,128}}:{_DIGEST}"),
}
_NAMED = {
    **_SIGNATURES,
    "ecret": re.compile(rf"ecret_?(?:[Aa]ccess_?)?[Kk]ey{_BETWEEN}{_KEY}"),
    "SECRET": re.compile(rf"SECRET_ACCESS_KEY{_BETWEEN}{_KEY}"),
    "oken": re.compile(rf"oken{_BETWEEN}{_LONG}"),
    "TOKEN": re.compile(rf"TOKEN{_BETWEEN}{_LONG}"),
}

# Source: IAM API reference, AccessKey, "AccessKeyId" (16 to 128 characters); IAM user guide, "IAM identifiers",
# "Understanding unique ID prefixes"; LocalStack, "Credentials", for the L.
_KEY_IDS = {
    kind: re.compile(
        rf"({kind})(?:(?<![A-Z0-9]{kind})|(?<=%[0-9A-F]{{2}}{kind})|(?<=%25[0-9A-F]{{2}}{kind}))"
        r"[A-Z0-9]{8,120}([A-Z0-9]{4})(?![A-Za-z0-9])"
    )
    for kind in ("AKIA", "ASIA", "LKIA", "LSIA")
}

_ACCOUNT = re.compile(
    r"[0-9]{8}(?=[0-9]{4}(?![\w-]|\.[0-9]))"
    r"(?:(?<![\w-][0-9]{8})(?<![0-9]\.[0-9]{8})|(?<=\\n[0-9]{8})|(?<=%3[Aa][0-9]{8})|(?<=%253[Aa][0-9]{8}))"
)
_HIDDEN = "*" * 8


def signatures(text: str) -> list[str]:
    """The signatures of requests in a text."""
    return [str(found[1]) for pattern in _SIGNATURES.values() for found in pattern.finditer(text)]


def without_named(text: str) -> str:
    """The text without signatures, secret keys and tokens that stand behind their names, whatever their values."""
    for part, pattern in _NAMED.items():
        if part in text:
            text = pattern.sub(lambda found: found[0][: found.start(1) - found.start()] + REDACTED, text)
    return text


def with_short_keys(text: str) -> str:
    """The text with every access key id as its first and last four characters, as in ``AKIA...MPLE``."""
    for kind, pattern in _KEY_IDS.items():
        if kind in text:
            text = pattern.sub(r"\1...\2", text)
    return text


def without_accounts(text: str, own: Collection[str]) -> str:
    """The text with every account id as its last four digits.

    Source: AWS account management reference guide, "View AWS account identifiers": an account id is no secret, but to
    be shared with care.

    Args:
        text: any text.
        own: ids of 12 digits that are found inside other words, too, as in a bucket's name; others only where they
            stand alone, as in an ARN.
    """
    for account in own:
        if account:
            text = text.replace(account, _HIDDEN + account[-4:])
    return _ACCOUNT.sub(_HIDDEN, text)
