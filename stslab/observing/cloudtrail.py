"""Where an account's history comes from: a file of ``aws cloudtrail lookup-events``, or CloudTrail itself."""

from __future__ import annotations

import codecs
import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from stslab.errors import BadInput, NotPermitted, StslabError
from stslab.observing.event import Event
from stslab.observing.history import STEPS
from stslab.principals import Principal
from stslab.report.visible import visible
from stslab.settings import home_of_iam, partition_of

LOOKED_BACK = timedelta(days=7)
"""How far back CloudTrail is asked; it keeps 90 days. Source: CloudTrail API reference, LookupEvents."""

_AS_PRINTED = "give what aws cloudtrail lookup-events --output json prints"

_NO_EVENT = (AttributeError, KeyError, OverflowError, TypeError, ValueError)


def read_events(path: Path, account: str) -> list[Event]:
    """Read what ``aws cloudtrail lookup-events`` has printed, oldest first.

    A file may have several answers one after the other, as those of two Regions that were appended to it, and may be
    UTF-16. Source: PowerShell documentation, "about_Character_Encoding": Windows PowerShell's ``>`` writes that.

    Args:
        path: the file.
        account: whose history it should be, 12 digits.

    Raises:
        BadInput: it is something else, or of another account.
    """
    text = _text(path)
    try:
        answers = list(_answers(text))
    except (ValueError, RecursionError) as fault:
        line = getattr(fault, "lineno", 1)
        raise BadInput(f"{path}:{line}", "this is not JSON", _AS_PRINTED) from None
    try:
        # Two answers may overlap, and what happened once is in the history once.
        printed = {str(each["CloudTrailEvent"]): each for answer in answers for each in reversed(answer["Events"])}
        events = sorted(_events(printed.values()), key=lambda event: event.time)
    except (*_NO_EVENT, RecursionError):
        raise BadInput(str(path), "these are no events of CloudTrail", _AS_PRINTED) from None
    strange = next((event.account for event in events if event.account not in ("", account)), None)
    if strange is not None:
        remedy = f"give those of {account}, or name the admin of the other with --aws-profile"
        raise BadInput(str(path), f"these are events of account {visible(strange)}, and not of {account}", remedy)
    return events


def _text(path: Path) -> str:
    try:
        raw = path.read_bytes()
        return raw.decode("utf-16" if raw.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)) else "utf-8-sig")
    except OSError as fault:
        raise BadInput(str(path), f"it cannot be read ({fault.strerror})", _AS_PRINTED) from None
    except UnicodeDecodeError:
        raise BadInput(str(path), "this is neither UTF-8 nor UTF-16", _AS_PRINTED) from None


def _answers(text: str) -> Iterator[Any]:
    """The JSON documents of a text, one after the other; there is one at least."""
    decoder, end = json.JSONDecoder(), 0
    while not end or text[end:].strip():
        answer, end = decoder.raw_decode(text, len(text) - len(text[end:].lstrip()))
        yield answer


def look_up(admin: Principal, region: str, rest: Callable[[], None] = lambda: None) -> list[Event] | str:
    """Ask CloudTrail for the calls that the lab is made of, oldest first: in the stack's region, and where IAM's are.

    Args:
        admin: who asks.
        region: the region of the stack.
        rest: called after each request, of which CloudTrail answers two a second. Source: CloudTrail API reference,
            LookupEvents.

    Returns:
        the events, or a sentence on why there are none to be had.
    """
    since = datetime.now(UTC) - LOOKED_BACK
    names = dict.fromkeys(name for step in STEPS for name in step.names)
    found: list[Event] = []
    try:
        for where in dict.fromkeys((region, home_of_iam(partition_of(region), region))):
            for name in names:
                found += _looked_up(admin.client("cloudtrail", where), name, since, rest)
    except (ClientError, NotPermitted, BotoCoreError, StslabError) as fault:
        return f"CloudTrail cannot be asked ({str(fault).rstrip('.')})."
    except _NO_EVENT:
        return "CloudTrail's answer cannot be read."
    return sorted(found, key=lambda event: event.time)


def _looked_up(cloudtrail: Any, name: str, since: datetime, rest: Callable[[], None]) -> list[Event]:
    shown: list[Mapping[str, Any]] = []
    pages = cloudtrail.get_paginator("lookup_events").paginate(
        LookupAttributes=[{"AttributeKey": "EventName", "AttributeValue": name}], StartTime=since
    )
    for page in pages:
        shown += page["Events"]
        rest()
    # LookupEvents' answer is newest first.
    return _events(shown)[::-1]


def _events(printed: Iterable[Mapping[str, Any]]) -> list[Event]:
    return [Event.of(json.loads(str(each["CloudTrailEvent"]))) for each in printed]
