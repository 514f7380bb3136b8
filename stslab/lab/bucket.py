"""The object that the admin puts into the stack's bucket for the session to read."""

from __future__ import annotations

import secrets

from stslab.lab.resources import empty_bucket
from stslab.principals import Principal

KEY = "stslab/hello.txt"


class LabObject:
    """One object with a text that nobody can guess, so that who shows it has read it.

    Args:
        admin: who puts and deletes it.
        bucket: the bucket's name.
    """

    def __init__(self, admin: Principal, bucket: str) -> None:
        self.bucket = bucket
        self.key = KEY
        self.text = f"read by the lab {secrets.token_hex(8)}"
        self._admin = admin
        self._ours = False

    def put(self) -> None:
        """Put the object."""
        self._ours = True
        self._admin.s3.put_object(Bucket=self.bucket, Key=self.key, Body=self.text.encode())

    def remove(self) -> None:
        """Delete the object in all its versions; harmless when repeated."""
        if self._ours:
            empty_bucket(self._admin, self.bucket, self.key)
            self._ours = False
