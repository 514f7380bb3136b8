"""What STS hands out: sessions that remember how they were made, also those of users, which moto only pretends.

Source for the whole module: STS API reference, AssumeRole, GetSessionToken and GetFederationToken; IAM user guide,
"Passing session tags in AWS STS" and "Monitor and control actions taken with assumed roles".
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from stslab.targets.callers import ACTING, Actor, default_version
from stslab.targets.context import listed, one, request_tags
from stslab.targets.mfa import shows_code
from stslab.targets.rules.managed import provide
from stslab.targets.sessions import UserSession

ROOM = 4096
"""Characters that stand for 100 per cent of what a session may carry. AWS packs and keeps its limit to itself."""

DEFAULT_USER_SESSION = 43200
"""Seconds. Source: STS API reference, GetSessionToken and GetFederationToken, DurationSeconds."""


def replacements() -> dict[tuple[Any, str], Callable[..., Any]]:
    """Have moto's sessions remember what they were made with, and make those of users real."""
    from moto.core.responses import ActionResult
    from moto.sts.responses import TokenResponse

    assume_role = TokenResponse.assume_role

    def assume(call: Any) -> Any:
        answer = assume_role(call)
        result: dict[str, Any] = answer.result  # type: ignore[assignment]  # moto says object
        session, before = result["Credentials"], ACTING.get().session
        session.issued = datetime.now(UTC)
        session.role_id = session.user_id.partition(":")[0]
        session.tags = {**inherited_tags(ACTING.get()), **request_tags(call)}
        session.transitive = [*inherited_tags(ACTING.get()), *listed(call, "TransitiveTagKeys")]
        session.source_identity = one(call, "SourceIdentity") or getattr(before, "source_identity", "")
        session.policy_documents = policy_documents(call)
        if session.source_identity:
            result["SourceIdentity"] = session.source_identity
        return ActionResult(_with_size(call, result))

    def of_user(call: Any) -> Any:
        return ActionResult({"Credentials": _user_session(call)})

    def of_federated_user(call: Any) -> Any:
        session = _user_session(call, one(call, "Name"))
        session.policy_documents = [*filter(None, [one(call, "Policy")]), *policy_documents(call)]
        session.tags = request_tags(call)
        who = {"FederatedUserId": session.user_id, "Arn": session.arn}
        return ActionResult(_with_size(call, {"Credentials": session, "FederatedUser": who}))

    return {
        (TokenResponse, "assume_role"): assume,
        (TokenResponse, "get_session_token"): of_user,
        (TokenResponse, "get_federation_token"): of_federated_user,
    }


def inherited_tags(actor: Actor) -> dict[str, str]:
    """The tags that a session hands on to the one that it makes.

    Source: IAM user guide, "Passing session tags in AWS STS", Chaining roles with session tags: transitive tags stay.
    """
    session = actor.session
    return {key: session.tags[key] for key in getattr(session, "transitive", ()) if key in session.tags}


def policy_arns(call: Any) -> list[str]:
    """The managed policies that a request gives as session policies."""
    return [v[0] for n, v in call.data.items() if re.fullmatch(r"PolicyArns\.member\.\d+\.arn", str(n))]


def policy_documents(call: Any) -> list[str]:
    """The documents of the managed policies that are given as session policies, as they are now."""
    backend = session_backend(call)
    return [default_version(backend.managed_policies[arn]) for arn in policy_arns(call) if provide(backend, arn)]


def session_backend(call: Any) -> Any:
    """The IAM backend of the account that a session is made in: the role's, or the caller's own."""
    from moto.iam.models import iam_backends

    role = one(call, "RoleArn")
    _, partition, _, _, account, _ = role.split(":", 5) if role else ["", call.partition, "", "", "", ""]
    return iam_backends[account or call.current_account][partition]


def packed(call: Any) -> int:
    """How much of what a session may carry a request takes, in per cent; 0 where it has neither policy nor tags."""
    tags = request_tags(call)
    size = len(one(call, "Policy")) + sum(len(k) + len(v) for k, v in tags.items())
    size += sum(len(arn) for arn in policy_arns(call)) + sum(len(key) for key in listed(call, "TransitiveTagKeys"))
    return size and max(1, round(100 * size / ROOM))


def _with_size(call: Any, result: dict[str, Any]) -> dict[str, Any]:
    """PackedPolicySize is there only where there is something to pack."""
    result.pop("PackedPolicySize", None)
    size = packed(call)
    return {**result, "PackedPolicySize": size} if size else result


def _user_session(call: Any, name: str = "") -> UserSession:
    from moto.iam.models import iam_backends
    from moto.sts.models import sts_backends
    from moto.sts.utils import random_session_token

    actor = ACTING.get()
    account, partition = call.current_account, call.partition
    key = iam_backends[account][partition].create_temp_access_key()
    now = datetime.now(UTC)
    session = UserSession(
        account_id=account,
        partition=partition,
        user=actor.user,
        access_key_id=key.access_key_id,
        secret_access_key=key.secret_access_key,
        session_token=random_session_token(),
        issued=now,
        expiration=now + timedelta(seconds=int(one(call, "DurationSeconds") or DEFAULT_USER_SESSION)),
        name=name,
        mfa_at=now if shows_code(call, actor) else None,
    )
    sts_backends[account][partition].assumed_roles.append(session)  # type: ignore[arg-type]  # in its shape
    return session
