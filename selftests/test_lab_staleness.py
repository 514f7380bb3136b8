"""An account that takes its time to agree with itself: no flake in a hundred seeded runs."""

from __future__ import annotations

import pytest
from at_each_call import asking_once, each, performed
from emulators import sandbox
from wire_stale import Stale

RUNS, CHUNKS, MOST_SECONDS = 100, 10, 0.2


@pytest.fixture(scope="module")
def account():
    with sandbox() as emulated:
        yield emulated


@pytest.mark.parametrize("chunk", range(CHUNKS))
def test_no_flake(account, tmp_path, chunk):
    def flakes(seed: int) -> str:
        # Old and new answers by turns, and old ones for deletions, too: each in half of the runs.
        flapping = bool(seed % 2)
        stale = Stale(seed, MOST_SECONDS, flapping=flapping, deletions_too=bool(seed // 2 % 2))
        # Where what is seen once stays seen, one answer is enough to go on, and half of the calls.
        run = performed(account, tmp_path / str(seed), stale, sabotage=None if flapping else asking_once)
        if not stale.withheld:
            return f"seed {seed}: nothing was withheld"
        if run.performance.exit_code or run.left or not run.performance.result["waits"]:
            return f"seed {seed}: {run.left} {run.performance.output}"
        return ""

    assert list(each(flakes, range(chunk, RUNS, CHUNKS))) == []


def test_a_wait_is_shown_while_it_lasts_and_in_the_reports(account, tmp_path):
    run = performed(account, tmp_path / "run", Stale(1, 1.0))
    output, result = run.performance.output, run.performance.result
    assert run.performance.exit_code == 0, output
    assert "waiting for sts:GetCallerIdentity by profile canary to be allowed (InvalidClientTokenId)" in output
    waits = result["waits"]
    assert all(wait["seconds"] > 0 and wait["attempts"] > 1 and wait["why"] for wait in waits)
    total = sum(wait["seconds"] for wait in waits)
    assert f"{total:.1f} s were waited in all" in output
    html = run.performance.text("lab.html")
    assert f"{total:.1f} s were waited in all" in html
    of_a_check = next(wait for wait in waits if wait["check"])
    assert f"{of_a_check['seconds']:.1f} s for {of_a_check['what']}" in html
