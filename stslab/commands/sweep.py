"""``stslab sweep``: take away what runs have left behind."""

from __future__ import annotations

import argparse
from typing import Any

from stslab.settings import SETTINGS

ABOUT = """\
Every run keeps a ledger of what it makes in an account, and deletes the ledger when all of it is gone. A run that was
killed leaves its ledger: this replays each that no living run holds, the access keys first. Without --yes it only says
what there is. It takes away nothing that does not carry the run's tags or unique ids, may be repeated, and may run
beside other runs. With --target or --endpoint-url only what was left there is looked at.

--discover also looks through the account for things with the lab's names and a run's tags whose time has passed, for
runs whose ledger is gone with its machine.

The exit code is 1 where something stays behind that should not."""

_SHARED = (
    *("target", "endpoint-url", "aws-profile", "account", "region", "answer-timeout", "deny-accounts", "ledger"),
    *("user-name", "stack-name"),
)


def add(commands: Any) -> None:
    """Add the command's parser."""
    parser = commands.add_parser(
        "sweep",
        help="take away what killed runs have left in an account",
        description=ABOUT,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    for setting in (setting for setting in SETTINGS if setting.name in _SHARED):
        parser.add_argument(setting.option, metavar="VALUE", default=setting.default, help=setting.help)
    parser.add_argument("--discover", action="store_true", help="look through the account, too")
    parser.add_argument("--forget", metavar="RUN", help="delete the ledger of a run whose account is gone for good")
    parser.add_argument("--yes", action="store_true", help="take away, and not only say what there is")
    parser.set_defaults(command=sweep)


def sweep(options: argparse.Namespace) -> int:
    """Sweep, and say what was done.

    Returns:
        0, or 1 where something stays behind.

    Raises:
        StslabError: an option will not do, or the account is refused.
    """
    # Only now: the other commands start without boto3.
    from stslab.sweep.command import forget, swept_by

    for setting in (setting for setting in SETTINGS if setting.name in _SHARED):
        setting.check(getattr(options, setting.name.replace("-", "_")))
    if options.forget:
        print(forget(options))
        return 0
    count = stayed = undone = 0
    for swept in swept_by(options):
        count += 1
        stayed += bool(swept.problems)
        undone += not (swept.done or swept.alive)
        print(swept.sentence, flush=True)
    if not count:
        print("There is nothing to sweep.")
    elif undone:
        print("Nothing was deleted; say --yes to have it done.")
    return int(stayed > 0)
