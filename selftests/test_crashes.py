"""A crash in the middle of a module leaves nothing, whatever kind of crash it is."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor

import performing
import pytest
import sabotage


@pytest.mark.parametrize("kind", ["exception", "exit", "interrupt"])
@pytest.mark.parametrize("module", sabotage.MIDDLE)
def test_a_crash_leaves_nothing(perform, module, kind):
    lab = perform(sabotage=sabotage.Crash(module, kind))
    assert lab.left == {}
    assert lab.exit_code != 0
    assert "Left behind" not in lab.output
    assert "error" in lab.outcomes.values()
    if kind == "interrupt":
        assert lab.exit_code == pytest.ExitCode.INTERRUPTED
        assert "interrupted" in lab.check("cleanup.residue")["reason"]
        assert lab.outcomes["cleanup.residue"] == "error"


def test_control_c_after_any_call_leaves_nothing(tmp_path, perform):
    """At every one of the calls of a green run, by two processes at a time."""
    calls = len(perform().result["calls"])
    assert calls > 70

    def interrupted(nth):
        folder = tmp_path / str(nth)
        folder.mkdir()
        return performing.perform(folder, sabotage=sabotage.InterruptAt(nth))

    with ThreadPoolExecutor(2) as pool:
        labs = dict(zip(range(1, calls + 1), pool.map(interrupted, range(1, calls + 1)), strict=True))
    assert {nth: lab.left for nth, lab in labs.items() if lab.left} == {}
    assert {lab.exit_code for lab in labs.values()} == {int(pytest.ExitCode.INTERRUPTED)}
    assert [nth for nth, lab in labs.items() if "Left behind" in lab.output] == []


def test_a_policy_that_the_suite_could_not_put_does_not_fail_the_session(perform):
    """The crash is the suite's, so the session that would have needed the policy is not the lab's failure."""
    lab = perform(sabotage=sabotage.CrashBefore("PutUserPolicy"))
    assert lab.outcomes["session.assumed"] == "error"
    assert "failed" not in lab.outcomes.values()


def test_a_failure_with_maxfail_leaves_nothing(perform):
    lab = perform("-x", sabotage=sabotage.user_that_already_has_s3)
    assert lab.left == {}
    assert lab.outcomes["user.no-s3"] == "failed"
    assert lab.outcomes["stack.deploys"] == "error"
    assert "Not run" in lab.check("stack.deploys")["reason"]


def test_control_c_on_the_terminal_leaves_no_credentials_file(tmp_path):
    """The signal comes from outside, while the session lives and its credentials lie in the file."""
    pause = tmp_path / "pausing.py"
    pause.write_text(
        "import time, sys\n"
        "def pytest_runtest_call(item):\n"
        "    if 'session_assumed' in item.name:\n"
        "        print('HERE', file=sys.__stdout__, flush=True); time.sleep(60)\n"
    )
    environment = {**os.environ, "TMPDIR": str(tmp_path), "PYTHONPATH": f"{tmp_path}{os.pathsep}{performing.ROOT}"}
    command = [sys.executable, "-m", "stslab", "run", "-s", "-p", "pausing", "--reports", str(tmp_path / "reports")]
    process = subprocess.Popen(command, cwd=tmp_path, env=environment, stdout=subprocess.PIPE, text=True)
    for line in process.stdout:
        if "HERE" in line:
            break
    (credentials,) = tmp_path.glob("stslab-*/credentials")
    assert credentials.stat().st_mode & 0o777 == 0o600
    assert credentials.parent.stat().st_mode & 0o777 == 0o700
    assert [line for line in credentials.read_text().splitlines() if line.startswith("[")] == ["[sts]", "[assumed]"]
    time.sleep(0.1)
    process.send_signal(signal.SIGINT)
    rest = process.communicate(timeout=60)[0]
    assert process.returncode == pytest.ExitCode.INTERRUPTED, rest
    assert list(tmp_path.glob("stslab-*")) == []
    assert "Left behind" not in rest
