"""Who signed a request: the key is looked up, its token and its signature are checked, and nobody is taken on trust.

Source: IAM user guide, "AWS Signature Version 4 for API requests"; STS API reference, "Common errors"; S3 API
reference, "List of error codes".
"""

from __future__ import annotations

import hmac
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qsl, quote, urlsplit

from stslab.targets.refusals import refusal
from stslab.targets.sessions import UserSession

_HEADER = re.compile(
    r"AWS4-HMAC-SHA256\s+Credential=(?P<credential>[^,\s]+),\s*SignedHeaders=(?P<signed>[^,\s]+),"
    r"\s*Signature=(?P<signature>[0-9a-f]{64})\s*"
)

UNKNOWN_KEY = "The security token included in the request is invalid."
UNKNOWN_S3_KEY = "The AWS Access Key Id you provided does not exist in our records."
BAD_SIGNATURE = (
    "The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key "
    "and signing method. Consult the service documentation for details."
)
SKEW = timedelta(minutes=15)


@dataclass(frozen=True)
class Signature:
    """What a request says of who signed it.

    ``query`` tells a presigned URL from a header; ``token`` is the session token, empty where there is none.
    """

    access_key_id: str
    region: str
    service: str
    signed_headers: tuple[str, ...]
    signature: str
    token: str
    time: str
    expires: int | None
    query: bool


@dataclass(frozen=True)
class Holder:
    """Whose key it is: moto's user, or a session of a role or a user, in an account."""

    account: str
    access_key_id: str
    secret: str
    user: Any = None
    session: Any = None


def read_signature(service: str, headers: Mapping[str, Any], url: str) -> Signature | None:
    """Read a request's signature; ``None`` where it has none.

    Raises:
        Exception: what :func:`refusal` makes of a signature that cannot be read.
    """
    parameters = dict(parse_qsl(urlsplit(url).query, keep_blank_values=True))
    if "X-Amz-Signature" in parameters:
        return _presigned(service, headers, parameters)
    given = headers.get("Authorization")
    if not given:
        return None
    found = _HEADER.fullmatch(given.strip())
    scope = found["credential"].split("/") if found else []
    time = headers.get("X-Amz-Date") or ""
    if found is None or len(scope) != 5 or not time:
        raise refusal(
            service,
            headers,
            "IncompleteSignature",
            "The Authorization header is not an AWS4-HMAC-SHA256 signature.",
            400,
        )
    token = headers.get("X-Amz-Security-Token") or ""
    signed = tuple(found["signed"].split(";"))
    return Signature(scope[0], scope[2], scope[3], signed, found["signature"], token, time, None, query=False)


def _presigned(service: str, headers: Mapping[str, Any], parameters: Mapping[str, str]) -> Signature:
    scope = parameters.get("X-Amz-Credential", "").split("/")
    expires = parameters.get("X-Amz-Expires", "")
    if len(scope) != 5 or not expires.isdigit() or "X-Amz-Date" not in parameters:
        raise refusal(
            service, headers, "AuthorizationQueryParametersError", "The query parameters are no signature.", 400
        )
    return Signature(
        scope[0],
        scope[2],
        scope[3],
        tuple(parameters.get("X-Amz-SignedHeaders", "").split(";")),
        parameters["X-Amz-Signature"],
        parameters.get("X-Amz-Security-Token", ""),
        parameters["X-Amz-Date"],
        int(expires),
        query=True,
    )


def authenticate(signature: Signature, call: Any) -> Holder:
    """Find the holder of a key and make sure that it was he who signed.

    Args:
        signature: what the request says.
        call: moto's response object of the request: method, path, body, headers.

    Raises:
        Exception: what :func:`refusal` makes of a key, a token or a signature that will not do.
    """
    service, headers = signature.service, call.headers
    s3 = service == "s3"
    holder = find_holder(signature.access_key_id)
    if holder is None:
        code = "InvalidAccessKeyId" if s3 else "InvalidClientTokenId"
        raise refusal(service, headers, code, UNKNOWN_S3_KEY if s3 else UNKNOWN_KEY)
    expected = holder.session.session_token if holder.session is not None else ""
    if not hmac.compare_digest(signature.token.encode(), expected.encode()):
        if not s3:
            raise refusal(service, headers, "InvalidClientTokenId", UNKNOWN_KEY)
        if not signature.token:
            raise refusal(service, headers, "InvalidAccessKeyId", UNKNOWN_S3_KEY)
        raise refusal(service, headers, "InvalidToken", "The provided token is malformed or otherwise invalid.", 400)
    if not hmac.compare_digest(_expected(signature, holder, call), signature.signature):
        raise refusal(service, headers, "SignatureDoesNotMatch", BAD_SIGNATURE)
    _require_time(signature, headers)
    if holder.session is not None and _utc(holder.session.expiration) <= datetime.now(UTC):
        message = "The provided token has expired." if s3 else "The security token included in the request is expired"
        raise refusal(service, headers, "ExpiredToken", message)
    return holder


def find_holder(access_key_id: str) -> Holder | None:
    """Find the user or the session that a key belongs to; an inactive key belongs to nobody.

    A key of a user counts only as long as the user has it, and a session of a user as long as he is there, whatever
    moto still remembers of them.
    """
    from moto.iam.models import iam_backends
    from moto.sts.models import sts_backends

    for account, partitions in list(iam_backends.items()):
        for partition, backend in list(partitions.items()):
            if access_key_id not in backend.access_keys:
                continue
            for user in list(backend.users.values()):
                for key in user.access_keys:
                    if key.access_key_id == access_key_id:
                        active = str(key.status) == "Active"
                        return Holder(account, access_key_id, key.secret_access_key, user=user) if active else None
            for session in list(sts_backends[account][partition].assumed_roles):
                if session.access_key_id == access_key_id:
                    if isinstance(session, UserSession) and backend.users.get(session.user.name) is not session.user:
                        return None
                    return Holder(account, access_key_id, session.secret_access_key, session=session)
    return None


def _expected(signature: Signature, holder: Holder, call: Any) -> str:
    """The signature that the holder's secret makes of the request, by botocore's own signer."""
    from botocore.auth import S3SigV4Auth, S3SigV4QueryAuth, SigV4Auth
    from botocore.awsrequest import AWSRequest
    from botocore.credentials import Credentials

    credentials = Credentials(holder.access_key_id, holder.secret, signature.token or None)
    path, query = call.raw_path, urlsplit(call.uri).query
    if signature.query:
        signer: Any = S3SigV4QueryAuth(credentials, signature.service, signature.region)
        pairs = [pair for pair in parse_qsl(query, keep_blank_values=True) if pair[0] != "X-Amz-Signature"]
        query = "&".join(f"{quote(name, safe='-_.~')}={quote(value, safe='-_.~')}" for name, value in pairs)
    elif signature.service == "s3":
        signer = S3SigV4Auth(credentials, signature.service, signature.region)
    else:
        signer = SigV4Auth(credentials, signature.service, signature.region)
    request = AWSRequest(
        method=call.method,
        url=f"{path}?{query}" if query else path,
        data=call.raw_body or call.data,
        headers={name: value for name, value in call.headers.items() if name.lower() in signature.signed_headers},
    )
    request.context["timestamp"] = signature.time
    return str(signer.signature(signer.string_to_sign(request, signer.canonical_request(request)), request))


def _require_time(signature: Signature, headers: Mapping[str, Any]) -> None:
    try:
        signed = datetime.strptime(signature.time, "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
    except ValueError:
        raise refusal(signature.service, headers, "IncompleteSignature", "X-Amz-Date is not a date.", 400) from None
    now = datetime.now(UTC)
    if signature.expires is not None:
        if now > signed + timedelta(seconds=signature.expires):
            raise refusal(signature.service, headers, "AccessDenied", "Request has expired")
    elif abs(now - signed) > SKEW:
        if signature.service == "s3":
            message = "The difference between the request time and the current time is too large."
            raise refusal(signature.service, headers, "RequestTimeTooSkewed", message)
        raise refusal(signature.service, headers, "SignatureDoesNotMatch", "Signature expired or not yet current.")


def _utc(moment: datetime) -> datetime:
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
