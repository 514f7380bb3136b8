"""The condition keys of a request, as AWS fills them in.

Source for the whole module: IAM user guide, "AWS global condition context keys", "Available keys for IAM", "… AWS STS";
service authorization reference, "Actions, resources, and condition keys for Amazon S3", "… AWS CloudFormation".
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from stslab.iam import Context
from stslab.targets import s3
from stslab.targets.callers import Actor
from stslab.targets.forwarding import forwarded_keys
from stslab.targets.mfa import shows_code
from stslab.targets.signatures import Signature
from stslab.targets.wish import Wish

Values = dict[str, str | list[str]]

ABSENT = (
    "aws:assumedroot",
    "aws:calledvia",
    "aws:chatbotsourcearn",
    "aws:ec2instancesource",
    "aws:federatedprovider",
    "aws:multifactorauth",
    "aws:principalorg",
    "aws:principalservicename",
    "aws:principaltag/",
    "aws:referer",
    "aws:requesttag/",
    "aws:resourceorg",
    "aws:resourcetag/",
    "aws:sourceaccount",
    "aws:sourcearn",
    "aws:sourceidentity",
    "aws:sourceorg",
    "aws:sourcevpc",
    "aws:tagkeys",
    "aws:tokenissuetime",
    "aws:userid",
    "aws:username",
    "aws:vpce",
    "aws:vpcsourceip",
    "cloudformation:changesetname",
    "cloudformation:importresourcetypes",
    "cloudformation:resourcetypes",
    "cloudformation:rolearn",
    "cloudformation:stackpolicyurl",
    "cloudformation:targetregion",
    "cloudformation:templateurl",
    "cloudformation:typearn",
    "iam:associatedresource",
    "iam:awsservicename",
    "iam:delegation",
    "iam:fido",
    "iam:organizationspolicyid",
    "iam:passedtoservice",
    "iam:permissionsboundary",
    "iam:policyarn",
    "iam:registersecuritykey",
    "iam:resourcetag/",
    "iam:servicespecificcredential",
    "iam:template",
    "s3:accessgrants",
    "s3:accesspointnetworkorigin",
    "s3:authtype",
    "s3:dataaccesspoint",
    "s3:delimiter",
    "s3:existingobjecttag/",
    "s3:if-",
    "s3:inventoryaccessible",
    "s3:jobsuspendedcause",
    "s3:locationconstraint",
    "s3:max-keys",
    "s3:object-lock-",
    "s3:prefix",
    "s3:requestobjecttag",
    "s3:signature",
    "s3:versionid",
    "s3:x-amz-",
    "sts:awsservicename",
    "sts:durationseconds",
    "sts:externalid",
    "sts:requestcontext",
    "sts:rolesessionname",
    "sts:sourceidentity",
    "sts:taskpolicyarn",
    "sts:transitivetagkeys",
)
"""How keys begin, in lower case, that are absent here wherever they are not supplied."""

_S3_PARAMETERS = {
    "prefix": "s3:prefix",
    "delimiter": "s3:delimiter",
    "max-keys": "s3:max-keys",
    "versionId": "s3:VersionId",
}
_STS_PARAMETERS = {
    "ExternalId": "sts:ExternalId",
    "RoleSessionName": "sts:RoleSessionName",
    "SourceIdentity": "sts:SourceIdentity",
}
_IAM_PARAMETERS = {
    "PolicyArn": "iam:PolicyARN",
    "PermissionsBoundary": "iam:PermissionsBoundary",
    "AWSServiceName": "iam:AWSServiceName",
}
_CLOUDFORMATION_PARAMETERS = {
    "TemplateURL": "cloudformation:TemplateUrl",
    "RoleARN": "cloudformation:RoleArn",
    "ChangeSetName": "cloudformation:ChangeSetName",
    "StackPolicyURL": "cloudformation:StackPolicyUrl",
}
_PARAMETERS = {
    "s3": _S3_PARAMETERS,
    "sts": _STS_PARAMETERS,
    "iam": _IAM_PARAMETERS,
    "cloudformation": _CLOUDFORMATION_PARAMETERS,
}


def context_of(
    call: Any, service: str, actor: Actor, signature: Signature | None, wish: Wish, resource: Mapping[str, Any]
) -> Context:
    """The condition keys of a request.

    Args:
        call: moto's response object of the request: headers, parameters, URL.
        service: the service that is called.
        actor: who calls.
        signature: how the request is signed; ``None`` where it is not.
        wish: the action and the resource that the request is about.
        resource: keys that the resource brings; one that the request sets itself is the request's.
    """
    now = datetime.now(UTC)
    values: Values = {
        "aws:CurrentTime": _iso(now),
        "aws:EpochTime": str(int(now.timestamp())),
        "aws:SourceIp": "127.0.0.1",
        "aws:UserAgent": str(call.headers.get("User-Agent", "")),
        "aws:SecureTransport": "true" if str(call.uri).startswith("https:") else "false",
        "aws:RequestedRegion": signature.region if signature else str(call.region),
        "aws:ViaAWSService": "false",
    }
    if call.headers.get("Referer"):
        values["aws:Referer"] = str(call.headers["Referer"])
    values |= {f"aws:PrincipalTag/{key}": value for key, value in actor.tags.items()}
    if actor.session is not None:
        values |= _of_session(actor.session, now)
    elif service == "sts" and shows_code(call, actor):
        values |= {"aws:MultiFactorAuthPresent": "true", "aws:MultiFactorAuthAge": "0"}
    for parameter, key in _PARAMETERS.get(service, {}).items():
        if parameter in call.data:
            values[key] = one(call, parameter)
    if service == "s3":
        values |= s3.keys_of(call, wish.resource, signature)
    tags = request_tags(call)
    values |= {f"aws:RequestTag/{key}": value for key, value in tags.items()}
    keys = [*tags, *listed(call, "TagKeys")]
    if keys:
        values["aws:TagKeys"] = keys
    transitive = listed(call, "TransitiveTagKeys")
    if transitive:
        values["sts:TransitiveTagKeys"] = transitive
    more = forwarded_keys()
    if more is not None:
        # The address is the service's own, which nobody here can know.
        del values["aws:SourceIp"]
        values |= more
    return Context({**resource, **values}, unknown=lambda key: _unknown(key, service))


def one(call: Any, name: str) -> str:
    """The value of a parameter, or an empty string."""
    given = call.data.get(name, "")
    return str(given[0]) if isinstance(given, list) else str(given)


def request_tags(call: Any) -> dict[str, str]:
    """The tags that a query request gives, by key."""
    tags: dict[str, str] = {}
    for name, values in call.data.items():
        found = str(name).startswith("Tags.") and re.fullmatch(r"Tags\.member\.(\d+)\.Key", str(name))
        if found:
            tags[values[0]] = call.data.get(f"Tags.member.{found[1]}.Value", [""])[0]
    return tags


def listed(call: Any, name: str) -> list[str]:
    """The values of a list parameter of a query request, in order."""
    begun = f"{name}.member."
    given = [(str(n), v) for n, v in call.data.items() if str(n).startswith(begun)]
    found = [(n, v[0]) for n, v in given if re.fullmatch(r"\d+", n.removeprefix(begun))]
    return [value for _, value in sorted(found, key=lambda pair: int(pair[0].rpartition(".")[2]))]


def _of_session(session: Any, now: datetime) -> Values:
    """The keys of temporary credentials.

    Source: IAM user guide, "AWS global condition context keys", aws:MultiFactorAuthPresent: it is there only for
    temporary credentials, "false" where no MFA was used; "Secure API access with MFA": credentials of AssumeRole never
    say that it was, those of GetSessionToken do.
    """
    mfa_at = getattr(session, "mfa_at", None)
    values: Values = {
        "aws:TokenIssueTime": _iso(getattr(session, "issued", now)),
        "aws:MultiFactorAuthPresent": "false" if mfa_at is None else "true",
    }
    if mfa_at is not None:
        values["aws:MultiFactorAuthAge"] = str(int((now - mfa_at).total_seconds()))
    if getattr(session, "source_identity", ""):
        values["aws:SourceIdentity"] = session.source_identity
    return values


def _unknown(key: str, service: str) -> bool:
    """Whether AWS may have a value for a key that is not supplied here; one of another service is simply absent."""
    prefix = key.partition(":")[0]
    return prefix in ("aws", service) and not key.startswith(ABSENT)


def _iso(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")
