"""``aws cloudtrail lookup-events`` against the sandbox: who may, and what it shows of the lab's calls."""

from __future__ import annotations

import json
import subprocess
import urllib.error
import urllib.request
from datetime import UTC, datetime

import boto3
import performing
import pytest
from accounts import ACCOUNT, ALLOW, OTHER, code_of, document, refusal
from emulators import environment_of, sandbox

from stslab.credentials import Credentials, Secret
from stslab.sandbox.trail.lookup import serving
from stslab.sandbox.trail.trail import Trail

AWS = performing.ROOT / ".venv" / "awscli" / "bin" / "aws"


@pytest.fixture(scope="module")
def accounts():
    with sandbox() as first:
        yield {ACCOUNT: first, OTHER: first.another(OTHER)}


@pytest.fixture(scope="module")
def account(accounts):
    return accounts[ACCOUNT]


@pytest.fixture(scope="module")
def ana(account):
    """A user who has done the lab, and was denied first."""
    account.bucket("lab-bucket", "hello.txt")
    ana = account.user("ana")
    reader = account.role("Reader", may=[ALLOW])
    assert code_of(account.client("s3", ana).list_buckets) == "AccessDenied"
    may = {"Effect": "Allow", "Action": "sts:AssumeRole", "Resource": reader}
    account.client("iam").put_user_policy(UserName="ana", PolicyName="MayAssume", PolicyDocument=document(may))
    session = account.assume(reader, ana, RoleSessionName="lab-session")
    s3 = account.client("s3", session)
    s3.list_buckets()
    s3.list_objects_v2(Bucket="lab-bucket")
    s3.get_object(Bucket="lab-bucket", Key="hello.txt")
    assert code_of(account.client("iam").get_role, RoleName="nobodys") == "NoSuchEntity"
    return ana


def found(account, key, value, **more):
    attribute = {"AttributeKey": key, "AttributeValue": value}
    answer = account.client("cloudtrail").lookup_events(LookupAttributes=[attribute], **more)
    return [(event, json.loads(event["CloudTrailEvent"])) for event in answer["Events"]]


def test_the_operation_is_there_only_as_long_as_it_is_served():
    from moto.cloudtrail.responses import CloudTrailResponse

    with serving(Trail()):
        assert hasattr(CloudTrailResponse, "lookup_events")
    assert not hasattr(CloudTrailResponse, "lookup_events")


def test_the_users_steps_are_there_in_their_order(account, ana):
    events = [record for _, record in reversed(found(account, "Username", "ana"))]
    assert [(one["eventName"], one.get("errorCode")) for one in events] == [
        ("ListBuckets", "AccessDenied"),
        ("AssumeRole", None),
    ]
    denied, assumed = events
    assert "is not authorized to perform: s3:ListAllMyBuckets" in denied["errorMessage"]
    assert assumed["userIdentity"]["arn"] == f"arn:aws:iam::{ACCOUNT}:user/ana"
    assert assumed["userIdentity"]["accessKeyId"] == ana.access_key_id
    assert assumed["requestParameters"]["roleSessionName"] == "lab-session"
    assert {len(one["requestID"]) > 10 for one in events} == {True}


def test_the_session_is_the_roles_and_its_reading_of_objects_is_no_management_event(account, ana):
    ((event, record),) = found(account, "Username", "lab-session")
    assert (event["EventName"], event["ReadOnly"]) == ("ListBuckets", "true")
    identity = record["userIdentity"]
    assert identity["arn"] == f"arn:aws:sts::{ACCOUNT}:assumed-role/Reader/lab-session"
    assert identity["sessionContext"]["sessionIssuer"]["arn"] == f"arn:aws:iam::{ACCOUNT}:role/Reader"
    assert identity["accessKeyId"] == event["AccessKeyId"]
    (assumed,) = found(account, "ResourceName", event["AccessKeyId"])
    assert assumed[0]["EventName"] == "AssumeRole"
    made = found(account, "ResourceType", "AWS::S3::Bucket")
    assert [(one["EventName"], one["Resources"][0]["ResourceName"]) for one, _ in made] == [
        ("CreateBucket", "lab-bucket")
    ]


def test_what_iam_answers_is_called_as_on_aws(account, ana):
    ((event, record),) = found(account, "EventName", "GetRole")
    assert record["errorCode"] == "NoSuchEntityException"
    assert event["EventTime"].tzinfo is not None
    ((_, key),) = found(account, "EventName", "CreateAccessKey")
    assert key["responseElements"]["accessKey"]["accessKeyId"] == ana.access_key_id


def test_no_secret_is_in_any_record(account, ana):
    pages = account.client("cloudtrail").get_paginator("lookup_events").paginate(PaginationConfig={"PageSize": 3})
    texts = [event["CloudTrailEvent"] for page in pages for event in page["Events"]]
    assert len(texts) > 9
    everything = "".join(texts)
    secrets = [ana.secret_access_key.reveal(), account.admin.secret_access_key.reveal(), "sessionToken"]
    assert [secret for secret in secrets if secret in everything] == []


def test_who_is_not_allowed_is_denied_and_that_is_recorded(account, ana):
    code, message, status = refusal(account.client("cloudtrail", ana).lookup_events)
    assert (code, status) == ("AccessDeniedException", 400)
    assert "is not authorized to perform: cloudtrail:LookupEvents" in message
    last = found(account, "EventName", "LookupEvents")[0][1]
    assert (last["userIdentity"]["userName"], last["errorCode"]) == ("ana", "AccessDenied")
    assert last["eventSource"] == "cloudtrail.amazonaws.com"


def test_whoever_is_not_known_leaves_nothing(account):
    stranger = Credentials("AKIAIOSFODNN7EXAMPLE", Secret("x" * 40))
    assert code_of(account.client("iam", stranger).list_users) == "InvalidClientTokenId"
    assert code_of(account.client("cloudtrail", stranger).lookup_events) == "UnrecognizedClientException"
    assert found(account, "EventName", "ListUsers") == []
    assert found(account, "AccessKeyId", stranger.access_key_id) == []
    headers = {"X-Amz-Target": "CloudTrail_20131101.LookupEvents", "Content-Type": "application/x-amz-json-1.1"}
    request = urllib.request.Request(account.endpoint, b"{}", headers)
    with pytest.raises(urllib.error.HTTPError) as unsigned:
        urllib.request.urlopen(request, timeout=20)
    assert b"EventId" not in unsigned.value.read()


def test_another_account_sees_its_own_events_and_who_of_elsewhere_assumed_its_role(accounts, ana):
    account, other = accounts[ACCOUNT], accounts[OTHER]
    assert found(other, "EventName", "CreateBucket") == []
    theirs = other.role("Guest", {"Effect": "Allow", "Principal": {"AWS": ACCOUNT}, "Action": "sts:AssumeRole"})
    account.assume(theirs, RoleSessionName="from-elsewhere")
    ((_, mine),) = found(account, "ResourceName", theirs)
    ((event, record),) = found(other, "EventName", "AssumeRole")
    assert mine["sharedEventID"] == record["sharedEventID"]
    assert record["userIdentity"]["accountId"] == ACCOUNT
    assert "Username" not in event


def test_a_request_that_will_not_do_is_refused_in_cloudtrails_words(account):
    lookup = account.client("cloudtrail", lenient=True).lookup_events
    assert refusal(lookup, MaxResults=51)[::2] == ("InvalidMaxResultsException", 400)
    assert code_of(lookup, NextToken="x") == "InvalidNextTokenException"
    assert code_of(lookup, LookupAttributes=[{}, {}]) == "InvalidLookupAttributesException"
    assert code_of(lookup, StartTime=20, EndTime=10) == "InvalidTimeRangeException"


def test_events_are_those_of_the_region_that_is_asked(account, ana):
    attribute = {"AttributeKey": "EventName", "AttributeValue": "CreateUser"}
    elsewhere = boto3.client(
        "cloudtrail",
        region_name="eu-central-1",
        endpoint_url=account.endpoint,
        aws_access_key_id=account.admin.access_key_id,
        aws_secret_access_key=account.admin.secret_access_key.reveal(),
    )
    assert elsewhere.lookup_events(LookupAttributes=[attribute])["Events"] == []
    seen = elsewhere.lookup_events()["Events"]
    assert [one["EventName"] for one in seen] == ["LookupEvents"]
    assert len(found(account, "EventName", "CreateUser")) == 1


def test_nothing_else_of_cloudtrail_is_served(account):
    assert refusal(account.client("cloudtrail").describe_trails)[2] == 501


def test_the_aws_cli_prints_events_that_can_be_read_again(account, ana):
    assert AWS.exists(), f"there is no {AWS}; say make {AWS.parents[1].relative_to(performing.ROOT)}.stamp"
    command = [AWS, "cloudtrail", "lookup-events", "--region", "us-east-1", "--endpoint-url", account.endpoint]
    attribute = ["--lookup-attributes", "AttributeKey=EventName,AttributeValue=AssumeRole", "--max-items", "1"]
    done = subprocess.run(
        [*command, *attribute],
        env=environment_of(account.admin),
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    (event,) = json.loads(done.stdout)["Events"]
    record = json.loads(event["CloudTrailEvent"])
    assert record["eventID"] == event["EventId"]
    # This version of the CLI prints times as they come, in seconds; the second prints them in ISO 8601.
    assert datetime.fromtimestamp(event["EventTime"], UTC) == datetime.fromisoformat(record["eventTime"])
