"""The state file: whole after a kill at any moment, one sandbox's at a time, and refused in a sentence if unfit."""

from __future__ import annotations

import json
import os
import random
import signal
import threading
import time
from contextlib import closing
from multiprocessing import get_context

import pytest
from accounts import ACCOUNT, OTHER, Account, document, in_process, trusting
from stored import TOLD, forget, kept

from stslab.credentials import Secret
from stslab.errors import BadInput
from stslab.sandbox.state.store import Store, Told
from stslab.targets.admin import make_admin

REGION = "us-east-1"


@pytest.fixture(scope="module", autouse=True)
def _moto():
    with in_process("999999999999"):
        yield


@pytest.fixture
def path(tmp_path):
    return tmp_path / "state"


@pytest.fixture
def accounts():
    """Two accounts, which are gone afterwards."""
    yield {account: make_admin(account, REGION) for account in (ACCOUNT, OTHER)}
    forget()


def _users(account):
    from moto.iam.models import iam_backends

    return sorted(iam_backends[account]["aws"].users)


def test_a_new_file_knows_nothing(path):
    with closing(Store.open(path)) as store:
        assert store.told is None
        assert store.accounts == {}
        assert store.records() == []
        store.restore()


def test_what_is_kept_is_there_again(path, accounts):
    kept(path, accounts)
    forget()
    with closing(Store.open(path)) as store:
        assert store.told == TOLD
        assert list(store.accounts.items()) == list(accounts.items())
        assert store.records() == [(ACCOUNT, {"eventName": "é", "n": 1})]
        store.restore()
        assert _users(ACCOUNT) == ["stslab-admin"]
        identity = Account(OTHER, store.accounts[OTHER]).client("sts").get_caller_identity()
        assert identity["Arn"] == f"arn:aws:iam::{OTHER}:user/stslab-admin"


def test_a_save_writes_the_account_that_is_named_and_no_other(path, accounts):
    with closing(Store.open(kept(path, accounts))) as store:
        store.restore()
        for account in accounts:
            Account(account, accounts[account]).user("ana")
        store.save(ACCOUNT, "000000000000", records=[(OTHER, {"n": 2})])
        store.restore()
        assert _users(ACCOUNT) == ["ana", "stslab-admin"]
        assert _users(OTHER) == ["stslab-admin"]
        assert [record["n"] for _, record in store.records()] == [1, 2]


def test_a_deletion_that_changes_policies_in_another_account_is_saved_there(path, accounts):
    mine, theirs = (Account(account, admin) for account, admin in accounts.items())
    mine.client("iam").create_user(UserName="ana")
    ana = {"AWS": f"arn:aws:iam::{ACCOUNT}:user/ana"}
    theirs.role("visitor", trusting(ana))
    theirs.bucket("theirs")
    reads = {"Effect": "Allow", "Principal": ana, "Action": "s3:ListBucket", "Resource": "arn:aws:s3:::theirs"}
    theirs.client("s3").put_bucket_policy(Bucket="theirs", Policy=document(reads))
    with closing(Store.open(path)) as store:
        store.open_accounts(accounts)
        mine.client("iam").delete_user(UserName="ana")
        store.save(ACCOUNT)
        store.restore()
        trust = theirs.client("iam").get_role(RoleName="visitor")["Role"]["AssumeRolePolicyDocument"]
        assert "AIDA" in json.dumps(trust)
        assert "AIDA" in theirs.client("s3").get_bucket_policy(Bucket="theirs")["Policy"]


def test_the_oldest_records_of_an_account_are_forgotten(path, accounts):
    with closing(Store.open(kept(path, accounts))) as store:
        for n in range(2, 6):
            store.save(records=[(ACCOUNT, {"n": n})])
            store.save(records=[(OTHER, {"n": -n})])
        store.forget_records(ACCOUNT, keep=2)
        assert [record["n"] for account, record in store.records() if account == ACCOUNT] == [4, 5]
        assert [record["n"] for account, record in store.records() if account == OTHER] == [-2, -3, -4, -5]
        store.forget_records(OTHER)
        assert [account for account, _ in store.records()] == [ACCOUNT, ACCOUNT]


def test_threads_share_it(path, accounts):
    with closing(Store.open(kept(path, accounts))) as store:
        store.restore()
        faults = []

        def work(account):
            try:
                for n in range(20):
                    store.save(account, records=[(account, {"n": n})])
                    store.records()
                    assert len(store.accounts) == 2
            except Exception as fault:  # told below, where it counts
                faults.append(fault)

        threads = [threading.Thread(target=work, args=(account,)) for account in [*accounts] * 4]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert faults == []
        assert len(store.records()) == 1 + 8 * 20


def test_who_reads_waits_for_who_writes(path):
    with closing(Store.open(path)) as store:
        seen = []
        reader = threading.Thread(target=lambda: seen.append(store.told))
        with store._transaction() as connection:
            connection.execute("INSERT INTO meta VALUES ('port', '1'), ('region', 'r')")
            reader.start()
            reader.join(0.05)
            assert seen == []
            connection.execute("INSERT INTO meta VALUES ('token', 't')")
        reader.join()
        assert seen == [Told(1, "r", Secret("t"))]


def test_a_full_disk_is_told_and_what_was_not_saved_is_saved_afterwards(path, accounts):
    with closing(Store.open(kept(path, accounts))) as store:
        store.restore()
        pages = store._connection.execute("PRAGMA page_count").fetchone()[0]
        store._connection.execute(f"PRAGMA max_page_count={pages}")
        mine = Account(ACCOUNT, accounts[ACCOUNT])
        mine.bucket("big")
        mine.client("s3").put_object(Bucket="big", Key="k", Body=os.urandom(200_000))
        with pytest.raises(BadInput, match=r"--state: .* cannot be read or written \(database or disk is full\); make"):
            store.save(ACCOUNT, records=[(ACCOUNT, {"n": 2})])
        Account(OTHER, accounts[OTHER]).user("bea")
        with pytest.raises(BadInput, match="disk is full"):
            store.open_accounts({**accounts, "000000000000": make_admin("000000000000", REGION)})
        assert list(store.accounts) == [ACCOUNT, OTHER]
        assert len(store.records()) == 1
        store._connection.execute("PRAGMA max_page_count=1000000")
        store.tell(TOLD)
        store.save(records=[(OTHER, {"n": 3})])
        assert [record["n"] for _, record in store.records()] == [1, 2, 3]
    forget()
    with closing(Store.open(path)) as store:
        store.restore()
        assert len(mine.client("s3").get_object(Bucket="big", Key="k")["Body"].read()) == 200_000
        assert _users(OTHER) == ["bea", "stslab-admin"]


def test_an_account_that_cannot_be_saved_does_not_keep_others_from_it(path, accounts):
    from moto.iam.models import iam_backends

    with closing(Store.open(kept(path, accounts))) as store:
        store.restore()
        iam_backends[ACCOUNT]["aws"].strange = threading.Lock()
        with pytest.raises(BadInput, match=f"--state: the account {ACCOUNT} cannot be saved in .*lock"):
            store.save(ACCOUNT)
        Account(OTHER, accounts[OTHER]).user("ana")
        store.save(OTHER)
        with pytest.raises(BadInput, match="cannot be saved"):
            store.open_accounts({**accounts, "000000000000": make_admin("000000000000", REGION)})
        assert list(store.accounts) == [ACCOUNT, OTHER]
        del iam_backends[ACCOUNT]["aws"].strange
        Account(ACCOUNT, accounts[ACCOUNT]).user("bea")
        store.save(OTHER)
        store.restore()
        assert (_users(ACCOUNT), _users(OTHER)) == (["bea", "stslab-admin"], ["ana", "stslab-admin"])


def _add_user(number):
    from moto.iam.models import iam_backends

    iam_backends[ACCOUNT]["aws"].create_user(REGION, f"user{number:06}")


def _save_for_ever(path, told):
    """Make a user, and a record of him, in one save, and say so when it is done."""
    store = Store.open(path)
    store.restore()
    for n in range(len(store.records()), 100_000):
        _add_user(n)
        store.save(ACCOUNT, records=[(ACCOUNT, {"n": n})])
        told.value = n + 1


def _die_at(path, word):
    """End the hard way when a statement of the fifth save is about to begin."""
    store = Store.open(path)
    store.restore()

    def traced(statement):
        if statement.startswith(word):
            os.kill(os.getpid(), signal.SIGKILL)

    for n in range(5):
        store._connection.set_trace_callback(traced if n == 4 else None)
        _add_user(n)
        store.save(ACCOUNT, records=[(ACCOUNT, {"n": n})])


@pytest.mark.parametrize("word", ["BEGIN", "UPDATE", "INSERT", "COMMIT"])
def test_a_kill_within_a_save_leaves_the_save_before_it(path, accounts, word):
    with closing(Store.open(path)) as store:
        store.open_accounts(accounts)
    process = get_context("forkserver").Process(target=_die_at, args=(path, word))
    process.start()
    process.join()
    assert process.exitcode == -signal.SIGKILL
    forget()
    with closing(Store.open(path)) as store:
        store.restore()
        assert [record["n"] for _, record in store.records()] == [0, 1, 2, 3]
    assert _users(ACCOUNT) == ["stslab-admin", *(f"user{n:06}" for n in range(4))]


def test_a_kill_at_any_moment_leaves_what_was_saved_and_nothing_by_half(path, accounts):
    with closing(Store.open(path)) as store:
        store.open_accounts(accounts)
    context, dice = get_context("forkserver"), random.Random(0)
    for _ in range(6):
        told = context.Value("i", 0)
        process = context.Process(target=_save_for_ever, args=(path, told))
        process.start()
        until = time.monotonic() + 20
        while not told.value and time.monotonic() < until:
            time.sleep(0.001)
        assert told.value
        time.sleep(dice.uniform(0, 0.15))
        process.kill()
        process.join()
        forget()
        with closing(Store.open(path)) as store:
            store.restore()
            numbers = [record["n"] for _, record in store.records()]
        assert numbers == list(range(len(numbers)))
        assert len(numbers) - told.value in (0, 1)
        assert _users(ACCOUNT) == ["stslab-admin", *(f"user{n:06}" for n in numbers)]
