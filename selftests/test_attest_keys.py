"""The key of ``stslab attest``, its passphrase, and both commands as processes of their own."""

from __future__ import annotations

import io
import os
import pty
import resource
import select
import signal
import subprocess
import sys

import performing
import pytest
from attesting import a_key, attest, refused
from cryptography.hazmat.primitives import serialization as pem
from cryptography.hazmat.primitives.asymmetric import ec, ed448, rsa

PKCS8 = (pem.Encoding.PEM, pem.PrivateFormat.PKCS8, pem.NoEncryption())


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (lambda public: public, "this is a public key"),
        (lambda _: b"", "there is no private key in PKCS#8 PEM in it"),
        (lambda _: b"\x00" * 70000, "there is more in it than a key"),
        (lambda _: b"-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n", "the private key is damaged"),
        (lambda _: b"-----BEGIN PRIVATE KEY-----\n", "the private key is damaged"),
        (lambda _: rsa.generate_private_key(65537, 2048).private_bytes(*PKCS8), "not an Ed25519 key"),
        (lambda _: ec.generate_private_key(ec.SECP256R1()).private_bytes(*PKCS8), "not an Ed25519 key"),
        (lambda _: ed448.Ed448PrivateKey.generate().private_bytes(*PKCS8), "not an Ed25519 key"),
        (
            lambda public: ec.generate_private_key(ec.SECP256R1()).private_bytes(*PKCS8) + public,
            "more in it than a key",
        ),
        (
            lambda _: rsa.generate_private_key(65537, 2048).private_bytes(
                pem.Encoding.PEM, pem.PrivateFormat.TraditionalOpenSSL, pem.NoEncryption()
            ),
            "there is no private key in PKCS#8 PEM in it",
        ),
    ],
    ids=["public", "empty", "zeros", "damaged", "cut", "rsa", "ecdsa", "ed448", "two", "pkcs1"],
)
def test_another_key_is_refused(reports, tmp_path, content, says):
    private, public = a_key(tmp_path)
    private.write_bytes(content(public.read_bytes()))
    said = refused(reports, private)
    assert said.startswith(f"{private}: ")
    assert says in said


def test_a_key_that_is_not_there_is_refused(reports, tmp_path):
    assert "the key cannot be read (No such file or directory)" in refused(reports, tmp_path / "none.pem")
    assert "the key cannot be read (Is a directory)" in refused(reports, tmp_path.parent)
    (tmp_path / "loop.pem").symlink_to("loop.pem")
    assert "the key cannot be read (Too many levels of symbolic links)" in refused(reports, tmp_path / "loop.pem")


def test_the_passphrase_comes_from_the_environment(reports, tmp_path, monkeypatch):
    closed, _ = a_key(tmp_path, "closed", b"open sesame")
    monkeypatch.setattr(sys, "stdin", io.StringIO())
    monkeypatch.delenv("STSLAB_KEY_PASSPHRASE", raising=False)
    assert "the key has a passphrase, and none was given; set STSLAB_KEY_PASSPHRASE." in refused(reports, closed)
    for wrong in ("", "open barley"):
        monkeypatch.setenv("STSLAB_KEY_PASSPHRASE", wrong)
        said = refused(reports, closed)
        assert "the passphrase does not open the key" in said
        assert "barley" not in said
    monkeypatch.setenv("STSLAB_KEY_PASSPHRASE", "open sesame")
    assert attest(reports, closed) == 0


def test_a_passphrase_that_an_open_key_does_not_need_does_no_harm(reports, key, monkeypatch):
    monkeypatch.setenv("STSLAB_KEY_PASSPHRASE", "for another key")
    assert attest(reports, key) == 0


def process_of(*arguments, code="", **more):
    script = f"{code}\nimport sys\nfrom stslab.cli import main\nsys.exit(main(sys.argv[1:]))"
    return subprocess.Popen(
        [sys.executable, "-c", script, *map(str, arguments)],
        cwd=performing.ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        **more,
    )


def test_the_passphrase_is_asked_for_on_a_terminal_and_not_shown(reports, tmp_path):
    closed, _ = a_key(tmp_path, "closed", b"open sesame")
    ours, theirs = pty.openpty()
    environ = {name: value for name, value in os.environ.items() if name != "STSLAB_KEY_PASSPHRASE"}
    with process_of("attest", reports, "--key", closed, stdin=theirs, env=environ, start_new_session=True) as process:
        asked = ""
        while not asked.endswith(": "):
            if not select.select([process.stderr], [], [], 30)[0]:
                process.kill()
                pytest.fail(f"nobody asks: {asked}")
            asked += os.read(process.stderr.fileno(), 1).decode() or pytest.fail(asked)
        os.write(ours, b"open sesame\n")
        out, err = process.communicate(timeout=60)
    assert asked == f"Passphrase of {closed}: "
    assert (process.returncode, err.strip()) == (0, "")
    assert out.startswith("attested: 5 files")
    assert select.select([ours], [], [], 0)[0] == []
    os.close(ours)
    os.close(theirs)


def test_a_disk_that_is_full_leaves_the_old_attestation_as_it_was(reports, key):
    assert attest(reports, key) == 0
    old = (reports / "attestation.json").read_bytes()
    (reports / "more.txt").write_text("x")

    def full():
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (100, 100))

    with process_of("attest", reports, "--key", key, preexec_fn=full) as process:
        out, err = process.communicate(timeout=60)
    assert (process.returncode, out) == (2, "")
    assert err == (
        f"stslab: {reports}/attestation.json: the attestation cannot be written (File too large); "
        "make room for it, or name another place with --out.\n"
    )
    assert (reports / "attestation.json").read_bytes() == old
    assert [path.name for path in reports.iterdir() if path.name.startswith(".")] == []


@pytest.mark.parametrize("command", ["attest", "verify-report"])
def test_both_commands_start_without_what_performs_the_lab(reports, tmp_path, command):
    private, public = a_key(tmp_path)
    assert attest(reports, private) == 0
    code = "import atexit, sys\natexit.register(lambda: print({'pytest', 'moto', 'cfnlint'} & set(sys.modules)))"
    with process_of(command, reports, "--key", private if command == "attest" else public, code=code) as process:
        out, err = process.communicate(timeout=60)
    assert (process.returncode, err) == (0, "")
    assert out.splitlines()[-1] == "set()"


def test_other_commands_start_without_what_signs():
    code = "import atexit, sys\natexit.register(lambda: print({'securesystemslib', 'cryptography'} & set(sys.modules)))"
    with process_of("explain", "--help", code=code) as process:
        out, _ = process.communicate(timeout=60)
    assert out.splitlines()[-1] == "set()"
