"""``docs/real-account.md``: its commands, taken from the page itself and run with the real AWS CLI on the sandbox."""

from __future__ import annotations

import os
import re
import subprocess

import performing
import pytest
from at_each_call import killing, performed
from emulators import Emulated, environment_of, sandbox
from wire_killing import KillAt

PAGE = (performing.ROOT / "docs" / "real-account.md").read_text(encoding="utf-8")
AWS = performing.ROOT / ".venv" / "awscli" / "bin"
COMMANDS = {
    heading.partition("\n")[0]: re.findall(r"```sh\n(.*?)```", heading, re.DOTALL)
    for heading in PAGE.split("\n## ")[1:]
}


@pytest.fixture(scope="module")
def account():
    with sandbox() as emulated:
        yield emulated


def said(account: Emulated, folder, heading: str, **filled: str) -> str:
    """Run the commands below a heading as a person would, one block after the other, and give what they say."""
    assert (AWS / "aws").exists(), f"there is no {AWS}; say make {AWS.parent.relative_to(performing.ROOT)}.stamp"
    script = "set -e\n" + "\n".join(COMMANDS[heading])
    for placeholder, value in {"OWNER/REPO": "octo-org/lab", "123456789012": account.id, **filled}.items():
        script = script.replace(placeholder, value)
    environment = {
        "PATH": f"{AWS}{os.pathsep}{os.environ['PATH']}",
        "HOME": str(folder),
        "XDG_STATE_HOME": str(folder / "state"),
        "TMPDIR": str(folder),
        "AWS_ENDPOINT_URL": account.endpoint,
        "AWS_PAGER": "",
        **environment_of(account.admin),
    }
    done = subprocess.run(
        ["bash", "-c", script],
        cwd=performing.ROOT,
        env=environment,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, f"{script}\n{done.stdout}\n{done.stderr}"
    return done.stdout


def test_every_command_of_the_page_in_its_order(account, tmp_path):
    assert [bool(blocks) for blocks in COMMANDS.values()] == [True, True, True, False, True, True, False]
    first, second, third, _, killed, undo, _ = COMMANDS
    # ``--reports`` would be the page's own folder else.
    deployed = said(account, tmp_path, first)
    assert "Successfully created/updated stack - stslab-runner" in deployed
    outputs = dict(line.split("\t") for line in deployed.splitlines() if "\t" in line)
    assert set(outputs) == {"RoleArn", "BoundaryArn"}
    with_the_bootstrap = account.inventory()

    planned = said(account, tmp_path, second)
    assert f"plan: in account {account.id} on aws at {account.endpoint}, region us-east-1, as " in planned
    assert "user    sts-machine-user-" in planned
    assert account.inventory() == with_the_bootstrap

    boundary = "arn:aws:iam::123456789012:policy/stslab/BOUNDARY"
    assert boundary in COMMANDS[third][0]
    done = said(account, tmp_path, third, **{boundary.replace("123456789012", account.id): outputs["BoundaryArn"]})
    assert "19 of 19 checks passed; 150 of 150 points." in done
    assert account.inventory() == with_the_bootstrap

    assert said(account, tmp_path, killed).count("There is nothing to sweep.") == 3

    said(account, tmp_path, undo)
    assert account.inventory() == {}


def test_the_page_is_right_about_what_a_killed_run_leaves(account, tmp_path):
    """The ledger, and what the two commands do with it."""

    holder: dict[str, int] = {}

    def look(run) -> tuple[str, dict]:
        heading = "What is left when a run is killed"
        return said(run.account, run.folder, heading), run.left

    printed, left = performed(
        account,
        tmp_path / "run",
        KillAt(60, "after", killing(holder)),
        started=lambda pid: holder.update(pid=pid),
        then=look,
    )
    assert "would be swept: " in printed
    assert "was swept: " in printed
    assert left == {}
