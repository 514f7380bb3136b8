"""``stslab sandbox`` over the wire: signatures, isolation, closed management, a clean stop."""

from __future__ import annotations

import base64
import json
import signal
import socket
import subprocess
import sys
import urllib.error
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import boto3
import pytest
from botocore import UNSIGNED
from botocore.config import Config
from botocore.exceptions import ClientError

ROOT = Path(__file__).resolve().parent.parent
ACCOUNT, OTHER = "111122223333", "444455556666"
READ_V2 = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": {
            "Effect": "Allow",
            "Action": "s3:GetObject",
            "Resource": "arn:aws:s3:::signed-v2/*",
            "Condition": {"StringEquals": {"s3:signatureversion": "AWS", "s3:authType": "REST-QUERY-STRING"}},
        },
    }
)


def start(*options):
    command = [sys.executable, "-m", "stslab", "sandbox", *options]
    return subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


@pytest.fixture(scope="module")
def sandbox():
    server = start("--account", ACCOUNT)
    yield json.loads(server.stdout.readline())
    server.send_signal(signal.SIGTERM)
    _, complaints = server.communicate(timeout=20)
    assert server.returncode == 0
    assert "Traceback" not in complaints


def client(sandbox, service, key=None, **more):
    key = key or {"AccessKeyId": sandbox["access_key_id"], "SecretAccessKey": sandbox["secret_access_key"]}
    return boto3.client(
        service,
        endpoint_url=sandbox["endpoint"],
        region_name="us-east-1",
        aws_access_key_id=key["AccessKeyId"],
        aws_secret_access_key=key["SecretAccessKey"],
        aws_session_token=key.get("SessionToken"),
        config=Config(retries={"total_max_attempts": 1}, signature_version="s3v4" if service == "s3" else None),
        **more,
    )


def code_of(operation, **params):
    with pytest.raises(ClientError) as refused:
        operation(**params)
    return refused.value.response["Error"]["Code"]


def http(sandbox, path, data=None, **headers):
    request = urllib.request.Request(sandbox["endpoint"] + path, data=data, headers=headers)
    try:
        with urllib.request.urlopen(request, timeout=20) as answer:
            return answer.status, answer.read()
    except urllib.error.HTTPError as refused:
        return refused.code, refused.read()


def test_the_ready_line_is_whole(sandbox):
    assert sorted(sandbox) == [
        "access_key_id",
        "account",
        "endpoint",
        "management_token",
        "region",
        "secret_access_key",
    ]
    assert sandbox["endpoint"].startswith("http://127.0.0.1:")
    answer = client(sandbox, "sts").get_caller_identity()
    assert answer["Arn"] == f"arn:aws:iam::{ACCOUNT}:user/stslab-admin"


def test_a_wrong_secret_is_refused_also_the_admins(sandbox):
    wrong = {"AccessKeyId": sandbox["access_key_id"], "SecretAccessKey": "x" * 40}
    assert code_of(client(sandbox, "sts", wrong).get_caller_identity) == "SignatureDoesNotMatch"
    assert code_of(client(sandbox, "s3", wrong).list_buckets) == "SignatureDoesNotMatch"
    unknown = {"AccessKeyId": "AKIAIOSFODNN7EXAMPLE", "SecretAccessKey": "x" * 40}
    assert code_of(client(sandbox, "iam", unknown).list_users) == "InvalidClientTokenId"
    assert code_of(client(sandbox, "s3", unknown).list_buckets) == "InvalidAccessKeyId"


def test_presigned_urls_are_verified(sandbox):
    s3 = client(sandbox, "s3")
    s3.create_bucket(Bucket="signed")
    s3.put_object(Bucket="signed", Key="a b/c.txt", Body=b"hello")
    url = s3.generate_presigned_url("get_object", Params={"Bucket": "signed", "Key": "a b/c.txt"})
    path = url.removeprefix(sandbox["endpoint"])
    assert http(sandbox, path) == (200, b"hello")
    assert http(sandbox, path.replace("c.txt", "d.txt"))[0] == 403


def test_presigned_urls_of_the_older_kind_are_verified_too(sandbox):
    """boto3 still makes them where nobody chooses a signature version."""
    iam = client(sandbox, "iam")
    client(sandbox, "s3").create_bucket(Bucket="signed-v2")
    client(sandbox, "s3").put_object(Bucket="signed-v2", Key="a b/c.txt", Body=b"hello")
    iam.create_user(UserName="presigner")
    iam.put_user_policy(UserName="presigner", PolicyName="p", PolicyDocument=READ_V2)
    key = iam.create_access_key(UserName="presigner")["AccessKey"]
    s3 = boto3.client(
        "s3",
        endpoint_url=sandbox["endpoint"],
        region_name="us-east-1",
        aws_access_key_id=key["AccessKeyId"],
        aws_secret_access_key=key["SecretAccessKey"],
    )

    def path(name="a b/c.txt", **more):
        url = s3.generate_presigned_url("get_object", Params={"Bucket": "signed-v2", "Key": name}, **more)
        assert "AWSAccessKeyId=" in url
        return url.removeprefix(sandbox["endpoint"])

    assert http(sandbox, path()) == (200, b"hello")
    assert http(sandbox, path().replace("c.txt", "d.txt"))[0] == 403
    assert http(sandbox, path(ExpiresIn=-5))[0] == 403
    assert http(sandbox, path().replace(key["AccessKeyId"], "AKIAIOSFODNN7EXAMPLE"))[0] == 403


@pytest.mark.parametrize(
    "path", ["/", "/signed", "/moto-api/", "/moto-api/reset-auth", "/latest/meta-data/", "/moto-api/data.json"]
)
def test_who_signs_nothing_gets_nothing(sandbox, path):
    assert http(sandbox, path)[0] == 403
    assert http(sandbox, path, data=b"1")[0] in (400, 403)


@pytest.mark.parametrize(
    ("service", "operation"),
    [("sts", "get_caller_identity"), ("iam", "list_users"), ("cloudformation", "list_stacks")],
)
def test_who_signs_nothing_is_told_so(sandbox, service, operation):
    unsigned = boto3.client(
        service,
        endpoint_url=sandbox["endpoint"],
        region_name="us-east-1",
        config=Config(signature_version=UNSIGNED, retries={"total_max_attempts": 1}),
    )
    with pytest.raises(ClientError) as refused:
        getattr(unsigned, operation)()
    assert refused.value.response["Error"]["Code"] == "MissingAuthenticationToken"
    assert refused.value.response["ResponseMetadata"]["HTTPStatusCode"] == 403


def jwt(issuer):
    claims = base64.urlsafe_b64encode(json.dumps({"iss": issuer}).encode()).decode().rstrip("=")
    return f"e30.{claims}.sig"


def test_an_identity_providers_token_is_refused_unless_it_may_be_good(sandbox):
    role = {"RoleArn": f"arn:aws:iam::{ACCOUNT}:role/any", "RoleSessionName": "web"}
    sts, iam = client(sandbox, "sts"), client(sandbox, "iam")
    assume = sts.assume_role_with_web_identity
    assert code_of(assume, WebIdentityToken="nonsense", **role) == "InvalidIdentityToken"
    assert code_of(assume, WebIdentityToken=jwt("https://idp.example.com"), **role) == "InvalidIdentityToken"
    iam.create_open_id_connect_provider(Url="https://idp.example.com", ThumbprintList=["0" * 40])
    assert code_of(assume, WebIdentityToken=jwt("https://idp.example.com"), **role) == "Undetermined"
    saml = {"RoleArn": role["RoleArn"], "PrincipalArn": f"arn:aws:iam::{ACCOUNT}:saml-provider/any"}
    assert code_of(sts.assume_role_with_saml, SAMLAssertion="!!!!", **saml) == "InvalidIdentityToken"
    assert code_of(sts.assume_role_with_saml, SAMLAssertion="QUFB", **saml) == "InvalidIdentityToken"


def test_garbage_does_not_stop_it(sandbox):
    port = int(sandbox["endpoint"].rpartition(":")[2])
    for rubbish in (
        b"\x00\xff\r\n\r\n",
        b"POST / HTTP/1.1\r\nContent-Length: x\r\n\r\n",
        b"GET / HTTP/1.1\r\nAuthorization: AWS4\r\n\r\n",
    ):
        with socket.create_connection(("127.0.0.1", port), timeout=5) as connection:
            connection.sendall(rubbish)
            connection.shutdown(socket.SHUT_WR)
            connection.recv(100)
    assert http(sandbox, "/", Authorization="AWS4-HMAC-SHA256 nonsense")[0] == 400
    assert client(sandbox, "sts").get_caller_identity()["Account"] == ACCOUNT


def other_account(sandbox, account=OTHER):
    body = json.dumps({"account": account}).encode()
    status, answer = http(sandbox, "/stslab/accounts", body, **{"X-Management-Token": sandbox["management_token"]})
    assert status == 200
    made = json.loads(answer)
    return {"AccessKeyId": made["access_key_id"], "SecretAccessKey": made["secret_access_key"]}


def test_accounts_are_isolated(sandbox):
    assert http(sandbox, "/stslab/accounts", b'{"account": "444455556666"}')[0] == 403
    theirs = other_account(sandbox)
    client(sandbox, "iam").create_user(UserName="only-here")
    names = [user["UserName"] for user in client(sandbox, "iam", theirs).list_users()["Users"]]
    assert names == ["stslab-admin"]
    client(sandbox, "s3").create_bucket(Bucket="taken")
    assert code_of(client(sandbox, "s3", theirs).create_bucket, Bucket="taken") == "BucketAlreadyExists"
    assert code_of(client(sandbox, "s3", theirs).list_objects_v2, Bucket="taken") == "AccessDenied"


def test_nobody_chooses_an_account_by_header(sandbox):
    def pretend(request, **_):
        request.headers["x-moto-account-id"] = OTHER

    sts = client(sandbox, "sts")
    sts.meta.events.register("before-send", pretend)
    assert sts.get_caller_identity()["Account"] == ACCOUNT


def test_another_accounts_role_takes_both_sides(sandbox):
    theirs = client(sandbox, "iam", other_account(sandbox))
    statement = {"Effect": "Allow", "Principal": {"AWS": ACCOUNT}, "Action": "sts:AssumeRole"}
    trust = json.dumps({"Version": "2012-10-17", "Statement": statement})
    arn = theirs.create_role(RoleName="visitors", AssumeRolePolicyDocument=trust)["Role"]["Arn"]
    session = client(sandbox, "sts").assume_role(RoleArn=arn, RoleSessionName="visit")["Credentials"]
    assert client(sandbox, "sts", session).get_caller_identity()["Account"] == OTHER
    iam = client(sandbox, "iam")
    iam.create_user(UserName="nobody")
    key = iam.create_access_key(UserName="nobody")["AccessKey"]
    assert code_of(client(sandbox, "sts", key).assume_role, RoleArn=arn, RoleSessionName="visit") == "AccessDenied"


def test_what_cannot_be_known_is_said_over_the_wire(sandbox):
    iam = client(sandbox, "iam")
    iam.create_user(UserName="maybe")
    statement = {"Effect": "Allow", "Action": "s3:*", "Resource": "*", "Condition": {"Bool": {"aws:NewKey": "true"}}}
    policy = json.dumps({"Version": "2012-10-17", "Statement": statement})
    iam.put_user_policy(UserName="maybe", PolicyName="p", PolicyDocument=policy)
    key = iam.create_access_key(UserName="maybe")["AccessKey"]
    with pytest.raises(ClientError) as unknown:
        client(sandbox, "s3", key).list_buckets()
    assert unknown.value.response["ResponseMetadata"]["HTTPStatusCode"] == 500


def test_many_at_once(sandbox):
    def visit(number):
        key = other_account(sandbox, f"{700000000000 + number % 4}")
        iam = client(sandbox, "iam", key)
        iam.create_user(UserName=f"user-{number}")
        return iam.get_user(UserName=f"user-{number}")["User"]["Arn"]

    with ThreadPoolExecutor(8) as pool:
        arns = list(pool.map(visit, range(16)))
    assert arns == [f"arn:aws:iam::{700000000000 + n % 4}:user/user-{n}" for n in range(16)]


def test_a_reset_leaves_the_admin_his_key():
    server = start("--account", ACCOUNT)
    try:
        ready = json.loads(server.stdout.readline())
        client(ready, "iam").create_user(UserName="gone")
        assert http(ready, "/moto-api/reset", b"")[0] == 403
        assert http(ready, "/moto-api/reset", b"", **{"X-Management-Token": ready["management_token"]})[0] == 200
        assert http(ready, "/moto-api/reset-auth", b"9", **{"X-Management-Token": ready["management_token"]})[0] == 403
        assert [u["UserName"] for u in client(ready, "iam").list_users()["Users"]] == ["stslab-admin"]
    finally:
        server.send_signal(signal.SIGINT)
    _, complaints = server.communicate(timeout=20)
    assert (server.returncode, complaints) == (0, "")


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (("--account", "12"), "'12' is not 12 digits"),
        (("--region", "here"), "'here' is not a region"),
        (("--port", "70000"), "70000 is not a port"),
    ],
)
def test_a_bad_option_is_refused_in_one_sentence(options, words):
    server = start(*options)
    out, complaints = server.communicate(timeout=20)
    assert (server.returncode, out) == (2, "")
    assert words in complaints
    assert len(complaints.splitlines()) == 1


def test_a_busy_port_is_refused_in_one_sentence():
    with socket.create_server(("127.0.0.1", 0)) as taken:
        server = start("--port", str(taken.getsockname()[1]))
        out, complaints = server.communicate(timeout=20)
    assert (server.returncode, out) == (2, "")
    assert "is taken" in complaints
