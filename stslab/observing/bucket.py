"""What is in the stack's bucket when somebody looks at a lab: an object, or nothing, which is as good."""

from __future__ import annotations

from typing import Any

from stslab.expect import Expect
from stslab.lab.bucket import KEY, InBucket
from stslab.principals import Principal


class SeenObject(InBucket):
    """The first object of the bucket, by its key and entity tag.

    Args:
        bucket: the bucket's name.
        key: the object's key.
        etag: its entity tag as S3 lists it.
    """

    def __init__(self, bucket: str, key: str, etag: str) -> None:
        self.bucket = bucket
        self.key = key
        self._etag = etag

    def claim_read(self, who: Principal, expect: Expect) -> None:
        """Claim that a principal reads the object.

        Raises:
            CheckFailed: it does not.
        """
        answer = expect.allowed(who, who.s3.get_object, Bucket=self.bucket, Key=self.key)
        answer["Body"].close()
        expect.same("The object's entity tag", answer["ETag"], self._etag)


class NoObject(InBucket):
    """An empty bucket. Who asks for an object that is not there is told so only where it may list and read.

    Source: Amazon S3 API reference, GetObject, "Permissions": without s3:ListBucket the answer is 403, with it 404; and
    without s3:GetObject it is 403 in any case.

    Args:
        bucket: the bucket's name.
    """

    key = KEY

    def __init__(self, bucket: str) -> None:
        self.bucket = bucket

    def claim_listed(self, who: Principal, expect: Expect) -> None:
        """Claim that a principal lists the bucket.

        Raises:
            CheckFailed: it does not.
        """
        expect.allowed(who, who.s3.list_objects_v2, Bucket=self.bucket)

    def claim_read(self, who: Principal, expect: Expect) -> None:
        """Claim that a principal would read an object, if there were one.

        Raises:
            CheckFailed: it would not.
        """
        expect.may_ask(who, who.s3.get_object, "NoSuchKey", Bucket=self.bucket, Key=self.key)


def seen_in(bucket: str, listed: dict[str, Any]) -> SeenObject | NoObject:
    """What there is in a bucket to be read.

    Args:
        bucket: the bucket's name.
        listed: the answer of ListObjectsV2 to the admin.
    """
    found = [entry for entry in listed.get("Contents", []) if not entry["Key"].endswith("/")]
    return SeenObject(bucket, found[0]["Key"], found[0]["ETag"]) if found else NoObject(bucket)
