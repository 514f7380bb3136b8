"""The object that the admin puts into the stack's bucket for the session to read."""

from __future__ import annotations

import secrets

from stslab.lab.means import Means
from stslab.lab.resources import empty_bucket

KEY = "stslab/hello.txt"


class LabObject:
    """One object with a text that nobody can guess, so that who shows it has read it.

    Args:
        means: what it is put with.
        bucket: the bucket's name.
    """

    def __init__(self, means: Means, bucket: str) -> None:
        self.bucket = bucket
        self.key = KEY
        self.text = f"read by the lab {secrets.token_hex(8)}"
        self._means = means
        self._ours = False

    def put(self) -> None:
        """Put the object."""
        self._ours = True
        tagging = {"Tagging": self._means.marks.query} if self._means.marks.run else {}
        with self._means.ledger.making("object", self.key, bucket=self.bucket):
            self._means.admin.s3.put_object(Bucket=self.bucket, Key=self.key, Body=self.text.encode(), **tagging)

    def remove(self) -> None:
        """Delete the object in all its versions; harmless when repeated."""
        if self._ours:
            empty_bucket(self._means.admin, self.bucket, self.key)
            self._ours = False
            self._means.ledger.note("gone", "object", self.key)
