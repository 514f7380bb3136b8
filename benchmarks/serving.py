"""``stslab sandbox``, live log and all, beside plain moto server: its start, a lab's calls, and a class side by side.

Both serve the same calls to the same client. moto's server decides nothing, and is told the account by its own header,
``x-moto-account-id``; in the sandbox the key tells the account.
"""

from __future__ import annotations

import configparser
import multiprocessing
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from benchmarks.wired import HOST, SERVICES, Door, model, perform

ROOT = Path(__file__).resolve().parent.parent
IMPORTS = {
    "stslab sandbox": "stslab.cli, moto.moto_server.werkzeug_app, moto.cloudtrail.responses, moto.iam.responses, "
    "moto.s3.responses, moto.sts.responses",
    "moto's server": "moto.server",
}
STUDENTS, THREADS, PROCESSES = 100, 20, 2


@dataclass(frozen=True)
class Server:
    """A server that answers, the doors to its accounts, and the seconds from its start to its first sign of life."""

    doors: Sequence[Door]
    started: float
    enforced: bool

    def lab(self, number: int = 0) -> float:
        """The seconds that the answers to one lab's calls take."""
        return perform(self.doors[number], enforced=self.enforced).seconds


Opening = Callable[[int], AbstractContextManager[Server]]


@contextmanager
def sandbox(accounts: int) -> Iterator[Server]:
    """``stslab sandbox`` for people: it tells of every call, into a file."""
    with tempfile.TemporaryDirectory() as folder:
        out, log = Path(folder, "out"), Path(folder, "log")
        command = [sys.executable, "-m", "stslab", "sandbox", "--accounts", str(accounts), "--credentials", str(out)]
        with log.open("w") as said, _running(command, said) as (process, begun):
            while not log.stat().st_size:
                _pause(process)
            started = time.perf_counter() - begun
            folders = sorted(path.parent for path in out.glob("**/credentials"))
            yield Server([_door(path) for path in folders], started, enforced=True)


@contextmanager
def moto_server(accounts: int) -> Iterator[Server]:
    """Plain moto server, without IAM."""
    with socket.socket() as held:
        held.bind((HOST, 0))
        port = int(held.getsockname()[1])
    with _running([sys.executable, "-m", "moto.server", "-H", HOST, "-p", str(port)], subprocess.DEVNULL) as run:
        process, begun = run
        while not _answers(port):
            _pause(process)
        doors = [Door(port, "AKIAIOSFODNN7EXAMPLE", "any", f"{200_000_000_000 + n}") for n in range(accounts)]
        yield Server(doors, time.perf_counter() - begun, enforced=False)


@contextmanager
def _running(command: Sequence[str], said: object) -> Iterator[tuple[subprocess.Popen[bytes], float]]:
    begun = time.perf_counter()
    process = subprocess.Popen(command, cwd=ROOT, stdout=said, stderr=subprocess.DEVNULL)  # type: ignore[call-overload]
    try:
        yield process, begun
    finally:
        process.terminate()
        process.wait(30)


def _pause(process: subprocess.Popen[bytes]) -> None:
    if process.poll() is not None:
        raise SystemExit(f"a server ended with {process.returncode} before it answered")
    time.sleep(0.005)


def _answers(port: int) -> bool:
    try:
        socket.create_connection((HOST, port), timeout=5).close()
    except OSError:
        return False
    return True


def _door(folder: Path) -> Door:
    """The admin's, as the AWS files say."""
    told, keys = configparser.RawConfigParser(), configparser.RawConfigParser()
    told.read(folder / "config")
    keys.read(folder / "credentials")
    port = int(told["default"]["endpoint_url"].rpartition(":")[2])
    return Door(port, keys["admin"]["aws_access_key_id"], keys["admin"]["aws_secret_access_key"])


def class_seconds(opening: Opening) -> tuple[float, int]:
    """Perform the labs of a class side by side on a fresh server.

    Returns:
        the seconds that it takes, and how many calls were made.
    """
    context = multiprocessing.get_context("spawn")
    with opening(STUDENTS) as server, ProcessPoolExecutor(PROCESSES, mp_context=context) as clients:
        server.lab()  # what is imported at the first call
        list(clients.map(_ready, range(PROCESSES)))
        shares = [(server.doors[n::PROCESSES], server.enforced) for n in range(PROCESSES)]
        begun = time.perf_counter()
        calls = sum(clients.map(_labs, shares))
        return time.perf_counter() - begun, calls


def _ready(_: int) -> None:
    """Import and read what the first call would, and be busy long enough for another process to start as well."""
    for service in SERVICES:
        model(service)
    time.sleep(1)


def _labs(share: tuple[Sequence[Door], bool]) -> int:
    doors, enforced = share
    with ThreadPoolExecutor(THREADS // PROCESSES) as students:
        return sum(lab.calls for lab in students.map(lambda door: perform(door, enforced=enforced), doors))


def _told(name: str, ratios: Sequence[float], goal: float) -> None:
    median = statistics.median(ratios)
    met = "met" if median <= goal else "MISSED"
    print(f"  {name} {median:.2f} ({min(ratios):.2f} to {max(ratios):.2f}), goal at most {goal:g}: {met}")


def starts(runs: int) -> None:
    """Print how long the servers take to start, and how long what they import takes."""
    print("the start, to the sandbox's first line and to moto's first connection")
    for name, opening in (("stslab sandbox", sandbox), ("moto's server", moto_server)):
        whole, alone = [], []
        for _ in range(runs):
            with opening(1) as server:
                whole.append(server.started)
            alone.append(_imported(IMPORTS[name]))
        beyond = statistics.median(a - b for a, b in zip(whole, alone, strict=True))
        goal = f", goal under 2: {'met' if beyond < 2 else 'MISSED'}" if opening is sandbox else ""
        spread = f"({min(whole):.2f} to {max(whole):.2f})"
        print(f"  {name} {statistics.median(whole):.2f} s {spread}, {beyond:.2f} s beyond its imports{goal}")


def _imported(modules: str) -> float:
    """Seconds from a process's start until it has imported something."""
    with _running([sys.executable, "-c", f"import {modules}; print()"], subprocess.PIPE) as (process, begun):
        assert process.stdout is not None  # noqa: S101
        with process.stdout as told:
            told.readline()
            return time.perf_counter() - begun


def one_after_the_other(runs: int) -> None:
    """Print the ratio of what the sandbox and moto's server take to answer the lab's calls."""
    with ExitStack() as stack:
        ours, theirs = (stack.enter_context(opening(1)) for opening in (sandbox, moto_server))
        calls = perform(ours.doors[0], enforced=True).calls
        theirs.lab()
        pairs = [(ours.lab(), theirs.lab()) for _ in range(runs)]
    print(f"stslab sandbox against moto's server, the lab's {calls} calls one after the other, over {runs} pairs")
    _told("ratio", [a / b for a, b in pairs], 1.5)
    for name, times in (("ours", [a for a, _ in pairs]), ("theirs", [b for _, b in pairs])):
        each = statistics.median(times) / calls * 1000
        print(f"  {name:<6} {each:.2f} ms a call ({min(times) / calls * 1000:.2f} at best)")


def side_by_side(runs: int) -> None:
    """Print the ratio of what a class takes on the sandbox and on moto's server."""
    pairs = []
    for number in range(runs):
        openings: list[Opening] = [sandbox, moto_server]
        # Whoever comes first changes, since the machine may be about to become slower.
        if number % 2:
            openings.reverse()
        found = {opening: class_seconds(opening) for opening in openings}
        pairs.append((found[sandbox], found[moto_server]))
    (_, calls), (_, theirs) = pairs[0]
    print(f"{STUDENTS} students' labs side by side, {STUDENTS} accounts, {THREADS} threads, over {runs} pairs")
    print(f"  {calls} calls against {theirs}, each answered as it has to be")
    _told("ratio", [a / b for (a, _), (b, _) in pairs], 1.2)
    for name, times in (("ours", [a for (a, _), _ in pairs]), ("theirs", [b for _, (b, _) in pairs])):
        print(f"  {name:<6} {statistics.median(times):.1f} s ({min(times):.1f} to {max(times):.1f})")


def serving(runs: int) -> None:
    """Print what the sandbox costs beside moto's server.

    Args:
        runs: half as many as the pairs of labs; a class takes long, and is compared twice.
    """
    starts(min(runs, 3))
    one_after_the_other(2 * runs)
    side_by_side(min(runs, 2))
