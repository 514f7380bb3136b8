"""Where a run goes: whether AWS itself answers there decides on the guards, and a place that will not do is refused."""

from __future__ import annotations

import json
from pathlib import Path

import botocore
import emulators
import pytest
from emulators import assert_says, refusal

from stslab.targets.place import AWS, ENDPOINT, MOTO, Place, placed

PARTITIONS = json.loads((Path(botocore.__file__).parent / "data" / "partitions.json").read_text())["partitions"]
SUFFIXES = sorted(
    {partition["outputs"][kind] for partition in PARTITIONS for kind in ("dnsSuffix", "dualStackDnsSuffix")}
)


TOLD = ("--target=aws", "--endpoint-url={url}", "--account={account}")


@pytest.fixture(scope="module")
def account():
    with emulators.sandbox() as account:
        yield account


@pytest.mark.parametrize(
    "url",
    [
        "https://amazonaws.com",
        "https://iam.amazonaws.com",
        "https://sts.eu-central-1.amazonaws.com:443",
        "https://IAM.AmazonAWS.com",
        "https://iam.amazonaws.com.",
        "https://s3.dualstack.eu-west-1.amazonaws.com",
        "https://vpce-0123-abc.sts.us-east-1.vpce.amazonaws.com",
    ],
)
def test_a_host_of_awss_is_guarded_whatever_the_target_is_called(url):
    for kind in (ENDPOINT, AWS):
        assert Place(kind, url).is_aws_itself
        assert Place(kind, url).is_guarded


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_the_domains_of_all_partitions_are_awss(suffix):
    assert Place(ENDPOINT, f"https://iam.{suffix}").is_guarded


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1:4566",
        "http://localhost:4566",
        "https://evilamazonaws.com",
        "https://amazonaws.com.evil.example",
        "https://amazonaws.example",
        "https://amazonaws.com-evil.example",
        "https://evil.example/amazonaws.com",
        "https://localhost.localstack.cloud:4566",
    ],
)
def test_a_look_alike_is_not_aws(url):
    assert not Place(ENDPOINT, url).is_aws_itself
    assert not Place(ENDPOINT, url).is_guarded
    # Told that it is AWS, it is guarded like AWS, and yet not taken for it.
    assert not Place(AWS, url).is_aws_itself
    assert Place(AWS, url).is_guarded


def test_moto_is_not_guarded_and_aws_is():
    assert not Place(MOTO).is_guarded
    assert Place(AWS).is_guarded
    assert Place(AWS).is_aws_itself


@pytest.mark.parametrize(
    ("target", "url", "environ", "kind", "endpoint"),
    [
        ("", "", {}, MOTO, ""),
        ("", "", {"AWS_ENDPOINT_URL": "http://127.0.0.1:1"}, MOTO, ""),
        ("", "http://127.0.0.1:2/", {"AWS_ENDPOINT_URL": "http://127.0.0.1:1"}, ENDPOINT, "http://127.0.0.1:2"),
        ("endpoint", "", {"AWS_ENDPOINT_URL": "http://127.0.0.1:1"}, ENDPOINT, "http://127.0.0.1:1"),
        ("aws", "", {"AWS_ENDPOINT_URL": "http://127.0.0.1:1"}, AWS, "http://127.0.0.1:1"),
        ("aws", "", {}, AWS, ""),
    ],
)
def test_the_place_is_the_one_that_was_told(target, url, environ, kind, endpoint, monkeypatch, tmp_path):
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "none"))
    place = placed(target, url, "", environ)
    assert (place.kind, place.endpoint_url) == (kind, endpoint)


# The credentials and the endpoint


def test_nobody_answers(account, tmp_path):
    closed = f"http://127.0.0.1:{emulators.free_port()}"
    line = refusal(account, tmp_path, f"--endpoint-url={closed}")
    assert f"endpoint at {closed} cannot be had: " in line


def test_there_are_no_credentials(account, tmp_path):
    nothing = {"AWS_ACCESS_KEY_ID": "", "AWS_SECRET_ACCESS_KEY": ""}
    line = refusal(account, tmp_path, "--endpoint-url={url}", seen=set(), **nothing)
    assert "There are no AWS credentials; give some as boto3 takes them, or name an --aws-profile." in line


def test_the_credentials_are_wrong(account, tmp_path):
    secret = "wrong" * 8
    line = refusal(account, tmp_path, "--endpoint-url={url}", AWS_SECRET_ACCESS_KEY=secret)
    assert "does not take the admin's credentials: SignatureDoesNotMatch" in line
    assert secret not in line


BOUNDARY = "--permissions-boundary=arn:aws:iam::123456789012:policy/boundary"
VALIDATION = "only what AWS itself answers is a validation"
MORE = "it has more than a host and a port"
UNENCRYPTED = "AWS is spoken to without encryption"
PLACES = {
    "no endpoint": (("--target=endpoint",), "--target", "there is no endpoint"),
    "an unknown target": (("--target=azure",), "--target", "'azure' will not do"),
    "an endpoint for moto": (("--target=moto", "--endpoint-url={url}"), "--endpoint-url", "moto is in this process"),
    "a profile for moto": (("--aws-profile=lab",), "--aws-profile", "moto is in this process"),
    "an unknown profile": (("--target=aws", "--aws-profile=nobody"), "--aws-profile", "nobody"),
    "no scheme": (("--endpoint-url=localhost:4566",), "--endpoint-url", "is no URL"),
    "no host": (("--endpoint-url=http://",), "--endpoint-url", "is no URL"),
    "another scheme": (("--endpoint-url=ftp://127.0.0.1",), "--endpoint-url", "is no URL"),
    "a port too high": (("--endpoint-url=http://127.0.0.1:99999",), "--endpoint-url", "is no URL"),
    "half an IPv6 address": (("--endpoint-url=http://[::1",), "--endpoint-url", "is no URL"),
    "a path": (("--endpoint-url={url}/aws",), "--endpoint-url", MORE),
    "a query": (("--endpoint-url={url}?a=b",), "--endpoint-url", MORE),
    "AWS without encryption": (("--endpoint-url=http://iam.amazonaws.com",), "--endpoint-url", UNENCRYPTED),
    "AWS in capitals": (("--endpoint-url=HTTP://IAM.AmazonAWS.com",), "--endpoint-url", UNENCRYPTED),
    "a validation on moto": (("--record-validation",), "--record-validation", VALIDATION),
    "a validation at an endpoint": (
        ("--record-validation", "--endpoint-url={url}"),
        "--record-validation",
        VALIDATION,
    ),
    "a validation on what is only called AWS": ((*TOLD, "--record-validation"), "--record-validation", VALIDATION),
    "a boundary on moto": ((BOUNDARY,), "--permissions-boundary", "there is no such policy on moto"),
}


@pytest.mark.parametrize("name", PLACES)
def test_a_place_that_will_not_do_is_refused_unseen(name, account, tmp_path):
    options, where, what = PLACES[name]
    assert_says(refusal(account, tmp_path, *options, seen=set()), where, what)


ENVIRONMENTS = {
    "an endpoint for one service": (
        {"AWS_ENDPOINT_URL": "{url}", "AWS_ENDPOINT_URL_S3": "http://127.0.0.1:9"},
        "AWS_ENDPOINT_URL_S3",
        "a run goes to one place",
    ),
    "an unknown profile": ({"AWS_ENDPOINT_URL": "{url}", "AWS_PROFILE": "nobody"}, "--aws-profile", "nobody"),
    "no URL": ({"AWS_ENDPOINT_URL": "localhost:4566"}, "--endpoint-url", "is no URL"),
}


@pytest.mark.parametrize("target", ["--target=endpoint", "--target=aws"])
@pytest.mark.parametrize("name", ENVIRONMENTS)
def test_an_environment_that_will_not_do_is_refused_unseen(name, target, account, tmp_path):
    environment, where, what = ENVIRONMENTS[name]
    assert_says(refusal(account, tmp_path, target, seen=set(), **environment), where, what)


@pytest.mark.parametrize(
    "url",
    [
        "http://admin:hunter2hunter2@127.0.0.1:4566",
        "ftp://admin:hunter2hunter2@127.0.0.1:4566",
        "http://admin:hunter2hunter2@127.0.0.1:99999",
    ],
)
def test_a_password_in_a_url_is_refused_and_not_shown(url, account, tmp_path):
    line = refusal(account, tmp_path, f"--endpoint-url={url}", seen=set())
    assert_says(line, "--endpoint-url")
    assert "hunter2" not in line
    assert "hunter2" not in "".join(path.read_text() for path in tmp_path.rglob("*") if path.is_file())
