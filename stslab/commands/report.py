"""``stslab report``: render a run's reports again, from its result alone."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Any

from stslab.errors import BadInput

JUNIT = "junit.xml"

ABOUT = """\
Render what a run has left, from its result.json: audit.html, assessment-results.json (OSCAL), findings.sarif,
ctrf.json, the documents, and junit.xml where there is none. The same result gives the same bytes, today and in years.

The exit code is 0, also where the run has failed; 2 for input that will not do; and 2, too, where an exemption of
the controls had expired when the run ended, or is missing: the reports are written, and say so."""


def add(commands: Any) -> None:
    """Add the command's parser."""
    parser = commands.add_parser(
        "report",
        help="render a run's reports again, from its result.json",
        description=ABOUT,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("result", metavar="RESULT", type=Path, help="a result.json, or the folder that it is in")
    parser.add_argument("--out", metavar="DIR", type=Path, help="where to write (default: where the result is)")
    parser.add_argument(
        "--controls", metavar="FILE", type=Path, help="the mapping of checks to controls (default: the suite's own)"
    )
    parser.add_argument("--rubric", metavar="FILE", type=Path, help="leave out the checks that this rubric hides")
    parser.set_defaults(command=report)


def report(options: argparse.Namespace) -> int:
    """Render the reports of a run.

    Returns:
        0, or 2 where the controls' mapping turns the verdict.

    Raises:
        BadInput: the result or the mapping will not do, or there is no writing there.
    """
    # Only now: the other commands start without a library for templates.
    from stslab.audit.page import without
    from stslab.controls.mapping import read_controls
    from stslab.controls.reference import known_checks, reference_controls
    from stslab.controls.standing import assess
    from stslab.exporters.junit import Junit
    from stslab.grading.graded import Graded
    from stslab.report.folder import more_of, reports_of
    from stslab.report.visible import visible
    from stslab.report.writing import write_reports
    from stslab.result_file import RESULT, read_result
    from stslab.rubric import hidden_by, read_rubric

    source: Path = options.result / RESULT if options.result.is_dir() else options.result
    result, digest = read_result(source)
    controls = read_controls(options.controls, known_checks()) if options.controls else reference_controls()
    out: Path = options.out or source.parent
    hidden = hidden_by(read_rubric(options.rubric) if options.rubric else {})
    files = [*reports_of(result, digest, controls, hidden), *more_of(result, controls, hidden)]
    if not (out / JUNIT).exists():
        # pytest's own says more, as how long each check took.
        files += Junit().files([Graded(result.submission, without(result, hidden))], {})
    try:
        write_reports(out, files)
    except OSError as fault:
        problem = f"the reports cannot be written ({fault.strerror})"
        raise BadInput(visible(str(out)), problem, "choose another folder with --out") from None
    faults = assess(result, controls).faults
    for sentence in faults:
        print(f"stslab: {sentence}", file=sys.stderr)
    print(f"written to {visible(str(out))}: {', '.join(visible(path) for path, _ in files)}")
    return 2 if faults else 0
