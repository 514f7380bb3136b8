"""The object that the admin puts into the stack's bucket for the session to read."""

from __future__ import annotations

import secrets
from abc import ABC, abstractmethod

from stslab.expect import Expect
from stslab.lab.means import Means
from stslab.lab.resources import empty_bucket
from stslab.principals import Principal

KEY = "stslab/hello.txt"


class InBucket(ABC):
    """What there is to be read in the stack's bucket: ``bucket`` is its name, ``key`` that of an object."""

    bucket: str
    key: str

    def claim_listed(self, who: Principal, expect: Expect) -> None:
        """Claim that a principal lists the bucket, and finds the object there.

        Raises:
            CheckFailed: it does not.
        """
        found = expect.allowed(who, who.s3.list_objects_v2, Bucket=self.bucket).get("Contents", [])
        expect.contains("The bucket", [entry["Key"] for entry in found], self.key)

    @abstractmethod
    def claim_read(self, who: Principal, expect: Expect) -> None:
        """Claim that a principal may read in the bucket.

        Raises:
            CheckFailed: it may not.
        """


class LabObject(InBucket):
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

    def claim_read(self, who: Principal, expect: Expect) -> None:
        """Claim that a principal reads the object's text.

        Raises:
            CheckFailed: it does not.
        """
        answer = expect.allowed(who, who.s3.get_object, Bucket=self.bucket, Key=self.key)
        expect.same("The object's text", answer["Body"].read().decode(), self.text)

    def remove(self) -> None:
        """Delete the object in all its versions; harmless when repeated."""
        if self._ours:
            empty_bucket(self._means.admin, self.bucket, self.key)
            self._ours = False
            self._means.ledger.note("gone", "object", self.key)
