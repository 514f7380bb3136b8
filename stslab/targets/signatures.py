"""How a request is signed: read from its headers or its URL, and made again with the secret to compare.

Source: IAM user guide, "AWS Signature Version 4 for API requests"; Amazon S3 user guide, "Signing and authenticating
REST requests (AWS signature version 2)", which boto3 still uses for presigned URLs by default.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qsl, quote, urlsplit

from stslab.targets.refusals import refusal

V2, V4 = "AWS", "AWS4-HMAC-SHA256"
"""Values of s3:signatureversion. Source: Amazon S3 API reference, "Authenticating Requests", policy keys."""

_HEADER = re.compile(
    r"AWS4-HMAC-SHA256\s+Credential=(?P<credential>[^,\s]+),\s*SignedHeaders=(?P<signed>[^,\s]+),"
    r"\s*Signature=(?P<signature>[0-9a-f]{64})\s*"
)
BODY = "stslab.body"
"""Where a WSGI environment has a request's body as it came, if it has it."""
_TIME = "%Y%m%dT%H%M%SZ"


@dataclass(frozen=True)
class Signature:
    """What a request says of who signed it.

    ``query`` tells a presigned URL from a header; ``token`` is the session token, empty where there is none; ``time``
    is when it was signed, and ``expires`` until when a URL is good, where it says so; ``version`` is ``AWS`` or
    ``AWS4-HMAC-SHA256``.
    """

    access_key_id: str
    region: str
    service: str
    signed_headers: tuple[str, ...]
    signature: str
    token: str
    time: datetime | None
    expires: datetime | None
    query: bool
    version: str = V4


def read_signature(service: str, headers: Mapping[str, Any], url: str) -> Signature | None:
    """Read a request's signature; ``None`` where it has none.

    Raises:
        Exception: what :func:`refusal` makes of a signature that cannot be read.
    """
    parameters = dict(parse_qsl(urlsplit(url).query, keep_blank_values=True))
    if "X-Amz-Signature" in parameters:
        return _presigned(service, headers, parameters)
    if service == "s3" and "Signature" in parameters and "AWSAccessKeyId" in parameters:
        return _presigned_v2(headers, parameters)
    given = headers.get("Authorization")
    if not given:
        return None
    if service == "s3" and given.startswith("AWS "):
        message = "The authorization mechanism you have provided is not supported. Please use AWS4-HMAC-SHA256."
        raise refusal(service, headers, "InvalidRequest", message, 400)
    found = _HEADER.fullmatch(given.strip())
    scope = found["credential"].split("/") if found else []
    if found is None or len(scope) != 5 or not headers.get("X-Amz-Date"):
        message = "The Authorization header is not an AWS4-HMAC-SHA256 signature."
        raise refusal(service, headers, "IncompleteSignature", message, 400)
    time = _read_time(service, headers, headers["X-Amz-Date"])
    token = headers.get("X-Amz-Security-Token") or ""
    signed = tuple(found["signed"].split(";"))
    return Signature(scope[0], scope[2], scope[3], signed, found["signature"], token, time, None, query=False)


def _presigned(service: str, headers: Mapping[str, Any], parameters: Mapping[str, str]) -> Signature:
    scope = parameters.get("X-Amz-Credential", "").split("/")
    seconds = parameters.get("X-Amz-Expires", "")
    if len(scope) != 5 or not re.fullmatch(r"\d{1,6}", seconds) or "X-Amz-Date" not in parameters:
        message = "The query parameters are no signature."
        raise refusal(service, headers, "AuthorizationQueryParametersError", message, 400)
    time = _read_time(service, headers, parameters["X-Amz-Date"])
    return Signature(
        scope[0],
        scope[2],
        scope[3],
        tuple(parameters.get("X-Amz-SignedHeaders", "").split(";")),
        parameters["X-Amz-Signature"],
        parameters.get("X-Amz-Security-Token", ""),
        time,
        datetime.fromtimestamp(time.timestamp() + int(seconds), UTC),
        query=True,
    )


def _presigned_v2(headers: Mapping[str, Any], parameters: Mapping[str, str]) -> Signature:
    expires = parameters.get("Expires", "")
    if not re.fullmatch(r"\d{1,11}", expires):
        message = f"Invalid date (should be seconds since epoch): {expires}"
        raise refusal("s3", headers, "AccessDenied", message)
    return Signature(
        parameters["AWSAccessKeyId"],
        "us-east-1",
        "s3",
        (),
        parameters["Signature"],
        parameters.get("x-amz-security-token", ""),
        None,
        datetime.fromtimestamp(int(expires), UTC),
        query=True,
        version=V2,
    )


def _read_time(service: str, headers: Mapping[str, Any], text: str) -> datetime:
    try:
        return datetime.strptime(text, _TIME).replace(tzinfo=UTC)
    except ValueError:
        raise refusal(service, headers, "IncompleteSignature", "X-Amz-Date is not a date.", 400) from None


def expected_signature(signature: Signature, secret: str, call: Any) -> str:
    """The signature that a secret makes of a request, by botocore's own signers.

    Args:
        signature: what the request says.
        secret: the secret access key of the key that it names.
        call: moto's response object of the request: method, path, body, headers.
    """
    from botocore.credentials import Credentials

    credentials = Credentials(signature.access_key_id, secret, signature.token or None)
    return _v2(credentials, signature, call) if signature.version == V2 else _v4(credentials, signature, call)


def _v4(credentials: Any, signature: Signature, call: Any) -> str:
    from botocore.auth import S3SigV4Auth, S3SigV4QueryAuth, SigV4Auth
    from botocore.awsrequest import AWSRequest

    path, query = call.raw_path, urlsplit(call.uri).query
    if signature.query:
        signer: Any = S3SigV4QueryAuth(credentials, signature.service, signature.region)
        query = _without(query, "X-Amz-Signature")
    elif signature.service == "s3":
        signer = S3SigV4Auth(credentials, signature.service, signature.region)
    else:
        signer = SigV4Auth(credentials, signature.service, signature.region)
    request = AWSRequest(
        method=call.method,
        url=f"{path}?{query}" if query else path,
        data=_body(call),
        headers={name: value for name, value in call.headers.items() if name.lower() in signature.signed_headers},
    )
    request.context["timestamp"] = signature.time.strftime(_TIME) if signature.time else ""
    return str(signer.signature(signer.string_to_sign(request, signer.canonical_request(request)), request))


def _body(call: Any) -> Any:
    """The body as it came; where nobody kept it, as botocore would have written it."""
    return call.normalized_request.environ.get(BODY, call.raw_body or call.data)


def _v2(credentials: Any, signature: Signature, call: Any) -> str:
    from botocore.auth import HmacV1QueryAuth
    from botocore.awsrequest import HeadersDict
    from botocore.compat import HTTPHeaders

    signer = HmacV1QueryAuth(credentials)
    signer._get_date = lambda: str(int(signature.expires.timestamp())) if signature.expires else ""
    headers = HTTPHeaders()
    parameters = dict(parse_qsl(urlsplit(call.uri).query, keep_blank_values=True))
    for name, value in HeadersDict({**call.headers, **parameters}).items():
        if name.lower().startswith("x-amz-") or name.lower() in ("content-md5", "content-type"):
            headers[name] = value
    split = urlsplit(f"{call.raw_path}?{_without(urlsplit(call.uri).query, 'Signature')}")
    return str(signer.get_signature(call.method, split, headers))


def _without(query: str, name: str) -> str:
    pairs = [pair for pair in parse_qsl(query, keep_blank_values=True) if pair[0] != name]
    return "&".join(f"{quote(key, safe='-_.~')}={quote(value, safe='-_.~')}" for key, value in pairs)
