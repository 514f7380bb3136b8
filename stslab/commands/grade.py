"""``stslab grade``: a folder of submissions in, a gradebook with reasons and hints out."""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path
from typing import Any

from stslab.exporters.registry import EXPORTERS
from stslab.grading.task import Limits

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
    # Only now: the other commands start without what this one needs.
    from stslab.grading.command import grade_class

    try:
        return grade_class(options)
    except KeyboardInterrupt:
        print("Interrupted; what is graded stays, and --resume goes on from there.", file=sys.stderr)
        raise


def _positive(text: str) -> int:
    value = int(text)
    if value < 1:
        raise argparse.ArgumentTypeError(f"{text} is not 1 or more")
    return value
