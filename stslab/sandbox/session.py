"""One run of ``stslab sandbox``: what is served, for whom, and what is said of it."""

from __future__ import annotations

import argparse
import json
import os
import shlex
import shutil
import sys
import threading
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

from stslab.errors import BadInput
from stslab.sandbox.folder import AwsFolder
from stslab.sandbox.guide import class_guide, guide, warnings
from stslab.sandbox.management import credentials_shown
from stslab.sandbox.serving import Serving, Wanted, served
from stslab.sandbox.temporary import temporary_folder
from stslab.settings import REGION_TOLD
from stslab.targets.environment import nobodys_environment


def hold(options: argparse.Namespace, stopped: threading.Event, say: Callable[[str], None]) -> None:
    """Serve until somebody says stop.

    Args:
        options: those of the command.
        stopped: is set when it is to end.
        say: is given what is to be said.

    Raises:
        BadInput: the port is taken, or the state or the folder is not one to go on with.
    """
    for_programs = options.port is not None or options.account is not None
    for_people = not for_programs or sys.stdout.isatty()
    overriding = warnings(os.environ)
    talks = for_people and not options.quiet
    wanted = Wanted(options.port, options.account, options.region, options.accounts, options.state)
    with ExitStack() as stack:
        stack.enter_context(nobodys_environment())
        sandbox = stack.enter_context(served(wanted, REGION_TOLD, say if talks else _nothing))
        if for_people and len(sandbox.accounts.admins) != options.accounts:
            problem = f"the state has {len(sandbox.accounts.admins)} accounts, and not {options.accounts}"
            raise BadInput("--accounts", problem, "say as many, with the folder that they have in --credentials")
        out = _folder(options, stack) if for_people or options.credentials else None
        if out is not None:
            _write(sandbox, out, options.accounts)
        if for_programs:
            say(json.dumps(_ready(sandbox)))
        if for_people and out is not None:
            say(_told(sandbox, out, options) + overriding)
        stopped.wait()


def _ready(sandbox: Serving) -> dict[str, str]:
    return {
        "endpoint": sandbox.endpoint,
        "account": sandbox.account,
        "region": sandbox.region,
        **credentials_shown(sandbox.accounts.admins[sandbox.account]),
        "management_token": sandbox.token.reveal(),
    }


def _folder(options: argparse.Namespace, stack: ExitStack) -> Path:
    """Where the AWS files are: as told, beside the state that they belong to, or for the time being."""
    if options.credentials is not None:
        return Path(options.credentials).absolute()
    if options.state is not None:
        return Path(f"{options.state.absolute()}.aws")
    return stack.enter_context(temporary_folder())


def _write(sandbox: Serving, out: Path, accounts: int) -> None:
    """Write the AWS files: of the one account, or of each in a folder of its own.

    Raises:
        BadInput: there are files of others, or nothing can be written there.
    """
    if accounts == 1:
        AwsFolder(out).write(sandbox.accounts.admins[sandbox.account], sandbox.endpoint, sandbox.region)
        return
    others = {folder.name for folder in out.glob("[0-9]" * 12)} - sandbox.accounts.admins.keys()
    if others:
        problem = f"it has the files of other accounts, as {min(others)}"
        raise BadInput(str(out), problem, "choose another folder, or restore their sandbox with --state")
    for account, admin in sandbox.accounts.admins.items():
        AwsFolder(out / account).write(admin, sandbox.endpoint, sandbox.region)


def _told(sandbox: Serving, out: Path, options: argparse.Namespace) -> str:
    if options.accounts > 1:
        return class_guide(len(sandbox.accounts.admins), sandbox.endpoint, out, options.state)
    check = f"{_this_program()} check"
    return guide(sandbox.account, sandbox.region, sandbox.endpoint, AwsFolder(out), check, options.state)


def _this_program() -> str:
    """How to call this program from wherever one stands."""
    installed = Path(sys.executable).with_name("stslab")
    if shutil.which("stslab") == str(installed):
        return "stslab"
    return shlex.quote(str(installed)) if installed.exists() else f"{shlex.quote(sys.executable)} -m stslab"


def _nothing(_: str) -> None:
    """Say nothing."""
