"""An account's history from a file of ``aws cloudtrail lookup-events``, as people come by one."""

from __future__ import annotations

import json
from dataclasses import replace
from types import SimpleNamespace

import pytest
from botocore.exceptions import ClientError, EndpointConnectionError
from surveys import (
    ACCOUNT,
    BY_USER,
    KEY,
    OTHER,
    ROLE,
    STACK,
    STACK_ID,
    USER,
    as_printed,
    as_recorded,
    event,
    lab,
    session,
    until,
    wrong,
)

from stslab.errors import BadInput
from stslab.observing.cloudtrail import look_up, read_events
from stslab.observing.event import Event
from stslab.observing.history import STEPS

LAB = list(lab().values())
AS_PRINTED = "give what aws cloudtrail lookup-events --output json prints."


@pytest.fixture
def read(tmp_path):
    """Write a file and read it."""

    def of(content, account=ACCOUNT):
        path = tmp_path / "events.json"
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return read_events(path, account)

    return of


@pytest.fixture
def refused(read, tmp_path):
    """Write a file and give the one sentence with which it is refused."""

    def of(content, account=ACCOUNT):
        with pytest.raises(BadInput) as refusal:
            read(content, account)
        said = str(refusal.value)
        assert said.isprintable()
        assert said.startswith(str(tmp_path))
        return said.removeprefix(f"{tmp_path}/")

    return of


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_a_file_is_read_as_every_shell_writes_it(read, encoding, newline):
    text = as_printed(LAB).replace("\n", newline) + newline
    assert read(text.encode(encoding)) == LAB
    assert read(text.encode(encoding)) != []


def test_a_big_endian_file_is_read(read):
    assert read(b"\xfe\xff" + as_printed(LAB).encode("utf-16-be")) == LAB


@pytest.mark.parametrize(
    "time",
    [lambda moment: moment.timestamp(), lambda moment: moment.isoformat(), lambda _: "2026-03-02T10:00:00+01:00"],
    ids=["CLI 1", "CLI 2", "another zone"],
)
def test_the_time_is_the_records_own_however_the_cli_shows_it(read, time):
    assert read(as_printed(LAB, time)) == LAB


def test_answers_of_two_regions_one_after_the_other_are_one_history(read):
    of_iam = [each for each in LAB if each.parameters.get("userName")]
    others = [each for each in LAB if each not in of_iam]
    assert read(as_printed(of_iam) + "\n" + as_printed(others) + "\n") == LAB
    assert read(as_printed(others) + as_printed(of_iam)) == LAB
    # What was looked up twice has happened once.
    assert read(as_printed(LAB[:8]) + as_printed(LAB[4:])) == LAB


def test_an_account_without_events_has_an_empty_history(read):
    assert read('{"Events": []}') == []


def test_a_record_may_leave_out_what_aws_leaves_out(read):
    bare = {"requestParameters": None, "responseElements": None, "userAgent": None, "recipientAccountId": None}
    printed = {"Events": [{"CloudTrailEvent": as_recorded(event("DeleteStack", stackName=STACK_ID), **bare)}]}
    (only,) = read(json.dumps(printed))
    assert (only.parameters, only.account, only.user_agent) == ({}, "", "")
    nobody = {"userIdentity": {"type": "AWSService", "invokedBy": "config.amazonaws.com"}}
    printed["Events"][0]["CloudTrailEvent"] = as_recorded(event("AssumeRole"), **nobody)
    assert [each.caller for each in read(json.dumps(printed))] == ["somebody"]


@pytest.mark.parametrize(
    ("content", "line"),
    [
        ("", 1),
        ("\n\n", 3),
        ("Events:\n- a: b\n", 1),
        (as_printed(LAB)[:-20], None),
        (as_printed(LAB) + "\nDone.\n", None),
        ("[" * 100_000, 1),
        ("{\n'Events': []}", 2),
    ],
    ids=["empty", "blank", "YAML", "cut off", "more behind it", "deep", "quotes"],
)
def test_what_is_no_json_is_told_with_its_line(refused, content, line):
    said = refused(content)
    assert said.endswith(f": this is not JSON; {AS_PRINTED}")
    assert line is None or said.startswith(f"events.json:{line}:")


@pytest.mark.parametrize(
    "content",
    [
        "null",
        "3",
        "[]",
        '"Events"',
        "{}",
        '{"Records": []}',
        '{"Events": null}',
        '{"Events": {"CloudTrailEvent": "{}"}}',
        '{"Events": [null]}',
        '{"Events": ["x"]}',
        '{"Events": [{}]}',
        '{"Events": [{"CloudTrailEvent": {"eventName": "CreateUser"}}]}',
        *(
            json.dumps({"Events": [{"CloudTrailEvent": record}]})
            for record in (
                "",
                "3",
                "[]",
                '"CreateUser"',
                "{}",
                "[" * 100_000,
                as_recorded(event("CreateUser"), eventTime="yesterday"),
                as_recorded(event("CreateUser"), eventTime="0001-01-01T00:00:00+10:00"),
                as_recorded(event("CreateUser"), userIdentity="ana"),
                as_recorded(event("CreateUser"), requestParameters="ana"),
                as_recorded(event("CreateUser"), responseElements=[1]),
            )
        ),
    ],
)
def test_what_is_json_and_no_events_is_refused(refused, content):
    assert refused(content) == f"events.json: these are no events of CloudTrail; {AS_PRINTED}"


@pytest.mark.parametrize("content", [b"\xff\xfe{", b"\xe9", b'{"Events": "\xc3"}'])
def test_an_unknown_encoding_is_told(refused, content):
    assert refused(content) == f"events.json: this is neither UTF-8 nor UTF-16; {AS_PRINTED}"


def test_a_file_that_is_not_there_is_told(tmp_path):
    with pytest.raises(BadInput, match="it cannot be read"):
        read_events(tmp_path / "no.json", ACCOUNT)
    with pytest.raises(BadInput, match="it cannot be read"):
        read_events(tmp_path, ACCOUNT)


def test_the_history_of_another_account_is_refused(refused):
    said = refused(as_printed(LAB), OTHER)
    assert said.startswith(f"events.json: these are events of account {ACCOUNT}, and not of {OTHER};")
    assert refused(as_printed([*LAB[:3], replace(LAB[3], account=OTHER)]))
    evil = as_recorded(event("CreateUser"), recipientAccountId="\x1b[2J\n")
    assert refused(json.dumps({"Events": [{"CloudTrailEvent": evil}]}))


class Trail:
    """An admin whose CloudTrail answers with events by their name, newest first, and two to a page."""

    def __init__(self, events, fault=None):
        self.events, self.fault, self.asked = events, fault, []

    def client(self, service, region=""):
        assert service == "cloudtrail"
        return SimpleNamespace(get_paginator=lambda _: SimpleNamespace(paginate=self._pages(region)))

    def _pages(self, region):
        def paginate(LookupAttributes, StartTime):  # noqa: N803 (the API's names)
            name = LookupAttributes[0]["AttributeValue"]
            self.asked.append((region, name))
            if self.fault is not None:
                raise self.fault
            found = [each for where, each in reversed(self.events) if where == region and each.name == name]
            for start in range(0, len(found) + 1, 2):
                yield json.loads(as_printed(found[start : start + 2][::-1]))

        return paginate


def test_cloudtrail_is_asked_for_the_labs_calls_where_iams_are_and_where_the_stack_is():
    of_iam = [("us-east-1" if each.parameters.get("userName") else "eu-central-1", each) for each in LAB]
    trail = Trail(of_iam)
    assert sorted(look_up(trail, "eu-central-1"), key=lambda each: each.time) == LAB
    assert {region for region, _ in trail.asked} == {"eu-central-1", "us-east-1"}
    assert {name for _, name in trail.asked} == {name for step in STEPS for name in step.names}
    assert look_up(Trail(of_iam), "us-east-1") == [each for where, each in of_iam if where == "us-east-1"]
    china = Trail([])
    assert look_up(china, "cn-northwest-1") == []
    assert {region for region, _ in china.asked} == {"cn-northwest-1", "cn-north-1"}


def test_who_asks_rests_after_every_request():
    keys = [("us-east-1", event("CreateAccessKey", minute, userName="ana")) for minute in range(5)]
    rests = []
    look_up(Trail(keys), "us-east-1", lambda: rests.append(None))
    # A request for each operation, and two more pages of the one that fills three.
    assert len(rests) == len({name for step in STEPS for name in step.names}) + 2


def test_pages_and_practice_come_oldest_first():
    keys = [event("CreateAccessKey", minute, userName="ana", accessKeyId=f"AKIA{minute}") for minute in range(5)]
    found = look_up(Trail([("us-east-1", each) for each in keys]), "us-east-1")
    assert [each.time for each in found] == [each.time for each in keys]
    of_one_second = [replace(each, time=keys[0].time) for each in keys]
    assert look_up(Trail([("us-east-1", each) for each in of_one_second]), "us-east-1") == of_one_second
    assert wrong(look_up(Trail([("us-east-1", each) for each in until("lists")]), "us-east-1")) == {}


@pytest.mark.parametrize(
    "fault",
    [
        ClientError({"Error": {"Code": "AccessDeniedException", "Message": "no."}}, "LookupEvents"),
        EndpointConnectionError(endpoint_url="http://127.0.0.1:9"),
        KeyError("Events"),
        AttributeError("get"),
    ],
)
def test_without_cloudtrail_there_is_a_sentence(fault):
    said = look_up(Trail([], fault), "us-east-1")
    assert isinstance(said, str)
    assert said.endswith(".")
    assert ".)" not in said


def test_an_event_is_read_of_a_record():
    record = {
        "userIdentity": {"arn": BY_USER},
        "eventTime": "2026-03-02T10:00:00+01:00",
        "eventName": "CreateAccessKey",
        "requestParameters": {"userName": USER, "durationSeconds": 3600, "tags": [{"key": "a"}]},
        "responseElements": {"accessKey": {"accessKeyId": KEY, "status": "Active", "userName": "no"}},
        "recipientAccountId": "111122223333",
        "userAgent": "aws-cli",
    }
    read = Event.of(record)
    assert read.parameters == {"userName": USER, "accessKeyId": KEY}
    assert (read.time, read.arn, read.account, read.error) == (event("x").time, BY_USER, "111122223333", "")
    bare = Event.of({"eventName": "ListBuckets", "eventTime": "2026-03-02T09:00:00Z", "errorCode": None})
    assert bare == Event("ListBuckets", event("x").time, "")
    empty = dict.fromkeys(["userIdentity", "requestParameters", "responseElements", "recipientAccountId", "userAgent"])
    empty["userIdentity"] = {"arn": None}
    assert Event.of({"eventName": "ListBuckets", "eventTime": "2026-03-02T09:00:00Z", **empty}) == bare


def test_a_caller_and_a_stack_are_told_in_short():
    assert event("x", arn=session()).caller == f"{ROLE}/s3-sts-fun"
    assert event("x", arn=BY_USER).caller == USER
    assert event("x", arn="arn:aws:iam::111122223333:root").caller == "root"
    assert event("x", arn="").caller == "somebody"
    assert [event("x", stackName=name).stack_name for name in (STACK_ID, STACK, "arn:odd", "")] == [
        *(STACK, STACK, "arn:odd", "")
    ]
    assert event("x").stack_name == ""
