"""What a run says of the things that it makes, before and after; here to nobody."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from contextlib import contextmanager

from botocore.exceptions import ClientError

from stslab.answers import code_of


class Ledger:
    """Says what a run makes; this one keeps nothing, for an account that is gone with the run."""

    def write(self, event: str, kind: str, name: str, **more: str) -> None:
        """Write a line, and return when it is on the disk.

        Args:
            event: ``intent`` before a thing is made; ``made`` or ``failed`` after it; ``gone`` when it is away.
            kind: what it is: ``user``, ``access-key``, ``policy``, ``stack``, ``object``, ``resource``, ``file``.
            name: what it is called.
            more: what else is known of it.

        Raises:
            OSError: it cannot be written; nothing may be made then.
        """

    def note(self, event: str, kind: str, name: str, **more: str) -> None:
        """Write a line that saves a sweep a look, but that nothing hangs on.

        On a full disk it is left out: what is to be taken away is not to stay for that.
        """
        with contextlib.suppress(OSError):
            self.write(event, kind, name, **more)

    @contextmanager
    def making(self, kind: str, name: str, **more: str) -> Iterator[dict[str, str]]:
        """Write down the intent, and what came of it when the block ends.

        Yields:
            what else there is to know of the thing once it is made, to be filled in.
        """
        self.write("intent", kind, name, **more)
        known: dict[str, str] = {}
        try:
            yield known
        except BaseException as fault:
            why = code_of(fault) if isinstance(fault, ClientError) else type(fault).__name__
            self.write("failed", kind, name, why=why)
            raise
        self.write("made", kind, name, **known)

    def finish(self) -> None:
        """Nothing is left of what the run made."""

    def close(self) -> None:
        """Let go of the ledger, which stays where something is left; harmless when called twice."""
