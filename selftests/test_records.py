"""The sandbox's call log in the shape of CloudTrail: what a record says, what leaves none, and that no secret is in it.

What the records are compared with are AWS's own examples: IAM user guide, "Logging IAM and AWS STS API calls with AWS
CloudTrail"; CloudFormation user guide, "Logging AWS CloudFormation API calls with AWS CloudTrail".
"""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from botocore.session import get_session
from recorded import (
    ACCOUNT,
    ANA,
    ASSUMED,
    KEY_MADE,
    OTHER,
    ROLE,
    SECRETS,
    SESSION,
    USER,
    WHEN,
    answered,
    heard,
    record,
    refused,
    weighed,
)

from stslab.iam import Caller, Policies
from stslab.sandbox.answer import Answer
from stslab.sandbox.trail.event import event_of
from stslab.sandbox.trail.naming import error_code
from stslab.sandbox.trail.record import records_of
from stslab.targets.callers import NOBODY, Actor
from stslab.targets.sessions import UserSession


def test_an_answer_tells_its_error_in_every_protocol():
    query = refused("AccessDenied", "a &lt;b&gt;")
    assert (query.error_code, query.message, query.request_id) == ("AccessDenied", "a <b>", "r-0")
    s3 = Answer(404, b"<Error><Code>NoSuchBucket</Code><Message>m</Message><RequestId>X1</RequestId></Error>")
    assert (s3.error_code, s3.message, s3.request_id) == ("NoSuchBucket", "m", "X1")
    spelled = b'{"__type": "com.amazonaws.cloudtrail#AccessDeniedException", "Message": "m"}'
    assert (Answer(400, spelled).error_code, Answer(400, spelled).message) == ("AccessDeniedException", "m")
    assert [Answer(status).error_code for status in (403, 404, 412)] == ["AccessDenied", "NotFound", "412"]
    assert Answer(500, b"{no json").error_code == "500"
    fine = Answer(200, b"<Code>AccessDenied</Code>")
    assert (fine.refused, fine.error_code, fine.message, fine.request_id) == (False, "", "", "")


def test_a_users_call_is_recorded_as_aws_does_it():
    made = record(heard(operation="AttachUserPolicy", UserName="ben", PolicyArn="arn:aws:iam::aws:policy/P"))
    assert made.pop("eventID")
    assert made == {
        "eventVersion": "1.11",
        "userIdentity": {
            "type": "IAMUser",
            "principalId": "AIDAANA",
            "arn": USER.arn,
            "accountId": ACCOUNT,
            "accessKeyId": "AKIAANA",
            "userName": "ana",
        },
        "eventTime": "2024-11-26T03:27:20Z",
        "eventSource": "iam.amazonaws.com",
        "eventName": "AttachUserPolicy",
        "awsRegion": "us-east-1",
        "sourceIPAddress": "127.0.0.1",
        "userAgent": "aws-cli/2",
        "requestParameters": {"userName": "ben", "policyArn": "arn:aws:iam::aws:policy/P"},
        "responseElements": None,
        "requestID": "r-0",
        "readOnly": False,
        "eventType": "AwsApiCall",
        "managementEvent": True,
        "recipientAccountId": ACCOUNT,
        "eventCategory": "Management",
    }


def test_each_kind_of_credentials_has_its_identity():
    session = record(heard("sts", "GetCallerIdentity", SESSION))["userIdentity"]
    issuer = {"type": "Role", "principalId": "AROAREADER", "arn": ROLE, "accountId": ACCOUNT, "userName": "Reader"}
    attributes = {"creationDate": "2024-11-26T03:27:20Z", "mfaAuthenticated": "false"}
    assert session["type"] == "AssumedRole"
    assert session["principalId"] == "AROAREADER:lab-session"
    assert session["sessionContext"] == {"sessionIssuer": issuer, "attributes": attributes, "sourceIdentity": "ana"}
    mine = UserSession(ACCOUNT, "aws", USER, "ASIA", "", "", WHEN, WHEN, mfa_at=WHEN)
    users = record(heard(actor=replace(ANA, user=None, session=mine)))["userIdentity"]
    assert (users["type"], users["userName"]) == ("IAMUser", "ana")
    assert users["sessionContext"] == {"attributes": {**attributes, "mfaAuthenticated": "true"}}
    guest = replace(mine, name="guest", mfa_at=None)
    federated = record(heard(actor=Actor(Caller(guest.arn, user_id=guest.user_id), Policies(), session=guest)))
    issuer = {**issuer, "type": "IAMUser", "principalId": USER.id, "arn": USER.arn, "userName": "ana"}
    assert federated["userIdentity"]["type"] == "FederatedUser"
    assert federated["userIdentity"]["principalId"] == f"{ACCOUNT}:guest"
    assert federated["userIdentity"]["sessionContext"] == {"sessionIssuer": issuer, "attributes": attributes}
    root = record(heard(actor=Actor(Caller(f"arn:aws:iam::{ACCOUNT}:root"), Policies())))
    assert root["userIdentity"]["type"] == "Root"
    assert root["userIdentity"]["principalId"] == ACCOUNT
    names = [event_of({**root, "userIdentity": who}).get("Username") for who in (session, users)]
    assert [*names, event_of(federated)["Username"], event_of(root)["Username"]] == [
        "lab-session",
        "ana",
        "guest",
        "root",
    ]


@pytest.mark.parametrize(
    ("call", "answer", "told"),
    [
        (
            heard("sts", "AssumeRole", RoleArn=ROLE, RoleSessionName="s", DurationSeconds="900"),
            answered(ASSUMED),
            {
                "credentials": {"accessKeyId": "ASIANEW", "expiration": "Nov 26, 2024 4:07:39 PM"},
                "assumedRoleUser": {
                    "assumedRoleId": "AROAREADER:s",
                    "arn": f"arn:aws:sts::{ACCOUNT}:assumed-role/Reader/s",
                },
            },
        ),
        (
            heard(operation="CreateAccessKey", UserName="ben"),
            answered(KEY_MADE),
            {
                "accessKey": {
                    "userName": "ben",
                    "accessKeyId": "AKIABEN",
                    "status": "Active",
                    "createDate": "Nov 26, 2024 12:07:09 AM",
                }
            },
        ),
    ],
)
def test_an_answer_is_told_without_its_secrets(call, answer, told):
    made = record(call, answer)
    assert made["responseElements"] == told
    everything = json.dumps([made, event_of(made)])
    assert [secret for secret in SECRETS if secret in everything] == []


def test_to_assume_a_role_names_its_resources_as_aws_does():
    made = record(
        heard("sts", "AssumeRole", RoleArn=ROLE, RoleSessionName="s", DurationSeconds="900"), answered(ASSUMED)
    )
    assert made["requestParameters"]["durationSeconds"] == 900
    assert made["readOnly"] is True
    assert made["awsRegion"] == "eu-central-1"
    assert made["resources"] == [{"accountId": ACCOUNT, "type": "AWS::IAM::Role", "ARN": ROLE}]
    assert {(r["ResourceType"], r["ResourceName"]) for r in event_of(made)["Resources"]} == {
        ("AWS::IAM::AccessKey", "ASIANEW"),
        ("AWS::STS::AssumedRole", "s"),
        ("AWS::STS::AssumedRole", "AROAREADER:s"),
        ("AWS::STS::AssumedRole", f"arn:aws:sts::{ACCOUNT}:assumed-role/Reader/s"),
        ("AWS::IAM::Role", ROLE),
    }


def test_a_role_of_another_account_leaves_a_record_in_both():
    theirs = f"arn:aws:iam::{OTHER}:role/Reader"
    call = heard("sts", "AssumeRole", RoleArn=theirs, RoleSessionName="s")
    mine, other = records_of(call, answered(ASSUMED), WHEN)
    assert (mine["recipientAccountId"], other["recipientAccountId"]) == (ACCOUNT, OTHER)
    assert mine["sharedEventID"] == other["sharedEventID"]
    assert mine["eventID"] != other["eventID"]
    assert mine["userIdentity"]["userName"] == "ana"
    assert other["userIdentity"] == {"type": "AWSAccount", "principalId": "AIDAANA", "accountId": ACCOUNT}
    assert {"Username", "AccessKeyId"} & event_of(other).keys() == set()
    alone = record(call, refused("AccessDenied"))
    assert alone["recipientAccountId"] == ACCOUNT
    assert "sharedEventID" not in alone


@pytest.mark.parametrize("actor", [None, NOBODY])
def test_who_is_not_known_leaves_no_record(actor):
    assert records_of(heard(actor=actor), refused("InvalidClientTokenId"), WHEN) == []


@pytest.mark.parametrize(
    ("service", "code", "called"),
    [
        ("iam", "NoSuchEntity", "NoSuchEntityException"),
        ("iam", "AccessDenied", "AccessDenied"),
        ("sts", "AccessDenied", "AccessDenied"),
        ("cloudformation", "ValidationError", "ValidationException"),
        ("cloudformation", "AlreadyExistsException", "AlreadyExistsException"),
        ("s3", "NoSuchBucket", "NoSuchBucket"),
        ("dynamodb", "AccessDeniedException", "AccessDenied"),
        ("s3", "NoSuchEntity", "NoSuchEntity"),
    ],
)
def test_errors_are_called_as_cloudtrail_calls_them(service, code, called):
    made = record(heard(service, "Get", UserName="x"), refused(code, "Because."))
    assert (made["errorCode"], made["errorMessage"], made["responseElements"]) == (called, "Because.", None)
    assert error_code(service, answered()) == ""


def test_a_refusal_has_no_response_elements():
    """Whatever it names: ``EntityAlreadyExists`` is about a user, too."""
    answer = Answer(409, b"<Error><Code>EntityAlreadyExists</Code></Error><UserName>ben</UserName>")
    assert record(heard(operation="CreateUser", UserName="ben"), answer)["responseElements"] is None


def test_an_exception_of_iam_has_the_name_that_the_model_gives_it():
    for shape in get_session().get_service_model("iam").error_shapes:
        code = shape.metadata.get("error", {}).get("code", shape.name)
        assert error_code("iam", refused(code)) in (shape.name, code)
        if code in ("NoSuchEntity", "EntityAlreadyExists", "DeleteConflict", "LimitExceeded"):
            assert error_code("iam", refused(code)) == shape.name


@pytest.mark.parametrize(
    ("operation", "action", "parameters", "name", "management", "read"),
    [
        ("ListAllMyBuckets", "s3:ListAllMyBuckets", {}, "ListBuckets", True, True),
        ("ListBuckets", "s3:ListAllMyBuckets", {}, "ListBuckets", True, True),
        ("ListBucket", "s3:ListBucket", {"Bucket": "b"}, "ListObjects", False, True),
        ("ListObjectsV2", "s3:ListBucket", {"Bucket": "b"}, "ListObjects", False, True),
        ("HeadBucket", "s3:ListBucket", {"Bucket": "b"}, "HeadBucket", False, True),
        ("CreateBucket", "s3:CreateBucket", {"Bucket": "b"}, "CreateBucket", True, False),
        ("CreateBucket", "s3:PutEncryptionConfiguration", {"Bucket": "b"}, "PutBucketEncryption", True, False),
        ("ListBucket", "s3:GetEncryptionConfiguration", {"Bucket": "b"}, "GetBucketEncryption", True, True),
        ("CreateBucket", "s3:TagResource", {"Bucket": "b"}, "CreateBucket", True, False),
        ("GetBucketLocation", "s3:GetBucketLocation", {"Bucket": "b"}, "GetBucketLocation", True, True),
        ("GetObject", "s3:GetObject", {"Bucket": "b", "Key": "k"}, "GetObject", False, True),
        ("DeleteObjectVersion", "s3:DeleteObjectVersion", {"Bucket": "b", "Key": "k"}, "DeleteObject", False, False),
        ("DeleteObject", "s3:DeleteObject", {"Bucket": "b"}, "DeleteObjects", False, False),
    ],
)
def test_s3_has_names_of_its_own_and_data_events(operation, action, parameters, name, management, read):
    call = weighed(heard("s3", operation, **parameters), action, "arn:aws:s3:::b", OTHER)
    made = record(call)
    assert (made["eventName"], made["managementEvent"], made["readOnly"]) == (name, management, read)
    assert made["eventCategory"] == ("Management" if management else "Data")
    assert made["userAgent"] == "[aws-cli/2]"
    small = {"Bucket": "bucketName", "Key": "key"}
    assert made["requestParameters"] == ({small[n]: v for n, v in parameters.items()} or None)
    owners = {one["accountId"] for one in made.get("resources", []) if "accountId" in one}
    assert owners == ({OTHER} if parameters else set())


def test_items_are_data_and_tables_are_not():
    assert [record(heard("dynamodb", name))["managementEvent"] for name in ("GetItem", "CreateTable")] == [False, True]
    secret = record(heard("secretsmanager", "GetSecretValue"))
    assert (secret["managementEvent"], secret["responseElements"]) == (True, None)
