"""A state file that will not do is refused in one sentence, and nothing is done to it."""

from __future__ import annotations

import fcntl
import os
import sqlite3
import stat
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest
from accounts import ACCOUNT, OTHER, ROOT, in_process
from stored import forget, kept

from stslab.errors import BadInput
from stslab.sandbox.state import file as state_file
from stslab.sandbox.state import store as storing
from stslab.sandbox.state.store import Store
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


def test_nobody_else_may_read_it_at_any_time(path, accounts):
    before = os.umask(0)
    try:
        with closing(Store.open(path)) as store:
            store.open_accounts(accounts)
            store.save(ACCOUNT)
            modes = {each.name: stat.S_IMODE(each.stat().st_mode) for each in path.parent.iterdir()}
    finally:
        os.umask(before)
    assert modes == {"state": 0o600, "state-wal": 0o600}
    path.chmod(0o644)
    Store.open(path).close()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [each.name for each in path.parent.iterdir()] == ["state"]


def _use(path):
    with closing(Store.open(path)) as store:
        store.restore()
        store.records()


def says(path, *parts):
    """Have a file refused in one sentence, and not changed."""
    before = path.read_bytes() if path.is_file() else None
    with pytest.raises(BadInput) as refused:
        _use(path)
    said = str(refused.value)
    assert said.startswith("--state: ")
    assert said.endswith(".")
    assert "\n" not in said
    assert [part for part in (*parts, str(path.resolve())) if part not in said] == [], said
    assert (path.read_bytes() if path.is_file() else None) == before


def test_it_is_one_sandboxs_at_a_time(path, accounts):
    kept(path, accounts)
    with closing(Store.open(path)):
        says(path, "is in use by another sandbox")
        with path.open() as mine, pytest.raises(BlockingIOError):
            fcntl.flock(mine, fcntl.LOCK_EX | fcntl.LOCK_NB)
    Store.open(path).close()


def test_of_two_that_make_it_at_once_one_has_it(path, monkeypatch):
    Store.open(path).close()
    theirs, empty = path.read_bytes(), path.with_name("empty")
    empty.touch()
    with pytest.raises(BlockingIOError):
        state_file._give_name(str(empty), path)
    assert path.read_bytes() == theirs

    def locking(descriptor, how):
        """What the other does between our opening an empty file and our having it."""
        path.rename(empty)
        return flock(descriptor, how)

    flock = fcntl.flock
    monkeypatch.setattr(state_file.fcntl, "flock", locking)
    with pytest.raises(BadInput, match="is in use by another sandbox"):
        Store.open(empty)
    assert empty.read_bytes() == theirs


def test_no_other_program_writes_to_it_meanwhile(path):
    reading = "import sqlite3, sys; sqlite3.connect(sys.argv[1], timeout=0).execute('SELECT * FROM meta')"
    with closing(Store.open(path)):
        said = subprocess.run([sys.executable, "-c", reading, path], capture_output=True, text=True, check=False)
    assert "database is locked" in said.stderr


def test_it_says_so_where_another_program_has_it(path):
    Store.open(path).close()
    with closing(sqlite3.connect(path)) as other:
        other.execute("BEGIN IMMEDIATE")
        says(path, "is in use by another sandbox")


def test_a_folder(tmp_path):
    says(tmp_path, "is a folder")


def test_a_folder_that_is_not_there(tmp_path):
    says(tmp_path / "no" / "state", "No such file or directory")


@pytest.mark.parametrize("link", [False, True], ids=["text", "link to a text"])
def test_a_file_of_something_else(tmp_path, link):
    other = tmp_path / "other"
    other.write_text("a diary, which is nobody's state file\n" * 10)
    path = tmp_path / "state"
    path.symlink_to(other) if link else other.rename(path)
    says(path, "is not a state file of stslab sandbox")


def test_a_database_of_something_else(path):
    with closing(sqlite3.connect(path)) as other:
        other.execute("CREATE TABLE meta (name, value)")
    says(path, "is not a state file of stslab sandbox")


@pytest.mark.parametrize("kind", ["pipe", "device"])
def test_what_is_no_file(tmp_path, kind):
    path = Path(os.devnull)
    if kind == "pipe":
        path = tmp_path / "pipe"
        os.mkfifo(path)
    says(path, "is not a state file of stslab sandbox")


def test_a_link_that_leads_nowhere_is_followed_as_for_any_new_file(tmp_path):
    (tmp_path / "link").symlink_to(tmp_path / "state")
    Store.open(tmp_path / "link").close()
    assert (tmp_path / "state").is_file()
    assert (tmp_path / "link").is_symlink()


def test_an_empty_file_is_a_new_one(path, accounts):
    path.touch(0o644)
    kept(path, accounts)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    with closing(Store.open(path)) as store:
        assert len(store.accounts) == 2


def test_a_name_that_means_something_to_sqlite(tmp_path, monkeypatch, accounts):
    monkeypatch.chdir(tmp_path)
    kept(Path(":memory:"), accounts)
    with closing(Store.open(Path(":memory:"))) as store:
        assert len(store.accounts) == 2


@pytest.mark.parametrize("made", ["absent", "empty"])
def test_a_journal_that_is_left_of_another_file(path, made):
    left = path.with_name("state-wal")
    left.write_bytes(b"journal")
    if made == "empty":
        path.touch()
    says(path, "state-wal is left over from a file that is gone")
    assert left.read_bytes() == b"journal"


def changed(path, statement, *given):
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        assert other.execute(statement, given).rowcount > 0


def test_a_file_of_another_version_of_moto(path, accounts):
    changed(kept(path, accounts), "UPDATE meta SET value = '4.0.1' WHERE name = 'moto'")
    says(path, "was saved with moto 4.0.1", "delete it, or install moto 4.0.1")


def test_a_file_of_another_version_of_stslab(path, accounts):
    changed(kept(path, accounts), "UPDATE meta SET value = '99' WHERE name = 'schema'")
    changed(path, "UPDATE meta SET value = '7.0' WHERE name = 'stslab'")
    says(path, "was saved by stslab 7.0", "delete it, or install stslab 7.0")


def test_an_account_that_was_changed_on_the_disk(path, accounts):
    kept(path, accounts)
    with closing(sqlite3.connect(path)) as other:
        (state,) = other.execute("SELECT state FROM accounts WHERE id = ?", [OTHER]).fetchone()
    changed(path, "UPDATE accounts SET state = ? WHERE id = ?", state[:-3] + b"x" + state[-2:], OTHER)
    says(path, "is damaged", f"account {OTHER}")


def test_an_account_that_names_something_else(path, accounts, tmp_path):
    mark = tmp_path / "mark"
    evil = b"\x80\x04\x8c\x05posix\x8c\x06system\x93\x8c" + bytes([len(f"touch {mark}")]) + f"touch {mark}".encode()
    evil += b"\x85R."
    changed(kept(path, accounts), "UPDATE accounts SET state = ?, digest = ?", evil, storing._digest(evil))
    says(path, "is not a state file that this sandbox has written", "it names posix.system")
    assert not mark.exists()


def test_a_record_that_was_changed_on_the_disk(path, accounts):
    changed(kept(path, accounts), "UPDATE records SET record = '{'")
    says(path, "is damaged", "a call in its log cannot be read")


@pytest.mark.parametrize("damage", ["shorter", "overwritten", "index"])
def test_a_file_that_is_damaged(path, accounts, damage):
    with closing(sqlite3.connect(kept(path, accounts))) as other:
        where = "SELECT rootpage FROM sqlite_master WHERE name = 'records_of_account'"
        first = 4096 * (other.execute(where).fetchone()[0] - 1) if damage == "index" else 4096
    whole = path.read_bytes()
    last = first + 4096 if damage == "index" else len(whole)
    path.write_bytes(whole[:first] + (b"" if damage == "shorter" else b"\xff" * (last - first)) + whole[last:])
    says(path, "is damaged")


def test_a_file_that_may_not_be_written(tmp_path):
    """As another user where root runs the tests, who may write everywhere."""
    trying = (
        "import sys; from pathlib import Path; from stslab.errors import BadInput\n"
        "from stslab.sandbox.state.store import Store\n"
        "try: Store.open(Path(sys.argv[1]))\n"
        "except BadInput as refused: print(refused)"
    )
    folder = tmp_path / "shut"
    folder.mkdir()
    Store.open(folder / "state").close()
    (folder / "state").chmod(0o400)
    folder.chmod(0o500)
    for name in ("state", "new"):
        said = as_nobody(trying, folder / name)
        assert said == (
            f"--state: {folder / name} cannot be read and written (Permission denied); "
            "give a file in a folder of your own.\n"
        )


def as_nobody(script, *given):
    """What a script says that may do no more than its user may."""
    giving_up = "import ctypes, os, sys; sys.path.insert(0, os.getcwd())\nimport stslab.sandbox.state.store\n"
    if os.getuid() == 0:
        giving_up += "os.setgid(65534); os.setuid(65534)\n"
    command = [sys.executable, "-c", giving_up + script, *given]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout
