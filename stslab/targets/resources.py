"""Which IAM actions a request needs, and on which resources.

Source for the whole module: service authorization reference, "Actions, resources, and condition keys for" IAM, STS,
S3 and CloudFormation; S3 API reference, "Permissions" of each operation.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote
from xml.sax.saxutils import unescape

from stslab.targets.context import request_tags

_S3_ACTIONS = {
    "HeadBucket": "ListBucket",
    "ListBuckets": "ListAllMyBuckets",
    "ListObjects": "ListBucket",
    "ListObjectsV2": "ListBucket",
    "ListObjectVersions": "ListBucketVersions",
    "HeadObject": "GetObject",
    "CopyObject": "PutObject",
    "DeleteObjects": "DeleteObject",
    "CreateMultipartUpload": "PutObject",
    "UploadPart": "PutObject",
    "CompleteMultipartUpload": "PutObject",
    "GetBucketEncryption": "GetEncryptionConfiguration",
    "PutBucketEncryption": "PutEncryptionConfiguration",
    "DeleteBucketEncryption": "PutEncryptionConfiguration",
    "GetPublicAccessBlock": "GetBucketPublicAccessBlock",
    "PutPublicAccessBlock": "PutBucketPublicAccessBlock",
    "DeletePublicAccessBlock": "PutBucketPublicAccessBlock",
    "DeleteBucketTagging": "PutBucketTagging",
    "DeleteBucketCors": "PutBucketCORS",
}

_OWN = frozenset(
    {
        "ChangePassword",
        "CreateAccessKey",
        "DeleteAccessKey",
        "GetUser",
        "ListAccessKeys",
        "ListMFADevices",
        "ListSigningCertificates",
        "UpdateAccessKey",
    }
)
"""IAM operations that are about the caller where they name no user."""

_GROUP_FIRST = frozenset({"AddUserToGroup", "RemoveUserFromGroup"})


@dataclass(frozen=True)
class Wish:
    """One action on one resource; ``account`` is whose it is, or empty where the ARN tells."""

    action: str
    resource: str
    account: str = ""


def wishes_of(call: Any, service: str, operation: str, caller_arn: str, resource: str) -> list[Wish]:
    """What a request asks for; all of it has to be allowed.

    Args:
        call: moto's response object of the request.
        service: the service that is called, by its IAM prefix.
        operation: the operation as moto names it.
        caller_arn: who calls.
        resource: the resource as moto sees it, which is right for S3 and for AssumeRole.
    """
    if service == "iam":
        return [Wish(f"iam:{operation}", _iam_resource(call, operation, caller_arn), call.current_account)]
    if service == "cloudformation":
        return [Wish(f"cloudformation:{operation}", _stack(call), call.current_account)]
    if service == "s3":
        return _of_s3(call, operation, resource)
    if service == "sts":
        return _of_sts(call, operation, resource)
    return [Wish(f"{service}:{operation}", "*", call.current_account)]


def _of_sts(call: Any, operation: str, resource: str) -> list[Wish]:
    wishes = [Wish(f"sts:{operation}", resource)]
    if operation == "AssumeRole":
        if request_tags(call):
            wishes.append(Wish("sts:TagSession", resource))
        if call.data.get("SourceIdentity"):
            wishes.append(Wish("sts:SetSourceIdentity", resource))
    return wishes


def _of_s3(call: Any, operation: str, resource: str) -> list[Wish]:
    action = _S3_ACTIONS.get(operation, operation)
    if action == "GetObject" and call.data.get("versionId"):
        action = "GetObjectVersion"
    # A bucket that is to be made is the caller's, whoever may have one of that name.
    owner = call.current_account if action == "CreateBucket" else _owner(resource)
    wishes = [Wish(f"s3:{action}", resource, owner)]
    if call.method == "POST" and "delete" in call.data:
        keys = re.findall(r"<Key>(.*?)</Key>", _text(call.raw_body), re.DOTALL)
        return [Wish("s3:DeleteObject", f"{resource}/{unescape(key)}", _owner(resource)) for key in keys] or wishes
    source = call.headers.get("x-amz-copy-source")
    if source and action == "PutObject":
        path, _, version = unquote(source).lstrip("/").partition("?versionId=")
        arn = f"{resource.partition(':::')[0]}:::{path}"
        wishes.append(Wish("s3:GetObjectVersion" if version else "s3:GetObject", arn, _owner(arn)))
    return wishes


def _text(body: Any) -> str:
    return body.decode("utf-8", "replace") if isinstance(body, bytes) else str(body or "")


def bucket_of(resource: str) -> str:
    """The bucket's name in an S3 ARN."""
    return resource.partition(":::")[2].partition("/")[0]


def _owner(resource: str) -> str:
    from moto.s3.models import s3_backends

    _, account = s3_backends.bucket_accounts.get(bucket_of(resource), ("", ""))
    return str(account)


def _iam_resource(call: Any, operation: str, caller_arn: str) -> str:
    backend, data = call.backend, call.data

    def one(name: str) -> str:
        return str(data.get(name, [""])[0])

    def arn(kind: str, name: str, known: Any) -> str:
        path = one("Path") or "/"
        return str(known.arn) if known is not None else f"{_iam(call)}:{kind}{path}{name}"

    if operation == "GetAccessKeyLastUsed":
        owner = backend.get_user_from_access_key_id(one("AccessKeyId"))
        return str(owner.arn) if owner is not None else f"{_iam(call)}:user/*"
    if operation == "SimulatePrincipalPolicy":
        return one("PolicySourceArn")
    if one("GroupName") and (operation in _GROUP_FIRST or not one("UserName")):
        return arn("group", one("GroupName"), backend.groups.get(one("GroupName")))
    if one("InstanceProfileName"):
        profiles = {p.name: p for p in backend.instance_profiles.values()}
        return arn("instance-profile", one("InstanceProfileName"), profiles.get(one("InstanceProfileName")))
    if one("RoleName"):
        roles = {role.name: role for role in backend.roles.values()}
        return arn("role", one("RoleName"), roles.get(one("RoleName")))
    if one("UserName"):
        return arn("user", one("UserName"), backend.users.get(one("UserName")))
    if one("PolicyArn"):
        return one("PolicyArn")
    if operation == "CreatePolicy":
        return arn("policy", one("PolicyName"), None)
    return caller_arn if operation in _OWN and ":user/" in caller_arn else "*"


def _iam(call: Any) -> str:
    return f"arn:{call.partition}:iam::{call.current_account}"


def _stack(call: Any) -> str:
    """A stack's ARN; one that is not there yet has no id, which stands open."""
    name = str(call.data.get("StackName", [""])[0])
    if not name:
        return "*"
    if name.startswith("arn:"):
        return name
    stacks = call.cloudformation_backend.stacks.values()
    known = next((stack.stack_id for stack in stacks if stack.name == name), None)
    return known or f"arn:{call.partition}:cloudformation:{call.region}:{call.current_account}:stack/{name}/*"
