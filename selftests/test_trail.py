"""The trail of each account, and what LookupEvents finds in it."""

from __future__ import annotations

import threading
import time
from datetime import UTC, datetime

import pytest
from recorded import ACCOUNT, OTHER, heard, record

from stslab.sandbox.trail.lookup import Invalid, look_up
from stslab.sandbox.trail.trail import Trail


def numbered(number, **more):
    made = record(heard(operation="CreateUser", UserName=f"u{number}"))
    return {**made, "eventID": f"e{number}", "eventTime": f"2024-11-26T03:27:{number:02}Z", **more}


def ids(records):
    return [one["eventID"] for one in records]


def test_a_trail_keeps_accounts_apart_and_forgets_the_oldest():
    kept = []
    trail = Trail(lambda account, one: kept.append((account, one["eventID"])), limit=3)
    for number in (1, 2, 4, 3, 5):
        trail.add(numbered(number))
    trail.add(numbered(6, recipientAccountId=OTHER))
    assert ids(trail.events(ACCOUNT)) == ["e5", "e4", "e3"]
    assert ids(trail.events(OTHER)) == ["e6"]
    assert trail.events("777788889999") == []
    assert kept == [*((ACCOUNT, f"e{n}") for n in (1, 2, 4, 3, 5)), (OTHER, "e6")]
    trail.clear()
    assert trail.events(ACCOUNT) == []


def test_earlier_records_come_before_those_of_this_run_and_are_not_kept_again():
    kept = []
    trail = Trail(lambda account, one: kept.append(one["eventID"]), limit=3)
    trail.add(numbered(9))
    trail.load(ACCOUNT, map(numbered, (1, 2, 3)))
    assert ids(trail.events(ACCOUNT)) == ["e9", "e3", "e2"]
    assert kept == ["e9"]


def test_a_record_that_cannot_be_kept_is_not_shown():
    def full(*_):
        raise OSError("full")

    trail = Trail(full)
    with pytest.raises(OSError, match="full"):
        trail.add(numbered(1))
    assert trail.events(ACCOUNT) == []


def test_records_are_kept_one_after_the_other_whatever_thread_adds_them():
    busy, overlapped, kept = threading.Lock(), [], []

    def keep(_, one):
        overlapped.append(not busy.acquire(blocking=False))
        time.sleep(0)
        kept.append(one["eventID"])
        busy.release()

    trail = Trail(keep)
    threads = [threading.Thread(target=lambda: [trail.add(numbered(n)) for n in range(50)]) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not any(overlapped)
    assert len(trail.events(ACCOUNT)) == len(kept) == 400


def ask(trail, region="us-east-1", account=ACCOUNT, **request):
    answer = look_up(trail, account, region, request)
    return [one["EventId"] for one in answer["Events"]], answer.get("NextToken")


@pytest.fixture
def trail():
    filled = Trail()
    for number in range(10, 22):
        filled.add(numbered(number))
    filled.add({**record(heard("s3", "GetObject", Bucket="b", Key="k")), "awsRegion": "us-east-1"})
    filled.add(numbered(30, awsRegion="eu-central-1"))
    filled.add(numbered(31, recipientAccountId=OTHER))
    return filled


def test_only_the_accounts_management_events_of_the_region_are_shown(trail):
    assert ask(trail)[0] == [f"e{n}" for n in range(21, 9, -1)]
    assert ask(trail, "eu-central-1")[0] == ["e30"]
    assert ask(trail, account=OTHER)[0] == ["e31"]
    assert ask(trail, EventCategory="insight") == ([], None)


def test_pages_go_on_where_the_last_one_ended_whatever_came_since(trail):
    first, token = ask(trail, MaxResults=5)
    trail.add(numbered(40))
    second, token = ask(trail, MaxResults=5, NextToken=token)
    third, end = ask(trail, MaxResults=5, NextToken=token)
    assert [*first, *second, *third] == [f"e{n}" for n in range(21, 9, -1)]
    assert end is None
    assert ask(trail, MaxResults=len(ask(trail)[0]))[1] is None


def test_times_bound_what_is_shown_at_both_ends(trail):
    at = datetime(2024, 11, 26, 3, 27, tzinfo=UTC).timestamp()
    assert ask(trail, StartTime=at + 12, EndTime=at + 14)[0] == ["e14", "e13", "e12"]


@pytest.mark.parametrize(
    ("key", "value", "found"),
    [
        ("EventId", "e12", 1),
        ("EventName", "CreateUser", 12),
        ("EventName", "createuser", 0),
        ("ReadOnly", "false", 12),
        ("ReadOnly", "true", 0),
        ("Username", "ana", 12),
        ("ResourceType", "AWS::IAM::User", 12),
        ("ResourceName", "u12", 1),
        ("EventSource", "iam.amazonaws.com", 12),
        ("AccessKeyId", "AKIAANA", 12),
        ("AccessKeyId", "AKIABEN", 0),
    ],
)
def test_events_are_looked_up_by_one_attribute(trail, key, value, found):
    assert len(ask(trail, LookupAttributes=[{"AttributeKey": key, "AttributeValue": value}])[0]) == found


def by(key="EventName", value="CreateUser"):
    return {"AttributeKey": key, "AttributeValue": value}


@pytest.mark.parametrize(
    ("request_", "code"),
    [
        ({"MaxResults": 0}, "InvalidMaxResultsException"),
        ({"MaxResults": 51}, "InvalidMaxResultsException"),
        ({"MaxResults": "5"}, "InvalidMaxResultsException"),
        ({"LookupAttributes": [by(), by()]}, "InvalidLookupAttributesException"),
        ({"LookupAttributes": [by("Color")]}, "InvalidLookupAttributesException"),
        ({"LookupAttributes": [by(["x"])]}, "InvalidLookupAttributesException"),
        ({"LookupAttributes": [by(value="")]}, "InvalidLookupAttributesException"),
        ({"LookupAttributes": "EventName"}, "InvalidLookupAttributesException"),
        ({"StartTime": 20, "EndTime": 10}, "InvalidTimeRangeException"),
        ({"StartTime": "yesterday"}, "InvalidTimeRangeException"),
        ({"NextToken": "e12"}, "InvalidNextTokenException"),
        ({"NextToken": "MQ=="}, "InvalidNextTokenException"),
        ({"EventCategory": "data"}, "InvalidEventCategoryException"),
    ],
)
def test_a_request_that_will_not_do_is_refused(trail, request_, code):
    with pytest.raises(Invalid) as invalid:
        look_up(trail, ACCOUNT, "us-east-1", request_)
    assert invalid.value.code == code


def test_a_token_is_good_for_its_own_question_only(trail):
    _, token = ask(trail, MaxResults=5)
    for other in ({"region": "eu-central-1"}, {"account": OTHER}, {"LookupAttributes": [by()]}):
        with pytest.raises(Invalid) as invalid:
            ask(trail, NextToken=token, **other)
        assert invalid.value.code == "InvalidNextTokenException"
