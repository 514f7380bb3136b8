"""The resource types that a lab's stack may hold: how to ask for one by name, and how to take it away."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from botocore.exceptions import ClientError

from stslab.answers import code_of
from stslab.errors import SuiteError
from stslab.lab.steps import unless_absent
from stslab.principals import Principal

Lookup = tuple[Any, dict[str, str]]

_LOOKUPS: Mapping[str, Callable[[Principal, str], Lookup]] = {
    "AWS::S3::Bucket": lambda admin, name: (admin.s3.head_bucket, {"Bucket": name}),
    "AWS::IAM::Role": lambda admin, name: (admin.iam.get_role, {"RoleName": name}),
    "AWS::IAM::User": lambda admin, name: (admin.iam.get_user, {"UserName": name}),
    "AWS::IAM::Group": lambda admin, name: (admin.iam.get_group, {"GroupName": name}),
    "AWS::IAM::ManagedPolicy": lambda admin, name: (admin.iam.get_policy, {"PolicyArn": name}),
    "AWS::IAM::InstanceProfile": lambda admin, name: (admin.iam.get_instance_profile, {"InstanceProfileName": name}),
}

PARTS = frozenset(
    {
        "AWS::IAM::Policy",
        "AWS::IAM::RolePolicy",
        "AWS::IAM::UserPolicy",
        "AWS::IAM::AccessKey",
        "AWS::IAM::UserToGroupAddition",
        "AWS::S3::BucketPolicy",
    }
)
"""Types that are part of another resource and go with it."""


def lookup(admin: Principal, resource_type: str, physical_id: str) -> Lookup | None:
    """Give the operation and parameters that ask for a resource by name, or ``None`` for a type not known here."""
    make = _LOOKUPS.get(resource_type)
    return make(admin, physical_id) if make else None


def tags_of(admin: Principal, resource_type: str, physical_id: str) -> list[dict[str, str]] | None:
    """The tags of a resource, none where it is gone; ``None`` for a type whose tags are not looked at here."""
    if resource_type == "AWS::S3::Bucket":
        try:
            answer = unless_absent(admin.s3.get_bucket_tagging, Bucket=physical_id)
        except ClientError as error:
            if code_of(error) != "NoSuchTagSet":
                raise
            return []
        return list(answer["TagSet"]) if answer else []
    for kind in ("Role", "User"):
        if resource_type == f"AWS::IAM::{kind}":
            operation, params = _LOOKUPS[resource_type](admin, physical_id)
            answer = unless_absent(operation, **params)
            return list(answer[kind].get("Tags", ())) if answer else []
    return None


def destroy(admin: Principal, resource_type: str, physical_id: str) -> None:
    """Take away a resource that its stack has left behind; one that is gone is no error.

    Raises:
        SuiteError: the type is not one that is known here.
    """
    if resource_type == "AWS::S3::Bucket":
        empty_bucket(admin, physical_id)
        unless_absent(admin.s3.delete_bucket, Bucket=physical_id)
    elif resource_type == "AWS::IAM::Role":
        _destroy_role(admin, physical_id)
    elif resource_type not in PARTS:
        known = lookup(admin, resource_type, physical_id)
        if known is None or unless_absent(known[0], **known[1]) is not None:
            raise SuiteError(f"{resource_type} {physical_id} is left behind; delete it by hand.")


def empty_bucket(admin: Principal, bucket: str, prefix: str = "") -> None:
    """Delete every version of every object whose key begins with the prefix."""
    if unless_absent(admin.s3.head_bucket, Bucket=bucket) is None:
        return
    try:
        for page in admin.s3.get_paginator("list_object_versions").paginate(Bucket=bucket, Prefix=prefix):
            for version in [*page.get("Versions", []), *page.get("DeleteMarkers", [])]:
                admin.s3.delete_object(Bucket=bucket, Key=version["Key"], VersionId=version["VersionId"])
    except ClientError as error:
        # It may have been gone for a moment, and not everywhere yet.
        if code_of(error) != "NoSuchBucket":
            raise


def _destroy_role(admin: Principal, name: str) -> None:
    iam, me = admin.iam, {"RoleName": name}
    for policy_name in (unless_absent(iam.list_role_policies, **me) or {"PolicyNames": []})["PolicyNames"]:
        unless_absent(iam.delete_role_policy, PolicyName=policy_name, **me)
    attached = unless_absent(iam.list_attached_role_policies, **me) or {"AttachedPolicies": []}
    for policy in attached["AttachedPolicies"]:
        unless_absent(iam.detach_role_policy, PolicyArn=policy["PolicyArn"], **me)
    unless_absent(iam.delete_role, **me)
