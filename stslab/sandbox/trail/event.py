"""A record in the shape in which LookupEvents shows it.

Source for the whole module: CloudTrail API reference, Event, Resource, LookupAttribute; botocore's model of CloudTrail.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from stslab.sandbox.trail.identity import username_of

KEYS = frozenset(
    {"AccessKeyId", "EventId", "EventName", "EventSource", "ReadOnly", "ResourceName", "ResourceType", "Username"}
)
"""Attributes by which events are looked up."""

_NAMED = {
    "accessKeyId": "AWS::IAM::AccessKey",
    "bucketName": "AWS::S3::Bucket",
    "groupName": "AWS::IAM::Group",
    "policyArn": "AWS::IAM::Policy",
    "policyName": "AWS::IAM::Policy",
    "roleArn": "AWS::IAM::Role",
    "roleName": "AWS::IAM::Role",
    "roleSessionName": "AWS::STS::AssumedRole",
    "stackId": "AWS::CloudFormation::Stack",
    "stackName": "AWS::CloudFormation::Stack",
    "userName": "AWS::IAM::User",
}
"""Types of resources by the element that names one, wherever in a request or an answer it stands."""

_STRUCTURES = {
    "accessKey": "",
    "assumedRoleUser": "AWS::STS::AssumedRole",
    "credentials": "",
    "group": "AWS::IAM::Group",
    "policy": "AWS::IAM::Policy",
    "role": "AWS::IAM::Role",
    "user": "AWS::IAM::User",
}
"""Types of resources by the structure of an answer that describes one, all of whose ids name it."""

_IDS = ("arn", "assumedRoleId", "groupId", "policyId", "roleId", "userId")


def event_of(record: Mapping[str, Any]) -> dict[str, Any]:
    """A record as an Event, with its time in seconds since 1970 as JSON 1.1 has it."""
    return {**attributes_of(record), "CloudTrailEvent": json.dumps(record, separators=(",", ":"))}


def attributes_of(record: Mapping[str, Any]) -> dict[str, Any]:
    """What an Event says beside the record itself; a caller of another account has neither key nor name."""
    identity = record["userIdentity"]
    event: dict[str, Any] = {
        "EventId": record["eventID"],
        "EventName": record["eventName"],
        "ReadOnly": "true" if record["readOnly"] else "false",
        "EventTime": seconds_of(record),
        "EventSource": record["eventSource"],
        "Resources": [{"ResourceType": kind, "ResourceName": name} for kind, name in _resources(record)],
    }
    named = {"AccessKeyId": identity.get("accessKeyId"), "Username": username_of(identity)}
    return event | {name: value for name, value in named.items() if value}


def has(record: Mapping[str, Any], key: str, value: str) -> bool:
    """Whether a record's event has an attribute.

    Source: CloudTrail user guide, "Viewing recent management events", whose filter is case sensitive and matches whole
    values.

    Args:
        record: the record.
        key: one of :data:`KEYS`.
        value: the attribute's value.
    """
    event = attributes_of(record)
    if key in ("ResourceName", "ResourceType"):
        return any(resource[key] == value for resource in event["Resources"])
    return bool(event.get(key) == value)


def seconds_of(record: Mapping[str, Any]) -> int:
    """When a record's call was made, in seconds since 1970."""
    return int(datetime.fromisoformat(str(record["eventTime"])).timestamp())


def _resources(record: Mapping[str, Any]) -> Iterable[tuple[str, str]]:
    """The resources by type and name, each once.

    AWS's lists are longer for some calls and empty for some reads, by rules that are not documented. Those of
    AssumeRole are as AWS has them: the new key, the session by its name, its id and its ARN, and the role.
    """
    asked, answered = record["requestParameters"] or {}, record["responseElements"] or {}
    found = [*_named(asked), *_named(answered)]
    for structure, kind in _STRUCTURES.items():
        described = answered.get(structure, {})
        found += [*_named(described), *((kind, described[name]) for name in _IDS if kind and name in described)]
    return dict.fromkeys(found)


def _named(told: Mapping[str, Any]) -> list[tuple[str, str]]:
    return [(kind, str(told[name])) for name, kind in _NAMED.items() if name in told]
