"""The command line: ``stslab COMMAND``."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence

from stslab import __version__
from stslab.commands import (
    attest,
    check,
    explain,
    grade,
    gradescope_zip,
    report,
    sandbox,
    simulate,
    sweep,
    verify_report,
)
from stslab.commands.run import run
from stslab.errors import StslabError
from stslab.scrub import Scrubber

MODULES = (grade, check, sandbox, report, attest, verify_report, sweep, gradescope_zip, explain, simulate)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command.

    Args:
        arguments: the command line without the program's name; ``sys.argv`` unless given.

    Returns:
        the exit code: the command's own, or 2 for a command line or input that will not do.
    """
    given = list(sys.argv[1:] if arguments is None else arguments)
    parser = argparse.ArgumentParser(prog="stslab", description="Perform and validate the AWS STS AssumeRole lab.")
    parser.add_argument("--version", action="version", version=f"stslab {__version__}")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    commands.add_parser("run", help="perform the lab; every pytest option may follow (stslab run --help lists them)")
    for module in MODULES:
        module.add(commands)
    try:
        if given[:1] == ["run"]:
            return run(given[1:])
        options = parser.parse_args(given)
        return int(options.command(options))
    except StslabError as fault:
        # A sentence of AWS's may quote what it was sent.
        print(Scrubber().clean(f"stslab: {fault}"), file=sys.stderr)
        return 2
    except BrokenPipeError:
        # Whoever read us has gone. Python would complain once more when it flushes at its end.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except KeyboardInterrupt:
        return 130
