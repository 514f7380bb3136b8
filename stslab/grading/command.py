"""What ``stslab grade`` does, from its command line to its exit code."""

from __future__ import annotations

import argparse
import os
import shutil
import sys
from pathlib import Path

from stslab.errors import BadInput
from stslab.exporters.registry import ALWAYS, EXPORTERS
from stslab.files import write_whole
from stslab.grading.classroom import submissions_in
from stslab.grading.executors import executor
from stslab.grading.graded import Graded
from stslab.grading.process import WORK
from stslab.grading.run import grade_all, write_results
from stslab.grading.task import Limits, Task
from stslab.report.progress import Progress
from stslab.report.summary import summary
from stslab.result import Outcome
from stslab.rubric import FILE, read_rubric
from stslab.suite import suite_folder


def grade_class(options: argparse.Namespace) -> int:
    """Grade the submissions, and write the reports.

    Args:
        options: the command line, read.

    Returns:
        the exit code.

    Raises:
        BadInput: something on the command line will not do.
    """
    out = options.out.resolve()
    rubric = read_rubric(options.rubric or suite_folder() / "policies" / FILE)
    formats = _named(options.format)
    strange = [name for name in formats if name not in EXPORTERS]
    if strange:
        raise BadInput("--format", f"there is no format {strange[0]!r}", f"give any of {', '.join(EXPORTERS)}")
    tasks = _tasks(options, out)
    try:
        out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise BadInput("--out", f"{out} cannot be written ({error.strerror})", "choose another folder") from None
    with executor(options.workers, options.dask) as workers, Progress(len(tasks), sys.stderr) as progress:
        graded = grade_all(tasks, workers, progress.advance, resume=options.resume)
    write_results(out, graded)
    for exporter in [*ALWAYS, *(EXPORTERS[name] for name in formats)]:
        for path, text in exporter.files(graded, rubric):
            write_whole(out / path, text)
    if "github" in formats and os.environ.get("GITHUB_STEP_SUMMARY"):
        _append(Path(os.environ["GITHUB_STEP_SUMMARY"]), (out / "summary.md").read_text(encoding="utf-8"))
    shutil.rmtree(out / WORK, ignore_errors=True)
    summary(graded, sys.stdout, reports=str(options.out))
    return 1 if any(_fell_short(each) for each in graded) else 0


def _tasks(options: argparse.Namespace, out: Path) -> list[Task]:
    only = _named(options.only)
    known = read_rubric(suite_folder() / "policies" / FILE)
    strange = [check for check in only if check not in known]
    if strange:
        raise BadInput("--only", f"there is no check {strange[0]!r}", f"give any of {', '.join(known)}")
    limits = Limits(seconds=options.seconds, memory=options.memory * 1_000_000)
    rubric = options.rubric.resolve() if options.rubric else None
    return [
        Task(name, path, out, rubric, only, options.carry_on, limits)
        for name, path in submissions_in(options.dir.resolve(), out).items()
    ]


def _named(given: list[str]) -> tuple[str, ...]:
    """What an option names that may be repeated, and may hold several with commas between; each once."""
    return tuple(dict.fromkeys(part.strip() for each in given for part in each.split(",") if part.strip()))


def _fell_short(graded: Graded) -> bool:
    return bool(graded.problem) or any(check.outcome is Outcome.ERROR for check in graded.result.checks)


def _append(path: Path, text: str) -> None:
    with path.open("a", encoding="utf-8") as out:
        out.write(text)
