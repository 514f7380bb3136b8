"""Whatever breaks, and however much is to be told: no secret in any byte that is written."""

from __future__ import annotations

import re
import secrets
import tomllib

import pytest
from leaking import EVERYTHING, Leaking, failed, found_in, in_forms, kept
from performing import ROOT, perform

from stslab.credentials import REDACTED

CHECKS = list(enumerate(tomllib.loads((ROOT / "policies" / "rubric.toml").read_text())["checks"]))


@pytest.fixture
def leaking(tmp_path):
    """Perform the lab with a leak in it, and look for all that it had to keep to itself."""
    (tmp_path / "work" / "reports").mkdir(parents=True)

    def run(*options, **leak):
        sabotage = Leaking(tmp_path / "kept", **leak)
        lab = perform(tmp_path / "work", *options, sabotage=sabotage)
        (tmp_path / "work" / "left.json").unlink(missing_ok=True)  # the selftests' own
        return lab

    yield run
    secret, signed, ids = (kept(tmp_path / "kept", kind) for kind in ("secret", "signature", "id"))
    assert len(secret) > 1
    assert len(signed) > 1
    assert found_in(tmp_path / "work", secret | signed) == []
    for path in (path for path in (tmp_path / "work").rglob("*") if path.is_file()):
        shown = path.read_text(encoding="utf-8")
        assert [each for each in ids if each in shown] == []


@pytest.mark.parametrize(("at", "check"), CHECKS)
def test_a_check_that_fails_at_full_verbosity_shows_no_secret(leaking, at, check):
    capture = ("-s", "--capture=tee-sys")[at % 2]
    # What comes after is only done for the clean-up, which needs to be all there is to be an end of.
    only = [] if check.startswith("cleanup.") else [f"--only={check}"]
    lab = leaking(*EVERYTHING, capture, *only, check=check, fault=failed)
    assert lab.outcomes[check] == "failed"
    for told in (lab.text("junit.xml"), lab.output):  # the locals of the frame that leaks
        assert re.search(r"plain +(\x1b\S+)?= ", told)


@pytest.mark.parametrize(
    ("hook", "fault"),
    [
        ("pytest_runtest_logfinish", RuntimeError),
        ("pytest_runtest_logfinish", KeyboardInterrupt),
        ("pytest_sessionfinish", RuntimeError),
        ("pytest_unconfigure", RuntimeError),
    ],
)
def test_what_breaks_pytest_itself_shows_no_secret(leaking, hook, fault):
    lab = leaking("-l", "--full-trace", "-W", "always", "--only=user.created", hook=hook, fault=fault)
    assert lab.exit_code != 0
    assert f"{fault.__name__}: leaked" in lab.output
    assert REDACTED in lab.output


def test_the_finder_finds_what_it_should(tmp_path):
    value, other = f"{secrets.token_hex(8)}/+{secrets.token_hex(8)}", secrets.token_hex(32)
    for text in (*in_forms(f"{{{value}}}"), value[3:15]):
        (tmp_path / "text").write_text(text)
        assert found_in(tmp_path, {value})
        assert not found_in(tmp_path, {other})


def test_the_finder_takes_no_date_in_digits_for_a_signature(tmp_path):
    signature = f"{'ab' * 20}261126{'cd' * 9}"
    (tmp_path / "text").write_text(b"Credential=AKIA/20261126/us-east-1".hex())
    assert not found_in(tmp_path, {signature})
    (tmp_path / "text").write_text(f"20261126{signature[36:50]}".encode().hex())
    assert found_in(tmp_path, {signature})


def test_several_processes_are_refused(tmp_path):
    lab = perform(tmp_path, "-n", "2", "-l", "-vv")
    assert lab.exit_code == pytest.ExitCode.USAGE_ERROR
    assert lab.output == "ERROR: -n, --dist: the lab is one story told in order; run it in one process.\n\n"


def test_account_ids_are_masked_when_told(leaking, tmp_path):
    lab = leaking("--mask-accounts", *EVERYTHING)
    assert lab.exit_code == 0
    assert lab.result["account"] == "********9012"
    assert "iam::********9012:user/" in lab.output
    for path in (path for path in tmp_path.rglob("*") if path.is_file()):
        assert b"123456789012" not in path.read_bytes()
