"""The accounts of a sandbox, each with its admin."""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from threading import RLock

from stslab.credentials import Credentials
from stslab.sandbox.state.store import Store
from stslab.targets.admin import make_admin


class Accounts:
    """Opens accounts, and has them kept where there is a store.

    Args:
        region: the region of the accounts.
        store: what keeps them, if anything does.
    """

    def __init__(self, region: str, store: Store | None) -> None:
        self.region = region
        self.admins: dict[str, Credentials] = dict(store.accounts) if store is not None else {}
        self._store = store
        self._made: dict[str, Credentials] = {}
        self._lock = RLock()

    def open(self, accounts: Iterable[str]) -> None:
        """Open those of the accounts that are not open yet.

        Args:
            accounts: ids of 12 digits.

        Raises:
            BadInput: the state file cannot be written.
        """
        with self._lock:
            fresh = [each for each in dict.fromkeys(accounts) if each not in self.admins]
            # What was made and could not be kept is there all the same, and is not made a second time.
            self._made |= {each: make_admin(each, self.region) for each in fresh if each not in self._made}
            if fresh and self._store is not None:
                self._store.open_accounts({each: self._made[each] for each in fresh})
            self.admins |= {each: self._made[each] for each in fresh}

    def restore_admins(self) -> None:
        """Make every admin again, with the key that he had, where moto has forgotten everything."""
        from moto.iam.models import iam_backends
        from moto.utilities.utils import get_partition

        with self._lock:
            for account, had in self.admins.items():
                made = make_admin(account, self.region)
                backend = iam_backends[account][get_partition(self.region)]
                key = backend.access_keys.pop(made.access_key_id)
                key.access_key_id, key.secret_access_key = had.access_key_id, had.secret_access_key.reveal()
                backend.access_keys[had.access_key_id] = key
            if self._store is not None:
                self._store.save(*self.admins)


def chosen_account() -> str:
    """An account id that nobody has chosen: 12 digits, the first of which is no zero."""
    return str(secrets.randbelow(9 * 10**11) + 10**11)
