"""Secrets are learned as botocore handles them: before it logs them, and before anything can break over them."""

from __future__ import annotations

import re
from html import unescape
from typing import Any

import botocore.session

from stslab.credentials import Secret
from stslab.scrub import Scrubber
from stslab.shapes import signatures

# The answers of CreateAccessKey, AssumeRole and its kin (XML); of GetRoleCredentials and CreateToken (JSON).
# Source: the API references of IAM, STS, IAM Identity Center and its OIDC.
_ANSWERED = re.compile(
    r"<(?:SecretAccessKey|SessionToken)>\s*([^<\s]+)|"
    r"\"(?:[Ss]ecretAccessKey|[Ss]essionToken|accessToken|refreshToken|idToken|clientSecret)\"\s*:\s*\"([^\"]+)\""
)


def learn_from(session: botocore.session.Session, scrubber: Scrubber) -> None:
    """Have a scrubber learn every secret that a session's clients receive or use.

    That takes in the clients that the session makes for itself, to assume a role or to sign on, and credentials that
    it renews in the middle of a run. Source: boto3 documentation, "Extensibility guide"; botocore.endpoint for the
    order of events and logs.

    Args:
        session: makes its clients afterwards; those that it has made are not listened to. It is taken in once.
        scrubber: learns the secrets.
    """

    def answered(response_dict: dict[str, Any], **_: Any) -> None:
        body = response_dict.get("body")
        if isinstance(body, bytes) and (b"ecret" in body or b"oken" in body):
            for found in _ANSWERED.finditer(body.decode("utf-8", "replace")):
                scrubber.learn(Secret(unescape(found[1]) if found[1] else found[2].replace("\\/", "/")))

    def signing(request_signer: Any, **_: Any) -> None:
        # As the signer itself will ask for them: what can be renewed is renewed now.
        held = request_signer._credentials.get_frozen_credentials() if request_signer._credentials else None
        if held is not None:
            scrubber.learn(*(Secret(value) for value in (held.secret_key, held.token) if value))

    def signed(request: Any, **_: Any) -> None:
        told = request.headers.get("Authorization", "")
        text = f"{request.url}\n{told.decode() if isinstance(told, bytes) else told}"
        scrubber.learn(*(Secret(signature) for signature in signatures(text)))

    events = session.get_component("event_emitter")
    events.register("before-parse", answered, unique_id="stslab-answered")
    events.register("before-sign", signing, unique_id="stslab-signing")
    events.register_last("request-created", signed, unique_id="stslab-signed")
