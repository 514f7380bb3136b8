"""S3: which IAM actions a request needs, on which resources, and the condition keys that it brings.

Source for the whole module: service authorization reference, "Actions, resources, and condition keys for Amazon S3";
Amazon S3 user guide, "Required permissions for Amazon S3 API operations".
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qsl, unquote
from xml.parsers.expat import ExpatError

from stslab.targets.signatures import Signature
from stslab.targets.wish import Wish

_ACTIONS = {
    "HeadBucket": "ListBucket",
    "ListBuckets": "ListAllMyBuckets",
    "HeadObject": "GetObject",
    "CopyObject": "PutObject",
}

_CONFIGURATIONS = {
    "accelerate": "AccelerateConfiguration",
    "analytics": "AnalyticsConfiguration",
    "cors": "BucketCORS",
    "encryption": "EncryptionConfiguration",
    "intelligent-tiering": "IntelligentTieringConfiguration",
    "inventory": "InventoryConfiguration",
    "legal-hold": "ObjectLegalHold",
    "lifecycle": "LifecycleConfiguration",
    "logging": "BucketLogging",
    "metrics": "MetricsConfiguration",
    "notification": "BucketNotification",
    "object-lock": "BucketObjectLockConfiguration",
    "ownershipControls": "BucketOwnershipControls",
    "publicAccessBlock": "BucketPublicAccessBlock",
    "replication": "ReplicationConfiguration",
    "requestPayment": "BucketRequestPayment",
    "retention": "ObjectRetention",
}
"""Subresources with a permission to get and one to put, which serves to delete as well; moto takes some for others."""

_OF_VERSION = frozenset({"GetObject", "GetObjectAcl", "GetObjectTagging", "PutObjectAcl", "PutObjectTagging"})
"""Actions that have another name for a version of an object, as GetObjectVersion and GetObjectVersionAcl."""

_PUTTING = {
    "x-amz-acl": ("PutBucketAcl", "PutObjectAcl"),
    "x-amz-tagging": ("", "PutObjectTagging"),
    "x-amz-object-ownership": ("PutBucketOwnershipControls", ""),
    "x-amz-object-lock-legal-hold": ("", "PutObjectLegalHold"),
    "x-amz-object-lock-mode": ("", "PutObjectRetention"),
}
"""Headers with which making a bucket, or putting an object, takes one more permission: of the bucket, of the object."""


def wishes_of(call: Any, operation: str, resource: str) -> list[Wish]:
    """What a request to S3 asks for; all of it has to be allowed. DeleteObjects is not one: see :func:`deletions`.

    Args:
        call: moto's response object of the request.
        operation: the operation as moto names it, which is often the action already.
        resource: the ARN of the bucket or the object.
    """
    if is_deletion_of_many(call):
        return []
    action = _action(call, operation)
    # A bucket that is to be made is the caller's, whoever may have one of that name.
    owner = call.current_account if action == "CreateBucket" else owner_of(resource)
    wishes = [Wish(f"s3:{action}", resource, owner)]
    if action in ("CreateBucket", "PutObject"):
        more = [_PUTTING[name][action == "PutObject"] for name in _PUTTING if call.headers.get(name)]
        wishes += [Wish(f"s3:{name}", resource, owner) for name in more if name]
    source = call.headers.get("x-amz-copy-source")
    if source and action == "PutObject":
        path, _, version = unquote(source).lstrip("/").partition("?versionId=")
        arn = f"{resource.partition(':::')[0]}:::{path}"
        wishes.append(Wish("s3:GetObjectVersion" if version else "s3:GetObject", arn, owner_of(arn)))
    return wishes


def is_deletion_of_many(call: Any) -> bool:
    """Whether a request is DeleteObjects, whose objects are decided one by one."""
    return call.method == "POST" and "delete" in _query(call)


def deletions(body: bytes, bucket_arn: str) -> list[Wish]:
    """What DeleteObjects asks for, one wish an object in the body's order, each of which is decided for itself.

    Args:
        body: the request's XML; where it is none, there is nothing to ask for, and moto refuses it.
        bucket_arn: the bucket.
    """
    import xmltodict

    try:
        listed = xmltodict.parse(body, strip_whitespace=False, force_list=("Object",))["Delete"]["Object"]
        found = [(str(one["Key"]), bool(one.get("VersionId"))) for one in listed]
    except (ExpatError, KeyError, TypeError, AttributeError):
        return []
    owner = owner_of(bucket_arn)
    return [Wish(f"s3:DeleteObject{'Version' if v else ''}", f"{bucket_arn}/{key}", owner) for key, v in found]


def bucket_of(resource: str) -> str:
    """The bucket's name in an S3 ARN; empty for ``arn:aws:s3:::*``, which stands for all."""
    name = resource.partition(":::")[2].partition("/")[0]
    return "" if name == "*" else name


def owner_of(resource: str) -> str:
    """The account that owns a bucket, or an object in it; empty where there is no such bucket."""
    from moto.s3.models import s3_backends

    _, account = s3_backends.bucket_accounts.get(bucket_of(resource), ("", ""))
    return str(account)


def bucket_at(resource: str) -> Any:
    """The bucket in moto that an ARN is about, or ``None``."""
    from moto.s3.models import s3_backends

    name = bucket_of(resource)
    partition, account = s3_backends.bucket_accounts.get(name, ("", ""))
    return s3_backends[account][partition].buckets.get(name) if account else None


def object_at(resource: str) -> Any:
    """The object in moto that an ARN is about, in its present version, or ``None``."""
    from moto.s3.models import FakeKey

    bucket = bucket_at(resource)
    found = None if bucket is None else bucket.keys.get(resource.partition(":::")[2].partition("/")[2])
    return found if isinstance(found, FakeKey) else None


def keys_of(call: Any, resource: str, signature: Signature | None) -> dict[str, str | list[str]]:
    """The condition keys of S3 that a request and its object bring.

    Args:
        call: moto's response object of the request.
        resource: the bucket or the object.
        signature: how the request is signed; ``None`` where it is not.
    """
    keys: dict[str, str | list[str]] = {}
    if signature is not None:
        keys["s3:authType"] = "REST-QUERY-STRING" if signature.query else "REST-HEADER"
        keys["s3:signatureversion"] = signature.version
        if signature.time is not None:
            keys["s3:signatureAge"] = str(int((datetime.now(UTC) - signature.time).total_seconds() * 1000))
    for name, value in _headers(call.headers.items()):
        keys[f"s3:{name}"] = value
    # Source: Amazon S3 user guide, "Enforce conditional writes on Amazon S3 buckets".
    keys |= {f"s3:{name}": call.headers[name] for name in ("if-match", "if-none-match") if call.headers.get(name)}
    given = dict(parse_qsl(str(call.headers.get("x-amz-tagging", "")), keep_blank_values=True))
    keys |= {f"s3:RequestObjectTag/{key}": value for key, value in given.items()}
    if given:
        keys["s3:RequestObjectTagKeys"] = list(given)
    if call.method == "PUT" and "/" not in resource:
        wanted = re.search(rb"<LocationConstraint[^>]*>([^<]+)<", call.raw_body or b"")
        if wanted:
            keys["s3:LocationConstraint"] = wanted[1].decode("ascii", "replace")
    return keys | {f"s3:ExistingObjectTag/{key}": value for key, value in _tags_at(resource).items()}


def _tags_at(resource: str) -> Mapping[str, str]:
    found = object_at(resource) if "/" in resource else None
    if found is None:
        return {}
    from moto.s3.models import s3_backends

    backend = s3_backends[found.account_id][resource.split(":")[1]]
    return dict(backend.tagger.get_tag_dict_for_resource(found.arn))


def _headers(headers: Iterable[tuple[str, str]]) -> Iterable[tuple[str, str]]:
    skipped = ("x-amz-date", "x-amz-security-token", "x-amz-tagging")
    return ((n.lower(), v) for n, v in headers if n.lower().startswith("x-amz-") and n.lower() not in skipped)


def _action(call: Any, operation: str) -> str:
    query = _query(call)
    reading = call.method in ("GET", "HEAD")
    subresource = next((name for name in query if name in _CONFIGURATIONS), None)
    if subresource is not None:
        return f"{'Get' if reading else 'Put'}{_CONFIGURATIONS[subresource]}"
    action = _ACTIONS.get(operation, operation)
    if "tagging" in query and call.method == "DELETE":
        action = "DeleteObjectTagging" if action.startswith("DeleteObject") else "PutBucketTagging"
    if "attributes" in query:
        action = "GetObjectAttributes"
    if query.get("versionId") and action in _OF_VERSION:
        return action.replace("Object", "ObjectVersion")
    return action


def _query(call: Any) -> dict[str, str]:
    return dict(parse_qsl(call.parsed_url.query, keep_blank_values=True))
