"""The command line: ``stslab run`` starts pytest on the lab."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence

import pytest

from stslab import __version__
from stslab.errors import StslabError
from stslab.suite import suite_folder


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command.

    Args:
        arguments: the command line without the program's name; ``sys.argv`` unless given.

    Returns:
        the exit code: pytest's own for ``run``, 2 for a command line that will not do.
    """
    given = list(sys.argv[1:] if arguments is None else arguments)
    parser = argparse.ArgumentParser(prog="stslab", description="Perform and validate the AWS STS AssumeRole lab.")
    parser.add_argument("--version", action="version", version=f"stslab {__version__}")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    commands.add_parser(
        "run",
        add_help=False,
        help="perform the lab; every pytest option may follow (stslab run --help lists them)",
    )
    told, rest = parser.parse_known_args(given[:1])
    try:
        return COMMANDS[told.command]([*rest, *given[1:]])
    except StslabError as fault:
        print(f"stslab: {fault}", file=sys.stderr)
        return 2


def run(options: Sequence[str]) -> int:
    """Perform the lab.

    Args:
        options: options for pytest.

    Raises:
        SuiteError: the installation is not whole.
    """
    suite = suite_folder()
    return int(pytest.main(["-c", str(suite / "pytest.ini"), "--rootdir", str(suite), *options, str(suite / "tests")]))


COMMANDS = {"run": run}
