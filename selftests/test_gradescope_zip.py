"""The upload for Gradescope: whole, the same every time, and it grades where only it is."""

from __future__ import annotations

import io
import json
import os
import re
import subprocess
import sys
import tomllib
import zipfile
from importlib.metadata import version
from pathlib import Path

import exporting
import performing
import pytest

from stslab import cli
from stslab.exporters.autograder import SUITE, autograder
from stslab.exporters.scripts import BROKEN

PROJECT = tomllib.loads((performing.ROOT / "pyproject.toml").read_text())


@pytest.fixture(scope="module")
def upload() -> bytes:
    return autograder()


@pytest.fixture
def image(upload, tmp_path) -> Path:
    """What Gradescope makes of the upload, in a folder of its own, with a Python that is there already."""
    root = tmp_path / "autograder"
    with zipfile.ZipFile(io.BytesIO(upload)) as archive:
        archive.extractall(root / "source")
    for script in ("setup.sh", "run_autograder"):
        path = root / "source" / script
        path.write_text(path.read_text().replace("/autograder", str(root)))
    _script(root / "venv/bin/python", f'PYTHONPATH={root}/source exec {sys.executable} "$@"')
    (root / "submission").mkdir()
    return root


def _script(path: Path, *lines: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n".join(["#!/bin/sh", *lines, ""]))
    path.chmod(0o755)


def _bash(script: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["/bin/bash", str(script)],
        cwd=script.parents[1],
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )


def _graded(image: Path) -> dict:
    done = _bash(image / "source" / "run_autograder")
    assert done.returncode == 0, done.stderr
    return exporting.valid((image / "results" / "results.json").read_text(), exporting.GRADESCOPE)


def test_the_upload_has_both_scripts_at_its_top_and_the_suite_as_if_installed(upload):
    archive = zipfile.ZipFile(io.BytesIO(upload))
    names = archive.namelist()
    assert {name.split("/")[0] for name in names} == {"requirements.txt", "run_autograder", "setup.sh", "stslab"}
    for name in ("cli.py", "suite/conftest.py", "suite/pytest.ini", "suite/tests/test_1_user.py"):
        assert f"stslab/{name}" in names
    assert not [name for name in names if "__pycache__" in name or name.endswith(".pyc") or "/." in name]
    modes = {name: archive.getinfo(name).external_attr >> 16 & 0o777 for name in names}
    assert modes["setup.sh"] == modes["run_autograder"] == 0o755
    assert modes["stslab/cli.py"] == 0o644
    assert {archive.getinfo(name).date_time for name in names} == {(1980, 1, 1, 0, 0, 0)}
    included = PROJECT["tool"]["hatch"]["build"]["targets"]["wheel"]["force-include"]
    assert included == {part: f"stslab/suite/{part}" for part in SUITE}


def test_the_upload_is_the_same_every_time_and_names_no_machine(upload):
    assert autograder() == autograder()
    archive = zipfile.ZipFile(io.BytesIO(upload))
    said = b"".join(archive.read(name) for name in ("setup.sh", "run_autograder", "requirements.txt"))
    for secret in (str(performing.ROOT), str(Path.home()), "http:", "https:", "--index", "--hash"):
        assert secret.encode() not in said


def test_the_upload_made_of_an_upload_is_the_same(upload, image):
    """As it is for an installed package, which has the suite where the upload has it."""
    needs = "".join(f"Requires-Dist: {line}\n" for line in PROJECT["project"]["dependencies"])
    metadata = image / "source" / "stslab-0.dist-info" / "METADATA"
    metadata.parent.mkdir()
    for stray in ("__pycache__/a.pyc", ".idea/b.xml", "suite/tests/.c.py.swp"):
        (image / "source" / "stslab" / stray).parent.mkdir(exist_ok=True)
        (image / "source" / "stslab" / stray).write_text("stray")
    metadata.write_text(f"Metadata-Version: 2.1\nName: stslab\nVersion: 0\n{needs}")
    code = "import sys; from stslab.exporters.autograder import autograder; sys.stdout.buffer.write(autograder())"
    done = subprocess.run(
        [image / "venv/bin/python", "-c", code], cwd=image, capture_output=True, timeout=60, check=False
    )
    assert done.stdout == upload, done.stderr.decode()


def test_the_requirements_are_what_is_installed_here(upload):
    lines = zipfile.ZipFile(io.BytesIO(upload)).read("requirements.txt").decode().splitlines()
    pins = dict(line.split("==") for line in lines)
    for needed in PROJECT["project"]["dependencies"]:
        name = re.match(r"[\w-]+", needed)[0]
        assert pins[name.lower()] == version(name)
    # What moto needs only as moto[cloudformation], and what that needs in turn.
    assert pins["cfn-lint"] == version("cfn-lint")
    assert pins["regex"] == version("regex")
    assert not {"ruff", "mypy", "pip-tools", "pytest-socket", "colorama"} & set(pins)


def test_the_upload_grades_a_submission(image):
    for name in ("template.yaml", "policy.json"):
        (image / "submission" / name).write_text((performing.ROOT / "policies" / name).read_text())
    results = _graded(image)
    assert {test["status"] for test in results["tests"]} == {"passed"}
    assert results["score"] == sum(test["max_score"] for test in results["tests"]) > 100


def test_the_rubric_in_the_upload_is_graded_by(image, tmp_path):
    rubric = tmp_path / "mine.toml"
    rubric.write_text('[checks."submission.template"]\npoints = 77\nvisibility = "hidden"\n')
    with zipfile.ZipFile(io.BytesIO(autograder(rubric.read_bytes()))) as archive:
        archive.extract("rubric.toml", image / "source")
    (image / "submission" / "policy.json").write_text("{}")
    tests = {test["name"].split(":")[0]: test for test in _graded(image)["tests"]}
    assert (tests["submission.template"]["max_score"], tests["submission.template"]["visibility"]) == (77, "hidden")


@pytest.mark.parametrize(
    "grading",
    ["exit 3", 'mkdir -p "$6/submission"; echo "{half" > "$6/submission/gradescope.json"', "kill -9 $$"],
    ids=["fails", "writes half a file", "is killed"],
)
def test_a_grading_that_breaks_says_so_in_the_results(image, grading):
    real = image / "venv/bin/real"
    (image / "venv/bin/python").rename(real)
    _script(image / "venv/bin/python", f'if [ "$2" = stslab ]; then {grading}; else exec {real} "$@"; fi')
    (image / "results").mkdir()
    (image / "results" / "results.json").write_text('{"score": 99}')
    results = _graded(image)
    assert results == BROKEN
    assert "a person has to look" in results["output"]


def test_setup_takes_a_python_that_will_do(image, tmp_path):
    mine = f"python{sys.version_info.major}.{sys.version_info.minor}"
    log = tmp_path / "log"
    _script(tmp_path / "bin/apt-get", f'echo "apt-get $*" >> {log}', "exit 100")
    venv = image / "venv/bin/python"
    _script(
        tmp_path / "bin" / mine,
        f'echo "{mine} $*" >> {log}',
        f"printf '#!/bin/sh\\necho \"venv $*\" >> {log}\\necho {image}/venv\\n' > {venv}",
    )
    done = _bash(image / "source/setup.sh", PATH=f"{tmp_path}/bin:/usr/bin:/bin")
    assert done.returncode == 0, done.stderr
    said = log.read_text()
    assert re.findall(r"^apt-get install .*(python\S+) \S+-venv$", said, re.MULTILINE) == [mine]
    assert f"{mine} -m venv --clear {image}/venv\n" in said
    assert f"{image}/source/requirements.txt" in said
    assert "venv -m stslab run --reports" in said.splitlines()[-1]
    assert (image / "venv/stslab.pth").read_text() == f"{image}/source\n"


def test_setup_says_in_one_sentence_that_there_is_no_python(image, tmp_path):
    for name in ("python3.11", "python3.12", "python3.13", "apt-get"):
        _script(tmp_path / "bin" / name, "exit 1")
    done = _bash(image / "source/setup.sh", PATH=f"{tmp_path}/bin")
    assert done.returncode == 1
    assert done.stderr.count("\n") == 1
    assert "needs Python 3.11 to 3.13, and this image has none" in done.stderr


def test_the_command_writes_the_upload(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    assert cli.main(["gradescope-zip"]) == 0
    assert (tmp_path / "autograder.zip").read_bytes() == autograder()
    assert "autograder.zip: upload it" in capsys.readouterr().out
    assert [path.name for path in tmp_path.iterdir()] == ["autograder.zip"]


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--rubric", "none.toml"), "none.toml: it cannot be read"),
        (("--rubric", "bad.toml"), "the rubric does not parse"),
        (("--out", "nowhere/a.zip"), "--out: nowhere/a.zip cannot be written"),
        (("--out", "."), "--out: . is a folder"),
    ],
)
def test_the_command_refuses_what_will_not_do(tmp_path, monkeypatch, capsys, options, said):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "bad.toml").write_text("[checks")
    assert cli.main(["gradescope-zip", *options]) == 2
    assert said in capsys.readouterr().err
    assert [path.name for path in tmp_path.iterdir()] == ["bad.toml"]


def test_what_the_upload_says_of_a_broken_grading_is_read_by_gradescope():
    exporting.valid(json.dumps(BROKEN), exporting.GRADESCOPE)
