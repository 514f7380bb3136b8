"""The record that CloudTrail keeps of a call.

Source for the whole module: CloudTrail user guide, "CloudTrail record contents for management, data, and network
activity events".
"""

from __future__ import annotations

import uuid
from datetime import UTC, datetime
from typing import Any

from stslab.sandbox.answer import Answer
from stslab.sandbox.trail.elements import request_parameters, resources, response_elements
from stslab.sandbox.trail.identity import TIME, from_elsewhere, identity_of
from stslab.sandbox.trail.naming import error_code, event_name, is_management, is_read, region_of
from stslab.targets.callers import Actor
from stslab.targets.heard import Heard

VERSION = "1.11"
"""Of the records' form, in eventVersion: what AWS's records of 2026 have."""


def records_of(heard: Heard, answer: Answer, when: datetime, address: str = "127.0.0.1") -> list[dict[str, Any]]:
    """The records of a call, one for each account that gets one, which is its recipientAccountId.

    None where the caller is not known: CloudTrail logs "all authenticated API requests (made with credentials)" (IAM
    user guide), so a key that is nobody's, a wrong signature and an unsigned request leave nothing, and there would be
    no account to tell. Whether an expired token does is not documented; it leaves nothing here. The account of a bucket
    gets no record of what others do there. Two where a role of another account is assumed, with the same sharedEventID;
    a refusal is the caller's alone (IAM user guide, "Example cross-account AWS STS API events", which shows success).

    Args:
        heard: what the gate has found out.
        answer: what was answered.
        when: when the request came.
        address: where it came from.
    """
    if heard.actor is None or not heard.account:
        return []
    record = _record(heard, heard.actor, answer, when.astimezone(UTC).strftime(TIME), address)
    role_account = _account_of_role(heard)
    if answer.refused or role_account in ("", heard.account):
        return [record]
    record["sharedEventID"] = str(uuid.uuid4())
    theirs = {
        **record,
        "userIdentity": from_elsewhere(record["userIdentity"]),
        "eventID": str(uuid.uuid4()),
        "recipientAccountId": role_account,
    }
    return [record, theirs]


def _record(heard: Heard, actor: Actor, answer: Answer, when: str, address: str) -> dict[str, Any]:
    name, management = event_name(heard), is_management(heard)
    record: dict[str, Any] = {
        "eventVersion": VERSION,
        "userIdentity": identity_of(actor, heard.access_key_id),
        "eventTime": when,
        "eventSource": f"{heard.service}.amazonaws.com",
        "eventName": name,
        "awsRegion": region_of(heard),
        "sourceIPAddress": address,
        # Source: Amazon S3 user guide, "Example: Amazon S3 log file entries", where it stands in brackets.
        "userAgent": f"[{heard.user_agent}]" if heard.service == "s3" else heard.user_agent,
    }
    if answer.refused:
        record |= {"errorCode": error_code(heard.service, answer), "errorMessage": answer.message}
    record |= {
        "requestParameters": request_parameters(heard),
        "responseElements": response_elements(heard, answer),
        "requestID": answer.request_id,
        "eventID": str(uuid.uuid4()),
        "readOnly": is_read(name),
    }
    concerned = resources(heard, heard.account)
    if concerned:
        record["resources"] = concerned
    return record | {
        "eventType": "AwsApiCall",
        "managementEvent": management,
        "recipientAccountId": heard.account,
        "eventCategory": "Management" if management else "Data",
    }


def _account_of_role(heard: Heard) -> str:
    role = heard.parameters.get("RoleArn", "") if heard.operation == "AssumeRole" else ""
    return role.split(":")[4] if role.count(":") >= 5 else ""
