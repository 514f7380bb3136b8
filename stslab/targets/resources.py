"""Which IAM actions a request needs, and on which resources.

Source for the whole module: service authorization reference, "Actions, resources, and condition keys for" IAM, STS and
CloudFormation.
"""

from __future__ import annotations

from typing import Any

from stslab.targets import s3
from stslab.targets.case import Case
from stslab.targets.context import one, request_tags
from stslab.targets.forwarding import forwarded_keys
from stslab.targets.wish import Wish

OWN = frozenset(
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

_TAGGING = {
    "CreateInstanceProfile": "TagInstanceProfile",
    "CreateOpenIDConnectProvider": "TagOpenIDConnectProvider",
    "CreatePolicy": "TagPolicy",
    "CreateRole": "TagRole",
    "CreateSAMLProvider": "TagSAMLProvider",
    "CreateUser": "TagUser",
    "CreateVirtualMFADevice": "TagMFADevice",
}

_TAGGING_STACKS = frozenset({"CreateChangeSet", "CreateStack", "CreateStackSet"})

_GROUP_FIRST = frozenset({"AddUserToGroup", "RemoveUserFromGroup"})


def wishes_of(case: Case, resource: str) -> list[Wish]:
    """What a request asks for; all of it has to be allowed.

    Args:
        case: the request.
        resource: the resource as moto sees it, which is right for S3 and for AssumeRole.
    """
    call, service, operation = case.call, case.service, case.operation
    if service == "iam":
        return _of_iam(call, operation, _iam_resource(call, operation, case.actor.caller.arn))
    if service == "cloudformation":
        return _of_cloudformation(call, operation)
    if service == "s3":
        return [*s3.wishes_of(call, operation, resource), *_of_tagged_bucket(call, operation, resource)]
    if service == "sts":
        return _of_sts(call, operation, resource)
    return [Wish(f"{service}:{operation}", "*", call.current_account)]


def _of_iam(call: Any, operation: str, resource: str) -> list[Wish]:
    """An operation's own action, and the one to tag where something is created with tags.

    Source: IAM user guide, "Tags for AWS Identity and Access Management resources".
    """
    actions = [operation]
    if operation in _TAGGING and request_tags(call):
        actions.append(_TAGGING[operation])
    return [Wish(f"iam:{action}", resource, call.current_account) for action in actions]


def _of_cloudformation(call: Any, operation: str) -> list[Wish]:
    """An operation's own action, and the one to tag where a stack is created with tags.

    Source: service authorization reference, "API operations defined by AWS CloudFormation": CreateStack,
    CreateChangeSet and CreateStackSet authorize cloudformation:TagResource, as CreateUser does iam:TagUser.
    """
    actions = [operation]
    if operation in _TAGGING_STACKS and request_tags(call):
        actions.append("TagResource")
    return [Wish(f"cloudformation:{action}", _stack(call), call.current_account) for action in actions]


def _of_tagged_bucket(call: Any, operation: str, resource: str) -> list[Wish]:
    """What tagging a bucket at its creation takes, whether the caller makes it or CloudFormation does for him.

    Source: Amazon S3 user guide, "Creating general purpose buckets with tags": s3:CreateBucket and s3:TagResource, and
    CloudFormation creates buckets so; registry schema of AWS::S3::Bucket, where s3:TagResource stands beside
    s3:PutBucketTagging, with which tags are given here.
    """
    at_once = operation == "CreateBucket" and b"<Tag>" in (call.raw_body or b"")
    for_a_stack = operation == "PutBucketTagging" and call.method == "PUT" and forwarded_keys() is not None
    return [Wish("s3:TagResource", resource, call.current_account)] if at_once or for_a_stack else []


def _of_sts(call: Any, operation: str, resource: str) -> list[Wish]:
    if operation == "GetFederationToken":
        who = f"arn:{call.partition}:sts::{call.current_account}:federated-user/{one(call, 'Name')}"
        return [Wish(f"sts:{operation}", who, call.current_account)]
    wishes = [Wish(f"sts:{operation}", resource)]
    if operation == "AssumeRole":
        if request_tags(call):
            wishes.append(Wish("sts:TagSession", resource))
        if call.data.get("SourceIdentity"):
            wishes.append(Wish("sts:SetSourceIdentity", resource))
    return wishes


def _iam_resource(call: Any, operation: str, caller_arn: str) -> str:
    backend = call.backend

    def given(name: str) -> str:
        return one(call, name)

    def arn(kind: str, name: str, known: Any) -> str:
        path = given("Path") or "/"
        return str(known.arn) if known is not None else f"{_iam(call)}:{kind}{path}{name}"

    if operation == "GetAccessKeyLastUsed":
        owner = backend.get_user_from_access_key_id(given("AccessKeyId"))
        return str(owner.arn) if owner is not None else f"{_iam(call)}:user/*"
    if operation == "SimulatePrincipalPolicy":
        return given("PolicySourceArn")
    if given("GroupName") and (operation in _GROUP_FIRST or not given("UserName")):
        return arn("group", given("GroupName"), backend.groups.get(given("GroupName")))
    if given("InstanceProfileName"):
        profiles = {p.name: p for p in backend.instance_profiles.values()}
        return arn("instance-profile", given("InstanceProfileName"), profiles.get(given("InstanceProfileName")))
    if given("RoleName"):
        roles = {role.name: role for role in backend.roles.values()}
        return arn("role", given("RoleName"), roles.get(given("RoleName")))
    if given("UserName"):
        return arn("user", given("UserName"), backend.users.get(given("UserName")))
    for name in ("PolicyArn", "OpenIDConnectProviderArn"):
        if given(name):
            return given(name)
    if operation == "CreateOpenIDConnectProvider":
        return f"{_iam(call)}:oidc-provider/{given('Url').partition('://')[2]}"
    if operation == "CreatePolicy":
        return arn("policy", given("PolicyName"), None)
    return caller_arn if operation in OWN and ":user/" in caller_arn else "*"


def _iam(call: Any) -> str:
    return f"arn:{call.partition}:iam::{call.current_account}"


def _stack(call: Any) -> str:
    """A stack's ARN; one that is not there yet has no id, which stands open."""
    name = one(call, "StackName")
    if not name:
        return "*"
    if name.startswith("arn:"):
        return name
    stacks = call.cloudformation_backend.stacks.values()
    known = next((stack.stack_id for stack in stacks if stack.name == name), None)
    return known or f"arn:{call.partition}:cloudformation:{call.region}:{call.current_account}:stack/{name}/*"
