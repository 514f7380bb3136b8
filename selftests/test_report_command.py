"""``stslab report``: the same reports again, from the result alone, and one sentence for a result that will not do."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import performing
import pytest
import results as r
from performing import ROOT

from stslab.cli import main

MADE = ("audit.html", "assessment-results.json", "findings.sarif", "ctrf.json")


@pytest.fixture(scope="module")
def performed(tmp_path_factory):
    return performing.perform(tmp_path_factory.mktemp("performed"))


def test_the_reports_of_a_run_come_out_again_byte_for_byte(performed, tmp_path):
    reports = performed.reports
    assert main(["report", str(reports), "--out", str(tmp_path)]) == 0
    for name in (*MADE, "documents/template.yaml", "documents/policy.json"):
        assert (tmp_path / name).read_bytes() == (reports / name).read_bytes(), name
    assert (tmp_path / "junit.xml").exists()


def test_documents_of_an_earlier_run_do_not_stay(performed, tmp_path):
    (tmp_path / "documents").mkdir()
    (tmp_path / "documents" / "template.json").write_text("{}")
    assert main(["report", str(performed.reports), "--out", str(tmp_path)]) == 0
    assert sorted(path.name for path in (tmp_path / "documents").iterdir()) == ["policy.json", "template.yaml"]


def test_a_runs_own_junit_stays(performed):
    before = performed.text("junit.xml")
    assert main(["report", str(performed.reports / "result.json")]) == 0
    assert performed.text("junit.xml") == before


def test_a_failed_run_is_reported_as_well(tmp_path, capsys):
    r.written(tmp_path, r.result({"role.trust": r.Outcome.FAILED}))
    assert main(["report", str(tmp_path)]) == 0
    assert "Not passed" in (tmp_path / "audit.html").read_text()
    assert f"written to {tmp_path}: findings.sarif, audit.html" in capsys.readouterr().out


def test_what_a_rubric_hides_is_left_out(tmp_path):
    r.written(tmp_path, r.result())
    rubric = tmp_path / "rubric.toml"
    rubric.write_text('[checks."role.trust"]\nvisibility = "hidden"\n')
    assert main(["report", str(tmp_path), "--rubric", str(rubric)]) == 0
    assert "The claim of role.trust" not in (tmp_path / "audit.html").read_text()
    assert "The claim of role.trust" not in (tmp_path / "junit.xml").read_text()
    assert main(["report", str(tmp_path)]) == 0
    assert "The claim of role.trust" in (tmp_path / "audit.html").read_text()


def put(*path: Any) -> Callable[[dict[str, Any]], None]:
    """Put the last of the path where the rest leads."""

    def change(shape: Any) -> None:
        for key in path[:-2]:
            shape = shape[key]
        shape[path[-2]] = path[-1]

    return change


def drop(*path: Any) -> Callable[[dict[str, Any]], None]:
    def change(shape: Any) -> None:
        for key in path[:-1]:
            shape = shape[key]
        del shape[path[-1]]

    return change


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (put("schema", 2), "its schema is 2, and this version of stslab reads 1"),
        (put("schema", "1"), "its schema is '1', and this version of stslab reads 1"),
        (put("schema", True), "its schema is True"),
        (drop("schema"), "it names no schema"),
        (drop("checks"), "the result is damaged, checks: Field required"),
        (put("checks", 3, "outcome", "great"), "the result is damaged, checks.3.outcome"),
        (put("checks", 3, "title", 7), "the result is damaged, checks.3.title"),
        (put("checks", 3, "points", "five"), "the result is damaged, checks.3.points"),
        (put("calls", 0, "time", None), "the result is damaged, calls.0.time"),
        (put("documents", 0, "kind", "poem"), "the result is damaged, documents.0.kind"),
        (put("finished", "yesterday"), "the result is damaged, finished: 'yesterday' is no time"),
        (put("environment", ["a"]), "the result is damaged, environment"),
    ],
)
def test_a_damaged_result_is_one_sentence_and_no_report(tmp_path, capsys, change, said):
    it = r.result(calls=(r.call(1, r.USER, "sts:AssumeRole", r.ROLE),), documents=[r.document()])
    path = r.written(tmp_path, it)
    shape = json.loads(path.read_text())
    change(shape)
    path.write_text(json.dumps(shape))
    refused(tmp_path, capsys, [str(path)], f"{path}: {said}")


@pytest.mark.parametrize(
    "raw",
    [b"", b"{", b"[]", b"null", b'"text"', b"\xff\xfe", b'{"schema": 1, "lab": "\xff"}', b"[" * 100_000, b"\0" * 9],
)
def test_what_is_no_result_is_one_sentence(tmp_path, capsys, raw):
    path = tmp_path / "result.json"
    path.write_bytes(raw)
    refused(tmp_path, capsys, [str(path)], f"{path}: ")


def test_any_truncation_is_refused(tmp_path, capsys):
    raw = r.written(tmp_path, r.result()).read_bytes()
    for at in range(0, len(raw) - 2, len(raw) // 50):
        (tmp_path / "result.json").write_bytes(raw[:at])
        refused(tmp_path, capsys, [str(tmp_path)], "stslab: ")


def test_a_result_that_is_not_there_is_one_sentence(tmp_path, capsys):
    refused(tmp_path, capsys, [str(tmp_path)], "the result cannot be read (No such file or directory)")


MAPPING = (ROOT / "policies" / "controls.toml").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('"user.created"', '"user.invented"', "user.invented"),
        ("expires = 2028-11-30", "", "has no date as its expires"),
        ("expires = 2028-11-30", 'expires = "2028-11-30"', "has no date as its expires"),
        ("schema = 1", "schema = 2", "its schema is not 1"),
        ("schema = 1", "schema = ", "does not parse"),
    ],
)
def test_a_mapping_that_will_not_do_is_one_sentence_and_no_report(tmp_path, capsys, old, new, said):
    assert old in MAPPING
    r.written(tmp_path, r.result())
    mapping = tmp_path / "controls.toml"
    mapping.write_text(MAPPING.replace(old, new))
    refused(tmp_path, capsys, [str(tmp_path), "--controls", str(mapping)], said)


def refused(folder: Path, capsys: pytest.CaptureFixture[str], arguments: list[str], said: str) -> None:
    before = {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    assert main(["report", *arguments]) == 2
    out, err = capsys.readouterr()
    assert said in err
    assert err.count("\n") == 1
    assert out == ""
    assert {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()} == before


def expired(folder: Path) -> Path:
    mapping = folder / "controls.toml"
    mapping.write_text(MAPPING.replace("expires = 2028-11-30", "expires = 2026-11-25"))
    return mapping


def test_an_expired_exemption_turns_the_verdict_and_the_report_is_whole(tmp_path, capsys):
    r.written(tmp_path, r.result())
    assert main(["report", str(tmp_path), "--controls", str(expired(tmp_path))]) == 2
    err = capsys.readouterr().err
    assert "expired on 2026-11-25" in err
    page = (tmp_path / "audit.html").read_text()
    assert "<strong>Not in order</strong>" in page
    assert page.endswith("</html>\n")
    assert main(["report", str(tmp_path)]) == 0
    assert "<strong>Passed</strong>" in (tmp_path / "audit.html").read_text()


def test_an_exemption_counts_by_the_day_of_the_run(tmp_path):
    r.written(tmp_path, r.result(started="2026-11-25T09:00:00Z", finished="2026-11-25T23:59:59Z"))
    assert main(["report", str(tmp_path), "--controls", str(expired(tmp_path))]) == 0
    assert "<strong>Passed</strong>" in (tmp_path / "audit.html").read_text()


def test_a_run_under_an_expired_exemption_is_not_in_order(tmp_path):
    assert date.today() > date(2026, 11, 25)
    lab = performing.perform(tmp_path, "--controls", str(expired(tmp_path)))
    assert lab.exit_code == 1
    assert set(lab.outcomes.values()) == {"passed"}
    assert "expired on 2026-11-25" in " ".join(lab.output.split())
    assert any("expired on 2026-11-25" in fault for fault in lab.result["faults"])
    assert "<strong>Not in order</strong>" in lab.text("audit.html")


def test_a_run_with_a_mapping_that_will_not_do_is_not_begun(tmp_path):
    mapping = tmp_path / "controls.toml"
    mapping.write_text(MAPPING.replace("expires = 2028-11-30", ""))
    lab = performing.perform(tmp_path, "--controls", str(mapping))
    assert lab.exit_code == pytest.ExitCode.USAGE_ERROR
    assert "has no date as its expires" in lab.output
    assert "Traceback" not in lab.output
    assert not lab.reports.exists()


def test_a_report_that_cannot_be_written_leaves_the_old_one(tmp_path, capsys, monkeypatch):
    r.written(tmp_path, r.result())
    assert main(["report", str(tmp_path)]) == 0
    before = {name: (tmp_path / name).read_bytes() for name in MADE}
    r.written(tmp_path, r.result({"role.trust": r.Outcome.FAILED}))

    def full(source: Path, target: Path) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "replace", full)
    assert main(["report", str(tmp_path)]) == 2
    assert "the reports cannot be written (No space left on device)" in capsys.readouterr().err
    assert {name: (tmp_path / name).read_bytes() for name in MADE} == before
    assert not [path for path in tmp_path.iterdir() if path.name.startswith(".")]


def test_a_run_whose_reports_cannot_be_written_says_so_in_one_sentence(tmp_path):
    (tmp_path / "reports" / "audit.html").mkdir(parents=True)
    lab = performing.perform(tmp_path)
    assert lab.exit_code == pytest.ExitCode.USAGE_ERROR
    assert "reports: the reports cannot be written (Is a directory); make room there, or choose" in lab.output
    assert "19 of 19 checks passed" in lab.output
    assert "Traceback" not in lab.output
    assert lab.left == {}


def test_it_starts_without_pytest_moto_and_boto3(tmp_path):
    r.written(tmp_path, r.result())
    code = (
        "import sys; from stslab.cli import main; code = main(['report', sys.argv[1]]);"
        "print([m for m in ('pytest', 'moto', 'boto3', 'botocore') if m in sys.modules]); sys.exit(code)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path)],
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    assert done.stdout.splitlines()[-1] == "[]"
