"""``stslab check``: how far somebody has done the lab, and what comes next."""

from __future__ import annotations

import argparse
import os
import re
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import stslab
from stslab.errors import BadInput
from stslab.settings import SETTINGS

ABOUT = """\
Look at an account as somebody has left it who does the lab by hand, and say how far that is: each check that can be
made by now, with its outcome, and what to do next. Nothing is created, changed or deleted: AWS sees calls that read,
and AssumeRole, to try it. Names are found and not assumed; the options tell them where several may be meant.

The account is that of the AWS files in force (AWS_CONFIG_FILE, AWS_SHARED_CREDENTIALS_FILE, else ~/.aws), at the
endpoint that they name, or AWS itself, which takes --account. Who looks is profile admin where there is one, else the
default, or --aws-profile; AWS's managed policy ReadOnlyAccess is enough. The student is profiles sts and assumed.

When everything is cleaned up, it makes sure that nothing is left, and reads in the account's history (CloudTrail's, or
a file of aws cloudtrail lookup-events) that the steps did happen, in order, by the right principals.

The exit code is 0 where all that can be checked by now is right, 1 where something is not,
also in the history, and 2 where it cannot be looked at."""

SHARED = {
    "endpoint-url": "where an emulator answers (default: the endpoint_url of the profile)",
    "target": "endpoint or aws (default: aws, where no endpoint is told)",
    "aws-profile": "who looks (default: admin where it has credentials, else as boto3 finds them)",
    "account": "the account that it has to be; AWS itself takes it",
    "region": "the region of the stack (default: that of AWS's own settings)",
    "cloudtrail": "file of aws cloudtrail lookup-events, as the account's history (default: CloudTrail itself)",
    "user-name": "the lab's user (default: found)",
    "stack-name": "the lab's stack (default: found)",
    "policy-name": "the user's policy (default: found)",
    "answer-timeout": "seconds to wait for an answer (default: 30)",
    "deny-accounts": "accounts that are not looked at, with commas between",
}
"""The settings of a run that this takes too, and what they mean here."""


def add(commands: Any) -> None:
    """Add the command's parser."""
    parser = commands.add_parser(
        "check",
        help="say how far somebody has done the lab by hand, and what comes next",
        description=ABOUT,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    for setting in (setting for setting in SETTINGS if setting.name in SHARED):
        parser.add_argument(setting.option, metavar="VALUE", default="", help=SHARED[setting.name])
    parser.add_argument("--watch", action="store_true", help="look again and again, and tell whenever it has changed")
    parser.add_argument("--every", type=float, default=3, metavar="SECONDS", help="with --watch (default: %(default)s)")
    parser.set_defaults(command=check)


def check(options: argparse.Namespace) -> int:
    """Look once, or again and again.

    Returns:
        0, 1 or 2, as :data:`ABOUT` says.

    Raises:
        BadInput: an option will not do.
    """
    given = {
        setting: getattr(options, setting.name.replace("-", "_")) for setting in SETTINGS if setting.name in SHARED
    }
    for setting, value in given.items():
        if value:
            setting.check(value)
    told = [f"{setting.option}={value}" for setting, value in given.items() if value]
    if options.watch:
        if not 0.1 <= options.every <= 3600:
            raise BadInput("--every", f"{options.every:g} will not do", "give 0.1 to 3600 seconds")
        return _watch(told, options.every)
    # Only now: the other commands start without pytest.
    from stslab.commands.run import run

    code = run(["--observe", "-q", "--no-header", *told])
    return {0: 0, 1: 1}.get(code, 2)


def _watch(told: list[str], seconds: float) -> int:
    """Look in a process of its own each time, and tell whenever it has changed, until Ctrl-C.

    Returns:
        2 where the first look cannot be; later the account may be away for a while, and a file half written.
    """
    command, shown = [sys.executable, "-m", "stslab", "check", *told], ""
    # Also where the package is not installed, and was found in the folder that this program was started in.
    ours = Path(stslab.__file__).resolve().parent.parent
    paths = os.pathsep.join(filter(None, (str(ours), os.environ.get("PYTHONPATH"))))
    while True:
        done = subprocess.run(  # noqa: S603 (this very program)
            command,
            env={**os.environ, "PYTHONPATH": paths},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        if done.returncode == 2 and not shown:
            sys.stdout.write(done.stdout)
            return 2
        # How long it took changes every time.
        said = re.sub(r"(?m)^\d+ \w+\b.* in [0-9.]+s$\n?", "", done.stdout)
        if said != shown:
            at = time.strftime("%H:%M:%S")
            sys.stdout.write(f"----- {at}, looking again every {seconds:g} s; Ctrl-C ends it\n{said}")
            sys.stdout.flush()
        shown = said
        time.sleep(seconds)
