"""``stslab attest``: what it signs, what it refuses, and that nothing half-written stays."""

from __future__ import annotations

import base64
import hashlib
import json
import os
import shutil

import pytest
from attesting import (
    POLICY,
    TEMPLATE,
    a_key,
    a_result,
    attest,
    checks,
    document,
    payload_of,
    refused,
    stslab,
    write_result,
)
from cryptography.hazmat.primitives import serialization as pem
from cryptography.hazmat.primitives.serialization import load_pem_public_key

from stslab.attestation.folder import read_result
from stslab.attestation.statement import FAULTS, statement, verdict
from stslab.errors import BadInput


def sha256(raw):
    return hashlib.sha256(raw).hexdigest()


def test_the_statement_names_every_file_by_its_digest_and_the_documents_as_configuration(reports, key):
    (reports / "deep" / "er").mkdir(parents=True)
    (reports / "deep" / "er" / "attestation.json").write_text("not the attestation")
    (reports / ".audit.html.x1").write_text("being written")
    (reports / ".cache").mkdir()
    (reports / ".cache" / "x").write_text("hidden")
    assert attest(reports, key) == 0
    shape = payload_of(reports / "attestation.json")
    assert shape["_type"] == "https://in-toto.io/Statement/v1"
    assert shape["predicateType"] == "https://in-toto.io/attestation/test-result/v0.1"
    names = [
        *("audit.html", "deep/er/attestation.json", "documents/policy.json", "documents/template.yaml"),
        *("junit.xml", "result.json"),
    ]
    assert shape["subject"] == [{"name": n, "digest": {"sha256": sha256((reports / n).read_bytes())}} for n in names]
    assert shape["predicate"] == {
        "result": "PASSED",
        "configuration": [
            {"name": "template.yaml", "digest": {"sha256": sha256(TEMPLATE)}},
            {"name": "policy.json", "digest": {"sha256": sha256(POLICY)}},
        ],
        "passedTests": ["access.denied", "user.created"],
        "warnedTests": [],
        "failedTests": [],
    }


def test_the_envelope_is_dsse_and_cryptography_alone_verifies_it(reports, tmp_path):
    key, public = a_key(tmp_path)
    assert attest(reports, key) == 0
    raw = (reports / "attestation.json").read_bytes()
    envelope = json.loads(raw)
    assert set(envelope) == {"payload", "payloadType", "signatures"}
    assert raw == (json.dumps(envelope, sort_keys=True, separators=(",", ":")) + "\n").encode()
    kind, payload = envelope["payloadType"].encode(), base64.b64decode(envelope["payload"])
    assert kind == b"application/vnd.in-toto+json"
    [signature] = envelope["signatures"]
    loaded = load_pem_public_key(public.read_bytes())
    loaded.verify(base64.b64decode(signature["sig"]), b"DSSEv1 %d %b %d %b" % (len(kind), kind, len(payload), payload))
    der = loaded.public_bytes(pem.Encoding.DER, pem.PublicFormat.SubjectPublicKeyInfo)
    assert signature["keyid"] == sha256(der)
    assert payload == json.dumps(json.loads(payload), sort_keys=True, separators=(",", ":")).encode()


def test_equal_folders_give_equal_bytes_whatever_order_the_files_were_made_in(reports, key, tmp_path):
    other = tmp_path / "elsewhere"
    for name in sorted((p for p in reports.rglob("*") if p.is_file()), reverse=True):
        (other / name.relative_to(reports)).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(name, other / name.relative_to(reports))
    assert attest(reports, key) == attest(other, key) == 0
    first = (reports / "attestation.json").read_bytes()
    assert (other / "attestation.json").read_bytes() == first
    assert attest(reports, key) == 0
    assert (reports / "attestation.json").read_bytes() == first


def test_names_beyond_ascii_are_signed_as_utf_8(reports, key):
    (reports / "tabla-ñ-表.csv").write_text("x")
    assert attest(reports, key) == 0
    raw = base64.b64decode(json.loads((reports / "attestation.json").read_bytes())["payload"])
    assert '"tabla-ñ-表.csv"'.encode() in raw


@pytest.mark.parametrize(
    ("outcomes", "word", "warned", "failed"),
    [
        ({"a": "passed"}, "PASSED", (), ()),
        ({"a": "passed", "b": "undetermined"}, "WARNED", ("b",), ()),
        ({"a": "undetermined"}, "WARNED", ("a",), ()),
        ({"a": "passed", "b": "failed"}, "FAILED", (), ("b",)),
        ({"a": "passed", "b": "error"}, "FAILED", (), ("b",)),
        ({"a": "passed", "b": "blocked"}, "FAILED", (), ("b",)),
        ({"c": "blocked", "b": "undetermined", "a": "error"}, "FAILED", ("b",), ("a", "c")),
        ({}, "FAILED", (), ()),
    ],
)
def test_only_what_passed_counts_as_passed(outcomes, word, warned, failed):
    said = verdict(a_result(checks=checks(**outcomes)))
    assert (said.result, said.warned, said.failed) == (word, warned, failed)
    assert said.passed == tuple(name for name, outcome in outcomes.items() if outcome == "passed")


def test_what_stayed_behind_is_warned_of_and_never_hides_a_failure():
    assert verdict(a_result(left_behind=["The user ana is still there."])).result == "WARNED"
    assert verdict(a_result(left_behind=["x"], checks=checks(a="failed"))).result == "FAILED"


def test_a_fault_turns_a_passed_run_and_is_told():
    sentence = "The exemption of user.created has expired."
    assert verdict(a_result(faults=[sentence])).result == "FAILED"
    told = statement(a_result(faults=[sentence]), {})["predicate"]
    assert told["result"] == "FAILED"
    assert told[FAULTS] == [sentence]
    assert len(told["passedTests"]) == 2
    assert FAULTS not in statement(a_result(), {})["predicate"]


def test_a_fault_that_the_run_tells_itself_is_never_forgotten(reports, key):
    write_result(reports, a_result(faults=["The exemption of\nuser.created has expired."]))
    code, [said, why] = stslab("attest", reports, "--key", key)
    assert (code, "result FAILED (2 of 2 checks passed)" in said) == (0, True)
    assert why == "FAILED, since: The exemption of user.created has expired."


@pytest.mark.parametrize("name", ["result.json", "audit.html", "documents/template.yaml", "documents/policy.json"])
def test_each_file_that_has_to_be_there_is_named_when_it_is_not(reports, key, name):
    (reports / name).unlink()
    assert f"there is no {name};" in refused(reports, key)


def test_all_that_is_missing_is_named_at_once(tmp_path, key):
    (tmp_path / "empty").mkdir()
    assert "there is no result.json and no audit.html;" in refused(tmp_path / "empty", key)
    assert "the folder cannot be read (No such file or directory)" in refused(tmp_path / "nowhere", key)


def test_a_result_of_another_schema_is_refused(reports, key):
    path = reports / "result.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), "schema": 99}))
    assert refused(reports, key).startswith(f"{path}: its schema is 99, and this version of stslab reads 1;")


@pytest.mark.parametrize("change", [{"checks": [{"id": 5}]}, {"calls": ["x"]}, {"finished": None}, {"documents": 5}])
def test_a_result_of_another_shape_is_refused(reports, key, change):
    path = reports / "result.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), **change}))
    assert refused(reports, key).startswith(f"{path}: the result is damaged, {next(iter(change))}")


@pytest.mark.parametrize("raw", [b"", b"{", b"\xff\xfe", b"[" * 100_000, b"7" * 5000])
def test_a_damaged_result_is_refused(reports, key, raw):
    (reports / "result.json").write_bytes(raw)
    assert "result.json: the result is damaged, " in refused(reports, key)


def test_a_result_that_changes_while_it_is_read_is_refused(reports):
    with pytest.raises(BadInput, match=r"it was changed while it was being read"):
        read_result(reports, sha256(b"what it was"))
    (reports / "result.json").unlink()
    with pytest.raises(BadInput, match=r"it cannot be read \(No such file or directory\)"):
        read_result(reports, sha256(b"what it was"))


def test_a_document_of_another_run_is_refused(reports, key):
    (reports / "documents" / "policy.json").write_bytes(POLICY + b" ")
    assert "documents/policy.json is not the policy that the result speaks of" in refused(reports, key)


def test_a_redacted_document_is_held_against_the_text_that_the_result_shows(reports, key):
    shown = b"Resources: {}  # [redacted]\n"
    redacted = document("template.yaml", b"what was handed in", "template", text=shown.decode(), redacted=True)
    write_result(reports, a_result(documents=(redacted, document("policy.json", POLICY, "policy"))))
    assert "template.yaml is not the template that" in refused(reports, key)
    (reports / "documents" / "template.yaml").write_bytes(shown)
    assert attest(reports, key) == 0
    shape = payload_of(reports / "attestation.json")
    assert shape["predicate"]["configuration"][0]["digest"] == {"sha256": sha256(b"what was handed in")}
    assert {"name": "documents/template.yaml", "digest": {"sha256": sha256(shown)}} in shape["subject"]


def test_a_result_that_speaks_of_no_document_is_refused(reports, key):
    write_result(reports, a_result(documents=(document("policy.json", POLICY, "policy"),)))
    assert "it does not say what the template was;" in refused(reports, key)
    write_result(reports, a_result(documents=()))
    assert "it does not say what the template and the policy was;" in refused(reports, key)


def test_a_document_named_out_of_the_folder_is_not_looked_for_there(reports, key):
    (reports.parent / "policy.json").write_bytes(POLICY)
    named = document("../../policy.json\r", POLICY, "policy")
    write_result(reports, a_result(documents=(named, document("template.yaml", TEMPLATE, "template"))))
    assert "there is no documents/../../policy.json\\r;" in refused(reports, key)


def test_links_pipes_and_unspeakable_names_are_refused_by_name(reports, key):
    (reports / "link\n.html").symlink_to(reports / "audit.html")
    assert "link\\n.html is a symbolic link;" in refused(reports, key)
    (reports / "link\n.html").unlink()
    (reports / "away").symlink_to("/")
    assert "away is a symbolic link;" in refused(reports, key)
    (reports / "away").unlink()
    os.mkfifo(reports / "documents" / "pipe")
    assert "documents/pipe is not a regular file;" in refused(reports, key)
    (reports / "documents" / "pipe").unlink()
    (reports / os.fsdecode(b"\xff.txt")).touch()
    assert "has a name that is not UTF-8;" in refused(reports, key)


def test_the_private_key_is_never_handed_over(reports):
    inside, _ = a_key(reports)
    assert "the private key lies in the folder" in refused(reports, inside)


def test_no_report_and_no_key_is_written_over(reports, key):
    before = key.read_bytes()
    for name in ("result.json", "other.json", "documents/attestation.json", ".hidden"):
        assert "it would be one of the files" in refused(reports, key, "--out", reports / name)
    assert "this is the private key" in refused(reports, key, "--out", key)
    assert key.read_bytes() == before


def test_it_is_written_elsewhere_when_asked(reports, key, tmp_path):
    out = tmp_path / "new" / "run.json"
    code, [said] = stslab("attest", reports, "--key", key, "--out", out)
    assert code == 0
    assert payload_of(out)["predicate"]["result"] == "PASSED"
    assert not (reports / "attestation.json").exists()
    assert said.startswith("attested: 5 files, signed by key ")
    assert said.endswith(f", result PASSED (2 of 2 checks passed), in {out}")


def test_the_place_for_it_may_be_no_folder(reports, key):
    (reports / "attestation.json").mkdir()
    code, [said] = stslab("attest", reports, "--key", key)
    assert (code, "the attestation cannot be written (Is a directory)" in said) == (2, True)
    assert [path.name for path in reports.iterdir() if path.name.startswith(".")] == []
