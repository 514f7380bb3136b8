"""The nightly workflow and the composite action: what they may do, whose code they run, and that they clean up.

zizmor and actionlint read them as well, in ``make lint``; here stands what neither of them asks for. Source for the
whole module: GitHub documentation, "Secure use reference", "Metadata syntax for GitHub Actions" and "Workflow syntax
for GitHub Actions".
"""

from __future__ import annotations

import json
import os
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from accounts import ROOT

WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.y*ml"))
SMOKE = ROOT / ".github" / "workflows" / "smoke.yml"
ACTION = ROOT / "action.yml"
FILES = [*WORKFLOWS, ACTION]
IDS = [str(file.relative_to(ROOT)) for file in FILES]

VARIABLES = {"STSLAB_ROLE_ARN", "STSLAB_ACCOUNT", "STSLAB_REGION", "STSLAB_BOUNDARY_ARN"}
SESSION_MINUTES = 60

ACCOUNT, REGION = "111122223333", "eu-central-1"
BOUNDARY = f"arn:aws:iam::{ACCOUNT}:policy/limit"
HOSTILE = """a b"; touch owned; $(touch owned) `touch owned` ${HOME} ' * --yes"""


def load(file: Path) -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load(file.read_text(encoding="utf-8"))
    return found


def jobs(file: Path) -> dict[str, Any]:
    found: dict[str, Any] = load(file)["jobs"]
    return found


def steps(file: Path) -> list[dict[str, Any]]:
    """The steps of an action, or of all jobs of a workflow, in order."""
    if file == ACTION:
        return list(load(file)["runs"]["steps"])
    return [step for job in jobs(file).values() for step in job["steps"]]


def step(file: Path, name: str) -> dict[str, Any]:
    return next(each for each in steps(file) if each.get("name") == name)


def strings(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from (str(key), *strings(inner))
    elif isinstance(value, list):
        for inner in value:
            yield from strings(inner)
    else:
        yield str(value)


@pytest.mark.parametrize("file", WORKFLOWS, ids=lambda file: file.name)
def test_nothing_is_permitted_that_a_job_does_not_ask_for(file: Path) -> None:
    assert load(file)["permissions"] == {}
    assert all("permissions" in job for job in jobs(file).values())


def test_only_the_lab_may_have_a_token() -> None:
    permitted = {name: job["permissions"] for name, job in jobs(SMOKE).items()}
    assert permitted.pop("lab") == {"id-token": "write", "contents": "read"}
    assert not any(permitted.values())


def test_nobody_outside_can_start_it() -> None:
    """YAML 1.1 reads the key ``on`` as true."""
    assert set(load(SMOKE)[True]) == {"schedule", "workflow_dispatch"}  # type: ignore[index]


@pytest.mark.parametrize("file", FILES, ids=IDS)
def test_other_peoples_actions_are_pinned_to_a_commit_with_its_version_beside_it(file: Path) -> None:
    lines = [line.split("uses:", 1)[1].strip() for line in file.read_text().splitlines() if re.search(r"\buses:", line)]
    assert lines
    assert len(lines) == sum("uses" in each for each in steps(file))
    for line in lines:
        assert line.split(" ")[0] == "./" or re.fullmatch(r"[\w.-]+(/[\w.-]+)+@[0-9a-f]{40} # v\d+\.\d+\.\d+", line), (
            line
        )


@pytest.mark.parametrize("file", FILES, ids=IDS)
def test_there_is_no_stored_secret(file: Path) -> None:
    said = "\n".join(strings(load(file))).lower()
    assert not re.search(r"\bsecrets\b|aws[-_](access[-_]key|secret[-_]access)|github[._]token", said)


@pytest.mark.parametrize("file", FILES, ids=IDS)
def test_no_expression_is_ever_part_of_a_command(file: Path) -> None:
    commands = [each["run"] for each in steps(file) if "run" in each]
    assert commands
    assert not [command for command in commands if "${{" in command]


def test_one_run_at_a_time_and_none_is_cut_short() -> None:
    concurrency = load(SMOKE)["concurrency"]
    assert concurrency["group"]
    assert concurrency["cancel-in-progress"] is False


def test_the_credentials_outlast_the_job() -> None:
    assert all("timeout-minutes" in job for job in jobs(SMOKE).values())
    lab = jobs(SMOKE)["lab"]
    performing = step(SMOKE, "Perform the lab")["timeout-minutes"]
    assert performing < lab["timeout-minutes"] < SESSION_MINUTES
    assert step(SMOKE, "Assume the runner's role")["with"]["role-duration-seconds"] == SESSION_MINUTES * 60


def test_either_the_lab_is_performed_or_a_word_is_said() -> None:
    lab, skipped = (" ".join(jobs(SMOKE)[name]["if"].split()) for name in ("lab", "unconfigured"))
    parts = lab.split(" && ")
    assert set(parts) == {f"vars.{name} != ''" for name in VARIABLES}
    assert skipped.split(" || ") == [part.replace("!=", "==") for part in parts]


@pytest.mark.parametrize("name", ["Sweep", "Keep the reports"])
def test_whatever_happened_the_workflow_sweeps_and_keeps_the_reports(name: str) -> None:
    names = [each.get("name", "") for each in jobs(SMOKE)["lab"]["steps"]]
    assert step(SMOKE, name)["if"] == "always()"
    assert names.index(name) > names.index("Perform the lab")


def test_the_action_sweeps_whatever_became_of_the_lab() -> None:
    names = [each.get("name", "") for each in steps(ACTION)]
    assert names.index("Install the lab") < names.index("Perform the lab") < names.index("Sweep")
    condition = step(ACTION, "Sweep")["if"]
    assert condition.split(" && ") == ["always()", "steps.install.outcome == 'success'"]


def test_what_the_action_is_given_arrives() -> None:
    inputs = load(ACTION)["inputs"]
    used = re.findall(r"inputs\.([\w-]+)", "\n".join(strings(steps(ACTION))))
    assert set(used) == set(inputs)
    assert all(each.get("required") or "default" in each for each in inputs.values())
    assert set(step(SMOKE, "Perform the lab")["with"]) <= set(inputs)


class Shell:
    """Steps as a runner has them executed, with a Python that only notes what it is asked."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.summary = folder / "summary.md"
        self._noted = folder / "noted.json"

    def install(self) -> None:
        stub = self.folder / "stslab" / "bin" / "python"
        stub.parent.mkdir(parents=True)
        stub.write_text(f"""#!/bin/sh
exec python3 -c 'import json, sys; print(json.dumps(sys.argv[1:]), file=open("{self._noted}", "w"))' "$@"
""")
        stub.chmod(0o755)

    def run(self, command: str, **env: str) -> subprocess.CompletedProcess[str]:
        """Source: GitHub documentation, "Workflow syntax", ``shell``: what is executed where bash is named."""
        more = {
            "RUNNER_TEMP": str(self.folder),
            "GITHUB_ACTION_PATH": str(self.folder),
            "GITHUB_STEP_SUMMARY": str(self.summary),
        }
        bash = ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", command]
        return subprocess.run(
            bash, cwd=self.folder, env={**os.environ, **more, **env}, text=True, capture_output=True, timeout=20
        )

    @property
    def noted(self) -> list[str] | None:
        return json.loads(self._noted.read_text()) if self._noted.exists() else None


@pytest.fixture
def shell(tmp_path: Path) -> Shell:
    return Shell(tmp_path)


@pytest.mark.parametrize("policies", ["", "labs/mine", HOSTILE])
def test_the_action_performs_the_lab_with_what_it_is_given_and_takes_none_of_it_for_a_command(
    shell: Shell, policies: str
) -> None:
    shell.install()
    env = {"ACCOUNT": ACCOUNT, "REGION": REGION, "BOUNDARY": BOUNDARY, "POLICIES": policies, "REPORTS": HOSTILE}
    perform = step(ACTION, "Perform the lab")
    assert set(env) <= set(perform["env"])
    assert shell.run(perform["run"], **env).returncode == 0
    where = ["--target=aws", f"--account={ACCOUNT}", f"--region={REGION}", f"--permissions-boundary={BOUNDARY}"]
    assert shell.noted == [
        *("-m", "stslab", "run", *where, f"--reports={HOSTILE}"),
        *([f"--policies={policies}"] if policies else []),
    ]
    assert not (shell.folder / "owned").exists()


def test_the_action_sweeps_with_what_it_is_given(shell: Shell) -> None:
    shell.install()
    assert shell.run(step(ACTION, "Sweep")["run"], ACCOUNT=ACCOUNT, REGION=HOSTILE).returncode == 0
    options = ["--target=aws", f"--account={ACCOUNT}", f"--region={HOSTILE}", "--yes"]
    assert shell.noted == ["-m", "stslab", "sweep", *options]
    assert not (shell.folder / "owned").exists()


def test_the_workflow_sweeps_what_lost_machines_have_left_as_well(shell: Shell) -> None:
    shell.install()
    assert shell.run(step(SMOKE, "Sweep")["run"], ACCOUNT=ACCOUNT, REGION=REGION).returncode == 0
    options = ["--target=aws", f"--account={ACCOUNT}", f"--region={REGION}", "--discover", "--yes"]
    assert shell.noted == ["-m", "stslab", "sweep", *options]


def test_where_nothing_was_installed_there_is_nothing_to_sweep(shell: Shell) -> None:
    swept = shell.run(step(SMOKE, "Sweep")["run"], ACCOUNT=ACCOUNT, REGION=REGION)
    assert (swept.returncode, swept.stderr) == (0, "")
    assert "it has made nothing" in swept.stdout


def test_the_word_that_is_said_names_every_variable(shell: Shell) -> None:
    said = shell.run(step(SMOKE, "Say what to set")["run"])
    assert said.returncode == 0
    assert said.stdout.startswith("::notice ")
    assert (
        VARIABLES
        == set(re.findall(r"STSLAB_\w+", said.stdout))
        == set(re.findall(r"STSLAB_\w+", shell.summary.read_text()))
    )
