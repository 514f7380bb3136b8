"""Numbers, dates and addresses as condition operators read them; ``None`` where a text is none.

Source for the whole module: IAM user guide, "IAM JSON policy elements: Condition operators".
"""

from __future__ import annotations

import re
from decimal import Decimal
from functools import lru_cache
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

_NUMBER = re.compile(r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]{1,9})?")

_YEAR = re.compile(r"[0-9]{4}")
_EPOCH = re.compile(r"(?P<whole>[0-9]{1,19})(?:\.(?P<fraction>[0-9]{1,9}))?")
_DATE = re.compile(
    r"(?P<year>-?[0-9]{1,9})(?:-(?P<month>[0-9]{1,2})(?:-(?P<day>[0-9]{1,2}))?)?"
    r"(?:[Tt](?:(?P<hour>[0-9]{1,2})(?::(?P<minute>[0-9]{2})(?::(?P<second>[0-9]{2})(?:\.(?P<fraction>[0-9]{1,9}))?)?)?"
    r"(?:[Zz]|(?P<sign>[+-])(?P<hours>[0-9]{2})(?::?(?P<minutes>[0-9]{2}))?)?)?)?"
)
_MONTHS = (31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
_LATEST_EPOCH = 2**63 - 1
_SECOND = 10**9


def number(text: str) -> Decimal | None:
    """Read an integer or decimal number, for example ``10``, ``-1.5`` or ``1e3``."""
    return Decimal(text) if _NUMBER.fullmatch(text) else None


@lru_cache(maxsize=4096)
def moment(text: str) -> int | None:
    """Read a date in one of W3C's ISO 8601 forms or in epoch time, as nanoseconds since 1970.

    A date without a zone is of UTC. Four digits are a year, which is one of W3C's forms; other digits are seconds.

    Source: IAM user guide, "Condition operators", Date: "one of the W3C implementations of the ISO 8601 date formats or
    in epoch (UNIX) time".
    """
    epoch = None if _YEAR.fullmatch(text) else _EPOCH.fullmatch(text)
    if epoch:
        whole = int(epoch["whole"])
        return whole * _SECOND + _nanoseconds(epoch["fraction"]) if whole <= _LATEST_EPOCH else None
    date = _DATE.fullmatch(text)
    if date is None:
        return None
    year, month, day = int(date["year"]), int(date["month"] or 1), int(date["day"] or 1)
    hour, minute, second = int(date["hour"] or 0), int(date["minute"] or 0), int(date["second"] or 0)
    hours, minutes = int(date["hours"] or 0), int(date["minutes"] or 0)
    if not (1 <= month <= 12 and 1 <= day <= _days_in(year, month)) or max(hour, hours) > 23:
        return None
    if max(minute, second, minutes) > 59:
        return None
    ahead = (hours * 60 + minutes) * (-60 if date["sign"] == "-" else 60)
    seconds = _days_since_1970(year, month, day) * 86_400 + hour * 3600 + minute * 60 + second - ahead
    return seconds * _SECOND + _nanoseconds(date["fraction"])


def _nanoseconds(fraction: str | None) -> int:
    return int((fraction or "").ljust(9, "0"))


def _days_in(year: int, month: int) -> int:
    leap = year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)
    return 29 if month == 2 and leap else _MONTHS[month - 1]


def _days_since_1970(year: int, month: int, day: int) -> int:
    """Days of the proleptic Gregorian calendar, of any year: Python's own dates end at the year 9999."""
    before = year - 1
    leap_days = before // 4 - before // 100 + before // 400
    return before * 365 + leap_days + sum(_days_in(year, m) for m in range(1, month)) + day - 719_163


@lru_cache(maxsize=4096)
def network(text: str) -> IPv4Network | IPv6Network | None:
    """Read an address range in CIDR format; an address alone is a range of one."""
    try:
        return ip_network(text, strict=False)
    except ValueError:
        return None


@lru_cache(maxsize=4096)
def address(text: str) -> IPv4Address | IPv6Address | None:
    """Read an IPv4 or IPv6 address."""
    try:
        return ip_address(text)
    except ValueError:
        return None
