"""What a call asked for and what came of it, as CloudTrail writes it down: names, ids and policies, and no secret.

Only what is listed here is taken of an answer, so a secret access key or a session token is in no record. AWS does
write session tokens down, in ``responseElements.credentials``.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from stslab.sandbox.answer import Answer
from stslab.targets.heard import Heard

_CREDENTIALS = ("AccessKeyId", "Expiration")
_ENTITY = ("Path", "Arn", "CreateDate")

_ANSWERED: Mapping[str, Mapping[str, tuple[str, ...]]] = {
    "AssumeRole": {"credentials": _CREDENTIALS, "assumedRoleUser": ("AssumedRoleId", "Arn"), "": ("SourceIdentity",)},
    "CreateAccessKey": {"accessKey": ("UserName", "AccessKeyId", "Status", "CreateDate")},
    "CreateChangeSet": {"": ("Id", "StackId")},
    "CreateGroup": {"group": ("GroupName", "GroupId", *_ENTITY)},
    "CreatePolicy": {"policy": ("PolicyName", "PolicyId", "DefaultVersionId", *_ENTITY)},
    "CreateRole": {"role": ("RoleName", "RoleId", *_ENTITY)},
    "CreateStack": {"": ("StackId",)},
    "CreateUser": {"user": ("UserName", "UserId", *_ENTITY)},
    "GetFederationToken": {"credentials": _CREDENTIALS, "federatedUser": ("FederatedUserId", "Arn")},
    "GetSessionToken": {"credentials": _CREDENTIALS},
    "UpdateStack": {"": ("StackId",)},
}
"""By operation, and by the structure that they stand in (the empty one is the whole), the elements that are told.

Source: IAM user guide, "Logging IAM and AWS STS API calls with AWS CloudTrail", examples; CloudFormation user guide,
"Logging AWS CloudFormation API calls with AWS CloudTrail", examples.
"""

_TIMES = ("CreateDate", "Expiration")
_S3_NAMES = {"Bucket": "bucketName"}


def request_parameters(heard: Heard) -> dict[str, Any] | None:
    """The element requestParameters: the API's names with a small first letter; ``None`` where there are none.

    AWS is seen to leave them out of calls that it refuses; here they are told all the same.
    """
    told: dict[str, Any] = {_S3_NAMES.get(name, _small(name)): value for name, value in heard.parameters.items()}
    if str(told.get("durationSeconds", "")).isdecimal():
        told["durationSeconds"] = int(told["durationSeconds"])
    return told or None


def response_elements(heard: Heard, answer: Answer) -> dict[str, Any] | None:
    """The element responseElements; ``None`` for a refusal, for most reads, and where AWS answers nothing."""
    if answer.refused:
        return None
    told: dict[str, Any] = {}
    for structure, names in _ANSWERED.get(heard.operation, {}).items():
        found = {_small(name): _value(name, answer) for name in names}
        found = {name: value for name, value in found.items() if value}
        if not structure:
            told |= found
        elif found:
            told[structure] = found
    return told or None


def resources(heard: Heard, account: str) -> list[dict[str, str]]:
    """The element resources: the role that is assumed, or the bucket that is called.

    Args:
        heard: the call.
        account: the caller's, to which a bucket belongs unless it is known to be another's.
    """
    role, bucket = heard.parameters.get("RoleArn", ""), heard.parameters.get("Bucket", "")
    if heard.operation == "AssumeRole" and role.count(":") >= 5:
        return [{"accountId": role.split(":")[4], "type": "AWS::IAM::Role", "ARN": role}]
    if heard.service != "s3" or not bucket:
        return []
    owner = heard.weighed.request.resource_account if heard.weighed is not None else ""
    partition = heard.actor.caller.partition if heard.actor is not None else "aws"
    arn = f"arn:{partition}:s3:::{bucket}"
    found = [{"accountId": owner or account, "type": "AWS::S3::Bucket", "ARN": arn}]
    key = heard.parameters.get("Key")
    return [{"type": "AWS::S3::Object", "ARN": f"{arn}/{key}"}, *found] if key else found


def _value(name: str, answer: Answer) -> str:
    text = answer.text(name)
    return _spelled(text) if name in _TIMES and text else text


def _spelled(moment: str) -> str:
    """A time as CloudTrail writes it within responseElements, for example ``Jul 18, 2014 4:07:39 PM``."""
    try:
        time = datetime.fromisoformat(moment).astimezone(UTC)
    except ValueError:
        return moment
    return f"{time:%b} {time.day}, {time.year} {time.hour % 12 or 12}:{time:%M:%S %p}"


def _small(name: str) -> str:
    return name[:1].lower() + name[1:]
