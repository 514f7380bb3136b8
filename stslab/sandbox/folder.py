"""The AWS config and credentials files of an account in the sandbox, apart from the person's own in ``~/.aws``."""

from __future__ import annotations

import configparser
from dataclasses import dataclass
from pathlib import Path

from stslab.credentials import Credentials
from stslab.errors import BadInput
from stslab.files import write_private

STUDENTS = ("sts", "assumed")
"""The profiles that the lab has a student make."""


@dataclass(frozen=True)
class AwsFolder:
    """A folder with ``config`` and ``credentials``, each for its owner only.

    The admin's key stands in ``credentials`` as profile ``admin`` and in ``config`` as the default. The lab has one
    run ``aws configure`` for the user, which writes the user's key into ``credentials`` as the default, and rename that
    section later; from then on the default is the admin again. Source: AWS CLI user guide, "Configuration and
    credential file settings": the credentials file takes precedence over the config file.

    The student's profiles stand in ``config`` too, since a profile without an endpoint of its own would have the CLI go
    to AWS. Source: AWS SDKs and Tools reference guide, "Service-specific endpoints": endpoint_url is a profile's.
    """

    path: Path

    @property
    def config(self) -> Path:
        """The file for ``AWS_CONFIG_FILE``."""
        return self.path / "config"

    @property
    def credentials(self) -> Path:
        """The file for ``AWS_SHARED_CREDENTIALS_FILE``."""
        return self.path / "credentials"

    def write(self, admin: Credentials, endpoint: str, region: str) -> None:
        """Write both files, or leave them as they are where they are of this very account and endpoint.

        What is there already has the profiles that the person has made, and is not written over.

        Raises:
            BadInput: there are files of something else, or nothing can be written there.
        """
        try:
            self.path.mkdir(mode=0o700, parents=True, exist_ok=True)
            for path in (self.config, self.credentials):
                if path.exists():
                    self._require_own(path, admin, endpoint)
            for path, text in ((self.config, _config(admin, endpoint, region)), (self.credentials, _keys(admin))):
                if not path.exists():
                    write_private(path, text)
        except OSError as fault:
            problem = f"the AWS files cannot be written there ({fault.strerror})"
            raise BadInput(str(self.path), problem, "choose another folder with --credentials") from None

    def _require_own(self, path: Path, admin: Credentials, endpoint: str) -> None:
        held = configparser.RawConfigParser()
        try:
            held.read_string(path.read_text(encoding="utf-8"))
        except (configparser.Error, UnicodeDecodeError):
            raise BadInput(str(path), "it cannot be read as an AWS file", "put it right, or delete it") from None
        section = "admin" if path == self.credentials else "default"
        found = held[section] if held.has_section(section) else {}
        mine = found.get("aws_access_key_id") == admin.access_key_id
        if path == self.credentials and not found:
            # The person has taken the admin's profile out; the default is the admin all the same.
            return
        if not mine or found.get("endpoint_url", endpoint) != endpoint:
            problem = "it is of another sandbox, or of an earlier one"
            remedy = "delete it, choose another folder with --credentials, or restore that sandbox with --state"
            raise BadInput(str(path), problem, remedy)


def _key(admin: Credentials) -> str:
    secret = admin.secret_access_key.reveal()
    return f"aws_access_key_id = {admin.access_key_id}\naws_secret_access_key = {secret}\n"


def _config(admin: Credentials, endpoint: str, region: str) -> str:
    place = f"region = {region}\nendpoint_url = {endpoint}\n"
    profiles = [f"[profile {name}]\n{place}" for name in ("admin", *STUDENTS)]
    return "\n".join([f"[default]\n{place}{_key(admin)}", *profiles])


def _keys(admin: Credentials) -> str:
    return f"[admin]\n{_key(admin)}"
