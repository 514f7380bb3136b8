"""Ctrl-C, twice, SIGTERM and SIGHUP at calls all along a run: the account is empty without a sweep."""

from __future__ import annotations

import contextlib
import os
import signal
import time

import pytest
from at_each_call import asking_once, each, number_of_calls, performed
from emulators import sandbox
from wire_killing import SignalAt

from stslab.finalizers import Finalizers, Turn
from stslab.interruptions import Interruptions

SIGNALS = {
    "SIGINT": (signal.SIGINT,),
    "SIGTERM": (signal.SIGTERM,),
    "SIGHUP": (signal.SIGHUP,),
    "as a CI service cancels": (signal.SIGINT, signal.SIGINT, signal.SIGTERM),
}


@pytest.fixture(scope="module")
def account():
    with sandbox() as emulated:
        yield emulated


@pytest.fixture(scope="module")
def calls(account, tmp_path_factory):
    return number_of_calls(performed(account, tmp_path_factory.mktemp("whole") / "run", sabotage=asking_once))


def interrupted(account, folder, number, signals):
    holder: dict[str, int] = {}

    def send() -> None:
        with contextlib.suppress(ProcessLookupError):
            for each_signal in signals:
                os.kill(holder["pid"], each_signal)
                time.sleep(0.05)

    meddler = SignalAt(number, send, "after")
    noted = holder.update
    run = performed(account, folder, meddler, started=lambda pid: noted(pid=pid), sabotage=asking_once)
    return meddler, run


@pytest.mark.parametrize("name", SIGNALS)
def test_nothing_is_left(account, calls, tmp_path, name):
    def interrupt(number: int) -> str:
        meddler, run = interrupted(account, tmp_path / str(number), number, SIGNALS[name])
        output = run.performance.output
        if meddler.hit is None or run.left or run.performance.exit_code != 2 or "Traceback" in output:
            return f"call {number}, {meddler.hit}: exit code {run.performance.exit_code}, {run.left}, {output}"
        return ""

    # Every eighth call, and for each signal others.
    first = list(SIGNALS).index(name)
    assert list(each(interrupt, range(first, calls, 8))) == []


def test_the_reports_are_written_and_say_so(account, calls, tmp_path):
    _, run = interrupted(account, tmp_path / "run", calls // 2, SIGNALS["SIGTERM"])
    assert "The run ended early: the run was interrupted (SIGTERM)." in run.performance.output
    outcomes = run.performance.outcomes
    assert outcomes["user.created"] == "passed"
    assert outcomes["cleanup.complete"] == "error"
    assert "interrupted" in run.performance.check("cleanup.complete")["reason"]


def test_a_second_signal_is_answered(account, calls, tmp_path):
    """It comes while the first one's clean-up is under way, which goes on."""
    _, run = interrupted(account, tmp_path / "run", calls // 2, (signal.SIGINT, signal.SIGTERM))
    assert (
        "SIGTERM: cleaning up; if that takes too long, kill -9 it and say stslab sweep --yes." in run.performance.output
    )
    assert run.left == {}


def test_things_go_in_the_labs_order_held_from_signals_and_past_what_fails():
    order, said, left = [], [], []
    finalizers = Finalizers(hold=lambda: order.append("held"), say=said.append, done=left.extend)

    def refused() -> None:
        order.append("stack")
        raise ValueError("no")

    finalizers.add(Turn.USER, "user", lambda: order.append("user"))
    finalizers.add(Turn.STACK, "stack", refused)
    finalizers.add(Turn.KEYS, "keys", lambda: order.append("keys"))
    finalizers.run()
    finalizers.run()
    assert order == ["held", "stack", "keys", "user"]
    assert left == ["stack: ValueError: no"]
    assert said == ["going on without having taken away stack: ValueError: no"]


def test_only_the_first_signal_breaks_in_and_none_while_things_are_taken_away():
    said = []
    for held in (False, True):
        interruptions = Interruptions(said.append)
        interruptions.install()
        try:
            if held:
                interruptions.hold()
            else:
                with pytest.raises(KeyboardInterrupt, match="SIGTERM"):
                    signal.raise_signal(signal.SIGTERM)
            signal.raise_signal(signal.SIGINT)
            assert interruptions.came == ("SIGINT" if held else "SIGTERM")
        finally:
            interruptions.restore()
    assert len(said) == 2
    assert signal.getsignal(signal.SIGTERM) == signal.SIG_DFL
