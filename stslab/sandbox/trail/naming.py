"""What CloudTrail calls a call: the event's name, its kind, its Region, and the code of its error."""

from __future__ import annotations

import re

from stslab.sandbox.answer import Answer
from stslab.settings import home_of_iam
from stslab.targets.heard import Heard

_S3_NAMES = {
    "DeletePublicAccessBlock": "DeleteBucketPublicAccessBlock",
    "GetBucketCORS": "GetBucketCors",
    "GetBucketLifecycleConfiguration": "GetBucketLifecycle",
    "GetBucketNotificationConfiguration": "GetBucketNotification",
    "GetBucketObjectLockConfiguration": "GetObjectLockConfiguration",
    "GetEncryptionConfiguration": "GetBucketEncryption",
    "GetLifecycleConfiguration": "GetBucketLifecycle",
    "GetPublicAccessBlock": "GetBucketPublicAccessBlock",
    "GetReplicationConfiguration": "GetBucketReplication",
    "ListAllMyBuckets": "ListBuckets",
    "ListBucket": "ListObjects",
    "ListBucketMultipartUploads": "ListMultipartUploads",
    "ListBucketVersions": "ListObjectVersions",
    "ListMultipartUploadParts": "ListParts",
    "ListObjectsV2": "ListObjects",
    "PutBucketCORS": "PutBucketCors",
    "PutBucketLifecycleConfiguration": "PutBucketLifecycle",
    "PutBucketNotificationConfiguration": "PutBucketNotification",
    "PutBucketObjectLockConfiguration": "PutObjectLockConfiguration",
    "PutEncryptionConfiguration": "PutBucketEncryption",
    "PutLifecycleConfiguration": "PutBucketLifecycle",
    "PutPublicAccessBlock": "PutBucketPublicAccessBlock",
    "PutReplicationConfiguration": "PutBucketReplication",
}
"""Event names of S3 by the operation's name in the API, or by the IAM action where that is all that is known.

Source: Amazon S3 user guide, "Amazon S3 CloudTrail events", bucket-level and object-level actions. An IAM action may
stand for two operations (to put a configuration and to delete it); the event is then named for the first.
"""

_GUESSED = frozenset({"CreateBucket", "DeleteBucket", "ListBucket"})
"""What moto takes a request for a bucket's subresource for, where it does not know the subresource."""

_S3_DATA = frozenset({"DeleteObjects", "HeadBucket", "ListMultipartUploads", "ListObjects", "ListObjectVersions"})
"""Operations on a bucket that are data events all the same.

Source: Amazon S3 user guide, "Amazon S3 CloudTrail events": "bucket-level operations … as object-level actions".
"""

_DYNAMODB_DATA = frozenset(
    {
        "BatchExecuteStatement",
        "BatchGetItem",
        "BatchWriteItem",
        "DeleteItem",
        "ExecuteStatement",
        "ExecuteTransaction",
        "GetItem",
        "PutItem",
        "Query",
        "Scan",
        "TransactGetItems",
        "TransactWriteItems",
        "UpdateItem",
    }
)
"""Source: DynamoDB developer guide, "Logging DynamoDB operations by using AWS CloudTrail", data events."""

_READING = re.compile(
    "AssumeRole|BatchGet|Describe|Estimate|Get|Head|List|Lookup|Query|Scan|Simulate|TransactGet|Validate"
)
"""How the names of reads begin; to assume a role is one, as records of AWS's show."""

_EXCEPTIONS = frozenset(
    {
        "ConcurrentModification",
        "DeleteConflict",
        "EntityAlreadyExists",
        "EntityTemporarilyUnmodifiable",
        "InvalidAuthenticationCode",
        "InvalidInput",
        "InvalidUserType",
        "LimitExceeded",
        "MalformedPolicyDocument",
        "NoSuchEntity",
        "PackedPolicyTooLarge",
        "PasswordPolicyViolation",
        "PolicyEvaluation",
        "PolicyNotAttachable",
        "UnmodifiableEntity",
    }
)
"""Codes of IAM and STS whose exception is named otherwise. Source: botocore's models of both, the errors' shapes."""


def event_name(heard: Heard) -> str:
    """The event's name: the operation's, and for S3 what CloudTrail makes of it."""
    if heard.service != "s3":
        return heard.operation
    name = heard.operation
    if name in _GUESSED and heard.weighed is not None:
        action = heard.weighed.request.action.removeprefix("s3:")
        name = action if action in _S3_NAMES else name
    name = _S3_NAMES.get(name, name)
    if "Key" in heard.parameters:
        return name.replace("ObjectVersion", "Object")
    return "DeleteObjects" if name == "DeleteObject" else name


def is_management(heard: Heard) -> bool:
    """Whether it is a management event; what is done to an object or an item is a data event.

    Source: CloudTrail user guide, "Logging management events" and "Logging data events".
    """
    if heard.service == "s3":
        return "Key" not in heard.parameters and event_name(heard) not in _S3_DATA
    return heard.service != "dynamodb" or heard.operation not in _DYNAMODB_DATA


def is_read(name: str) -> bool:
    """Whether an event of this name changes nothing, as CloudTrail has it."""
    return _READING.match(name) is not None


def region_of(heard: Heard) -> str:
    """The event's Region: IAM's own, wherever it is called from, and for the others the one that is called.

    Source: IAM user guide, "Logging IAM and AWS STS API calls with AWS CloudTrail"; CloudTrail user guide, "Viewing
    CloudTrail events with the AWS CLI", on global service events since November 2021.
    """
    partition = heard.actor.caller.partition if heard.actor is not None else "aws"
    return home_of_iam(partition, heard.region) if heard.service == "iam" else heard.region


def error_code(service: str, answer: Answer) -> str:
    """What CloudTrail calls an error: by its exception's name in IAM's model, and a denial the same everywhere.

    There is no list of AWS's. Records that were published have ``NoSuchEntityException`` of IAM (code
    ``NoSuchEntity``), ``ValidationException`` of CloudFormation (code ``ValidationError``), and ``AccessDenied`` of
    DynamoDB (``AccessDeniedException`` in its JSON); the others follow by analogy.
    """
    code = answer.error_code
    if code == "AccessDeniedException":
        return "AccessDenied"
    if service in ("iam", "sts") and code in _EXCEPTIONS:
        return f"{code}Exception"
    return "ValidationException" if service == "cloudformation" and code == "ValidationError" else code
