"""A private key in what is handed in is found, of every kind, and what only looks like one is not."""

from __future__ import annotations

import textwrap

import pytest
from credentials import A_KEY, armoured, found, made_bytes, pem, putty, rsa_key
from cryptography.hazmat.primitives import serialization as wire
from cryptography.hazmat.primitives.asymmetric import ec, ed25519

PRIVATE_KEYS = {
    "RSA": lambda: pem(rsa_key(), "TraditionalOpenSSL"),
    "RSA with a passphrase": lambda: pem(rsa_key(), "TraditionalOpenSSL", b"lab"),
    "EC": lambda: pem(ec.generate_private_key(ec.SECP256R1()), "TraditionalOpenSSL"),
    "OpenSSH": lambda: pem(ed25519.Ed25519PrivateKey.generate(), "OpenSSH"),
    "OpenSSH RSA": lambda: pem(rsa_key(), "OpenSSH"),
    "PKCS8": lambda: pem(rsa_key()),
    "PKCS8 EC": lambda: pem(ec.generate_private_key(ec.SECP256R1())),
    "PKCS8 Ed25519": lambda: pem(ed25519.Ed25519PrivateKey.generate()),
    "PKCS8 with a passphrase": lambda: pem(rsa_key(), passphrase=b"lab"),
    "PGP": lambda: armoured("PGP PRIVATE " + "KEY BLOCK", f"Version: 2\n\n{textwrap.fill(made_bytes(300), 64)}"),
    "PuTTY 1": lambda: putty(1),
    "PuTTY 2": lambda: putty(2),
    "PuTTY 3": lambda: putty(3),
}


@pytest.mark.parametrize("key", PRIVATE_KEYS.values(), ids=PRIVATE_KEYS)
@pytest.mark.parametrize("wrap", ["\n", "\r\n", "\n    ", "\n# ", "\\n", "\\r\\n", ""])
def test_a_private_key_is_found_of_every_kind(key, wrap):
    assert found(f"the key:\n{wrap.join(key().splitlines())}") == [(2, A_KEY)]


def public() -> str:
    return rsa_key().public_key().public_bytes(wire.Encoding.PEM, wire.PublicFormat.SubjectPublicKeyInfo).decode()


def ssh_public() -> str:
    return rsa_key().public_key().public_bytes(wire.Encoding.OpenSSH, wire.PublicFormat.OpenSSH).decode()


def no_key(body: str) -> str:
    return armoured("RSA PRIVATE " + "KEY", body)


NO_PRIVATE_KEYS = {
    "public": public,
    "public for ssh": ssh_public,
    "certificate": lambda: armoured("CERTIFICATE", textwrap.fill(made_bytes(700), 64)),
    "header alone": lambda: "grep -q 'BEGIN RSA PRIVATE " + "KEY' template.yaml",
    "dots": lambda: no_key("..."),
    "dots, and a public key": lambda: no_key("...") + ssh_public(),
    "nothing, and a certificate": lambda: no_key("") + armoured("CERTIFICATE", textwrap.fill(made_bytes(700), 64)),
    "only a header, and a certificate": lambda: no_key("").splitlines()[0] + armoured("CERTIFICATE", made_bytes(700)),
    "words": lambda: no_key("YOUR_PRIVATE_KEY"),
    "x": lambda: no_key(64 * "x"),
    "an example": lambda: no_key("MIIEowIBAAKCAQEXAMPLE" + textwrap.fill(made_bytes(300), 64)),
    "cut short": lambda: no_key("MIIE" + made_bytes(60) + "..."),
    "cut short before the end": lambda: no_key("MIIE" + made_bytes(60).rstrip("=") + "...").replace("\n", "\\n"),
    "the name alone": lambda: "PuTTY-User-Key-File-3 is what puttygen writes.",
}


@pytest.mark.parametrize("text", NO_PRIVATE_KEYS.values(), ids=NO_PRIVATE_KEYS)
def test_what_is_public_or_stands_for_a_key_is_none(text):
    assert found(text()) == []
