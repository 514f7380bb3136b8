"""The result of a submission that could not be graded: every check is an error, and nothing of it is lost."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

from stslab.grading.supervision import supervised
from stslab.grading.task import Limits, Task
from stslab.grading.worker import confined_in, leave, options_of, perform
from stslab.result import CheckResult, LabResult, now
from stslab.run import LAB

_CHECKS = "checks.json"


def ungraded(task: Task, problem: str) -> LabResult:
    """Give the result.

    Args:
        task: the submission.
        problem: why it could not be graded, as a sentence.
    """
    time = now()
    checks = [replace(check, reason=problem) for check in _checks(task.rubric, task.only)]
    return LabResult(LAB, task.name, "moto", "", time, time, checks, [])


@lru_cache(maxsize=4)
def _checks(rubric: Path | None, only: tuple[str, ...]) -> tuple[CheckResult, ...]:
    """The checks of the suite, none of which has been run: the suite is asked for them in a process of its own."""
    folder = Path(mkdtemp(prefix="stslab-"))
    try:
        supervised(_list, Task("checks", folder, folder, rubric, only, limits=Limits()), folder)
        shape: Any = json.loads((folder / _CHECKS).read_text(encoding="utf-8"))
        return tuple(LabResult.from_dict(shape).checks)
    except (OSError, ValueError):
        # Not even that works here; why the submission could not be graded is told all the same.
        return ()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


class _Listing:
    """A plugin that writes down the checks that have been collected."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def pytest_sessionfinish(self, session: Any) -> None:
        from fixtures.options import RUN

        self._path.write_text(json.dumps(session.config.stash[RUN].finish().as_dict()), encoding="utf-8")


def _list(task: Task, folder: Path) -> None:
    confined_in(folder, task.limits)
    leave(perform(["--collect-only", f"--reports={folder}", *options_of(task)], [_Listing(folder / _CHECKS)]))
