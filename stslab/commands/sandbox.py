"""``stslab sandbox``: serve the truthful moto on 127.0.0.1 until it is told to stop."""

from __future__ import annotations

import argparse
import os
import re
import signal
import sys
import threading
from pathlib import Path
from types import FrameType
from typing import Any

from stslab.errors import BadInput
from stslab.settings import REGION

ABOUT = """\
Serve accounts of moto's on 127.0.0.1, with the project's own authentication and authorisation, to practise in with the
AWS CLI. Without options it takes a free port and an account id, writes AWS config and credentials files in a folder of
its own, says which two lines to paste into another terminal, and tells of every call: who, what, allowed or denied,
and why. Your own ~/.aws is left alone. Ctrl-C or SIGTERM ends it; everything in it is forgotten, unless --state keeps
it.

For programs: with --port or --account the first line of output, written when the server takes requests, is JSON:
endpoint, account, region, access_key_id and secret_access_key of the account's admin, and management_token. Further
accounts: POST {"account": "12 digits"} to /stslab/accounts, with the token in the header X-Management-Token or as a
Bearer token of Authorization, which also opens moto's own routes under /moto-api."""

MOST = 1000


def add(commands: Any) -> None:
    """Add the command's parser."""
    parser = commands.add_parser(
        "sandbox",
        help="serve an emulated account on 127.0.0.1, to practise in with the AWS CLI",
        description=ABOUT,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--port", type=int, metavar="N", help="where it listens (default: a free one, or the state's)")
    parser.add_argument("--account", metavar="ID", help="12 digits (default: chosen at random, or the state's)")
    parser.add_argument("--region", help="(default: us-east-1, or the state's)")
    parser.add_argument(
        "--state", type=Path, metavar="FILE", help="keep everything in this file, and go on with what is in it"
    )
    parser.add_argument(
        "--credentials",
        type=Path,
        metavar="DIR",
        help="folder of the AWS files (default: a temporary one, or the state's name with .aws)",
    )
    parser.add_argument(
        "--accounts",
        type=int,
        default=1,
        metavar="N",
        help="for a class: so many, with a folder each in --credentials, too",
    )
    parser.add_argument("--quiet", action="store_true", help="do not tell of the calls")
    parser.set_defaults(command=serve)


def serve(options: argparse.Namespace) -> int:
    """Serve until SIGTERM or Ctrl-C.

    Returns:
        0.

    Raises:
        BadInput: an option will not do, the port is taken, or the state is not one to go on with.
    """
    if options.account is not None and not re.fullmatch(r"[0-9]{12}", options.account):
        raise BadInput("--account", f"{options.account!r} is not 12 digits", "give an account id")
    if options.region is not None and not re.fullmatch(REGION, options.region):
        raise BadInput("--region", f"{options.region!r} is not a region", "give one, as us-east-1")
    if options.port is not None and not 0 <= options.port <= 65535:
        raise BadInput("--port", f"{options.port} is not a port", "give one from 1 to 65535")
    if not 1 <= options.accounts <= MOST:
        raise BadInput("--accounts", f"{options.accounts} will not do", f"give 1 to {MOST}")
    if options.accounts > 1 and options.credentials is None:
        raise BadInput("--accounts", "their AWS files need a folder to be handed out of", "give one with --credentials")
    stopped = threading.Event()

    def stop(_: int, __: FrameType | None) -> None:
        stopped.set()

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, stop)
    # Only now: moto takes its time to import, and reads the environment when it does.
    from stslab.sandbox.session import hold

    hold(options, stopped, _say)
    return 0


def _say(text: str) -> None:
    """Write lines at one go: several threads do, and whoever read them may have gone."""
    try:
        sys.stdout.write(f"{text}\n")
        sys.stdout.flush()
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
