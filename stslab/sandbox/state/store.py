"""What ``stslab sandbox --state`` keeps in one file: the accounts with all that is in them, and what was called."""

from __future__ import annotations

import hashlib
import json
import os
import sqlite3
import threading
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

import stslab
from stslab.credentials import Credentials, Secret
from stslab.errors import BadInput
from stslab.sandbox.state.admitted import NotOurs
from stslab.sandbox.state.file import OPTION, damaged, take, translated
from stslab.sandbox.state.freezing import CannotFreeze, documents, freeze, thaw

SCHEMA = 1
"""The form of the file, and of the classes of this project that are frozen in it; it grows with each change of them."""

_LAYOUT = """\
CREATE TABLE meta (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE accounts (
    number INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, access_key_id TEXT NOT NULL, secret_access_key TEXT NOT NULL,
    state BLOB NOT NULL, digest TEXT NOT NULL);
CREATE TABLE records (number INTEGER PRIMARY KEY AUTOINCREMENT, account TEXT NOT NULL, record TEXT NOT NULL);
CREATE INDEX records_of_account ON records (account, number);
"""

Record = tuple[str, Mapping[str, Any]]
"""An account's id, and a call as the log has it: whatever JSON can hold."""


@dataclass(frozen=True)
class Told:
    """What a sandbox that is started again has to be told as before, so that what points to it stays right."""

    port: int
    region: str
    token: Secret


class Store:
    """A state file that is open; threads may share it.

    Args:
        path: the file.
        lock: the descriptor that holds the lock.
        connection: the connection to it.
    """

    def __init__(self, path: Path, lock: int, connection: sqlite3.Connection) -> None:
        self.path = path
        self._file = lock
        self._connection = connection
        self._lock = threading.RLock()
        self._documents: dict[str, list[Any]] = {}
        self._unsaved: set[str] = set()
        self._unwritten: list[tuple[str, str]] = []

    @classmethod
    def open(cls, path: Path) -> Store:
        """Open a state file, which is made if need be, and have it alone until it is closed or the process ends.

        Raises:
            BadInput: it is not a state file, or one of another version, or in use, or damaged, or cannot be used.
        """
        store = cls(path, *take(path, _LAYOUT))
        try:
            store._require_versions()
        except BaseException:
            store.close()
            raise
        return store

    @property
    def told(self) -> Told | None:
        """What the sandbox was told; ``None`` where the file is new."""
        meta = self._meta()
        if not {"port", "region", "token"} <= meta.keys():
            return None
        return Told(int(meta["port"]), meta["region"], Secret(meta["token"]))

    def tell(self, told: Told) -> None:
        """Keep what the sandbox is told."""
        self._note({"port": str(told.port), "region": told.region, "token": told.token.reveal()})

    @property
    def accounts(self) -> dict[str, Credentials]:
        """The accounts' admins by the accounts' ids, in the order in which they were opened."""
        with self._reading() as connection:
            rows = connection.execute("SELECT id, access_key_id, secret_access_key FROM accounts ORDER BY number")
            return {account: Credentials(key, Secret(secret)) for account, key, secret in rows}

    def open_accounts(self, admins: Mapping[str, Credentials]) -> None:
        """Keep further accounts, as they are now: all of them or, where that fails, none.

        Args:
            admins: the admins by the accounts' ids; an account that the file has is saved, with this admin.

        Raises:
            BadInput: the file cannot be written.
        """
        kept = "INSERT INTO accounts (id, access_key_id, secret_access_key, state, digest) VALUES (?, ?, ?, '', '')"
        anew = " ON CONFLICT (id) DO UPDATE SET access_key_id = excluded.access_key_id,"
        anew += " secret_access_key = excluded.secret_access_key"
        rows = [(account, a.access_key_id, a.secret_access_key.reveal()) for account, a in admins.items()]
        with self._lock:
            self._unsaved |= admins.keys()
            with self._transaction() as connection:
                connection.executemany(kept + anew, rows)
                for refused in self._write_accounts(connection, admins).values():
                    raise refused
            self._unsaved -= admins.keys()

    def restore(self) -> None:
        """Have every account be as it was when it was saved.

        Raises:
            BadInput: the file is damaged, or holds what no sandbox has written.
        """
        with self._reading() as connection:
            rows = connection.execute("SELECT id, state, digest FROM accounts ORDER BY number")
            for account, state, digest in rows:
                if not isinstance(state, bytes) or _digest(state) != digest:
                    raise damaged(self.path, f"what it has of the account {account} is not what was written")
                try:
                    thaw(account, state)
                except NotOurs as fault:
                    problem = (
                        f"{self.path} is not a state file that this sandbox has written (account {account}: {fault})"
                    )
                    raise BadInput(OPTION, problem, "delete it if you do not know where it comes from") from None
                self._documents[account] = documents(account)

    def save(self, *accounts: str, records: Iterable[Record] = ()) -> None:
        """Write what some accounts are now, and what was called: all of it or, where that fails, none.

        Nobody may change these accounts meanwhile. Accounts whose policies a deletion in another account has changed
        are found and written with them, and so is all whose last save has failed.

        Args:
            accounts: those of the sandbox's accounts in which something may have changed; others are left out.
            records: the calls that changed it, or any others.

        Raises:
            BadInput: the file cannot be written, or an account cannot be frozen; the next save tries again.
        """
        with self._lock:
            self._unwritten += [(account, json.dumps(record, ensure_ascii=False)) for account, record in records]
            if accounts:
                self._unsaved |= self._documents.keys() & set(accounts)
                self._unsaved |= {account for account, had in self._documents.items() if documents(account) != had}
            with self._transaction() as connection:
                refused = self._write_accounts(connection, self._unsaved)
                connection.executemany("INSERT INTO records (account, record) VALUES (?, ?)", self._unwritten)
            self._unsaved, self._unwritten = set(refused), []
            for account in refused.keys() & set(accounts):
                raise refused[account]

    def records(self) -> list[tuple[str, dict[str, Any]]]:
        """The calls with their accounts, in the order in which they were written.

        Raises:
            BadInput: the file is damaged.
        """
        with self._reading() as connection:
            rows = connection.execute("SELECT account, record FROM records ORDER BY number").fetchall()
        try:
            return [(str(account), dict(json.loads(record))) for account, record in rows]
        except (ValueError, TypeError):
            raise damaged(self.path, "a call in its log cannot be read") from None

    def forget_records(self, account: str, keep: int = 0) -> None:
        """Forget the oldest calls of an account.

        Args:
            account: whose.
            keep: how many of the newest stay.

        Raises:
            BadInput: the file cannot be written.
        """
        oldest = "SELECT number FROM records WHERE account = ? ORDER BY number DESC LIMIT -1 OFFSET ?"
        with self._transaction() as connection:
            connection.execute(f"DELETE FROM records WHERE number IN ({oldest})", (account, keep))  # noqa: S608 (ours)

    def close(self) -> None:
        """Close the file, and let others have it."""
        with self._lock:
            if self._file >= 0:
                self._connection.close()
                # Only now: whoever closes any descriptor of a file takes SQLite's own lock on it away.
                os.close(self._file)
                self._file = -1

    def _write_accounts(self, connection: sqlite3.Connection, accounts: Iterable[str]) -> dict[str, BadInput]:
        """Write accounts as they are now, and give what is wrong with those that cannot be."""
        refused = {}
        for account in accounts:
            self._documents[account] = documents(account)
            try:
                state = freeze(account)
            except CannotFreeze as fault:
                problem = f"the account {account} cannot be saved in {self.path} ({fault})"
                refused[account] = BadInput(OPTION, problem, "take that away again, or go on without the option")
                continue
            row = (state, _digest(state), account)
            connection.execute("UPDATE accounts SET state = ?, digest = ? WHERE id = ?", row)
        return refused

    def _note(self, values: Mapping[str, str]) -> None:
        with self._transaction() as connection:
            connection.executemany("INSERT OR REPLACE INTO meta VALUES (?, ?)", values.items())

    def _meta(self) -> dict[str, str]:
        with self._reading() as connection:
            return dict(connection.execute("SELECT name, value FROM meta"))

    def _require_versions(self) -> None:
        meta, moto = self._meta(), version("moto")
        if not meta:
            self._note({"schema": str(SCHEMA), "stslab": stslab.__version__, "moto": moto})
            return
        if meta.get("schema") != str(SCHEMA):
            by = meta.get("stslab", "another version")
            problem = f"{self.path} was saved by stslab {by}, in a form that {stslab.__version__} does not read"
            raise BadInput(OPTION, problem, f"delete it, or install stslab {by}")
        if meta.get("moto") != moto:
            problem = f"{self.path} was saved with moto {meta.get('moto')}, and this is moto {moto}"
            raise BadInput(OPTION, problem, f"delete it, or install moto {meta.get('moto')}")

    @contextmanager
    def _reading(self) -> Iterator[sqlite3.Connection]:
        with self._lock, translated(self.path):
            yield self._connection

    @contextmanager
    def _transaction(self) -> Iterator[sqlite3.Connection]:
        """Write in one piece: all of it is there when this ends well, and nothing where it does not."""
        with self._reading() as connection:
            connection.execute("BEGIN IMMEDIATE")
            try:
                yield connection
                connection.execute("COMMIT")
            except BaseException:
                # A full disk has SQLite roll back by itself.
                if connection.in_transaction:
                    connection.execute("ROLLBACK")
                raise


def _digest(state: bytes) -> str:
    return hashlib.sha256(state).hexdigest()
