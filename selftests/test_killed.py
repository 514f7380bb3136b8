"""SIGKILL before and after every call: ``stslab sweep --yes`` leaves the account empty, wherever the run was killed."""

from __future__ import annotations

import json
from pathlib import Path

import performing
import pytest
from at_each_call import Run, asking_once, each, environment, killing, number_of_calls, performed
from emulators import lab, sandbox
from wire import Wire
from wire_killing import KillAt, SignalAt

CHUNKS = 12


@pytest.fixture(scope="module")
def account():
    with sandbox() as emulated:
        yield emulated


@pytest.fixture(scope="module")
def calls(account, tmp_path_factory):
    run = performed(account, tmp_path_factory.mktemp("whole") / "run", sabotage=asking_once)
    assert run.performance.exit_code == 0, run.performance.output
    return number_of_calls(run)


def killed(account, folder: Path, number: int, moment: str, then):
    holder: dict[str, int] = {}
    meddler = KillAt(number, moment, killing(holder))
    noted = holder.update
    run = performed(account, folder, meddler, started=lambda pid: noted(pid=pid), then=then, sabotage=asking_once)
    return meddler, run


def swept(run: Run) -> str:
    """What is wrong after a sweep; empty where nothing is."""
    code, said = run.sweep("--yes")
    left = run.left
    return "" if (code, left) == (0, {}) else f"sweep says {code}, {said}; left: {left}"


@pytest.mark.parametrize("chunk", range(CHUNKS))
def test_a_sweep_empties_the_account_at_every_kill_point(account, calls, tmp_path, chunk):
    def kill_and_sweep(point: tuple[int, str]) -> str:
        meddler, wrong = killed(account, tmp_path / f"{point[0]}-{point[1]}", *point, swept)
        if meddler.hit is None:
            return f"call {point[0]}: the run was not killed"
        return wrong and f"{point[1]} call {point[0]}, {meddler.hit.operation}: {wrong}"

    points = [(number, moment) for number in range(chunk, calls, CHUNKS) for moment in ("before", "after")]
    assert list(each(kill_and_sweep, points)) == []


def first_call(run: Run, operation: str, occurrence: int = 1) -> int:
    return [call.number for call in run.calls if call.operation == operation][occurrence - 1]


@pytest.fixture(scope="module")
def whole(account, tmp_path_factory):
    return performed(account, tmp_path_factory.mktemp("again") / "run", sabotage=asking_once)


def test_a_sweep_says_what_it_would_do_and_does_nothing_without_yes(account, whole, tmp_path):
    def look(run: Run) -> None:
        before = run.left
        code, said = run.sweep()
        assert code == 0
        assert "would be swept" in said
        assert "Nothing was deleted; say --yes to have it done." in said
        assert "sts-machine-user-" in said
        assert run.left == before
        assert before["keys"]
        assert len(before["ledgers"]) == 1
        # Twice is as good as once.
        assert "was swept" in run.sweep("--yes")[1]
        assert run.left == {}
        assert run.sweep("--yes") == (0, "There is nothing to sweep.\n")

    killed(account, tmp_path / "run", first_call(whole, "AssumeRole"), "after", look)


def test_the_access_keys_go_first(account, whole, tmp_path):
    def order(run: Run) -> None:
        (path,) = (run.folder / "state" / "stslab").glob("*.ledger")
        heading, *lines = path.read_text().splitlines()
        with Wire(run.account.endpoint) as wire:
            path.write_text("\n".join([json.dumps({**json.loads(heading), "endpoint_url": wire.url}), *lines, ""]))
            assert run.sweep("--yes")[0] == 0
            deleted = [call.operation for call in wire.calls if call.operation.startswith("Delete")]
        assert deleted[0] == "DeleteAccessKey"
        assert {"DeleteStack", "DeleteUser", "DeleteUserPolicy", "DeleteObject"} < set(deleted)

    killed(account, tmp_path / "run", first_call(whole, "AssumeRole"), "after", order)


def test_the_next_run_sweeps_first_and_says_so(account, whole, tmp_path):
    def again(run: Run) -> None:
        (path,) = (run.folder / "state" / "stslab").glob("*.ledger")
        heading = json.loads(path.read_text().splitlines()[0])
        second = lab(run.folder, heading["endpoint_url"], **environment(run.account, run.folder))
        assert second.exit_code == 0, second.output
        assert f"run {heading['run']} in account {run.account.id}, which had not ended, was swept: " in second.output
        assert run.left == {}

    killed(account, tmp_path / "run", first_call(whole, "PutUserPolicy"), "after", again)


def test_a_sweep_leaves_a_live_run_alone(account, whole, tmp_path):
    """The sweep comes while the run waits for an answer in its midst, and the run ends green all the same."""
    said = []

    def sweep() -> None:
        folder = tmp_path / "run"
        (account_of_the_run,) = accounts
        said.append(performing.command(folder, "sweep", "--yes", environ=environment(account_of_the_run, folder)))

    accounts: list = []
    another = account.another

    class Noting:
        endpoint = account.endpoint

        @staticmethod
        def another(number: str):
            accounts.append(another(number))
            return accounts[0]

    meddler = SignalAt(first_call(whole, "AssumeRole"), sweep)
    run = performed(Noting, tmp_path / "run", meddler, sabotage=asking_once)
    assert run.performance.exit_code == 0, run.performance.output
    ((code, what),) = said
    assert code == 0
    assert "is still going on, and is left alone" in what
    assert run.left == {}


def test_somebody_elses_things_of_the_same_name_stay(account, whole, tmp_path):
    """The ledger says that a user was about to be made; somebody else has made one of that name."""

    def replaced(run: Run) -> None:
        (path,) = (run.folder / "state" / "stslab").glob("*.ledger")
        lines = [json.loads(line) for line in path.read_text().splitlines()]
        name = next(line["name"] for line in lines[1:] if line["name"].startswith("sts-machine-user-"))
        assert run.left.get("users", []) == []
        iam = run.account.client("iam")
        iam.create_user(UserName=name)
        iam.create_access_key(UserName=name)
        code, _ = run.sweep("--yes")
        assert code == 0
        left = run.left
        assert (left["users"], len(left["keys"]), "ledgers" in left) == ([name], 1, False)

    number = first_call(whole, "CreateUser", 2)
    killed(account, tmp_path / "run", number, "before", replaced)


def test_somebody_elses_bucket_of_a_name_that_was_the_stacks_stays(account, whole, tmp_path):
    """The run was killed when its stack was gone; the name is free then for whoever comes first."""

    def replaced(run: Run) -> None:
        (path,) = (run.folder / "state" / "stslab").glob("*.ledger")
        lines = [json.loads(line) for line in path.read_text().splitlines()]
        name = next(line["name"] for line in lines[1:] if line.get("type") == "AWS::S3::Bucket")
        assert "buckets" not in run.left
        s3 = run.account.client("s3")
        s3.create_bucket(Bucket=name)
        s3.put_object(Bucket=name, Key="precious", Body=b"")
        assert run.sweep("--yes")[0] == 0
        assert run.left == {"buckets": [name]}
        assert s3.list_objects_v2(Bucket=name)["KeyCount"] == 1

    killed(account, tmp_path / "run", first_call(whole, "DeleteStack"), "after", replaced)


def test_what_a_stack_has_left_behind_goes_by_its_tags(account, whole, tmp_path):
    """As where a template retains it: the stack is gone, and the bucket is not."""

    def left(run: Run) -> None:
        (path,) = (run.folder / "state" / "stslab").glob("*.ledger")
        heading, *lines = [json.loads(line) for line in path.read_text().splitlines()]
        name = next(line["name"] for line in lines if line.get("type") == "AWS::S3::Bucket")
        s3 = run.account.client("s3")
        s3.create_bucket(Bucket=name)
        tags = [{"Key": "stslab:run", "Value": heading["run"]}]
        s3.put_bucket_tagging(Bucket=name, Tagging={"TagSet": tags})
        assert run.sweep("--yes")[0] == 0
        assert run.left == {}

    killed(account, tmp_path / "run", first_call(whole, "DeleteStack"), "after", left)


def test_a_ledger_of_an_account_that_is_gone_is_kept_until_it_is_forgotten(account, whole, tmp_path):
    """The wire is closed when the sweep comes: nobody answers any more."""
    runs: list[Run] = []
    killed(account, tmp_path / "run", first_call(whole, "AssumeRole"), "after", runs.append)
    (run,) = runs
    code, said = run.sweep("--yes")
    assert code == 1
    assert "cannot be had" in said
    assert "Traceback" not in said
    (name,) = run.left["ledgers"]
    assert run.sweep(f"--forget={name.removesuffix('.ledger')}")[0] == 0
    assert run.sweep("--yes") == (0, "There is nothing to sweep.\n")
    assert run.sweep("--forget=none")[0] == 2
