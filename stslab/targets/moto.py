"""moto in this process: an account out of nothing, with the project's own authorisation under it."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import ExitStack
from typing import Any

from stslab.credentials import Credentials
from stslab.errors import TargetError, Undetermined
from stslab.principals import Principal, Sessions
from stslab.result import Ruling
from stslab.settings import partition_of
from stslab.submission.circumstances import Circumstances
from stslab.targets.admin import make_admin, make_others
from stslab.targets.base import Patience, Target
from stslab.targets.chosen import choosing
from stslab.targets.environment import nobodys_environment
from stslab.targets.gate import Gate
from stslab.targets.seam import in_force


class MotoTarget(Target):
    """A fresh account in moto; no socket, no file, no variable of the person's own is used.

    Args:
        account: the account's id, 12 digits.
        region: the region of the stack.
        stack_name: the stack whose roles have the names that the circumstances tell.
        circumstances: what the account is like in which the lab was done, where it was done in one.
    """

    name = "moto"
    patience = Patience()
    almighty = True
    wiring: Mapping[str, Any] = {}

    def __init__(
        self, account: str, region: str, stack_name: str = "", circumstances: Circumstances | None = None
    ) -> None:
        self.account = account
        self.region = region
        self._stack_name = stack_name
        self._circumstances = circumstances or Circumstances()
        self.gate = Gate()
        self._stack = ExitStack()
        self.credentials: Credentials | None = None

    def open(self) -> None:
        """Start moto in this process, with every request authorised by the project's own evaluation.

        Raises:
            TargetError: this moto has no seam, or was set up by somebody else to be a server's client.
        """
        self._stack.enter_context(nobodys_environment())
        # Only now: moto reads its settings from the environment when it is imported.
        from moto import mock_aws, settings

        if not settings.TEST_DECORATOR_MODE:
            raise TargetError("moto was imported with TEST_SERVER_MODE or TEST_PROXY_MODE set; unset it and run again.")
        self._stack.enter_context(mock_aws(config={"core": {"mock_credentials": False}}))
        self._stack.enter_context(in_force(self.gate))
        self._stack.enter_context(choosing(self._stack_name, self._circumstances.role_names))
        self.credentials = make_admin(self.account, self.region)
        make_others(self.account, self.region, self._circumstances.others)

    def admin(self, sessions: Sessions) -> Principal:
        """Give the admin, who was put into moto's own state.

        Raises:
            TargetError: the target is not open.
        """
        if self.credentials is None:
            raise TargetError("moto is not open; open the target first.")
        return sessions.of_credentials("admin", self.credentials.access_key_id, self.credentials)

    def require_stacks(self) -> None:
        """Know nothing of stacks outside the partition ``aws``: moto's S3 takes every request for one of that.

        Raises:
            Undetermined: the region is in another partition.
        """
        partition = partition_of(self.region)
        if partition != "aws":
            raise Undetermined(f"moto's S3 does not know {partition}, so nothing is known of a stack in {self.region}.")

    def close(self) -> None:
        """Stop moto, which forgets everything, and give the environment back."""
        self._stack.close()

    def decisions(self) -> int | None:
        """Count the gate's decisions."""
        return self.gate.decisions

    def ruling(self) -> Ruling | None:
        """Tell why the gate decided the last request as it did."""
        return self.gate.ruling()
