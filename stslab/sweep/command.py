"""The sweep: through ledgers, and through an account, with the credentials that a person has."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Iterator
from pathlib import Path

from botocore.exceptions import BotoCoreError, ClientError

from stslab.calls import Recorder
from stslab.errors import BadInput, SuiteError
from stslab.lab.means import Means
from stslab.ledger.file import SUFFIX, Heading
from stslab.ledger.reading import ledger_folder
from stslab.scrub import Scrubber
from stslab.settings import REGION_TOLD
from stslab.sweep.discovering import discover
from stslab.sweep.ledgers import Swept, sweep_ledgers
from stslab.targets.guards import Account, account_of, require_account
from stslab.targets.place import MOTO, Place, placed
from stslab.targets.remote import RemoteTarget
from stslab.waiting import Watch
from stslab.workplace import Workplace, enter


def swept_by(options: argparse.Namespace) -> Iterator[Swept]:
    """Sweep.

    Args:
        options: the command's options, each of its shape.

    Raises:
        StslabError: an option will not do, or the account is refused.
    """
    folder = ledger_folder(Path(options.ledger) if options.ledger else None, os.environ)
    with _Accounts(options) as accounts:
        yield from sweep_ledgers(folder, accounts.is_meant, accounts.means_for, delete=options.yes)
        if options.discover:
            means = accounts.told_means()
            try:
                yield from discover(means, options.user_name, options.stack_name, delete=options.yes)
            except (ClientError, BotoCoreError) as fault:
                raise SuiteError(f"The account cannot be looked through: {str(fault).rstrip('.')}.") from fault


def forget(options: argparse.Namespace) -> str:
    """Delete the ledger of a run whose account is gone for good.

    Returns:
        what was done, as a sentence.

    Raises:
        BadInput: there is none.
    """
    folder, run = ledger_folder(Path(options.ledger) if options.ledger else None, os.environ), options.forget
    path = folder / f"{run}{SUFFIX}"
    if not run.isalnum() or not path.is_file():
        raise BadInput("--forget", f"there is no ledger of a run {run} in {folder}", "take the id from stslab sweep")
    path.unlink()
    return f"The ledger of run {run} is deleted; what that run made is nobody's business any more."


class _Accounts:
    """The accounts that a sweep works in, each entered once."""

    def __init__(self, options: argparse.Namespace) -> None:
        self._options = options
        told = bool(options.target or options.endpoint_url)
        self._place = placed(options.target, options.endpoint_url, options.aws_profile if told else "", os.environ)
        self._told = told and self._place.kind != MOTO
        self._denied = {each.strip() for each in options.deny_accounts.split(",") if each.strip()}
        self._entered: dict[tuple[Place, str], tuple[Workplace, Account]] = {}

    def __enter__(self) -> _Accounts:
        return self

    def __exit__(self, *_: object) -> None:
        for workplace, _account in self._entered.values():
            workplace.close()

    def is_meant(self, heading: Heading) -> bool:
        """Whether a ledger's account is one that was told, or none was."""
        here = (self._place.kind, self._place.endpoint_url)
        elsewhere = self._told and (heading.target, heading.endpoint_url) != here
        return not elsewhere and self._options.account in ("", heading.account)

    def means_for(self, heading: Heading) -> Means:
        """The hands in the account of a ledger.

        Raises:
            StslabError: it cannot be entered, or the credentials are another account's.
        """
        place = Place(heading.target, heading.endpoint_url, self._options.aws_profile, heading.region)
        return self._enter(place, heading.region, heading.account).means

    def told_means(self) -> Means:
        """The hands in the account that was told.

        Raises:
            BadInput: none was, or it is refused.
        """
        if not self._told:
            raise BadInput("--discover", "it is not said where", "add --target=aws or --endpoint-url")
        region = self._options.region or self._place.region or REGION_TOLD
        return self._enter(self._place, region, self._options.account).means

    def _enter(self, place: Place, region: str, account: str) -> Workplace:
        if (place, region) not in self._entered:
            scrubber = Scrubber()
            target = RemoteTarget(place, region, int(self._options.answer_timeout), scrubber)
            workplace = enter(target, Recorder(target.decisions, target.ruling, lambda _: None), scrubber, _WATCH)
            seen = account_of(target.account, workplace.means.admin, strictly=place.is_guarded)
            self._entered[place, region] = workplace, seen
        workplace, seen = self._entered[place, region]
        require_account(seen, account, self._denied, guarded=place.is_guarded)
        return workplace


def _say(what: str) -> None:
    sys.stderr.write(f"  waiting for {what}\n")


_WATCH = Watch(begun=_say)
