"""A secret is known before anything is logged of it, and what is logged is clean."""

from __future__ import annotations

import json
import logging
import sys
from datetime import UTC, datetime, timedelta
from functools import partial
from types import SimpleNamespace

import botocore.session
import pytest
from botocore.awsrequest import AWSResponse
from botocore.credentials import RefreshableCredentials

from fixtures.logs import _record
from stslab.credentials import REDACTED, Secret
from stslab.overhearing import learn_from
from stslab.scrub import Scrubber

SECRET = "abcdefghij/KLMNOPQRST+uvwxyz0123456789XY"
TOKEN = f"IQoJb3JpZ2luX2Vj{'aB3/+' * 20}=="


class Answered(logging.Handler):
    """Keeps what a scrubber would have made of a bare secret at each log record of botocore's answers."""

    def __init__(self, scrubber):
        super().__init__(logging.DEBUG)
        self.scrubber, self.shown = scrubber, []

    def emit(self, record):
        self.shown.append((record.getMessage()[:13], self.scrubber.clean(SECRET)))


@pytest.fixture
def listening():
    """A session of botocore's that is listened to, and what is logged of its answers."""
    session, scrubber = botocore.session.Session(), Scrubber()
    session.set_credentials("AKIAIOSFODNN7EXAMPLE", "k" * 40)
    learn_from(session, scrubber)
    handler, log = Answered(scrubber), logging.getLogger("botocore.parsers")
    before = log.level
    log.setLevel(logging.DEBUG)
    log.addHandler(handler)
    yield session, scrubber, handler
    log.removeHandler(handler)
    log.setLevel(before)


def answer(body, request, **_):
    raw = SimpleNamespace(stream=lambda **_: iter([body.encode()]))
    return AWSResponse(request.url, 200, {}, raw)


def answering(session, service, body):
    client = session.create_client(service, region_name="us-east-1")
    client.meta.events.register("before-send", partial(answer, body))
    return client


@pytest.mark.parametrize(
    ("service", "ask", "body"),
    [
        (
            "iam",
            lambda iam: iam.create_access_key(),
            f"<A><CreateAccessKeyResult><AccessKey><SecretAccessKey>{SECRET.replace('/', '&#x2F;')}</SecretAccessKey>"
            "</AccessKey></CreateAccessKeyResult></A>",
        ),
        (
            "sso",
            lambda sso: sso.get_role_credentials(roleName="a", accountId="b", accessToken="c"),
            json.dumps({"roleCredentials": {"secretAccessKey": SECRET}}).replace("/", "\\/"),
        ),
    ],
)
def test_a_new_secret_is_learned_before_it_is_logged(listening, service, ask, body):
    session, _, handler = listening
    ask(answering(session, service, body))
    assert ("Response body", REDACTED) in handler.shown
    assert {shown for _, shown in handler.shown} == {REDACTED}


def test_the_answers_to_botocores_own_clients_are_listened_to_as_well(tmp_path):
    (tmp_path / "config").write_text(
        "[profile a]\nrole_arn=arn:aws:iam::123456789012:role/a\nsource_profile=b\nregion=us-east-1\n"
        f"[profile b]\naws_access_key_id=AKIAIOSFODNN7EXAMPLE\naws_secret_access_key={'k' * 40}\n"
    )
    session, scrubber = botocore.session.Session(profile="a"), Scrubber()
    session.set_config_variable("config_file", str(tmp_path / "config"))
    session.set_config_variable("credentials_file", str(tmp_path / "none"))
    learn_from(session, scrubber)
    given = (
        f"<AccessKeyId>x</AccessKeyId><SecretAccessKey>{SECRET}</SecretAccessKey><SessionToken>{TOKEN}</SessionToken>"
    )
    given += "<Expiration>2999-01-01T00:00:00Z</Expiration>"
    body = f"<A><AssumeRoleResult><Credentials>{given}</Credentials></AssumeRoleResult></A>"
    session.get_component("event_emitter").register("before-send", partial(answer, body))
    assert session.get_credentials().get_frozen_credentials().secret_key == SECRET
    assert scrubber.clean(f"{SECRET} {TOKEN}") == f"{REDACTED} {REDACTED}"


def test_a_renewed_credential_and_its_signature_are_learned_when_used(listening):
    session, scrubber, _ = listening
    expiry = (datetime.now(UTC) + timedelta(minutes=1)).isoformat()
    later = (datetime.now(UTC) + timedelta(hours=1)).isoformat()
    renewed = {"access_key": "ASIAIOSFODNN7EXAMPLE", "secret_key": SECRET, "token": TOKEN, "expiry_time": later}
    session._credentials = RefreshableCredentials.create_from_metadata(
        {**renewed, "secret_key": "old" * 9, "expiry_time": expiry}, lambda: renewed, "made-up"
    )
    client = answering(session, "sts", "<A><GetCallerIdentityResult/></A>")
    signed = []
    client.meta.events.register("before-send", lambda request, **_: signed.append(request.headers["Authorization"]))
    client.get_caller_identity()
    assert scrubber.clean(f"{SECRET} {TOKEN[:30]}") == f"{REDACTED} {REDACTED}"
    assert scrubber.clean(signed[0].decode()[-20:]) == REDACTED


def test_a_log_record_is_clean_whoever_handles_it():
    scrubber = Scrubber()
    scrubber.learn(Secret(SECRET))
    try:
        raise ValueError(SECRET)
    except ValueError:
        told = sys.exc_info()
    record = _record(logging.LogRecord, scrubber.clean, "a", logging.INFO, "a.py", 1, "%s of %(x)", (SECRET,), told)
    assert SECRET not in f"{vars(record)}"
    assert f"ValueError: {REDACTED}" in logging.Formatter().format(record)
    assert record.getMessage() == f"%s of %(x) ('{REDACTED}',)"
