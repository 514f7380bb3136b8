"""What an account shows of the lab, built by hand: its history, its user, its stack, and the student's profiles."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from stslab.lab.standing import StackResource
from stslab.observing.event import Event
from stslab.observing.history import Named, traced
from stslab.observing.profiles import Held
from stslab.observing.survey import SeenStack, SeenUser, Survey

ACCOUNT, OTHER = "111122223333", "444455556666"
USER, STACK, POLICY = "sts-machine-user", "my-sts-fun-stack", "StsAssumePolicy"
ROLE, SECOND_ROLE = f"{STACK}-StsRole-AAA", f"{STACK}-StsRole-BBB"
NAMED = Named(USER, STACK, ROLE)
START = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
SSO = f"arn:aws:sts::{ACCOUNT}:assumed-role/AWSReservedSSO_AdministratorAccess_0123456789abcdef/ana"
BY_USER = f"arn:aws:iam::{ACCOUNT}:user/{USER}"
STACK_ID = f"arn:aws:cloudformation:us-east-1:{ACCOUNT}:stack/{STACK}/0123-4567"
KEY, SECOND_KEY = "AKIAFIRST", "AKIASECOND"


def role_arn(role=ROLE):
    return f"arn:aws:iam::{ACCOUNT}:role/{role}"


def session(role=ROLE, name="s3-sts-fun"):
    return f"arn:aws:sts::{ACCOUNT}:assumed-role/{role}/{name}"


def at(minutes):
    return START + timedelta(minutes=minutes)


def event(name, minutes=0, arn=SSO, error="", **parameters):
    return Event(name, at(minutes), arn, error, parameters, ACCOUNT, "aws-cli/2.15")


def lab(start=0, role=ROLE, key=KEY, policy=POLICY):
    """The lab as it is written, a minute a step: the events by the step's id."""
    mine = {"userName": USER}
    steps = {
        "user": ("CreateUser", SSO, "", mine),
        "key": ("CreateAccessKey", SSO, "", {**mine, "accessKeyId": key}),
        "identity": ("GetCallerIdentity", BY_USER, "", {}),
        "no-s3": ("ListBuckets", BY_USER, "AccessDenied", {}),
        "stack": ("ExecuteChangeSet", SSO, "", {"stackName": STACK}),
        "policy": ("PutUserPolicy", SSO, "", {**mine, "policyName": policy}),
        "assume": ("AssumeRole", BY_USER, "", {"roleArn": role_arn(role)}),
        "session": ("GetCallerIdentity", session(role), "", {}),
        "lists": ("ListBuckets", session(role), "", {}),
        "no-stack": ("DeleteStack", SSO, "", {"stackName": STACK_ID}),
        "no-key": ("DeleteAccessKey", SSO, "", {**mine, "accessKeyId": key}),
        "no-policy": ("DeleteUserPolicy", SSO, "", {**mine, "policyName": policy}),
        "no-user": ("DeleteUser", SSO, "", mine),
    }
    return {
        step: event(name, start + minutes, arn, error, **told)
        for minutes, (step, (name, arn, error, told)) in enumerate(steps.items())
    }


def until(last, **more):
    """The events of the lab up to a step."""
    steps = lab(**more)
    return [steps[step] for step in list(steps)[: list(steps).index(last) + 1]]


def found(events, named=NAMED):
    """What a history shows of each step: ``done``, ``absent``, or what is the matter with it."""
    return {
        trace.id: "absent" if trace.event is None else (trace.problem or "done") for trace in _checked(events, named)
    }


def _checked(events, named):
    traces = traced(events, named)
    # Whoever is told of something wrong is told what, and of which call.
    assert all(trace.problem and trace.event for trace in traces if trace.wrong)
    return traces


def wrong(events, named=NAMED):
    """The steps that were done as they should not have been."""
    return {trace.id: trace.problem for trace in _checked(events, named) if trace.wrong}


def user(keys=(KEY,), policies=(POLICY,), created=START):
    return SeenUser(USER, "/", created, dict.fromkeys(keys, "Active"), list(policies))


def stack(status="CREATE_COMPLETE", role=ROLE, name=STACK, deleted=None):
    resources = [
        StackResource("StsRole", "AWS::IAM::Role", role),
        StackResource("Bucket", "AWS::S3::Bucket", "of-the-stack"),
    ]
    return SeenStack(name, STACK_ID, status, resources if role else [], deleted)


def held(name, arn="", key=KEY, refusal=""):
    return Held(name, key, None, arn, refusal)


STS_HELD = held("sts", BY_USER)
ASSUMED_HELD = held("assumed", session(), "ASIASESSION")


def survey(events=(), user=None, stack=None, policy="", profiles=(), told=None, role=ROLE):
    arn = role_arn(role) if stack is not None and stack.status != "DELETE_COMPLETE" and role else ""
    profiles = {profile.name: profile for profile in profiles}
    return Survey(user, stack, policy, "{}" if policy else "", arn, profiles, events, told or {})


def all_done(events):
    """The account of somebody who has done all but the clean-up."""
    return survey(events, user(), stack(), POLICY, (STS_HELD, ASSUMED_HELD))


def without(seen, **parts):
    return replace(seen, **parts)


def as_recorded(one, **more):
    """An event as CloudTrail keeps it, as a text."""
    record = {
        "eventVersion": "1.11",
        "userIdentity": {"type": "IAMUser", "arn": one.arn, "accountId": one.account},
        "eventTime": one.time.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "eventName": one.name,
        "userAgent": one.user_agent,
        "requestParameters": dict(one.parameters) or None,
        "responseElements": None,
        "recipientAccountId": one.account,
        **({"errorCode": one.error} if one.error else {}),
    }
    return json.dumps(record | more)


def as_printed(events, time=lambda moment: moment.isoformat()):
    """Events as ``aws cloudtrail lookup-events`` prints them, newest first."""
    shown = [
        {
            "EventId": str(number),
            "EventName": each.name,
            "EventTime": time(each.time),
            "CloudTrailEvent": as_recorded(each),
        }
        for number, each in enumerate(events)
    ]
    return json.dumps({"Events": shown[::-1]}, indent=4)
