"""moto in this process: an account out of nothing, with the project's own authorisation under it."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

from botocore.loaders import Loader

from stslab.credentials import Credentials, Secret
from stslab.errors import TargetError
from stslab.targets.base import Patience, Target
from stslab.targets.seam import Gate, in_force

ADMIN = "stslab-admin"

_FOREIGN = (
    "AWS_",
    "BOTO",
    "MOTO_",
    "TEST_SERVER_MODE",
    "TEST_PROXY_MODE",
    "INITIAL_NO_AUTH_ACTION_COUNT",
    "S3_IGNORE_",
)
"""Prefixes of the environment variables that would bring the person's own set-up into the lab."""


class MotoTarget(Target):
    """A fresh account in moto; no socket, no file, no variable of the person's own is used.

    Args:
        account: the account's id, 12 digits.
        region: the region of the stack.
    """

    name = "moto"
    patience = Patience()

    def __init__(self, account: str, region: str) -> None:
        self.account = account
        self.region = region
        self.gate = Gate()
        self._stack = ExitStack()

    def open(self) -> Credentials:
        """Start moto in this process, with every request authorised by the project's own evaluation.

        Raises:
            TargetError: this moto has no seam, or was set up by somebody else to be a server's client.
        """
        self._stack.enter_context(_nobodys_environment())
        # Only now: moto reads its settings from the environment when it is imported.
        from moto import mock_aws, settings

        if not settings.TEST_DECORATOR_MODE:
            raise TargetError("moto was imported with TEST_SERVER_MODE or TEST_PROXY_MODE set; unset it and run again.")
        self._stack.enter_context(mock_aws(config={"core": {"mock_credentials": False}}))
        self._stack.enter_context(in_force(self.gate))
        return self._make_admin()

    def close(self) -> None:
        """Stop moto, which forgets everything, and give the environment back."""
        self._stack.close()

    def decisions(self) -> int | None:
        """Count the gate's decisions."""
        return self.gate.decisions

    def _make_admin(self) -> Credentials:
        """Put the admin into moto's own state, so that there is no first call that goes unchecked."""
        from moto.iam.models import iam_backends
        from moto.utilities.utils import get_partition

        backend = iam_backends[self.account][get_partition(self.region)]
        everything = {"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"}}
        backend.create_user(self.region, ADMIN)
        backend.put_user_policy(ADMIN, "Everything", json.dumps(everything))
        key = backend.create_access_key(ADMIN)
        return Credentials(key.access_key_id, Secret(key.secret_access_key))


@contextmanager
def _nobodys_environment() -> Iterator[None]:
    """Keep the person's own set-up out: variables, and the files in ``~/.aws`` that moto's own sessions would read."""
    theirs = {name: os.environ.pop(name) for name in list(os.environ) if name.startswith(_FOREIGN)}
    ours = dict.fromkeys(("AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"), os.devnull)
    os.environ.update(ours)
    models, Loader.CUSTOMER_DATA_PATH = Loader.CUSTOMER_DATA_PATH, os.devnull
    try:
        yield
    finally:
        Loader.CUSTOMER_DATA_PATH = models
        for name in ours:
            os.environ.pop(name, None)
        os.environ.update(theirs)
