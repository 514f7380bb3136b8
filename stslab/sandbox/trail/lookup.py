"""LookupEvents, which moto's CloudTrail does not have, from the sandbox's own trail.

Source for the whole module: CloudTrail API reference, LookupEvents; CloudTrail user guide, "Viewing CloudTrail events
with the AWS CLI". Other than AWS, which takes minutes, the sandbox shows an event at once, and limits no rate.
"""

from __future__ import annotations

import base64
import hashlib
import json
import math
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from stslab.sandbox.trail.event import KEYS, event_of, has, seconds_of
from stslab.sandbox.trail.trail import Trail

OPERATION = "LookupEvents"
"""The only operation of CloudTrail's that is served."""

PAGE = 50
"""Events of one answer, at most and by default."""


class Invalid(Exception):
    """A request that LookupEvents refuses.

    Args:
        code: the error's code.
        message: the sentence.
    """

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


@contextmanager
def serving(trail: Trail) -> Iterator[None]:
    """Give moto's CloudTrail the operation, behind the gate that is in force, and take it away again."""
    from moto.cloudtrail.responses import CloudTrailResponse
    from moto.core.exceptions import JsonRESTError

    def lookup_events(call: Any) -> str:
        try:
            return json.dumps(look_up(trail, call.current_account, call.region, _request(call.body)))
        except Invalid as invalid:
            raise JsonRESTError(invalid.code, invalid.message) from None

    CloudTrailResponse.lookup_events = lookup_events  # type: ignore[attr-defined]
    try:
        yield
    finally:
        del CloudTrailResponse.lookup_events  # type: ignore[attr-defined]


def is_served(target: str) -> bool:
    """Whether a request to CloudTrail is for the operation that is served.

    Args:
        target: its header ``X-Amz-Target``, for example ``CloudTrail_20131101.LookupEvents``.
    """
    return target.rpartition(".")[2] == OPERATION


def look_up(trail: Trail, account: str, region: str, request: Mapping[str, Any]) -> dict[str, Any]:
    """Answer one request: the management events of an account in a Region, newest first.

    Args:
        trail: where the records are.
        account: whose events, 12 digits.
        region: the Region that is asked; the events of IAM are in us-east-1.
        request: the request's members, by the names of the API.

    Raises:
        Invalid: the request will not do.
    """
    size = _size(request.get("MaxResults", PAGE))
    key, value = _attribute(request.get("LookupAttributes", []))
    start, end = _time(request, "StartTime", 0), _time(request, "EndTime", math.inf)
    if start > end:
        raise Invalid("InvalidTimeRangeException", "The start time must not be after the end time.")
    if request.get("EventCategory", "insight") != "insight":
        raise Invalid("InvalidEventCategoryException", "The event category must be insight.")
    asked = _digest(account, region, request)
    # Nobody turns Insights on here, so there are none of its events.
    found = [] if "EventCategory" in request else trail.events(account)
    records = [r for r in found if r["managementEvent"] and r["awsRegion"] == region and start <= seconds_of(r) <= end]
    matching = [record for record in records if not key or has(record, key, value)]
    first = _next(request.get("NextToken"), asked, [record["eventID"] for record in matching])
    page = matching[first : first + size]
    answer: dict[str, Any] = {"Events": [event_of(record) for record in page]}
    if first + size < len(matching):
        answer["NextToken"] = _token(asked, page[-1]["eventID"])
    return answer


def _request(body: Any) -> Mapping[str, Any]:
    try:
        read = json.loads(body or "{}")
    except ValueError:
        read = None
    if not isinstance(read, dict):
        raise Invalid("SerializationException", "The request's body is no JSON object.")
    return {name: value for name, value in read.items() if value is not None}


def _size(wanted: Any) -> int:
    if isinstance(wanted, bool) or not isinstance(wanted, int) or not 1 <= wanted <= PAGE:
        raise Invalid("InvalidMaxResultsException", f"MaxResults must be a number from 1 to {PAGE}.")
    return wanted


def _attribute(given: Any) -> tuple[str, str]:
    """The attribute's key and value; both empty where none is given."""
    if given == []:
        return "", ""
    attribute = given[0] if isinstance(given, list) and len(given) == 1 else None
    if not isinstance(attribute, dict):
        raise Invalid("InvalidLookupAttributesException", "You can specify only one lookup attribute.")
    key, value = attribute.get("AttributeKey"), attribute.get("AttributeValue")
    if not isinstance(key, str) or key not in KEYS:
        raise Invalid("InvalidLookupAttributesException", f"AttributeKey must be one of {', '.join(sorted(KEYS))}.")
    if not isinstance(value, str) or not 1 <= len(value) <= 2000:
        raise Invalid("InvalidLookupAttributesException", "AttributeValue must be a text of 1 to 2000 characters.")
    return key, value


def _time(request: Mapping[str, Any], name: str, default: float) -> float:
    given = request.get(name, default)
    if isinstance(given, bool) or not isinstance(given, int | float):
        raise Invalid("InvalidTimeRangeException", f"{name} must be a time in seconds since 1970.")
    return given


def _digest(account: str, region: str, request: Mapping[str, Any]) -> str:
    """What a token is good for: the same question again, whatever the size of the page.

    Source: CloudTrail API reference, NextToken: "must be passed in with the same parameters".
    """
    question = {name: value for name, value in request.items() if name not in ("MaxResults", "NextToken")}
    text = json.dumps([account, region, question], sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()


def _token(asked: str, last: str) -> str:
    return base64.urlsafe_b64encode(f"{asked} {last}".encode()).decode()


def _next(token: Any, asked: str, ids: list[str]) -> int:
    """Where the page begins that a token asks for: after the last event of the page before, whatever came since."""
    if token is None:
        return 0
    try:
        of, _, last = base64.urlsafe_b64decode(str(token)).decode().partition(" ")
    except ValueError:
        of, last = "", ""
    if of != asked:
        raise Invalid("InvalidNextTokenException", "The token is not valid, or was given with other parameters.")
    # The trail is bounded: where it has forgotten that event, it has forgotten the older ones, too.
    return ids.index(last) + 1 if last in ids else len(ids)
