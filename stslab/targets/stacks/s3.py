"""Handlers of buckets and their policies.

Source for the whole module: registry schemas of AWS::S3::Bucket and AWS::S3::BucketPolicy; service authorization
reference, "Actions, resources, and condition keys for Amazon S3".
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from stslab.targets.made import Made
from stslab.targets.stacks.client import Client, Refused
from stslab.targets.stacks.handlers import Handler, Properties
from stslab.targets.stacks.identities import document, tags_of

_UNTOUCHED = {
    "AccelerateConfiguration": "PutAccelerateConfiguration",
    "AnalyticsConfigurations": "PutAnalyticsConfiguration",
    "CorsConfiguration": "PutBucketCORS",
    "IntelligentTieringConfigurations": "PutIntelligentTieringConfiguration",
    "InventoryConfigurations": "PutInventoryConfiguration",
    "LifecycleConfiguration": "PutLifecycleConfiguration",
    "LoggingConfiguration": "PutBucketLogging",
    "MetricsConfigurations": "PutMetricsConfiguration",
    "NotificationConfiguration": "PutBucketNotification",
    "ObjectLockConfiguration": "PutBucketObjectLockConfiguration",
    "ReplicationConfiguration": "PutReplicationConfiguration",
    "WebsiteConfiguration": "PutBucketWebsite",
}
"""Properties that take a permission and, as in moto, have no effect: nobody's access depends on them."""


class Bucket:
    """A bucket with its encryption, versioning, ownership, public access block and tags."""

    named = "BucketName"
    replacing = frozenset({"BucketName", "BucketNamePrefix", "BucketNamespace"})

    def create(self, client: Client, name: str, properties: Properties) -> Made:
        """Make it, in the region of the stack, with all public access blocked as S3 does for a new bucket.

        Source: Amazon S3 user guide, "Default settings for new S3 buckets FAQ".

        Raises:
            Refused: S3 refuses it, or the account has a bucket of that name already.
        """
        from moto.s3.models import PublicAccessBlock, s3_backends

        _require_name(name)
        _, owner = s3_backends.bucket_accounts.get(name, ("", ""))
        if owner == client.account:
            # To the owner S3 says that the bucket is there; to CloudFormation that makes it somebody else's.
            raise Refused(f"{name} already exists", "BucketAlreadyOwnedByYou", "S3", 0, "null")
        place = {} if client.region == "us-east-1" else {"LocationConstraint": client.region}
        client.ask(
            "s3",
            "CreateBucket",
            Bucket=name,
            CreateBucketConfiguration=place,
            ObjectLockEnabledForBucket=_flag(properties.get("ObjectLockEnabled")) or None,
        )
        bucket = s3_backends[client.account][client.partition].buckets[name]
        bucket.public_access_block = PublicAccessBlock(True, True, True, True)
        names = ("Arn", "DomainName", "DualStackDomainName", "RegionalDomainName", "WebsiteURL")
        return Made("AWS::S3::Bucket", name, {each: bucket.get_cfn_attribute(each) for each in names})

    def configure(self, client: Client, made: Made, before: Properties, after: Properties) -> None:
        """Configure what the template asks for.

        Raises:
            Refused: S3 refuses it.
        """
        name = made.physical_resource_id
        for property_name in sorted({*before, *after}):
            if before.get(property_name) == after.get(property_name):
                continue
            if property_name in _CONFIGURING:
                _CONFIGURING[property_name](client, name, after.get(property_name))
            elif property_name in _UNTOUCHED:
                client.require(f"s3:{_UNTOUCHED[property_name]}", f"arn:{client.partition}:s3:::{name}")

    def delete(self, client: Client, made: Made, _properties: Properties) -> None:
        """Delete it.

        Raises:
            Refused: S3 refuses it, as for a bucket that is not empty.
        """
        client.drop("s3", "DeleteBucket", Bucket=made.physical_resource_id)


class BucketPolicy:
    """The policy of a bucket."""

    named = ""
    replacing = frozenset({"Bucket"})

    def create(self, _client: Client, _name: str, properties: Properties) -> Made:
        """Give it an id; it exists only in the bucket."""
        return Made("AWS::S3::BucketPolicy", str(properties.get("Bucket")))

    def configure(self, client: Client, made: Made, _before: Properties, after: Properties) -> None:
        """Put it.

        Raises:
            Refused: S3 refuses it.
        """
        text = document(after.get("PolicyDocument"))
        client.ask("s3", "PutBucketPolicy", Bucket=made.physical_resource_id, Policy=text)

    def delete(self, client: Client, made: Made, _properties: Properties) -> None:
        """Delete it.

        Raises:
            Refused: S3 refuses it.
        """
        client.drop("s3", "DeleteBucketPolicy", Bucket=made.physical_resource_id)


HANDLERS: Mapping[str, Handler] = {"AWS::S3::Bucket": Bucket(), "AWS::S3::BucketPolicy": BucketPolicy()}


def _require_name(name: str) -> None:
    """Refuse a name that no bucket can have, in the words of the SDK that the handler uses.

    Source: Amazon S3 user guide, "General purpose bucket naming rules"; AWS SDK for Java, BucketNameUtils.
    """
    faults = {
        "should be between 3 and 63 characters long": not 3 <= len(name) <= 63,
        "must not be formatted as an IP Address": re.fullmatch(r"(\d+\.){3}\d+", name),
        "should not contain uppercase characters": name.lower() != name,
        "should not contain '_'": "_" in name,
        "should not contain two adjacent periods": ".." in name,
        "should not contain dashes next to periods": ".-" in name or "-." in name,
        "should begin and end with a letter or a number": not re.fullmatch(r"[a-z0-9](.*[a-z0-9])?", name),
        "should contain letters, numbers, periods and dashes only": not re.fullmatch(r"[a-z0-9.-]*", name),
    }
    fault = next((words for words, found in faults.items() if found), None)
    if fault:
        raise Refused(f"Bucket name {fault}", "InvalidBucketName")


def _encrypt(client: Client, name: str, wanted: Any) -> None:
    if not wanted:
        client.drop("s3", "DeleteBucketEncryption", Bucket=name)
        return
    rules = [
        {
            "ApplyServerSideEncryptionByDefault": rule.get("ServerSideEncryptionByDefault") or {},
            "BucketKeyEnabled": _flag(rule.get("BucketKeyEnabled")),
        }
        for rule in wanted.get("ServerSideEncryptionConfiguration") or []
    ]
    client.ask("s3", "PutBucketEncryption", Bucket=name, ServerSideEncryptionConfiguration={"Rules": rules})


def _version(client: Client, name: str, wanted: Any) -> None:
    status = (wanted or {}).get("Status") or "Suspended"
    client.ask("s3", "PutBucketVersioning", Bucket=name, VersioningConfiguration={"Status": status})


def _block(client: Client, name: str, wanted: Any) -> None:
    if not wanted:
        client.drop("s3", "DeletePublicAccessBlock", Bucket=name)
        return
    names = ("BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets")
    flags = {each: _flag(wanted.get(each)) for each in names}
    client.ask("s3", "PutPublicAccessBlock", Bucket=name, PublicAccessBlockConfiguration=flags)


def _own(client: Client, name: str, wanted: Any) -> None:
    if wanted:
        rules = [{"ObjectOwnership": rule.get("ObjectOwnership")} for rule in wanted.get("Rules") or []]
        client.ask("s3", "PutBucketOwnershipControls", Bucket=name, OwnershipControls={"Rules": rules})
    else:
        client.drop("s3", "DeleteBucketOwnershipControls", Bucket=name)


def _tag(client: Client, name: str, wanted: Any) -> None:
    tags = tags_of({"Tags": wanted})
    if tags:
        listed = [{"Key": key, "Value": value} for key, value in tags.items()]
        client.ask("s3", "PutBucketTagging", Bucket=name, Tagging={"TagSet": listed})
    else:
        client.drop("s3", "DeleteBucketTagging", Bucket=name)


_CONFIGURING: Mapping[str, Callable[[Client, str, Any], None]] = {
    "BucketEncryption": _encrypt,
    "OwnershipControls": _own,
    "PublicAccessBlockConfiguration": _block,
    "Tags": _tag,
    "VersioningConfiguration": _version,
}


def _flag(value: Any) -> bool:
    """A truth value, which a template may write as text."""
    return str(value).lower() == "true"
