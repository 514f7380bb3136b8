"""S3: what is not there, what a bucket's policy must be, and objects that are deleted many at a time.

Source for the whole module: S3 API reference, "List of error codes", GetObject, DeleteObjects, PutBucketPolicy and
PublicAccessBlockConfiguration.
"""

from __future__ import annotations

from collections.abc import Callable
from contextvars import ContextVar
from typing import Any

from stslab.iam import MalformedPolicy, read_policy, require_resource_policy
from stslab.iam.public import is_public
from stslab.targets.case import Case
from stslab.targets.rules.identities import nobody_in
from stslab.targets.s3 import deletions, is_deletion_of_many, object_at, owner_of
from stslab.targets.wish import Wish

POLICY_LIMIT = 20480
"""Bytes. Source: Amazon S3 user guide, "Policies and permissions in Amazon S3": a bucket policy has at most 20 KB."""

_DENIED: ContextVar[frozenset[str]] = ContextVar("denied", default=frozenset())
"""The objects, as ``bucket/key``, that the request that moto is answering may not delete."""


def replacements() -> dict[tuple[Any, str], Callable[..., Any]]:
    """Leave every decision to the gate, which has made those of DeleteObjects one by one."""
    from moto.iam.access_control import PermissionResult
    from moto.s3.models import FakeBucket, S3Backend
    from moto.s3.responses import S3Response

    delete_keys = S3Response._bucket_response_delete_keys

    def delete(call: Any, bucket_name: str, authenticated: bool = True) -> Any:
        token = _DENIED.set(getattr(call, "stslab_denied", frozenset()))
        try:
            return delete_keys(call, bucket_name, authenticated)
        finally:
            _DENIED.reset(token)

    def permission(_: Any, __: str, resource: str) -> Any:
        return PermissionResult.DENIED if resource.partition(":::")[2] in _DENIED.get() else PermissionResult.PERMITTED

    serialized = S3Response.serialized

    def without_body(call: Any, result: Any) -> Any:
        # HTTP sends none with HEAD, and so a client has only the status to name the error by.
        status, headers, body = serialized(call, result)
        return status, headers, b"" if call.method == "HEAD" else body

    delete_bucket = S3Backend.delete_bucket

    def with_its_tags(backend: Any, bucket_name: str) -> Any:
        # moto keeps them, for the next bucket of that name.
        gone = delete_bucket(backend, bucket_name)
        if gone is not None:
            backend.tagger.delete_all_tags_for_resource(gone.arn)
        return gone

    return {
        (S3Backend, "delete_bucket"): with_its_tags,
        (S3Response, "serialized"): without_body,
        (S3Response, "_bucket_response_delete_keys"): delete,
        (FakeBucket, "get_permission"): permission,
    }


def validate(case: Case) -> None:
    """Refuse a request about a bucket that is not there, which S3 says to everyone.

    Raises:
        moto.s3.exceptions.MissingBucket: it is not.
    """
    from moto.s3.exceptions import MissingBucket
    from moto.s3.models import s3_backends

    name = case.call.bucket_name
    if name and case.operation != "CreateBucket" and name not in s3_backends.bucket_accounts:
        raise MissingBucket(bucket=name)


def check(case: Case) -> None:
    """Refuse what S3 refuses a caller who may.

    Raises:
        Exception: AccessDenied for an object that is not there, by a caller who may not list; MalformedPolicy.
    """
    call = case.call
    bucket = f"arn:{call.partition}:s3:::{call.bucket_name}"
    if is_deletion_of_many(call):
        wishes = deletions(call.body, bucket)
        if not wishes:
            case.demand(Wish("s3:DeleteObject", bucket, owner_of(bucket)))
        denied = (wish.resource for wish in wishes if not case.may(wish))
        call.stslab_denied = frozenset(arn.partition(":::")[2] for arn in denied)
    elif case.operation in ("GetObject", "HeadObject") and call.method in ("GET", "HEAD"):
        # "If the object … doesn't exist, the error … depends on whether you also have the s3:ListBucket permission".
        if object_at(f"{bucket}/{call.parse_key_name()}") is None:
            case.demand(Wish("s3:ListBucket", bucket, owner_of(bucket)))
    elif case.operation == "PutBucketPolicy":
        _require_bucket_policy(case, bucket)


def _require_bucket_policy(case: Case, bucket: str) -> None:
    text = case.call.body
    text = text.decode("utf-8", "replace") if isinstance(text, bytes) else str(text)
    try:
        policy = read_policy(text, "the bucket's policy")
        require_resource_policy(policy)
    except MalformedPolicy as malformed:
        raise case.refusal("MalformedPolicy", malformed.message, 400) from None
    if len(text.encode()) > POLICY_LIMIT:
        raise case.refusal("PolicyTooLarge", "Policy exceeds the maximum allowed document size.", 400)
    for statement in policy.statements:
        if not all(arn == bucket or arn.startswith(f"{bucket}/") for arn in statement.resources or ()):
            raise case.refusal("MalformedPolicy", "Policy has invalid resource", 400)
    if nobody_in(policy):
        raise case.refusal("MalformedPolicy", "Invalid principal in policy", 400)
    block = _block_of(case)
    if block is not None and block.block_public_policy and is_public(policy):
        raise case.refusal("AccessDenied", "Access Denied", 403)


def _block_of(case: Case) -> Any:
    """The public access block of the bucket that a request is about, or ``None`` where it has none."""
    from moto.s3.models import s3_backends

    account = s3_backends.bucket_accounts[case.call.bucket_name][1]
    return s3_backends[account][case.call.partition].buckets[case.call.bucket_name].public_access_block
