"""Faults between the suite and its endpoint: green after retries or an error, never a verdict, and nothing is left."""

from __future__ import annotations

from pathlib import Path

import pytest
from at_each_call import Run, asking_once, each, number_of_calls, performed
from emulators import sandbox, writes
from wire import Cut
from wire_faults import FAULTS, Fault

CHUNKS = 6
PATIENT = ("throttled", "internal failure", "unavailable", "reset before", "reset after", "slow")
"""What a second attempt gets over, at whatever call."""

LOSING = ("reset after", "time-out after", "truncated")
"""What loses the answer to a call that had its effect."""


@pytest.fixture(scope="module")
def account():
    with sandbox() as emulated:
        yield emulated


@pytest.fixture(scope="module")
def whole(account, tmp_path_factory):
    run = performed(account, tmp_path_factory.mktemp("whole") / "run", sabotage=asking_once)
    assert run.performance.exit_code == 0, run.performance.output
    return run


def wrong_with(run: Run) -> str:
    """What is wrong with a run that had a fault; empty where nothing is."""
    code, output = run.performance.exit_code, run.performance.output
    outcomes = set(run.performance.outcomes.values()) if run.performance.result else {"refused"}
    if run.left or run.failed:
        return f"left: {run.left}, failed: {run.failed}"
    if "Traceback" in output or (code == 0) != (outcomes == {"passed"}) or code not in (0, 1, 4):
        return f"exit code {code}, {outcomes}, {output}"
    return ""


def with_fault(account, folder: Path, name: str, number: int | None, times: int | None) -> tuple[Run, str]:
    meddler = FAULTS[name](number, times)
    run = performed(account, folder, meddler, "--answer-timeout=1", sabotage=asking_once)
    if not meddler.hits:
        return run, f"call {number} was not hit"
    what = f"{name} at call {number}, {meddler.hits[0].operation}"
    wrong = wrong_with(run)
    return run, f"{what}: {wrong}" if wrong else ""


@pytest.mark.parametrize("name", PATIENT)
def test_each_call_in_turn_fails_once_and_the_run_is_green(account, tmp_path, name):
    run, wrong = with_fault(account, tmp_path / "run", name, None, 1)
    assert wrong == ""
    assert run.performance.exit_code == 0, run.performance.output
    if name != "slow":
        retried = [call for call in run.performance.result["calls"] if call["retries"]]
        # All but those of the guards and of S3's own redirects are calls of the result.
        assert len(retried) >= 0.9 * number_of_calls(run)


@pytest.mark.parametrize("chunk", range(CHUNKS))
def test_an_answer_lost_at_each_write(account, whole, tmp_path, chunk):
    """The effect is there and the answer is not: the run gets over it or says error, and leaves nothing."""
    changing = set(writes(whole.calls))
    numbers = sorted({call.number for call in whole.calls if call.operation in changing})
    points = [(name, number) for number in numbers for name in LOSING][chunk::CHUNKS]

    def lose(point: tuple[str, int]) -> str:
        name, number = point
        return with_fault(account, tmp_path / f"{name}-{number}".replace(" ", "-"), name, number, 1)[1]

    assert list(each(lose, points)) == []


@pytest.mark.parametrize("chunk", range(CHUNKS))
def test_a_fault_that_stays_at_each_call_in_turn(account, whole, tmp_path, chunk):
    """Whatever the call, and however often it is made again: no verdict comes of it, and nothing is left."""
    seen: dict[tuple[str, ...], int] = {}
    for call, told in zip(whole.calls, whole.calls[1:] + whole.calls[:1], strict=True):
        # The same question after the same question is the same point.
        seen.setdefault((call.operation, call.access_key_id, told.operation), call.number)
    names = [name for name in FAULTS if name != "slow"]
    points = [(names[index % len(names)], number) for index, number in enumerate(sorted(seen.values()))][chunk::CHUNKS]

    def stay(point: tuple[str, int]) -> str:
        name, number = point
        return with_fault(account, tmp_path / f"{name}-{number}".replace(" ", "-"), name, number, None)[1]

    assert list(each(stay, points)) == []


def test_a_denial_that_is_cut_short_is_no_denial(account, whole, tmp_path):
    """The user's ListBuckets is denied, and half of the answer gets lost."""
    # The first one is the canary's.
    number = [call.number for call in whole.calls if call.operation == "ListBuckets"][1]
    run, wrong = with_fault(account, tmp_path / "run", "truncated", number, None)
    assert wrong == ""
    assert run.performance.check("user.no-s3")["outcome"] == "error"
    assert run.performance.exit_code == 1


def test_a_secret_in_a_broken_answer_is_shown_nowhere(account, whole, tmp_path):
    """botocore's own exception would have it: the answer to CreateAccessKey, cut off behind the secret."""
    secrets = []

    def cut(call, answer):
        body = answer.body.decode()
        secrets.append(body.split("<SecretAccessKey>")[1].split("<")[0])
        return Cut(answer, sent=len(answer.body) - 20, declared=len(answer.body) - 20)

    number = [call.number for call in whole.calls if call.operation == "CreateAccessKey"][1]
    told = ("-l", "-vv", "--tb=long")
    run = performed(account, tmp_path / "run", Fault(number, None, afterwards=cut), *told, sabotage=asking_once)
    assert run.performance.check("user.created")["outcome"] == "error"
    assert run.left == {}
    (secret,) = secrets
    assert len(secret) == 40
    written = [run.performance.output, *run.performance.texts()]
    assert [text for text in written if secret in text] == []
