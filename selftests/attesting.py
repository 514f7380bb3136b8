"""A run's folder made by hand, and keys made at run time, for what signs and verifies."""

from __future__ import annotations

import base64
import hashlib
import io
import json
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import replace
from pathlib import Path

from cryptography.hazmat.primitives import serialization as pem
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from stslab.attestation.envelope import sealed
from stslab.attestation.keys import read_signer
from stslab.attestation.statement import canonical
from stslab.cli import main
from stslab.result import CheckResult, LabResult, Outcome, ShownDocument

TEMPLATE = b"\xef\xbb\xbfResources:\r\n  Bucket: {Type: AWS::S3::Bucket}\r\n"
NAMES = (
    "attestation.json",
    "audit.html",
    "documents/policy.json",
    "documents/template.yaml",
    "junit.xml",
    "result.json",
)
"""The files of the folder."""

POLICY = b'{"Version": "2012-10-17", "Statement": []}\n'


def document(name: str, raw: bytes, kind: str, **other) -> ShownDocument:
    """A document with the digest of its bytes, and the text that is read from them, as a run tells of it."""
    text = raw.decode("utf-8-sig").replace("\r\n", "\n")
    return ShownDocument(name, kind, hashlib.sha256(raw).hexdigest(), **{"text": text, **other})


def checks(**outcomes: str) -> list[CheckResult]:
    return [
        CheckResult(name.replace("_", "."), f"What {name} claims", Outcome(outcome), 0, 5)
        for name, outcome in outcomes.items()
    ]


def a_result(**other) -> LabResult:
    result = LabResult(
        "sts-assume-role",
        "policies",
        "moto",
        "123456789012",
        "2026-01-02T03:04:05.678Z",
        "2026-01-02T03:04:09.000Z",
        checks(user_created="passed", access_denied="passed"),
        (),
        documents=(
            document("policy.json", POLICY, "policy"),
            document("template.yaml", TEMPLATE, "template"),
            document("trust policy of Reader", b"{}", "stored"),
        ),
    )
    return replace(result, **other)


def a_folder(folder: Path, result: LabResult | None = None) -> Path:
    """What a run leaves, as far as it matters here."""
    (folder / "documents").mkdir(parents=True)
    (folder / "documents" / "template.yaml").write_bytes(TEMPLATE)
    (folder / "documents" / "policy.json").write_bytes(POLICY)
    (folder / "audit.html").write_text("<!doctype html><title>Audit</title>\n")
    (folder / "junit.xml").write_text("<testsuites/>\n")
    write_result(folder, result or a_result())
    return folder


def write_result(folder: Path, result: LabResult) -> None:
    (folder / "result.json").write_text(json.dumps(result.as_dict(), indent=2))


def a_key(folder: Path, name: str = "key", passphrase: bytes = b"", key=None) -> tuple[Path, Path]:
    """The files of a fresh private key and of its public half."""
    key = key or Ed25519PrivateKey.generate()
    closed = pem.BestAvailableEncryption(passphrase) if passphrase else pem.NoEncryption()
    private, public = folder / f"{name}.pem", folder / f"{name}.pub.pem"
    private.write_bytes(key.private_bytes(pem.Encoding.PEM, pem.PrivateFormat.PKCS8, closed))
    public.write_bytes(
        key.public_key().public_bytes(pem.Encoding.PEM, pem.PublicFormat.SubjectPublicKeyInfo),
    )
    return private, public


def stslab(*arguments) -> tuple[int, list[str]]:
    """Give the exit code of a command and its lines: on 2 the one on standard error, else those on standard output."""
    with redirect_stdout(io.StringIO()) as out, redirect_stderr(io.StringIO()) as err:
        code = main([str(argument) for argument in arguments])
    assert (code == 2) == bool(err.getvalue())
    if code == 2:
        assert out.getvalue() == ""
        assert err.getvalue().startswith("stslab: ")
        assert err.getvalue().endswith(".\n")
        assert err.getvalue().count("\n") == 1
    return code, (err if code == 2 else out).getvalue().splitlines()


class Signed:
    """A folder that was signed, and what signed it."""

    def __init__(self, folder: Path) -> None:
        self.reports = a_folder(folder / "reports")
        self.key, self.public = a_key(folder)
        self.attestation = self.reports / "attestation.json"
        self.attest()

    @property
    def signer(self):
        return read_signer(self.key, str)

    @property
    def id(self):
        return self.signer.public_key.keyid

    def attest(self, folder: Path | None = None) -> None:
        assert stslab("attest", folder or self.reports, "--key", self.key)[0] == 0

    def said(self, *more, key: Path | None = None) -> tuple[int, list[str]]:
        """Verify, and give the exit code and the lines."""
        return stslab("verify-report", self.reports, "--key", key or self.public, *more)

    def differing(self, *more) -> list[str]:
        """The lines about what differs."""
        code, lines = self.said(*more)
        assert code == 1
        assert lines[-1].startswith("not intact: ")
        return lines[:-1]

    def refused(self, *more, key: Path | None = None) -> str:
        """The sentence for which nothing was verified."""
        code, [line] = self.said(*more, key=key)
        assert code == 2
        return line.removeprefix("stslab: ")

    def sign(self, shape) -> None:
        """Sign what ``stslab attest`` never would."""
        self.attestation.write_bytes(sealed(canonical(shape).encode(), self.signer))

    @property
    def statement(self):
        return payload_of(self.attestation)


def payload_of(path: Path):
    return json.loads(base64.b64decode(json.loads(path.read_bytes())["payload"]))


def attest(folder, key, *more):
    return stslab("attest", folder, "--key", key, *more)[0]


def refused(folder, key, *more):
    """The one sentence for which nothing was signed."""
    code, [line] = stslab("attest", folder, "--key", key, *more)
    assert code == 2
    assert not (folder / "attestation.json").exists()
    return line.removeprefix("stslab: ")
