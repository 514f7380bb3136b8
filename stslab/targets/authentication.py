"""Who signed a request: the key is looked up, its token and its signature are checked, and nobody is taken on trust.

Source: STS API reference, "Common errors"; S3 API reference, "List of error codes".
"""

from __future__ import annotations

import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from stslab.targets.refusals import refusal
from stslab.targets.sessions import UserSession
from stslab.targets.signatures import Signature, expected_signature

UNKNOWN_KEY = "The security token included in the request is invalid."
UNKNOWN_S3_KEY = "The AWS Access Key Id you provided does not exist in our records."
BAD_SIGNATURE = (
    "The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key "
    "and signing method. Consult the service documentation for details."
)
SKEW = timedelta(minutes=15)

_FOUND_IN: dict[str, tuple[str, str]] = {}
"""The account and the partition in which a key was found last; moto has each key in one of them only."""
REMEMBERED = 10_000
"""How many places are remembered at most."""


@dataclass(frozen=True)
class Holder:
    """Whose key it is: moto's user, or a session of a role or a user, in an account."""

    account: str
    access_key_id: str
    secret: str
    user: Any = None
    session: Any = None


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
    if not hmac.compare_digest(expected_signature(signature, holder.secret, call), signature.signature):
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

    # Only where to look first is remembered: what is found there is what moto holds now.
    place = _FOUND_IN.get(access_key_id)
    if place is not None:
        account, partition = place
        there = iam_backends.get(account)
        backend = there.get(partition) if there is not None else None
        if backend is not None and access_key_id in backend.access_keys:
            return _holder_in(account, partition, backend, access_key_id)
    for account, partitions in list(iam_backends.items()):
        for partition, backend in list(partitions.items()):
            if access_key_id in backend.access_keys:
                if len(_FOUND_IN) >= REMEMBERED:
                    _FOUND_IN.clear()
                _FOUND_IN[access_key_id] = (account, partition)
                return _holder_in(account, partition, backend, access_key_id)
    return None


def _holder_in(account: str, partition: str, backend: Any, access_key_id: str) -> Holder | None:
    """Find the holder of a key that moto keeps in an account."""
    from moto.sts.models import sts_backends

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


def _require_time(signature: Signature, headers: Mapping[str, Any]) -> None:
    now = datetime.now(UTC)
    if signature.expires is not None:
        if now > signature.expires:
            raise refusal(signature.service, headers, "AccessDenied", "Request has expired")
    elif signature.time is not None and abs(now - signature.time) > SKEW:
        if signature.service == "s3":
            message = "The difference between the request time and the current time is too large."
            raise refusal(signature.service, headers, "RequestTimeTooSkewed", message)
        raise refusal(signature.service, headers, "SignatureDoesNotMatch", "Signature expired or not yet current.")


def _utc(moment: datetime) -> datetime:
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
