"""``stslab verify-report``: no byte changes unseen, and nothing is believed before the key has verified it."""

from __future__ import annotations

import os
import resource
import shutil
from contextlib import contextmanager

import performing
import pytest
from attesting import (
    NAMES,
    Signed,
    a_folder,
    a_key,
    a_result,
    checks,
    payload_of,
    stslab,
    write_result,
)
from cryptography.hazmat.primitives import serialization as pem
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from hypothesis import given, settings
from hypothesis import strategies as st


def test_what_nobody_touched_is_intact(signed):
    assert signed.said() == (
        0,
        [
            f"intact: 5 files, signed by key {signed.id}, result PASSED (2 of 2 checks passed), "
            "finished 2026-01-02T03:04:09.000Z"
        ],
    )


def test_a_copy_elsewhere_is_intact_whatever_its_times_and_modes(signed):
    moved = signed.reports.rename(signed.reports.parent / "elsewhere")
    (moved / "audit.html").touch()
    (moved / "audit.html").chmod(0o600)
    signed.reports = moved
    assert signed.said()[0] == 0


def test_a_failed_run_is_intact_and_says_so(signed):
    write_result(signed.reports, a_result(checks=checks(a="passed", b="error", c="undetermined")))
    signed.attest()
    code, [line] = signed.said()
    assert (code, "result FAILED (1 of 3 checks passed)" in line) == (0, True)


def test_every_byte_of_the_attestation_counts(signed):
    raw = signed.attestation.read_bytes()
    for place in range(len(raw)):
        changed = bytearray(raw)
        changed[place] ^= 1 << place % 8
        signed.attestation.write_bytes(changed)
        assert signed.said()[0], place
    signed.attestation.write_bytes(raw)
    assert signed.said()[0] == 0


@pytest.fixture(scope="module")
def once(tmp_path_factory):
    return Signed(tmp_path_factory.mktemp("signed"))


@contextmanager
def with_bytes(path, change):
    raw = path.read_bytes()
    path.write_bytes(change(raw))
    try:
        yield
    finally:
        path.write_bytes(raw)


@settings(max_examples=300, deadline=None, database=None, derandomize=True)
@given(st.sampled_from(NAMES), st.integers(0, 1 << 20), st.integers(1, 255))
def test_any_byte_of_any_file_counts(once, name, place, mask):
    def change(raw):
        at = place % len(raw)
        return raw[:at] + bytes([raw[at] ^ mask]) + raw[at + 1 :]

    with with_bytes(once.reports / name, change):
        assert once.said()[0]
    assert once.said()[0] == 0


@settings(max_examples=100, deadline=None, database=None, derandomize=True)
@given(st.sampled_from(NAMES), st.integers(0, 1 << 20), st.binary(max_size=3), st.integers(0, 3))
def test_no_byte_comes_or_goes_unseen(once, name, place, more, less):
    def change(raw):
        at = place % (len(raw) + 1)
        changed = raw[:at] + more + raw[at + less :]
        return changed if changed != raw else raw + b"\n"

    with with_bytes(once.reports / name, change):
        assert once.said()[0]


@pytest.mark.parametrize("name", NAMES[1:])
@pytest.mark.parametrize(
    ("change", "word"),
    [
        (lambda path: path.unlink(), "missing"),
        (lambda path: path.write_bytes(b""), "changed"),
        (lambda path: path.write_bytes(path.read_bytes()[:-1]), "changed"),
        (lambda path: path.rename(path.with_name(".hidden")), "missing"),
    ],
    ids=["missing", "empty", "cut", "hidden"],
)
def test_each_file_is_told_of_by_name(signed, name, change, word):
    change(signed.reports / name)
    assert signed.differing() == [f"{name}: {word}"]


def test_what_is_not_there_is_bad_input(signed):
    signed.attestation.unlink()
    assert signed.said() == (
        2,
        [
            f"stslab: {signed.attestation}: the attestation cannot be read (No such file or directory); "
            "name it with --attestation."
        ],
    )
    signed.attestation.symlink_to(signed.reports / "junit.xml")
    assert "it is a symbolic link" in signed.said()[1][0]
    signed.attestation.unlink()
    os.mkfifo(signed.attestation)
    assert "it is not a regular file" in signed.said()[1][0]
    signed.attestation.unlink()
    with signed.attestation.open("wb") as file:
        file.truncate(1 << 34)
    assert "the attestation is far too large" in signed.said()[1][0]
    signed.reports.rename(signed.reports.parent / "gone")
    assert "the folder cannot be read (No such file or directory)" in signed.said()[1][0]


def test_another_key_is_told_and_nothing_is_said_of_the_files(signed):
    (signed.reports / "junit.xml").unlink()
    _, other = a_key(signed.reports.parent, "other")
    code, lines = signed.said(key=other)
    assert code == 1
    assert len(lines) == 2
    assert "the signature is not by this key, which is " in lines[0]
    assert lines[0].endswith(f", but by one called {signed.id}")
    assert lines[1] == "not intact: nothing can be said of the files."


def test_another_runs_attestation_by_the_same_key_shows_the_files_that_differ(signed, tmp_path):
    other = a_folder(tmp_path / "other", a_result(submission="other"))
    (other / "junit.xml").unlink()
    signed.attest(other)
    shutil.copyfile(other / "attestation.json", signed.attestation)
    assert signed.differing() == ["junit.xml: added since", "result.json: changed"]
    assert signed.said("--attestation", other / "attestation.json")[0] == 1


def test_what_was_added_or_is_no_file_is_told_visibly(signed):
    (signed.reports / "x\nintact: 5 files\x1b[2J.txt").touch()
    (signed.reports / os.fsdecode(b"\xff")).touch()
    (signed.reports / "audit.html").unlink()
    (signed.reports / "audit.html").symlink_to(signed.reports / "junit.xml")
    (signed.reports / "junit.xml").unlink()
    os.mkfifo(signed.reports / "junit.xml")
    assert signed.differing() == [
        "audit.html: is a symbolic link",
        "junit.xml: is not a regular file",
        "x\\nintact: 5 files\\x1b[2J.txt: added since",
        "\\udcff: has a name that is not UTF-8",
    ]


def test_an_attestation_may_be_kept_elsewhere(signed):
    kept = signed.attestation.rename(signed.reports.parent / "kept.json")
    assert signed.said("--attestation", kept)[0] == 0
    assert signed.said()[0] == 2


def test_what_is_hidden_or_empty_is_no_part_of_it(signed):
    (signed.reports / ".DS_Store").touch()
    (signed.reports / "empty").mkdir()
    assert signed.said()[0] == 0


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (lambda private: private, "this is a private key, which no one should have who only verifies"),
        (lambda _: b"", "there is no public key in SubjectPublicKeyInfo PEM in it"),
        (lambda _: b"-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n", "the public key is damaged"),
        (lambda _: b"-----BEGIN CERTIFICATE-----\n", "there is no public key in"),
        (lambda _: _public(rsa.generate_private_key(65537, 2048)), "the key is not an Ed25519 key"),
        (lambda _: _public(ec.generate_private_key(ec.SECP256R1())), "the key is not an Ed25519 key"),
        (lambda private: private + b"-----BEGIN PUBLIC KEY-----\n", "there is more in it than a key"),
    ],
    ids=["private", "empty", "damaged", "certificate", "rsa", "ecdsa", "two"],
)
def test_a_key_that_will_not_do_is_bad_input(signed, content, says):
    signed.public.write_bytes(content(signed.key.read_bytes()))
    code, [line] = signed.said()
    assert code == 2
    assert line.startswith(f"stslab: {signed.public}: {says}")


def _public(key):
    return key.public_key().public_bytes(pem.Encoding.PEM, pem.PublicFormat.SubjectPublicKeyInfo)


def test_an_encrypted_private_key_is_not_asked_its_passphrase_to_verify(signed):
    closed, _ = a_key(signed.reports.parent, "closed", b"x")
    code, [line] = signed.said(key=closed)
    assert (code, "this is a private key" in line) == (2, True)


def test_a_large_file_is_not_held_in_memory(signed):
    with (signed.reports / "large.bin").open("wb") as file:
        file.truncate(400 << 20)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    signed.attest()
    assert signed.said()[0] == 0
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 50 << 10


def test_a_real_runs_reports(tmp_path):
    run = performing.perform(tmp_path)
    assert run.exit_code == 0, run.output
    key, public = a_key(tmp_path)
    assert stslab("attest", run.reports, "--key", key)[0] == 0
    assert stslab("verify-report", run.reports, "--key", public)[0] == 0
    names = {subject["name"] for subject in payload_of(run.reports / "attestation.json")["subject"]}
    assert names == {p.relative_to(run.reports).as_posix() for p in run.reports.rglob("*") if p.is_file()} - {
        "attestation.json"
    }
    assert {"result.json", "lab.html", "audit.html", "documents/template.yaml", "documents/policy.json"} <= names
    with with_bytes(run.reports / "lab.html", lambda raw: raw.replace(b"passed", b"failed", 1)):
        assert stslab("verify-report", run.reports, "--key", public)[0] == 1
