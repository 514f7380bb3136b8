"""The target tells why it decided the last request so, with the statement as it stands in its document."""

from __future__ import annotations

import json

import documents as d
import pytest
from accounts import ACCOUNT, REGION, Account, code_of

from stslab.credentials import Credentials, Secret
from stslab.targets.moto import MotoTarget

READ = {"Sid": "Read", "Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::box/*"}


@pytest.fixture
def target():
    target = MotoTarget(ACCOUNT, REGION)
    target.open()
    yield target
    target.close()


@pytest.fixture
def account(target):
    return Account(ACCOUNT, target.credentials)


def test_the_statement_that_allows_is_told_as_it_stands(account, target):
    account.bucket("box", "key")
    account.client("s3", account.user("ana", READ)).get_object(Bucket="box", Key="key")
    ruling = target.ruling()
    assert (ruling.decision, ruling.told_by) == ("allowed", "target")
    (statement,) = ruling.statements
    assert (statement.source, statement.index, statement.sid) == ("policy p of user ana", 0, "Read")
    assert json.loads(statement.text) == READ


@pytest.mark.parametrize(
    ("may", "denied"),
    [("s3:GetObject", "s3:PutObject on arn:aws:s3:::box/other"), ("s3:PutObject", "s3:GetObject on ")],
)
def test_of_several_wishes_the_one_that_is_refused_decides(account, target, may, denied):
    account.bucket("box", "key")
    s3 = account.client("s3", account.user("ana", {**READ, "Action": may}))
    source = {"Bucket": "box", "Key": "key"}
    assert code_of(s3.copy_object, Bucket="box", Key="other", CopySource=source) == "AccessDenied"
    ruling = target.ruling()
    assert ruling.decision == "implicitDeny"
    assert ruling.sentence.startswith(denied)
    assert "statement 1 (Read) of policy p of user ana comes nearest" in ruling.sentence
    assert ruling.statements == []


def test_what_a_service_asks_for_itself_is_not_the_callers_request(account, target):
    may = {"Effect": "Allow", "Action": "cloudformation:*", "Resource": "*"}
    cloudformation = account.client("cloudformation", account.user("ana", may))
    template = {"Resources": {"Box": d.template()["Resources"]["LabBucket"]}}
    cloudformation.create_stack(StackName="boxes", TemplateBody=json.dumps(template))
    assert cloudformation.describe_stacks(StackName="boxes")["Stacks"][0]["StackStatus"] != "CREATE_COMPLETE"
    cloudformation.create_stack(StackName="again", TemplateBody=json.dumps(template))
    ruling = target.ruling()
    assert ruling.decision == "allowed"
    assert ruling.sentence.startswith("cloudformation:CreateStack on ")


def test_a_request_of_nobody_known_has_no_ruling(account, target):
    ana = account.user("ana", READ)
    forged = Credentials(ana.access_key_id, Secret("x" * 40))
    account.client("sts", ana).get_caller_identity()
    assert target.ruling() is not None
    assert code_of(account.client("sts", forged).get_caller_identity) == "SignatureDoesNotMatch"
    assert target.ruling() is None
