"""Installed with pip outside a clone, the wheel performs the lab."""

from __future__ import annotations

import json
import subprocess
import sys
import venv
import zipfile
from pathlib import Path

import performing
import pytest

MADE = [
    *("assessment-results.json", "audit.html", "ctrf.json", "documents", "findings.sarif"),
    *("junit.xml", "lab.html", "result.json"),
]


def call(*command: object, folder: Path) -> str:
    done = subprocess.run(
        [str(part) for part in command], cwd=folder, capture_output=True, text=True, timeout=600, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def wheel(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    call(sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", folder, folder=performing.ROOT)
    (built,) = folder.glob("stslab-*.whl")
    return built


def test_the_wheel_carries_the_suite_and_nothing_at_the_top_level(wheel):
    names = zipfile.ZipFile(wheel).namelist()
    policies = ("policies/template.yaml", "policies/controls.toml")
    for name in ("tests/test_1_user.py", "fixtures/user.py", *policies, "conftest.py", "pytest.ini"):
        assert f"stslab/suite/{name}" in names
    assert "stslab/audit/templates/audit.html" in names
    assert {name.split("/")[0] for name in names if ".dist-info/" not in name} == {"stslab"}
    assert not [name for name in names if "selftests" in name or "/reports/" in name or "__pycache__" in name]


def test_the_installed_wheel_performs_the_lab(wheel, tmp_path):
    venv.create(tmp_path / "venv", with_pip=True)
    python = tmp_path / "venv" / "bin" / "python"
    pip = [python, "-m", "pip", "--disable-pip-version-check", "--quiet"]
    lock = performing.ROOT / "requirements" / "lab.txt"
    call(*pip, "install", "--require-hashes", "-r", lock, folder=tmp_path)
    call(*pip, "install", "--no-deps", "--no-index", wheel, folder=tmp_path)
    call(python, "-m", "pip", "check", folder=tmp_path)
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    out = call(tmp_path / "venv" / "bin" / "stslab", "run", "--user-name", "from-a-wheel", folder=elsewhere)
    assert "19 of 19 checks passed" in out
    result = json.loads((elsewhere / "reports" / "result.json").read_text())
    assert {check["outcome"] for check in result["checks"]} == {"passed"}
    assert "user/from-a-wheel" in json.dumps(result["calls"])
    assert sorted(path.name for path in (elsewhere / "reports").iterdir()) == MADE
    assert [path.name for path in elsewhere.iterdir()] == ["reports"]
    assert call(tmp_path / "venv" / "bin" / "stslab", "--version", folder=elsewhere).startswith("stslab ")


@pytest.mark.parametrize("arguments", [[], ["dance"], ["--frobnicate"]])
def test_a_command_line_that_will_not_do_is_refused(arguments):
    done = subprocess.run(
        [sys.executable, "-m", "stslab", *arguments],
        cwd=performing.ROOT,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 2
    assert "Traceback" not in done.stderr
    assert "usage: stslab" in done.stderr


def test_the_locks_pin_every_version_by_hash_and_name_no_index():
    for name in ("lab.txt", "dev.txt", "ministack.txt", "awscli.txt"):
        text = (performing.ROOT / "requirements" / name).read_text()
        pins = [line for line in text.splitlines() if line and line[0].isalpha()]
        assert pins
        assert all("==" in pin and pin.endswith("\\") for pin in pins)
        assert text.count("--hash=sha256:") >= len(pins)
        assert not [word for word in ("http://", "https://", "--index-url", "--find-links", "file:/") if word in text]
    lab = (performing.ROOT / "requirements" / "lab.txt").read_text()
    assert not [tool for tool in ("ruff==", "mypy==", "hatchling==", "pytest-socket==") if tool in lab]
