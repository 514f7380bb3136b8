"""A secret is found in every form; what is none stays as it is."""

from __future__ import annotations

import base64
import json
from html import escape
from urllib.parse import quote

import pytest
from leaking import found_in, in_forms

from stslab.credentials import REDACTED, Secret
from stslab.scrub import FRAGMENT, Scrubber

SECRET = "abcdefghij/KLMNOPQRST+uvwxyz0123456789XY"


def scrubbing(*values):
    scrubber = Scrubber()
    scrubber.learn(*map(Secret, values))
    return scrubber


@pytest.mark.parametrize(
    "text",
    [
        *in_forms(SECRET),
        *in_forms(f"x{SECRET}x"),
        *in_forms(json.dumps({"secret": SECRET, "id": "AKIA"})),
        f"before {SECRET} after",
        f"{SECRET[:20]}...",
        f"...{SECRET[-FRAGMENT:]}",
        f"'{SECRET}'{SECRET}",
        repr(SECRET.encode()),
        SECRET.replace("/", "\\\\/"),
        SECRET.replace("/", "\\u002f").replace("+", "\\u002B"),
        SECRET.replace("/", "&amp;#x2F;").replace("+", "&amp;#43;"),
        base64.encodebytes(SECRET.encode() * 3).decode(),
    ],
)
def test_a_secret_is_scrubbed_whole_and_in_part(tmp_path, text):
    (tmp_path / "dirty").write_text(text)
    assert found_in(tmp_path, {SECRET})
    (tmp_path / "dirty").unlink()
    cleaned = scrubbing("another" * 9, SECRET).clean(text)
    (tmp_path / "clean").write_text(cleaned)
    assert REDACTED in cleaned
    assert found_in(tmp_path, {SECRET}) == []


@pytest.mark.parametrize("at", range(9))
@pytest.mark.parametrize("end", [len(SECRET), 20, 13, 12])
def test_what_stands_around_a_secret_stays(at, end):
    before, after = "." * at, ";" * at
    for written in (SECRET[:end], quote(SECRET[:end], safe=""), SECRET[:end].replace("/", "\\/")):
        assert scrubbing(SECRET).clean(f"%2F{before}{written}{after}%2F") == f"%2F{before}{REDACTED}{after}%2F"


def test_json_stays_json():
    for value in (f"/{SECRET}", f"n{SECRET}", f"u{SECRET}"):
        for before in ("", "\n", "\\", "\\\\", '"', "\u2026"):
            for part in (value, value[1:], f"{value[1:]}\n{value}"):
                cleaned = scrubbing(value).clean(json.dumps([f"{before}{part}"]).replace("/", "\\/"))
                assert REDACTED in json.loads(cleaned)[0]


def test_a_secret_of_another_make_is_scrubbed():
    odd = "p&ss <word> \"quoted\" 'twice' \\ 100% ~~~???~~~???"
    written = [odd, quote(odd), quote(quote(odd, safe=""), safe=""), json.dumps(odd), escape(odd), repr(odd)]
    written += [base64.b64encode(odd.encode()).decode(), base64.urlsafe_b64encode(odd.encode()).decode()]
    for text in written:
        assert scrubbing(odd).clean(f"={text}=").strip("=\"'") == REDACTED


def test_what_is_no_secret_stays_as_it_is():
    scrubber = scrubbing(SECRET, "short")
    for text in (
        f"{SECRET[:11]} arn:aws:iam::123456789012:user/a",
        # No secret of AWS's is that short, and what an emulator takes for one is found in other words.
        "a short story",
        "AIDAIOSFODNN7EXAMPLE AROAIOSFODNN7EXAMPLE AKIA AKIAUNTOLD MALAKIAIOSFODNN7EXAMPLE akiaiosfodnn7example",
        f'"sha256": "{"0f" * 32}", "signature": "v4", signatures.py, SignatureDoesNotMatch, a signature: effaced',
        f"CanonicalRequest:\nhost;x-amz-security-token\n{'0a' * 32}\nStringToSign:\nAWS4-HMAC-SHA256\n{'0b' * 32}",
        "SessionToken is missing; session_token=stslab/targets/authentication/refusals/identities/ten",
        '"SecretAccessKey": "<the secret that create-access-key printed>", aws_secret_access_key = x',
    ):
        assert scrubber.clean(text) == text


HEX, DIGEST = "0123456789abcdef" * 4, "abcdefghijklmnopqrstuvwxyz0="
TOKEN = f"IQoJb3JpZ2luX2Vj{'aB3/+' * 20}=="


@pytest.mark.parametrize(
    ("text", "value"),
    [
        (f"Signature:\n{HEX}", HEX),
        (f"'Signature:\\n{HEX}'", HEX),
        (f"SignedHeaders=host, Signature={HEX}'", HEX),
        (f"?X-Amz-Signature={HEX}&a=b", HEX),
        (f"X-Amz-Signature%3D{HEX}", HEX),
        (f"signature  = '{HEX[:20]}...'", HEX[:20]),
        (f"<SignatureProvided>{DIGEST}</SignatureProvided>", DIGEST),
        (f"&Signature={quote(DIGEST)}&", quote(DIGEST)),
        (f"'Authorization': b'AWS AKIAIOSFODNN7EXAMPLE:{DIGEST}'", DIGEST),
        (f"<SecretAccessKey>{SECRET}</SecretAccessKey>", SECRET),
        (f'"SecretAccessKey" : "{SECRET}"', SECRET),
        (f"&#34;secretAccessKey&#34;: &#34;{SECRET}&#34;", SECRET),
        (f"aws_secret_access_key = {SECRET}", SECRET),
        (f"AWS_SECRET_ACCESS_KEY='{SECRET}'", SECRET),
        (f"<SessionToken>{TOKEN}</SessionToken>", TOKEN),
        (f"x-amz-security-token:{TOKEN}\n", TOKEN),
        (f"X-Amz-Security-Token={quote(TOKEN, safe='')}&", quote(TOKEN, safe="")),
        (f"session_token='{TOKEN}'", TOKEN),
        (f'"Token" : "{TOKEN}"', TOKEN),
        (f"AWS_SESSION_TOKEN={TOKEN}", TOKEN),
    ],
)
def test_what_nobody_knows_is_scrubbed_by_its_name(text, value):
    cleaned = Scrubber().clean(text)
    assert cleaned == text.replace(value, REDACTED).replace("AKIAIOSFODNN7EXAMPLE", "AKIA...MPLE")
    assert Scrubber().clean(cleaned) == cleaned


@pytest.mark.parametrize(
    "around", ["{}", "'{}'", "\\n{}\\n", "Credential={}/2026", "%3D{}%2F", "%253D{}%252F", "{}: x"]
)
def test_access_key_ids_are_shortened(around):
    for key, shown in (("AKIAIOSFODNN7EXAMPLE", "AKIA...MPLE"), ("ASIAIOSFODNN7EXAMPLE", "ASIA...MPLE")):
        assert Scrubber().clean(around.format(key)) == around.format(shown)


@pytest.mark.parametrize(
    "text",
    [
        "arn:aws:iam::{}:user/a",
        "arn%3Aaws%3Aiam%3A%3A{}%3Auser",
        "arn%253Aaws%253Aiam%253A%253A{}%253Auser",
        '"AWS": "{}"',
        "'\\n{}\\n'",
        "of account {}.",
        "<Account>{}</Account>",
        "{}.dkr.ecr.us-east-1.amazonaws.com",
    ],
)
def test_account_ids_are_masked_by_option(text):
    scrubber = Scrubber()
    assert scrubber.clean(text.format("210987654321")) == text.format("210987654321")
    scrubber.mask_accounts(lambda: {"123456789012", ""})
    assert scrubber.clean(text.format("210987654321")) == text.format("********4321")
    assert scrubber.clean(text.format("lab123456789012x")) == text.format("lab********9012x")


def test_other_numbers_are_no_account_ids():
    scrubber = Scrubber()
    scrubber.mask_accounts(lambda: ())
    for text in ("1764115200000", "0.123456789012", "98.123456789012345", "4f7f-a27c-123456789012", "x123456789012"):
        assert scrubber.clean(text) == text
