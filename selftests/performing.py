"""Perform the lab in a process of its own, forked from a server that has the imports behind it."""

from __future__ import annotations

import contextlib
import json
import multiprocessing
import os
import sys
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
PRELOAD = [
    "pytest",
    "boto3",
    "cfnlint.api",
    "detect_secrets.plugins.aws",
    "detect_secrets.plugins.private_key",
    "moto.cloudformation.models",
    "moto.cloudformation.responses",
    "moto.dynamodb.responses",
    "moto.iam.responses",
    "moto.s3.responses",
    "moto.secretsmanager.responses",
    "moto.sts.responses",
    "selftests.preload",
]
FIXED = ("-c", str(ROOT / "pytest.ini"), "--rootdir", str(ROOT), "-p", "no:socket", str(ROOT / "tests"))
LIMIT = 240
"""Seconds after which a run is taken for hung."""

Sabotage = Callable[[], "list[object] | None"]
"""Breaks something; may return plugins for the lab's pytest."""

_forkserver = multiprocessing.get_context("forkserver")
_forkserver.set_forkserver_preload(PRELOAD)


@dataclass
class Performance:
    """What a run of the lab left behind."""

    exit_code: int
    output: str
    reports: Path
    left: dict[str, list[str]] | None
    result: dict[str, Any] = field(default_factory=dict)

    @property
    def outcomes(self) -> dict[str, str]:
        return {check["id"]: check["outcome"] for check in self.result["checks"]}

    @property
    def not_passed(self) -> dict[str, str]:
        """Every check that did not pass: its outcome, and for a blocked one what blocks it."""
        return {
            c["id"]: f"blocked by {c['blocked_by']}" if c["outcome"] == "blocked" else c["outcome"]
            for c in self.result["checks"]
            if c["outcome"] != "passed"
        }

    def check(self, check_id: str) -> dict[str, Any]:
        return next(c for c in self.result["checks"] if c["id"] == check_id)

    def texts(self) -> list[str]:
        """What is in every file of the reports."""
        return [path.read_text(encoding="utf-8") for path in self.reports.rglob("*") if path.is_file()]

    def text(self, report: str) -> str:
        return (self.reports / report).read_text(encoding="utf-8")


def perform(
    folder: Path,
    *options: str,
    sabotage: Sabotage | None = None,
    environ: Mapping[str, str] | None = None,
    started: Callable[[int], None] = lambda _: None,
) -> Performance:
    """Perform the lab in a folder.

    Args:
        folder: becomes the working folder, and gets the reports.
        options: pytest options.
        sabotage: called in the new process before pytest starts; a function of a module, so that it can be sent there.
        environ: variables of the new process, which has then no variable of AWS's but these; ``None`` leaves all as is.
        started: is given the id of the process before it does anything.
    """
    (folder / "performed").unlink(missing_ok=True)
    process = _forkserver.Process(target=_child, args=(folder, options, sabotage, environ))
    process.start()
    started(process.pid or 0)
    process.join(LIMIT)
    if process.is_alive():
        process.kill()
        raise AssertionError(f"the lab hangs: {(folder / 'output').read_text()}")
    left = folder / "left.json"
    result = folder / "reports" / "result.json"
    return Performance(
        exit_code=_exit_code(folder / "performed", process.exitcode),
        output=(folder / "output").read_text(encoding="utf-8"),
        reports=folder / "reports",
        left=json.loads(left.read_text()) if left.exists() else None,
        result=json.loads(result.read_text(encoding="utf-8")) if result.exists() else {},
    )


def _child(
    folder: Path, options: tuple[str, ...], sabotage: Sabotage | None, environ: Mapping[str, str] | None
) -> None:
    _settle(folder, environ, folder / "output")
    import pytest

    _take_inventory_at_the_end(folder / "left.json")
    plugins = sabotage() if sabotage else None
    code = pytest.main([*FIXED, *options], plugins=plugins)
    sys.stdout.flush()
    (folder / "performed").write_text(str(int(code)))
    os._exit(int(code))


def command(folder: Path, *arguments: str, environ: Mapping[str, str]) -> tuple[int, str]:
    """Run ``stslab`` in a folder, and give its exit code and what it says."""
    (folder / "commanded").unlink(missing_ok=True)
    process = _forkserver.Process(target=_command, args=(folder, arguments, environ))
    process.start()
    process.join(LIMIT)
    said = (folder / "said").read_text(encoding="utf-8")
    if process.is_alive():
        process.kill()
        raise AssertionError(f"stslab {arguments[0]} hangs: {said}")
    return _exit_code(folder / "commanded", process.exitcode), said


def _exit_code(told: Path, seen: int | None) -> int:
    """The exit code that a process wrote down; a fork server now and then loses one, and says 255."""
    return int(told.read_text()) if told.exists() else seen or 0


def _command(folder: Path, arguments: tuple[str, ...], environ: Mapping[str, str]) -> None:
    _settle(folder, environ, folder / "said")
    from stslab.cli import main

    code = main(arguments)
    sys.stdout.flush()
    (folder / "commanded").write_text(str(code))
    os._exit(code)


def _settle(folder: Path, environ: Mapping[str, str] | None, output: Path) -> None:
    """Make this process one that somebody has started in a folder, with these variables."""
    os.chdir(folder)
    if environ is not None:
        for name in [name for name in os.environ if name.startswith("AWS_")]:
            del os.environ[name]
        os.environ.update(environ)
        tempfile.tempdir = None  # as TMPDIR says now
    out = os.open(output, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
    os.dup2(out, 1)
    os.dup2(out, 2)
    sys.path.insert(0, str(ROOT))


def _take_inventory_at_the_end(path: Path) -> None:
    """Look into moto itself, just before it forgets everything, and write down what is left."""
    from stslab.targets.moto import MotoTarget

    close = MotoTarget.close

    def close_and_tell(target: MotoTarget) -> None:
        with contextlib.suppress(FileExistsError), path.open("x") as out:
            json.dump(inventory(target.account), out)
        close(target)

    MotoTarget.close = close_and_tell  # type: ignore[method-assign]


def inventory(account: str) -> dict[str, list[str]]:
    """Everything in an account but the suite's own admin, straight out of moto's state."""
    from moto.cloudformation.models import cloudformation_backends
    from moto.iam.models import iam_backends
    from moto.s3.models import s3_backends

    iam = iam_backends[account]["aws"]
    stacks = [stack.name for region in cloudformation_backends[account].values() for stack in region.stacks.values()]
    found = {
        "users": [name for name in iam.users if name != "stslab-admin"],
        "keys": [k.access_key_id for u in iam.users.values() if u.name != "stslab-admin" for k in u.access_keys],
        "groups": list(iam.groups),
        "roles": [role.name for role in iam.roles.values()],
        "policies": [arn for arn in iam.managed_policies if ":aws:policy" not in arn],
        "buckets": list(s3_backends[account]["aws"].buckets),
        "stacks": stacks,
    }
    return {kind: names for kind, names in found.items() if names}
