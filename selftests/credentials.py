"""Credentials of every kind, made here, at random but always the same.

None is written down, so that nobody takes one for somebody's.
"""

from __future__ import annotations

import base64
import random
import string
import textwrap
from functools import cache

from cryptography.hazmat.primitives import serialization as wire
from cryptography.hazmat.primitives.asymmetric import rsa

from stslab.submission.secrets import find_secrets

CHANCE = random.Random(7)
BASE64 = string.ascii_letters + string.digits + "+/"


def chosen(alphabet: str, length: int) -> str:
    return "".join(CHANCE.choices(alphabet, k=length))


def made_bytes(length: int) -> str:
    return base64.b64encode(CHANCE.randbytes(length)).decode()


SECRET = chosen(BASE64, 18) + "/a+B" + chosen(BASE64, 18)
KEY_ID = "AKIA" + chosen(string.ascii_uppercase + "234567", 16)
TEMPORARY_ID = "ASIA" + chosen(string.ascii_uppercase + "234567", 16)
MARKS = ["IQoJb3JpZ2luX2Vj", "FwoGZXIvYXdz", "FQoGZXIvYXdz", "AQoDYXdz"]
TOKEN = MARKS[0] + made_bytes(600)
UNMARKED = made_bytes(600)

A_SECRET, A_TOKEN, A_KEY = "secret access key", "session token", "private key"
AN_ID = "access key id"


def found(text: str) -> list[tuple[int, str]]:
    return [(finding.line, finding.kind) for finding in find_secrets(text)]


# {} is the value, in the last line.


@cache
def rsa_key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(65537, 2048)


def pem(key, form="PKCS8", passphrase: bytes = b"") -> str:
    secrecy = wire.BestAvailableEncryption(passphrase) if passphrase else wire.NoEncryption()
    return key.private_bytes(wire.Encoding.PEM, getattr(wire.PrivateFormat, form), secrecy).decode()


def armoured(kind: str, body: str, dashes: str = "-----") -> str:
    return f"{dashes}BEGIN {kind}{dashes}\n{body}\n{dashes}END {kind}{dashes}\n"


def putty(version: int) -> str:
    public, private = (textwrap.fill(made_bytes(90), 64) for _ in range(2))
    lines = [f"PuTTY-User-Key-File-{version}: ssh-rsa", "Encryption: none", "Comment: my example", "Public-Lines: 2"]
    return "\n".join([*lines, public, "Private-Lines: 2", private, ""])
