"""``stslab simulate --jsonl``: one request a line in, one decision a line out."""

from __future__ import annotations

import argparse
import json
import sys
from typing import Any, BinaryIO, TextIO

from stslab.errors import BadInput
from stslab.simulation import answer

ABOUT = """\
Decide requests, one JSON object a line: {"principal", "action", "resource", "resource_account", "context",
"identity_policies", "permissions_boundary", "session_policies", "resource_policy"}. Each answer is one line:
{"decision", "reason", "matched_statements"}, or {"error": {"code", "message"}} for a line or a document that is
invalid, after which the stream goes on. For sts:AssumeRole the resource_policy is the role's trust policy."""


def add(commands: Any) -> None:
    """Add the command's parser."""
    parser = commands.add_parser(
        "simulate",
        help="decide requests against policies, a JSON line each",
        description=ABOUT,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--jsonl", action="store_true", required=True, help="lines of JSON in and out")
    parser.add_argument("file", nargs="?", default="-", help="the requests; standard input unless given")
    parser.set_defaults(command=simulate)


def simulate(options: argparse.Namespace) -> int:
    """Decide every line of a file or of standard input.

    Returns:
        the exit code: 0, also where lines were invalid, since each answer says so itself.

    Raises:
        BadInput: the file cannot be read.
    """
    if options.file == "-":
        return stream(sys.stdin.buffer, sys.stdout)
    try:
        lines = open(options.file, "rb")  # noqa: SIM115, PTH123 (closed below; an error is of opening only)
    except OSError as error:
        raise BadInput(options.file, f"it cannot be read ({error.strerror})", "name a file of JSON lines") from None
    with lines:
        return stream(lines, sys.stdout)


def stream(lines: BinaryIO, out: TextIO) -> int:
    """Answer line by line, each before the next is read, so that two programs can talk."""
    for line in lines:
        out.write(json.dumps(answer(line)) + "\n")
        out.flush()
    return 0
