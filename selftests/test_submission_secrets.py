"""Credentials in what is handed in are found, and what only looks like some is not.

Every credential is made at random but always the same, except those of AWS's documentation.
"""

from __future__ import annotations

import hashlib
import signal
import string
import textwrap
from dataclasses import fields

import pytest
from credentials import (
    A_KEY,
    A_SECRET,
    A_TOKEN,
    AN_ID,
    BASE64,
    KEY_ID,
    MARKS,
    SECRET,
    TEMPORARY_ID,
    TOKEN,
    UNMARKED,
    chosen,
    found,
    made_bytes,
    pem,
    putty,
    rsa_key,
)
from detect_secrets.plugins.private_key import PrivateKeyDetector

from stslab.submission.secrets import Finding, find_secrets

SECRET_FORMS = {
    "credentials file": "[default]\nregion = eu-west-1\naws_secret_access_key = {}",
    "no blanks": "aws_secret_access_key={}",
    "quotes": "aws_secret_access_key = '{}'",
    "commented out": "# aws_secret_access_key = {}",
    "json": '{{\n  "AccessKey": {{\n    "SecretAccessKey": "{}"}}}}',
    "json on one line": '{{"AccessKey": {{"SecretAccessKey": "{}", "UserName": "lab"}}}}',
    "json in json": '{{"body": "{{\\"SecretAccessKey\\": \\"{}\\"}}"}}',
    "a file in json": '{{"credentials": "[default]\\naws_secret_access_key =\\n{}\\nregion = eu-west-1"}}',
    "yaml": "Credentials:\n  SecretAccessKey: {}",
    "yaml, on the next line": "SecretAccessKey: >-\n    {}",
    "a template's parameter": "SecretKey:\n  Type: String\n  NoEcho: true\n  Description: of the user\n  Default: {}",
    "parameters of a stack": '[{{"ParameterKey": "SecretKey", "ParameterValue": "{}"}}]',
    "the name behind the value": '[{{"OutputValue": "{}", "OutputKey": "SecretKey"}}]',
    "outputs of a stack as text": "OUTPUTS\tSecretKey\t{}",
    "export": "export AWS_SECRET_ACCESS_KEY={}",
    "default of a variable": 'export AWS_SECRET_ACCESS_KEY="${{AWS_SECRET_ACCESS_KEY:-{}}}"',
    "before a command": "AWS_SECRET_ACCESS_KEY={} aws sts get-caller-identity",
    "aws configure": "aws configure set aws_secret_access_key {} --profile lab",
    "option": "./deploy --secret-access-key {}",
    "powershell": '$env:AWS_SECRET_ACCESS_KEY="{}"',
    "cmd": "setx AWS_SECRET_ACCESS_KEY {}",
    "table": "|  SecretAccessKey  |  {}  |",
    "wide table": "|  SecretAccessKey  " + 300 * " " + "|  {}  |",
    "python": 'boto3.client("sts", aws_secret_access_key="{}")',
    "environ": 'os.environ["AWS_SECRET_ACCESS_KEY"] = "{}"',
    "javascript": "const config = {{ secretAccessKey: '{}' }};",
    "xml": "<SecretAccessKey>{}</SecretAccessKey>",
    "url": "https://localhost/?secretAccessKey={}&b=1",
    ".env": "AWS_REGION=eu-west-1\nAWS_SECRET_ACCESS_KEY={}",
    "markdown": "# How to\n\nThe secret access key is `{}`.",
    "end of a sentence": "My secret is {}.",
    "only the words access key": "access key = {}",
    # This one is detect-secrets' own: no word of ours is in it.
    "what detect-secrets knows": 'aws_deploy_password = "{}"',
}

NO_SECRETS = {
    "words": "YOUR_SECRET_ACCESS_KEY",
    "placeholder of base64's letters": "Your4aSecret5bKey6cGoes7dHere8eAnd9fNoX0",
    "name in camel case": "AwsS3BucketServerSideEncryptionByDefault",
    "name of short words": "AWSServiceRoleForS3AndStsLabInEuWest1Abc",
    "angle brackets": "<secret>",
    "small x": 40 * "x",
    "small and large x": 20 * "xX",
    "stars": 40 * "*",
    "masked": 36 * "X" + "q7Rw",
    "variable": "${AWS_SECRET_ACCESS_KEY}",
    "command": "$(jq -r .Credentials.SecretAccessKey answer.json)",
    "nothing": "",
    "documented": "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
    "documented too": "je7MtGbClwBF/2Zp9Utk/h3yCo8nvbEXAMPLEKEY",
    "documented with 41 letters": "wJalrXUtnFEMI/K7MDENG/bPxRfiCYzEXAMPLEKEY",
    "commit": hashlib.sha1(b"commit").hexdigest(),
    "large digest": hashlib.sha1(b"commit").hexdigest().upper(),
    "small letters": chosen(string.ascii_lowercase + string.digits, 40),
    "large letters": chosen(string.ascii_uppercase + string.digits, 40),
    "long digest": hashlib.sha256(b"file").hexdigest(),
    "role": "arn:aws:iam::123456789012:role/my-sts-fun-stack-StsRole-DAkQBbY7THJk",
    "function": "!GetAtt UserKey.SecretAccessKey",
    "dynamic reference": "{{resolve:secretsmanager:MySecret:SecretString:password}}",
    "longer": chosen(BASE64, 41),
    "longer before a sign": f"{SECRET}/",
    "longer after a sign": f"/{SECRET}",
    "longer after another sign": f"+{SECRET}",
    "shorter": chosen(BASE64, 39),
    "padded": SECRET[:-1] + "Q=",
    "part of a name": f"stack-{SECRET.replace('/', 'x').replace('+', 'y')}",
    "beginning of a name": f"{SECRET.replace('/', 'x').replace('+', 'y')}-stack",
    "path": "layers/Functions/StsRole/v1/Src/Main2Abc.json",
    "path of random names": f"{SECRET}.json",
    "uuid": "0b6ff9a3-5f0e-4c4e-9b1c-2a4f6c1d7e90",
}


@pytest.mark.parametrize("form", SECRET_FORMS.values(), ids=SECRET_FORMS)
def test_a_secret_is_found_however_it_is_written(form):
    assert found(form.format(SECRET)) == [(form.count("\n") + 1, A_SECRET)]


@pytest.mark.parametrize("value", NO_SECRETS.values(), ids=NO_SECRETS)
def test_what_stands_for_a_secret_is_none(value):
    assert [name for name, form in SECRET_FORMS.items() if found(form.format(value))] == []


PAIRS = {
    "create-access-key as text": ("ACCESSKEY\t{id}\t2024-05-01T12:00:00+00:00\t{secret}\tActive\tlab", 1),
    "assume-role as a table": (
        "-----\n|  AssumeRole  |\n"
        + f"||  AccessKeyId  |  {{id}}{900 * ' '}||\n||  Expiration  |  2024-05-01T13:00:00+00:00{895 * ' '}||\n"
        + f"||  SecretAccessKey  |  {{secret}}{880 * ' '}||",
        5,
    ),
    "the console's file": ("\ufeffAccess key ID,Secret access key\r\n{id},{secret}\r\n", 2),
    "the console's file of a new user": ("User name,Password,Access key ID,Secret\nlab,,{id},{secret},https://a", 2),
    "next line": ("{id}\n{secret}\n", 2),
    "next column": ("{id}   {secret}", 1),
    "next argument": ('boto3.Session("{id}", "{secret}")', 1),
    "line before": ("{secret}\n{id}", 1),
    "in a url": ("s3://{id}:{secret}@bucket", 1),
}


@pytest.mark.parametrize(("form", "line"), PAIRS.values(), ids=PAIRS)
def test_a_secret_beside_its_key_id_needs_no_name(form, line):
    text = form.format(id=KEY_ID, secret=SECRET)
    at = text[: text.index(KEY_ID)].count("\n") + 1
    assert sorted(found(text)) == sorted([(at, AN_ID), (line, A_SECRET)])


@pytest.mark.parametrize("value", NO_SECRETS.values(), ids=NO_SECRETS)
def test_a_key_id_beside_no_secret_is_alone(value):
    for form, _ in PAIRS.values():
        assert {kind for _, kind in found(form.format(id=KEY_ID, secret=value))} == {AN_ID}


@pytest.mark.parametrize(("sign", "escaped"), [*(("/", e) for e in ("\\/", "%2F", "%2f")), ("+", "%2B"), ("+", "%2b")])
def test_a_secret_is_found_with_its_signs_escaped(sign, escaped):
    assert found(f"secret={SECRET.replace(sign, escaped)}") == [(1, A_SECRET)]


def test_forty_random_characters_of_nobody_are_none():
    assert found(f"etag: {SECRET}") == []
    assert found(f"secret\n{300 * 'a '}\n{SECRET}\n{300 * 'a '}\n{KEY_ID}") == [(5, AN_ID)]


def test_hardly_any_secret_is_missed():
    missed = sum(not find_secrets(f"secret = {chosen(BASE64, 40)}") for _ in range(3000))
    assert missed <= 9


@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_lines_are_counted_as_an_editor_does(newline):
    lines = ["[default]", "", f"aws_access_key_id = {KEY_ID}", f"aws_secret_access_key = {SECRET}", f"token = {TOKEN}"]
    assert found(newline.join(lines)) == [(3, AN_ID), (4, A_SECRET), (5, A_TOKEN)]


def test_a_kind_is_told_once_a_line():
    assert found(f"secret {SECRET} {SECRET[::-1]} {KEY_ID} {TEMPORARY_ID}") == [(1, A_SECRET), (1, AN_ID)]


@pytest.mark.parametrize("key_id", [KEY_ID, TEMPORARY_ID])
@pytest.mark.parametrize(
    "form", ["{}", "aws_access_key_id = {}", '"{}"', "\\n{}\\n", "Credential={}/20240501/a", "a_{}"]
)
def test_a_key_id_alone_only_warns(form, key_id):
    assert find_secrets(f"\n{form.format(key_id)}") == [Finding(2, AN_ID, warns=True)]


def test_all_else_is_no_mere_warning():
    text = f"secret {SECRET}\n{TOKEN}\n{pem(rsa_key())}"
    assert [(f.kind, f.warns) for f in find_secrets(text)] == [(A_SECRET, False), (A_TOKEN, False), (A_KEY, False)]


@pytest.mark.parametrize(
    "value",
    [
        *("AROA" + KEY_ID[4:], "AIDA" + KEY_ID[4:], "ANPA" + KEY_ID[4:]),
        *("AKIAIOSFODNN7EXAMPLE", "AKIAI44QH8DHBEXAMPLE", "ASIAIOSFODNN7EXAMPLE"),
        *("AKIA" + 16 * "X", "AKIA" + 12 * "X" + KEY_ID[-4:], "AKIA" + "1234567890123456"),
        *(
            "AKIA" + string.ascii_uppercase[:16],
            "AKIA" + "YOURACCESSKEYID1",
            f"{KEY_ID}A",
            f"A{KEY_ID}",
            KEY_ID[:-1],
            KEY_ID.lower(),
        ),
    ],
)
def test_what_only_looks_like_a_key_id_is_none(value):
    assert found(f"aws_access_key_id = {value}") == []


TOKEN_FORMS = {
    "credentials file": "aws_session_token = {}",
    "old name": "aws_security_token={}",
    "json": '{{"Credentials": {{"SessionToken": "{}"}}}}',
    "export": 'export AWS_SESSION_TOKEN="{}"',
    "powershell": "$env:AWS_SESSION_TOKEN = '{}'",
    "table": "||  SessionToken  " + 300 * " " + "|  {}  ||",
    "python": "Session(aws_session_token='{}')",
    "parameter": '[{{"ParameterKey": "SessionToken", "ParameterValue": "{}"}}]',
    "url": "https://bucket.s3.amazonaws.com/key?X-Amz-Security-Token={}&X-Amz-Expires=300",
}

NO_TOKENS = {
    "words": "YOUR_SESSION_TOKEN",
    "small x": 300 * "x",
    "angle brackets": "<token>",
    "variable": "${AWS_SESSION_TOKEN}",
    "command": "$(aws sts assume-role --query Credentials.SessionToken --output text)",
    "nothing": "",
    "documented": "AQoDYXdzEPT//////////wEXAMPLEtc764bNrC9SAPBSM22wDOk4x4HIZ8j4FZTwdQWLWsKWHGBuFqwAeMicRXmxfpSPfIeoIY"
    "RqTflfKD8YUuwthAx7mSEI/qkPpKPi/kMcGdQrmGdeehM4IC1NtBmUpp2wUE8phUZampKsburEDy0KPkyQDYwT7WZ0wq5VSXDvp75YU9HFvlRd8T"
    "x6q6fE8YQcHNVXAkiY9q6d+xo0rKwT38xVqr7ZD0u0iPPkUL64lIZbqBAz+scqKmlzm8FDrypNC9Yjc8fPOLn9FX9KSYvKTr4rvx3iSIlTJabIQw"
    "j2ICCR/oLxBA==",
    "documented too": "IQoJb3JpZ2luX2VjEOz////////////////////wEXAMPLEtMSJHMEUCIDoKK3JH9uGQE1z0sINr5M4jk+Na8KHDcCYRVjJC"
    "ZEvOAiEA3OvJGtw1EcViOleS2vhs8VdCKFJQWPQrmGdeehM4IC1NtBmUpp2wUE8phUZampKsburEDy0KPkyQDYwT7WZ0wq5VSXDvp75YU9HFvlRd",
    "documented and short": "AQoDYXdzEE0a8ANXXXXXXXXNO1ewxE5TijQyp+IEXAMPLE",
    "cut short": f"{TOKEN[:70]}...",
    "cut short with an ellipsis": f"{TOKEN[:120]}…",
    "cut shorter": TOKEN[:45],
    "name": "TheOneThatAssumeRoleGivesToTheUserOfTheStsLabStack1InEuWest1",
    "cut short with stars": f"{TOKEN[:120]}****",
    "digest": hashlib.sha512(b"token").hexdigest(),
}


@pytest.mark.parametrize("form", TOKEN_FORMS.values(), ids=TOKEN_FORMS)
@pytest.mark.parametrize("value", [TOKEN, UNMARKED], ids=["marked", "unmarked"])
def test_a_session_token_is_found_however_it_is_written(form, value):
    assert found(f"\n{form.format(value)}") == [(2, A_TOKEN)]


@pytest.mark.parametrize("value", NO_TOKENS.values(), ids=NO_TOKENS)
def test_what_stands_for_a_token_is_none(value):
    assert [name for name, form in TOKEN_FORMS.items() if found(form.format(value))] == []


@pytest.mark.parametrize("mark", MARKS)
@pytest.mark.parametrize("form", ["{}", "t={}", '"{}"', "CREDENTIALS\t2024\t{}"])
def test_a_token_as_aws_makes_them_needs_no_name(mark, form):
    assert found(form.format(mark + UNMARKED)) == [(1, A_TOKEN)]


def test_a_wrapped_token_is_found_where_it_begins():
    assert found("token:\n" + textwrap.fill(TOKEN, 76)) == [(2, A_TOKEN)]


def test_the_session_of_the_lab_is_found_whole():
    text = f"CREDENTIALS\t{TEMPORARY_ID}\t2024-05-01T13:00:00+00:00\t{SECRET}\t{TOKEN}\n"
    assert found(text) == [(1, AN_ID), (1, A_SECRET), (1, A_TOKEN)]


LAB = f"""\
AWSTemplateFormatVersion: "2010-09-09"
Parameters:
  SecretAccessKeyParameterOfTheLabsUser1Ab: {{Type: String, NoEcho: true}}
  SessionTokenParameter: {{Type: String, Default: ""}}
Resources:
  MySecret:
    Type: AWS::SecretsManager::Secret
    Properties: {{GenerateSecretString: {{PasswordLength: 40}}}}
  UserKey:
    Type: AWS::IAM::AccessKey
    Properties: {{UserName: !Ref User}}
  Role:
    Type: AWS::IAM::Role # {hashlib.sha1(b"a").hexdigest()}
    Properties: {{RoleName: AWSServiceRoleForS3AndStsLabInEuWest1Abc}}
Outputs:
  AccessKeyId: {{Value: !Ref UserKey}}
  SecretAccessKey: {{Value: !GetAtt UserKey.SecretAccessKey}}
  SecretArn: {{Value: "arn:aws:secretsmanager:eu-west-1:123456789012:secret:MySecret-a1B2c3"}}
  RoleArn: {{Value: "arn:aws:iam::123456789012:role/my-sts-fun-stack-StsRole-DAkQBbY7THJk"}}
  RoleId: {{Value: AROA{KEY_ID[4:]}}}
"""

NOTHING = {
    "a lab": LAB,
    "a script": 'export AWS_SECRET_ACCESS_KEY=$(aws configure get aws_secret_access_key)\n: "${AWS_SESSION_TOKEN:=}"',
    "a lock file": '"secret": {"resolved": "https://example.org/a.tgz", "integrity": "sha512-' + made_bytes(64) + '"}',
    "an older lock file": f'secret@1: "sha1-{made_bytes(20)}"\n{hashlib.sha1(b"b").hexdigest()}',
    "an image": f"secret: <img src='data:image/png;base64,{made_bytes(9000)}'>",
    "an image in lines": "SecretImage: |\n" + textwrap.indent(textwrap.fill(made_bytes(9000), 76), "  "),
    "a commit": f"secret scan of commit {hashlib.sha1(b'c').hexdigest()}, {hashlib.sha256(b'c').hexdigest()}",
    "nothing": "",
    "no text": bytes(range(256)).decode("latin-1") * 20,
    "half a character": "secret \udcff\ud800 = \0",
}


@pytest.mark.parametrize("text", NOTHING.values(), ids=NOTHING)
def test_a_lab_without_credentials_has_none(text):
    assert found(text) == []


def test_a_finding_has_no_room_for_the_value():
    assert [field.name for field in fields(Finding)] == ["line", "kind", "warns"]
    for value in (SECRET, TOKEN, KEY_ID):
        shown = repr(find_secrets(f"secret = {value}"))
        assert "Finding(line=1" in shown
        assert value[4:10] not in shown


HOSTILE = {
    "letters": "A",
    "quotes": "'",
    "base64": chosen(BASE64, 997),
    "names": "awskey'",
    "words that are nearly one": f"{SECRET[1:]} ",
    "headers": PrivateKeyDetector.denylist[0].pattern,
    "keys cut short": f"{putty(2).split(':')[0]} {SECRET * 20}.. ",
    "marks": MARKS[1],
}


@pytest.mark.parametrize("unit", HOSTILE.values(), ids=HOSTILE)
def test_five_megabytes_in_a_line_do_no_harm(unit):
    # What takes a second here takes hours when it is quadratic, so the limit may be generous.
    signal.signal(signal.SIGALRM, lambda *_: pytest.fail("it takes too long"))
    signal.alarm(60)
    try:
        assert found(f"{unit * (5_000_000 // len(unit))}..") == []
    finally:
        signal.alarm(0)
