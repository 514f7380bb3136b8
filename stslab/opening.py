"""Into an account that outlives the run: looked at, guarded, planned, swept, and written down, in this order."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from botocore.exceptions import BotoCoreError, ClientError

from stslab.errors import TargetError
from stslab.ledger.file import Heading, LedgerFile
from stslab.marks import fresh_marks
from stslab.plan import plan
from stslab.run import Run
from stslab.sweep.ledgers import Swept, sweep_ledgers
from stslab.targets.guards import account_of, require_account, require_documents
from stslab.targets.place import Place
from stslab.workplace import Workplace, enter


def enter_account(run: Run, place: Place, folder: Path) -> None:
    """Have a run enter its account, if that is one for it; nothing but leftovers is written before it is.

    Args:
        run: the run, whose target is this place; it gets its names, its plan, its workplace and its ledger.
        place: where it goes.
        folder: where ledgers are.

    Raises:
        BadInput: the account is refused, or the ledger cannot be written.
        TargetError: the account cannot be had.
    """
    lab, target = run.settings, run.target
    workplace = enter(target, run.recorder, run.scrubber, run.watch, boundary=lab.permissions_boundary)
    try:
        admin = workplace.means.admin
        account = account_of(target.account, admin, strictly=place.is_guarded)
        require_account(account, lab.account, lab.deny_accounts, guarded=place.is_guarded)
        require_documents(run.documents, lab, renamed=not lab.exact_names)
        marks = fresh_marks(admin.arn)
        named = lab if lab.exact_names else lab.named_after(marks.run)
        run.settings = named.placed(target.account, target.region)
        run.notes += plan(place.name, account.shown, admin.arn, run.settings, run.documents, marks)
        workplace.means = replace(workplace.means, marks=marks)
        run.workplace = workplace
        if not lab.plan:
            run.notes += [swept.sentence for swept in _swept(workplace, place, folder)]
            _begin_ledger(workplace, place, folder)
    except (BotoCoreError, ClientError) as fault:
        raise TargetError(f"{place.name} cannot be entered: {str(fault).rstrip('.')}.") from fault


def _swept(workplace: Workplace, place: Place, folder: Path) -> list[Swept]:
    """Take away first what an earlier run of this machine has left in the same account."""

    def is_here(heading: Heading) -> bool:
        here = (workplace.target.account, place.endpoint_url)
        return (heading.account, heading.endpoint_url) == here

    return [
        swept for swept in sweep_ledgers(folder, is_here, lambda _: workplace.means, delete=True) if not swept.alive
    ]


def _begin_ledger(workplace: Workplace, place: Place, folder: Path) -> None:
    marks, target = workplace.means.marks, workplace.target
    heading = Heading(
        run=marks.run,
        owner=marks.owner,
        expires=marks.expires,
        target=place.kind,
        endpoint_url=place.endpoint_url,
        account=target.account,
        region=target.region,
    )
    ledger = LedgerFile.begin(folder, heading, workplace.profiles.folder)
    workplace.means = replace(workplace.means, ledger=ledger)
