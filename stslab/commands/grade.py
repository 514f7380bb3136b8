"""``stslab grade``: a folder of submissions in, a gradebook with reasons and hints out."""

from __future__ import annotations

import argparse
import os
import shutil
import sys
from pathlib import Path
from typing import Any

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

EPILOG = """
Every sub-folder and zip of DIR is a submission; a DIR that holds a template or a policy itself is one.
OUT gets results.jsonl, gradebook.csv and class.html, and a folder for each submission with result.json and lab.html.
Exit code: 0 graded, 1 something could not be graded, 2 the command line or a file of yours will not do.
"""


def add(commands: Any) -> None:
    """Add the command to the parser's commands."""
    parser = commands.add_parser(
        "grade",
        help="grade a folder of labs",
        description="Grade a folder of labs: each is performed with its own documents, in a process of its own.",
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "dir", metavar="DIR", type=Path, help="folder of submissions, or one submission, or a zip of one"
    )
    parser.add_argument("--out", type=Path, default=Path("reports"), help="output folder (default: %(default)s)")
    parser.add_argument("--rubric", type=Path, metavar="FILE", help="points, hints and visibility of the checks")
    parser.add_argument("--only", action="append", default=[], metavar="CHECK", help="only this check; may be repeated")
    parser.add_argument(
        "--format",
        action="append",
        default=[],
        metavar="NAME",
        help="write this format, too; may be repeated: "
        + "; ".join(f"{name}: {exporter.about}" for name, exporter in sorted(EXPORTERS.items())),
    )
    parser.add_argument(
        "--carry-on",
        action="store_true",
        help="try what a failed document blocks with the reference document in its place, and mark it so",
    )
    parser.add_argument("--resume", action="store_true", help="grade only what has not been graded already")
    parser.add_argument(
        "--workers", type=_positive, default=os.cpu_count() or 1, metavar="N", help="at once (default: %(default)s)"
    )
    parser.add_argument(
        "--seconds", type=_positive, default=Limits.seconds, help="a submission may take (default: %(default)s)"
    )
    parser.add_argument(
        "--memory",
        type=_positive,
        default=Limits.memory // 1_000_000,
        metavar="MB",
        help="and use (default: %(default)s)",
    )
    parser.add_argument("--dask", metavar="ADDRESS", help="grade on a Dask cluster, as tcp://scheduler:8786")
    parser.set_defaults(command=grade)


def grade(options: argparse.Namespace) -> int:
    """Grade the submissions, and write the reports.

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
        try:
            graded = grade_all(tasks, workers, progress.advance, resume=options.resume)
        except KeyboardInterrupt:
            print("Interrupted; what is graded stays, and --resume goes on from there.", file=sys.stderr)
            raise
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


def _positive(text: str) -> int:
    value = int(text)
    if value < 1:
        raise argparse.ArgumentTypeError(f"{text} is not 1 or more")
    return value
