"""Ed25519 keys in PEM files, as openssl makes them."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable
from pathlib import Path

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    PublicFormat,
    load_pem_private_key,
    load_pem_public_key,
)
from securesystemslib.signer import CryptoSigner, SSlibKey

from stslab.errors import BadInput
from stslab.report.visible import visible

LIMIT = 65536
"""Bytes of a file that may be a key."""

ENCRYPTED = "ENCRYPTED PRIVATE KEY"
PRIVATE = "PRIVATE KEY"
PUBLIC = "PUBLIC KEY"
MAKE = "make one with openssl genpkey -algorithm ed25519"
TAKE = "take the one that openssl pkey -pubout makes of the private key"


def key_id(key: Ed25519PublicKey) -> str:
    """The id of a key: the SHA-256, in hex, of its SubjectPublicKeyInfo in DER, which openssl can tell as well."""
    return hashlib.sha256(key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)).hexdigest()


def read_signer(path: Path, passphrase: Callable[[], str]) -> CryptoSigner:
    """Read a private key, Ed25519 in PKCS#8.

    Args:
        path: the PEM file.
        passphrase: gives the passphrase; asked only where the key is encrypted.

    Raises:
        BadInput: the file holds something else, or the passphrase does not open it.
    """
    raw, label = _pem(path)
    if label == PUBLIC:
        raise _bad(path, "this is a public key, and only a private one can sign", "give the private key")
    if label not in (PRIVATE, ENCRYPTED):
        raise _bad(path, "there is no private key in PKCS#8 PEM in it", MAKE)
    secret = passphrase().encode("utf-8", "surrogateescape") if label == ENCRYPTED else None
    try:
        key = load_pem_private_key(raw, secret)
    except UnsupportedAlgorithm:
        raise _bad(path, "the key is of a kind that is not known here", MAKE) from None
    except (ValueError, TypeError):
        if secret is not None:
            problem = "the passphrase does not open the key, or the file is damaged"
            raise _bad(path, problem, "give the right passphrase") from None
        raise _bad(path, "the private key is damaged", MAKE) from None
    if not isinstance(key, Ed25519PrivateKey):
        raise _bad(path, "the key is not an Ed25519 key", MAKE)
    public = key.public_key()
    return CryptoSigner(key, SSlibKey.from_crypto(public, key_id(public)))


def read_public(path: Path) -> SSlibKey:
    """Read a public key, Ed25519 as SubjectPublicKeyInfo.

    Args:
        path: the PEM file.

    Raises:
        BadInput: the file holds something else.
    """
    raw, label = _pem(path)
    if "PRIVATE" in label:
        problem = "this is a private key, which no one should have who only verifies"
        raise _bad(path, problem, "give the public key")
    if label != PUBLIC:
        raise _bad(path, "there is no public key in SubjectPublicKeyInfo PEM in it", TAKE)
    try:
        key = load_pem_public_key(raw)
    except UnsupportedAlgorithm:
        raise _bad(path, "the key is of a kind that is not known here", "give an Ed25519 key") from None
    except (ValueError, TypeError):
        raise _bad(path, "the public key is damaged", TAKE) from None
    if not isinstance(key, Ed25519PublicKey):
        raise _bad(path, "the key is not an Ed25519 key", "give the Ed25519 key of the one who signed")
    return SSlibKey.from_crypto(key, key_id(key))


def _pem(path: Path) -> tuple[bytes, str]:
    """A file's bytes, and the label of the one thing in PEM in it; empty where there is none."""
    try:
        with path.open("rb") as file:
            raw = file.read(LIMIT + 1)
    except OSError as fault:
        raise _bad(path, f"the key cannot be read ({fault.strerror})", "name a file that holds one") from None
    labels = re.findall(rb"^-----BEGIN ([A-Z0-9 ]+)-----", raw, re.MULTILINE)
    if len(raw) > LIMIT or len(labels) > 1:
        raise _bad(path, "there is more in it than a key", "give a file with the key alone")
    return raw, labels[0].decode() if labels else ""


def _bad(path: Path, problem: str, remedy: str) -> BadInput:
    return BadInput(visible(str(path)), problem, remedy)
