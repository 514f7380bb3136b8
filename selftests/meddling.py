"""Come between the lab and moto: change one API call on its way.

All calls go through one method of botocore, and that is what is wrapped.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from botocore.client import BaseClient
from botocore.exceptions import ClientError

Answer = dict[str, Any]
Next = Callable[[], Answer]
Meddler = Callable[[BaseClient, dict[str, Any], Next], Answer]

CANARY = "stslab-canary"


def on(operation: str, meddle: Meddler, *, nth: int = 1, every: bool = False) -> None:
    """Have a function answer an API operation in place of the service: the nth call of it, or every one from there on.

    The canary's own calls are left alone and not counted.
    """
    original = BaseClient._make_api_call
    seen = [0]

    def call(client: BaseClient, name: str, params: dict[str, Any]) -> Answer:
        def proceed() -> Answer:
            return original(client, name, params)

        if name != operation or str(params.get("UserName", "")).startswith(CANARY) or is_canary(client):
            return proceed()
        seen[0] += 1
        hit = seen[0] >= nth if every else seen[0] == nth
        return meddle(client, params, proceed) if hit else proceed()

    BaseClient._make_api_call = call


def is_canary(client: BaseClient) -> bool:
    from moto.iam.models import iam_backends

    key = client._request_signer._credentials.access_key
    return any(
        k.access_key_id == key
        for account in iam_backends.values()
        for name, user in account["aws"].users.items()
        if name.startswith(CANARY)
        for k in user.access_keys
    )


def key_of(client: BaseClient) -> str:
    return str(client._request_signer._credentials.access_key)


def iam() -> Any:
    from moto.iam.models import iam_backends

    return iam_backends["123456789012"]["aws"]


def refusing(code: str, status: int = 400) -> Meddler:
    def refuse(client: BaseClient, params: dict[str, Any], proceed: Next) -> Answer:
        answer = {
            "Error": {"Code": code, "Message": f"{code} on purpose"},
            "ResponseMetadata": {"HTTPStatusCode": status},
        }
        raise ClientError(answer, "Sabotaged")

    return refuse


def raising(fault: BaseException) -> Meddler:
    def fail(client: BaseClient, params: dict[str, Any], proceed: Next) -> Answer:
        raise fault

    return fail


def when_the_admin_is_made(change: Callable[[Any], None]) -> None:
    from stslab.targets import moto

    make = moto.make_admin

    def make_and_change(account: str, region: str) -> Any:
        credentials = make(account, region)
        change(iam())
        return credentials

    moto.make_admin = make_and_change
