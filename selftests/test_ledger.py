"""The ledger: on the disk before anything is made, locked while its run lives, and read whatever state it is in."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from stslab.errors import BadInput
from stslab.ledger.file import Heading, LedgerFile
from stslab.ledger.reading import Left, ledger_folder, left_in

HEADING = Heading(
    "abcd1234", "me", "2026-01-01T00:00:00Z", "endpoint", "http://127.0.0.1:1", "111122223333", "us-east-1"
)


def begun(folder: Path) -> LedgerFile:
    return LedgerFile.begin(folder, HEADING, folder / "stslab-credentials")


def lines(ledger: LedgerFile) -> list[dict]:
    return [json.loads(line) for line in ledger.path.read_text().splitlines()]


def left(folder: Path) -> Left:
    (found,) = [(each.heading, each.entries) for each in left_in(folder) if isinstance(each, Left)]
    return Left(found[0], None, found[1])


def test_the_intent_is_on_the_disk_before_the_thing_is_made_and_the_outcome_after(tmp_path, monkeypatch):
    synced = []
    ledger = begun(tmp_path / "deep" / "folder")
    monkeypatch.setattr(os, "fsync", lambda descriptor: synced.append(ledger.path.read_text().splitlines()[-1]))
    with ledger.making("user", "ana") as known:
        assert json.loads(synced[-1])["event"] == "intent"
        known["id"] = "AIDA1"
    assert json.loads(synced[-1]) | {"time": ""} == {
        "time": "",
        "event": "made",
        "kind": "user",
        "name": "ana",
        "id": "AIDA1",
    }
    assert [line.get("event", "heading") for line in lines(ledger)] == ["heading", "made", "intent", "made"]


@pytest.mark.parametrize("fault", [ValueError("no"), KeyboardInterrupt()])
def test_what_fails_is_written_down_too_and_may_be_there_all_the_same(tmp_path, fault):
    ledger = begun(tmp_path)
    with pytest.raises(type(fault)), ledger.making("user", "ana"):
        raise fault
    assert lines(ledger)[-1]["why"] == type(fault).__name__
    ledger.close()
    (user,) = left(tmp_path).of("user")
    assert (user.name, user.made) == ("ana", False)


def test_nobody_else_may_read_it(tmp_path):
    ledger = begun(tmp_path / "new")
    assert ledger.path.stat().st_mode & 0o077 == 0
    assert ledger.path.parent.stat().st_mode & 0o077 == 0


def test_nothing_is_made_where_the_intent_cannot_be_written(tmp_path, monkeypatch):
    ledger = begun(tmp_path)

    def full(*_: object) -> int:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "write", full)
    made = []
    with pytest.raises(OSError, match="No space"), ledger.making("user", "ana"):
        made.append("ana")
    assert made == []
    # What nothing hangs on does not keep a deletion from being done.
    ledger.note("gone", "user", "ana")


def test_what_is_gone_is_not_swept(tmp_path):
    ledger = begun(tmp_path)
    for name in ("ana", "ben"):
        with ledger.making("user", name):
            pass
    ledger.note("gone", "user", "ana")
    ledger.close()
    assert [(e.kind, e.name, e.made) for e in left(tmp_path).entries] == [
        ("file", str(tmp_path / "stslab-credentials"), True),
        ("user", "ben", True),
    ]


def test_a_line_that_was_being_written_when_the_run_died_counts_for_nothing(tmp_path):
    ledger = begun(tmp_path)
    with ledger.making("user", "ana"):
        pass
    ledger.close()
    with ledger.path.open("a") as out:
        out.write('{"time": "2026-01-01T00:00:00.000Z", "event": "intent", "kind": "st')
    assert [entry.kind for entry in left(tmp_path).entries] == ["file", "user"]


def test_a_ledger_is_locked_as_long_as_its_run_lives(tmp_path):
    code = (
        "import sys; from pathlib import Path; from stslab.ledger.file import *\n"
        f"LedgerFile.begin(Path({str(tmp_path)!r}), Heading(*'abcdefg'), Path('x')); print('ready', flush=True)\n"
        "sys.stdin.read()"
    )
    run = subprocess.Popen(
        [sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=Path(__file__).parent.parent
    )
    assert run.stdout.readline() == b"ready\n"
    assert [each for each in left_in(tmp_path) if isinstance(each, Path)] == [tmp_path / "a.ledger"]
    run.kill()
    run.wait(20)
    run.stdin.close()
    run.stdout.close()
    assert [each.heading.run for each in left_in(tmp_path)] == ["a"]


def test_a_finished_ledger_is_gone(tmp_path):
    ledger = begun(tmp_path)
    ledger.finish()
    ledger.close()
    assert list(left_in(tmp_path)) == []
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "text", ["", "no json\n", '{"schema": 2}\n', '{"schema": 1}\n', "[]\n", '{"schema": 1, "run": "a"}\n{"event": 1}\n']
)
def test_what_is_no_ledger_is_a_sentence_and_is_kept(tmp_path, text):
    path = tmp_path / "a.ledger"
    path.write_text(text)
    with pytest.raises(BadInput, match=r"a\.ledger: it is no ledger of this version of stslab .*; look into it"):
        list(left_in(tmp_path))
    assert path.read_text() == text


@pytest.mark.parametrize(
    ("told", "state", "found"),
    [
        (Path("/told"), "/state", "/told"),
        (None, "/state", "/state/stslab"),
        (None, "relative", "/home/me/.local/state/stslab"),
        (None, "", "/home/me/.local/state/stslab"),
    ],
)
def test_where_ledgers_are(told, state, found, monkeypatch):
    monkeypatch.setenv("HOME", "/home/me")
    assert ledger_folder(told, {"XDG_STATE_HOME": state}) == Path(found)
