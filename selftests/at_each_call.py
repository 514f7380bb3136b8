"""The lab performed at an endpoint time and again, with something done to it at one call after the other."""

from __future__ import annotations

import itertools
import os
import signal
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, TypeVar

import performing
from emulators import Emulated, lab, ledgers
from wire import Meddler, Passed, Wire

T = TypeVar("T")

WORKERS = 3
"""Runs side by side: most of the time they wait for each other's answers."""
_ACCOUNTS = itertools.count(220000000000)
_LOCK = threading.Lock()


@dataclass
class Run:
    """One performance in an account of its own, and what is there afterwards."""

    account: Emulated
    folder: Path
    performance: performing.Performance
    calls: list[Passed]

    @property
    def left(self) -> dict[str, Any]:
        """Whatever is left: in the account, of ledgers, and of credentials files."""
        found: dict[str, Any] = dict(self.account.inventory())
        files = [path.name for path in (self.folder / "tmp").glob("stslab-*")]
        return (
            found
            | ({"ledgers": ledgers(self.folder)} if ledgers(self.folder) else {})
            | ({"files": files} if files else {})
        )

    @property
    def failed(self) -> dict[str, str]:
        """The checks that call the lab wrong, with why."""
        checks = self.performance.result.get("checks", [])
        return {check["id"]: check["reason"] for check in checks if check["outcome"] == "failed"}

    def sweep(self, *options: str) -> tuple[int, str]:
        """Say ``stslab sweep`` where the run was."""
        return performing.command(self.folder, "sweep", *options, environ=environment(self.account, self.folder))


def environment(account: Emulated, folder: Path) -> dict[str, str]:
    """What a run and a sweep of one machine share."""
    nobodys = dict.fromkeys(("AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"), os.devnull)
    places = {"XDG_STATE_HOME": str(folder / "state"), "TMPDIR": str(folder / "tmp")}
    return {**nobodys, **places, **account.environment}


def performed(
    sandbox: Emulated,
    folder: Path,
    meddler: Meddler | None = None,
    *options: str,
    started: Callable[[int], None] = lambda _: None,
    then: Callable[[Run], T] = lambda run: run,
    sabotage: performing.Sabotage | None = None,
) -> T:
    """Perform the lab in a fresh account of a sandbox, with somebody meddling on the wire.

    Args:
        sandbox: the sandbox.
        folder: a folder for this run alone, not there yet.
        meddler: meddles.
        options: options of the lab's.
        started: is given the id of the lab's process.
        then: what to do while the wire, which the ledger names, is still there; nobody meddles any more.
        sabotage: called in the lab's process before pytest starts.

    Returns:
        what ``then`` gives, and without one the run.
    """
    with _LOCK:
        account = sandbox.another(str(next(_ACCOUNTS)))
    (folder / "tmp").mkdir(parents=True)
    with Wire(account.endpoint, meddler or Meddler()) as wire:
        told = environment(account, folder)
        performance = lab(folder, wire.url, *options, started=started, sabotage=sabotage, **told)
        calls = list(wire.calls)
        wire.meddler = Meddler()
        return then(Run(account, folder, performance, calls))


def asking_once() -> None:
    """Believe an endpoint's first answer: there are half as many calls then, and no two that are the same."""
    from stslab.targets import remote

    remote.OF_AN_EMULATOR = replace(remote.OF_AN_EMULATOR, in_a_row=1)


def killing(holder: Mapping[str, int]) -> Callable[[], None]:
    """What kills the process whose id the holder has, and returns when it is gone."""

    def kill() -> None:
        os.kill(holder["pid"], signal.SIGKILL)
        for _ in range(1000):
            try:
                os.kill(holder["pid"], 0)
            except ProcessLookupError:
                return
            time.sleep(0.01)
        raise AssertionError("the lab survives SIGKILL")

    return kill


def number_of_calls(run: Run) -> int:
    """How many calls there were, retries not counted."""
    return len({call.number for call in run.calls})


def each(work: Callable[[T], str | None], over: Iterable[T]) -> Iterator[str]:
    """Do some work for each of many things, several at a time, and give what is wrong."""
    with ThreadPoolExecutor(WORKERS) as pool:
        yield from (wrong for wrong in pool.map(work, over) if wrong)
