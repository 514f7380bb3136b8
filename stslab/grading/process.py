"""Grade one submission, and tell what became of it whatever that was."""

from __future__ import annotations

import json
import os
import shutil
import signal
import sys
from hashlib import sha256
from pathlib import Path
from typing import Any

from stslab.files import write_whole
from stslab.grading.graded import Graded
from stslab.grading.supervision import supervised
from stslab.grading.task import Task
from stslab.grading.ungraded import ungraded
from stslab.grading.worker import OUTPUT, REPORTS, RESULT, work
from stslab.result import DOCUMENTS, LabResult

FILES = ("lab.html", "lab-carried-on.html", "audit.html", "findings.sarif", RESULT, DOCUMENTS)
"""The reports of a submission, and the folder of what was handed in."""

WORK = ".work"
"""The folder within the output folder where submissions are worked on until their reports are whole."""


def grade(task: Task) -> Graded:
    """Grade a submission.

    Args:
        task: the submission and where its reports go.
    """
    # Not by its name, which may be as long as a name can be.
    folder = task.out / WORK / f"{os.getpid()}-{sha256(task.name.encode()).hexdigest()[:16]}"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    try:
        ended = supervised(work, task, folder)
        problem = _problem(ended, task, folder)
        result = None if problem else read_result(folder / REPORTS)
        if result is None:
            return not_graded(task, problem or "Its result cannot be read.")
        _file(folder / REPORTS, task.folder)
        return Graded(task.name, result)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def not_graded(task: Task, problem: str) -> Graded:
    """File a submission that could not be graded, in place of whatever an earlier run has left of it.

    Args:
        task: the submission.
        problem: why, as a sentence.
    """
    for name in FILES:
        _remove(task.folder / name)
    result = ungraded(task, problem)
    write_whole(task.folder / RESULT, result.text)
    return Graded(task.name, result, problem)


def _problem(ended: int | None, task: Task, folder: Path) -> str:
    if ended is None or -ended == getattr(signal, "SIGXCPU", None):
        return f"It took longer than {task.limits.seconds:g} seconds and was ended."
    if ended < 0:
        return f"Its process was killed by {signal.Signals(-ended).name}."
    if ended > 1:
        return f"Its process ended with exit code {ended}: {_last_line(folder / OUTPUT)}"
    return "" if (folder / REPORTS / RESULT).is_file() else "Its process left no result."


def _last_line(output: Path) -> str:
    try:
        lines = output.read_text(encoding="utf-8", errors="replace")[-10_000:].split("\n")
    except OSError:
        return "it said nothing."
    return next((line.strip() for line in reversed(lines) if line.strip(" =")), "it said nothing.")[:500]


def read_result(folder: Path) -> LabResult | None:
    """Read the result in a folder, but for its calls and documents; ``None`` where there is none that is whole."""
    try:
        shape: Any = json.loads((folder / RESULT).read_text(encoding="utf-8"))
        result = LabResult.from_dict({**shape, "calls": [], "documents": [], "environment": {}})
    except (OSError, ValueError, KeyError, TypeError):
        return None
    for check in result.checks:
        # A class of thousands has the same few sentences over and over.
        check.id, check.title, check.hint, check.reason = map(
            sys.intern, (check.id, check.title, check.hint, check.reason)
        )
        check.evidence.clear()
        check.grounds.clear()
    return result


def _file(reports: Path, folder: Path) -> None:
    """Put the reports where they belong, the result last: where it is, everything is."""
    folder.mkdir(parents=True, exist_ok=True)
    for path in sorted(reports.iterdir(), key=lambda path: path.name == RESULT):
        if path.is_dir():
            _remove(folder / path.name)
        path.replace(folder / path.name)


def _remove(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)
