"""A credentials file of the run's own, as the lab has one edit it by hand."""

from __future__ import annotations

import configparser
import io
import secrets
import shutil
import tempfile
from pathlib import Path

from stslab.credentials import Credentials
from stslab.files import write_private

PREFIX = "stslab-"
"""How the name of such a folder begins."""


class ProfileFile:
    """An AWS credentials file in a temporary folder, readable by its owner only, gone after :meth:`remove`.

    ``folder`` is where it is. The person's own ``~/.aws`` is neither read nor written: sessions made from this file
    know no other.
    """

    def __init__(self) -> None:
        self.folder = Path(tempfile.gettempdir()) / f"{PREFIX}{secrets.token_hex(8)}"
        self.path = self.folder / "credentials"
        self._config_path = self.folder / "config"
        self._parser = configparser.RawConfigParser()

    @property
    def config_path(self) -> Path:
        """The config file that goes with it."""
        self._make_folder()
        return self._config_path

    def _make_folder(self) -> None:
        """Make the folder when it is first needed: a run that only looks leaves no trace."""
        if not self.folder.exists():
            self.folder.mkdir(mode=0o700)
            # boto3 wants whatever profile the person's environment names; it is told to take this one.
            self._config_path.write_text("[default]\n", encoding="utf-8")

    def write(self, profile: str, credentials: Credentials) -> None:
        """Add or replace a profile; the file changes whole or not at all.

        Args:
            profile: the section's name, for example ``sts``.
            credentials: what to write into it.
        """
        section = {
            "aws_access_key_id": credentials.access_key_id,
            "aws_secret_access_key": credentials.secret_access_key.reveal(),
        }
        if credentials.session_token is not None:
            section["aws_session_token"] = credentials.session_token.reveal()
        self._parser[profile] = section
        self._make_folder()
        written = io.StringIO()
        self._parser.write(written)
        write_private(self.path, written.getvalue())

    def remove(self) -> None:
        """Delete the file with every credential in it; harmless when called twice."""
        if self.folder.exists():
            shutil.rmtree(self.folder)
