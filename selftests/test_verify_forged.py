"""``stslab verify-report`` on attestations that ``stslab attest`` never wrote."""

from __future__ import annotations

import json

import pytest
from attesting import (
    POLICY,
    a_key,
    a_result,
    checks,
    document,
    write_result,
)
from securesystemslib.dsse import Envelope

from stslab.attestation.envelope import PAYLOAD_TYPE, opened, sealed, written
from stslab.attestation.folder import survey
from stslab.attestation.keys import read_signer
from stslab.attestation.statement import FAULTS, canonical, statement


@pytest.mark.parametrize("change", [lambda raw: b"", lambda raw: raw[:-5], lambda raw: raw[:1], lambda raw: b"{}"])
def test_an_attestation_that_is_none_is_bad_input(signed, change):
    signed.attestation.write_bytes(change(signed.attestation.read_bytes()))
    code, [line] = signed.said()
    assert code == 2
    assert line.startswith(f"stslab: {signed.attestation}: it is no DSSE envelope (")


HOSTILE = [
    b"[" * 200_000,
    b"9" * 6000,
    b"null",
    b'{"payload": 1, "payloadType": "x", "signatures": []}',
    b'{"payload": "", "payloadType": "x", "signatures": []}',
    b'{"payload": "", "payloadType": 5, "signatures": [{"keyid": "a", "sig": ""}]}',
    b'{"payload": "", "payloadType": "\\ud800", "signatures": [{"keyid": "a", "sig": ""}]}',
    b'{"payload": "", "payloadType": "x", "signatures": [{"keyid": 5, "sig": ""}]}',
    b'{"payload": "", "payloadType": "x", "signatures": [{"keyid": "a", "sig": null}]}',
    b'{"payload": "", "payloadType": "x", "signatures": {"keyid": "a"}}',
    b'{"payload": "", "payloadType": "x", "signatures": [{"sig": ""}]}',
    b'{"payload": "", "payloadType": "x", "signatures": [{"keyid": "a", "sig": ""}, {"keyid": "a", "sig": ""}]}',
]


@pytest.mark.parametrize("raw", HOSTILE, ids=range(len(HOSTILE)))
def test_a_hostile_envelope_is_one_sentence(signed, raw):
    signed.attestation.write_bytes(raw)
    code, [line] = signed.said()
    assert (code, "it is no DSSE envelope (" in line) == (2, True)


def test_a_key_that_only_calls_itself_ours_is_not_ours(signed):
    """The id is a hint that anyone may write."""
    theirs = read_signer(a_key(signed.reports.parent, "other")[0], str)
    theirs.public_key.keyid = signed.id
    signed.attestation.write_bytes(sealed(canonical(signed.statement).encode(), theirs))
    assert signed.differing() == [
        f"{signed.attestation}: the signature of key {signed.id} does not fit: "
        "payload, payloadType or signature have been changed"
    ]


def test_a_payload_that_was_changed_is_not_believed(signed):
    envelope = opened(signed.attestation.read_bytes())
    envelope.payload = envelope.payload.replace(b"PASSED", b"FAILED")
    signed.attestation.write_bytes(written(envelope))
    assert "does not fit" in signed.differing()[0]


def test_a_payload_type_that_was_changed_is_not_believed(signed):
    envelope = opened(signed.attestation.read_bytes())
    envelope.payload_type = "application/json"
    signed.attestation.write_bytes(written(envelope))
    assert "does not fit" in signed.differing()[0]


def test_another_payload_type_under_a_good_signature_is_told(signed):
    envelope = Envelope(canonical(signed.statement).encode(), "text/x", {})
    envelope.sign(signed.signer)
    signed.attestation.write_bytes(written(envelope))
    assert signed.differing() == [f"{signed.attestation}: its payloadType is text/x and not {PAYLOAD_TYPE}"]


def test_a_signature_under_another_name_is_good_and_yet_told(signed):
    envelope = opened(signed.attestation.read_bytes())
    [signature] = envelope.signatures.values()
    signature.keyid = "another\nname"
    signed.attestation.write_bytes(written(envelope))
    assert signed.differing() == [
        f"{signed.attestation}: it names as the keys that signed it another name and not only {signed.id}"
    ]


def test_a_second_signature_is_told(signed):
    envelope = opened(signed.attestation.read_bytes())
    envelope.sign(read_signer(a_key(signed.reports.parent, "other")[0], str))
    signed.attestation.write_bytes(written(envelope))
    [line] = signed.differing()
    assert "it names as the keys that signed it " in line


@pytest.mark.parametrize(
    "change",
    [
        lambda raw: raw + b"\n",
        lambda raw: raw.rstrip(),
        lambda raw: json.dumps(json.loads(raw), indent=2).encode(),
        lambda raw: raw.replace(b'{"payload":', b'{"payload":"","payload":', 1),
        lambda raw: raw.replace(b'"signatures":', b'"more":1,"signatures":', 1),
        lambda raw: raw.replace(b'"}]', b'","x":"y"}]'),
        lambda raw: raw.replace(b'"}]', b'","x":"\\ud800"}]'),
        lambda raw: raw.replace(b"application/", b"applic\\u0061tion/"),
        lambda raw: raw.replace(b"application/", b"application\\/"),
    ],
    ids=["line", "no line", "spaces", "twice", "more", "inside", "half", "escaped", "slash"],
)
def test_an_envelope_is_written_in_one_way(signed, change):
    changed = change(signed.attestation.read_bytes())
    assert changed != signed.attestation.read_bytes()
    signed.attestation.write_bytes(changed)
    assert f"{signed.attestation}: " in signed.differing()[0]


@pytest.mark.parametrize(
    "name",
    [
        "../junit.xml",
        "/etc/passwd",
        "documents/../junit.xml",
        "a//b",
        "./a",
        "a/",
        "",
        ".",
        "..",
        "a\0b",
        "/",
        5,
        ["a"],
    ],
)
def test_a_statement_names_nothing_outside_of_the_folder(signed, name):
    shape = signed.statement
    shape["subject"].append({"name": name, "digest": {"sha256": "00"}})
    signed.sign(shape)
    [line] = signed.differing()
    assert "it names a file that no folder can have in it: " in line


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"_type": "https://in-toto.io/Statement/v0.1"}, "it is of type https://in-toto.io/Statement/v0.1 and not "),
        ({"predicateType": "https://slsa.dev/provenance/v1"}, "it is of type https://slsa.dev/provenance/v1 and not "),
        ({"subject": "x"}, "it is no in-toto statement (TypeError"),
        ({"subject": [{"name": "a"}]}, "it is no in-toto statement (KeyError"),
        ({"predicate": 5}, "it is no in-toto statement (TypeError"),
        ({"subject": [{"name": "a", "digest": {"sha256": ""}}] * 2}, "it names a file twice"),
    ],
)
def test_another_statement_under_a_good_signature_is_none_of_these_files(signed, change, says):
    signed.sign({**signed.statement, **change})
    [line] = signed.differing()
    assert line.startswith(f"{signed.attestation}: {says}")


def test_all_that_is_wrong_with_an_attestation_is_told_at_once(signed):
    signed.sign({**signed.statement, "predicateType": "x"})
    signed.attestation.write_bytes(signed.attestation.read_bytes() + b"\n")
    first, second = signed.differing()
    assert "it is not written in the one way" in first
    assert "it is of type x and not " in second


def test_no_json_under_a_good_signature_is_no_statement(signed):
    for payload in (b"", b"[]", b"[" * 100_000, b"\xff"):
        signed.attestation.write_bytes(sealed(payload, signed.signer))
        [line] = signed.differing()
        assert "it is no in-toto statement (" in line


def test_a_statement_that_leaves_a_file_out_vouches_for_nothing(signed):
    shape = signed.statement
    shape["subject"] = [each for each in shape["subject"] if each["name"] == "junit.xml"]
    signed.sign(shape)
    assert signed.differing() == [
        "result.json: the statement does not speak of it",
        "audit.html: the statement does not speak of it",
        "audit.html: added since",
        "documents/policy.json: added since",
        "documents/template.yaml: added since",
        "result.json: added since",
    ]


def test_a_statement_leaves_no_document_out(signed):
    (signed.reports / "documents" / "policy.json").unlink()
    shape = signed.statement
    shape["subject"] = [each for each in shape["subject"] if each["name"] != "documents/policy.json"]
    signed.sign(shape)
    assert signed.differing() == ["documents/policy.json: the statement does not speak of it"]


def test_a_statement_that_is_better_than_the_result_is_told(signed):
    write_result(signed.reports, a_result(checks=checks(a="failed", b="undetermined")))
    signed.attest()
    shape = signed.statement
    shape["predicate"] |= {"result": "PASSED", "passedTests": ["a", "b"], "warnedTests": [], "failedTests": []}
    shape["predicate"]["configuration"].pop()
    signed.sign(shape)
    lines = signed.differing()
    assert [line.partition(":")[0] for line in lines] == [
        "result",
        "configuration",
        "passedTests",
        "warnedTests",
        "failedTests",
    ]
    assert lines[0] == 'result: the statement says "PASSED" and result.json "FAILED"'
    assert lines[2] == 'passedTests: the statement says ["a","b"] and result.json []'


def test_a_statement_that_leaves_a_fault_out_is_told(signed):
    write_result(signed.reports, a_result(faults=["It has expired."]))
    signed.sign(statement(a_result(), survey(signed.reports).digests))
    assert signed.differing() == [
        'result: the statement says "PASSED" and result.json "FAILED"',
        f'{FAULTS}: the statement says null and result.json ["It has expired."]',
    ]
    signed.attest()
    assert signed.said()[1][1:] == ["FAILED, since: It has expired."]


def test_numbers_that_are_none_are_shown_as_they_stand(signed):
    shape = signed.statement
    shape["predicate"]["result"] = float("nan")
    signed.sign(shape)
    assert signed.differing() == ['result: the statement says NaN and result.json "PASSED"']


def test_a_signed_folder_whose_documents_are_of_another_run_is_told(signed):
    write_result(signed.reports, a_result(documents=(document("policy.json", POLICY + b" ", "policy"),)))
    signed.sign(
        statement(
            a_result(documents=(document("policy.json", POLICY + b" ", "policy"),)),
            _digests(signed),
        )
    )
    assert signed.differing() == [
        "result.json: it does not say what the template was",
        "documents/policy.json is not the policy that the result speaks of",
    ]


def _digests(signed):
    return survey(signed.reports).digests


def test_a_signed_result_that_cannot_be_read_is_bad_input(signed):
    (signed.reports / "result.json").write_text('{"schema": 99}')
    signed.sign(statement(a_result(), _digests(signed)))
    code, [line] = signed.said()
    assert code == 2
    assert "its schema is 99, and this version of stslab reads 1" in line
