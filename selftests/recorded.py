"""Calls as the gate hears them, and answers to them, to make records of."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from types import SimpleNamespace

from stslab.iam import Caller, Policies
from stslab.iam.evaluate import decide
from stslab.iam.request import Request
from stslab.sandbox.answer import Answer
from stslab.sandbox.trail.record import records_of
from stslab.targets.callers import Actor
from stslab.targets.case import Weighed
from stslab.targets.heard import Heard

ACCOUNT, OTHER = "111122223333", "444455556666"
WHEN = datetime(2024, 11, 26, 3, 27, 20, 5, tzinfo=UTC)
USER = SimpleNamespace(id="AIDAANA", name="ana", arn=f"arn:aws:iam::{ACCOUNT}:user/staff/ana")
ANA = Actor(Caller(USER.arn, user_id=USER.id), Policies(), user=USER)
ROLE = f"arn:aws:iam::{ACCOUNT}:role/lab/Reader"
SESSION = Actor(
    Caller(f"arn:aws:sts::{ACCOUNT}:assumed-role/Reader/lab-session", ROLE, "AROAREADER:lab-session"),
    Policies(),
    session=SimpleNamespace(issued=WHEN, source_identity="ana"),
)
SECRETS = "wJalrXUtnFEMI/K7MDENG", "FwoGZXIvYXdzEBY"
ASSUMED = f"""<AssumeRoleResponse><AssumeRoleResult>
  <Credentials><AccessKeyId>ASIANEW</AccessKeyId><SecretAccessKey>{SECRETS[0]}</SecretAccessKey>
  <SessionToken>{SECRETS[1]}</SessionToken><Expiration>2024-11-26T16:07:39Z</Expiration></Credentials>
  <AssumedRoleUser><AssumedRoleId>AROAREADER:s</AssumedRoleId>
  <Arn>arn:aws:sts::{ACCOUNT}:assumed-role/Reader/s</Arn></AssumedRoleUser>
</AssumeRoleResult><ResponseMetadata><RequestId>r-1</RequestId></ResponseMetadata></AssumeRoleResponse>"""
KEY_MADE = f"""<CreateAccessKeyResponse><CreateAccessKeyResult><AccessKey><UserName>ben</UserName>
  <AccessKeyId>AKIABEN</AccessKeyId><Status>Active</Status><SecretAccessKey>{SECRETS[0]}</SecretAccessKey>
  <CreateDate>2024-11-26T00:07:09.000Z</CreateDate></AccessKey></CreateAccessKeyResult></CreateAccessKeyResponse>"""


def heard(service="iam", operation="ListUsers", actor=ANA, **parameters):
    region = "eu-central-1"
    return Heard(service, operation, "aws-cli/2", parameters, region, "AKIAANA" if actor else "AKIAWRONG", actor)


def answered(text="", status=200, **headers):
    return Answer(status, text.encode(), {"x-amzn-RequestId": "r-0", **headers})


def refused(code, message="No.", status=403):
    return answered(f"<ErrorResponse><Error><Code>{code}</Code><Message>{message}</Message></Error>", status)


def record(call, answer=None):
    (only,) = records_of(call, answer or answered(), WHEN)
    return only


def weighed(call, action, resource, owner=ACCOUNT):
    request = Request(call.actor.caller, action, resource, owner)
    return replace(call, weighed=Weighed(request, Policies(), decide(request, Policies())))
