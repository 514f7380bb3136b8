"""Who made a call, as CloudTrail writes it down.

Source for the whole module: CloudTrail user guide, "CloudTrail userIdentity element"; IAM user guide, "Logging IAM and
AWS STS API calls with AWS CloudTrail", which user identity each kind of credentials leaves.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from stslab.targets.callers import Actor
from stslab.targets.sessions import UserSession

TIME = "%Y-%m-%dT%H:%M:%SZ"
"""How times are written, in UTC."""


def identity_of(actor: Actor, access_key_id: str) -> dict[str, Any]:
    """The element userIdentity for a caller.

    Args:
        actor: who calls: a user, a session of a user or a role, or the account's root.
        access_key_id: the key that signs.
    """
    caller, session = actor.caller, actor.session
    identity: dict[str, Any] = {
        "type": "Root",
        "principalId": caller.user_id or caller.account,
        "arn": caller.arn,
        "accountId": caller.account,
        "accessKeyId": access_key_id,
    }
    if isinstance(session, UserSession):
        if session.name:
            issuer = _issuer("IAMUser", str(session.user.id), str(session.user.arn), caller.account)
            return {**identity, "type": "FederatedUser", "sessionContext": _context(session, issuer)}
        return {**identity, "type": "IAMUser", "userName": str(session.user.name), "sessionContext": _context(session)}
    if caller.kind == "user":
        return {**identity, "type": "IAMUser", "userName": caller.name.rpartition("/")[2]}
    if caller.is_session:
        issuer = _issuer("Role", caller.user_id.partition(":")[0], caller.role, caller.account)
        return {**identity, "type": "AssumedRole", "sessionContext": _context(session, issuer)}
    return identity


def from_elsewhere(identity: Mapping[str, Any]) -> dict[str, Any]:
    """What another account gets to know of a caller."""
    return {"type": "AWSAccount", "principalId": identity["principalId"], "accountId": identity["accountId"]}


def username_of(identity: Mapping[str, Any]) -> str:
    """The name that LookupEvents has for a caller; empty for one of another account.

    A session of a role goes by its own name, not by the role's, as the example of ``aws cloudtrail lookup-events help``
    shows.
    """
    if identity["type"] in ("AssumedRole", "FederatedUser"):
        return str(identity["arn"]).rpartition("/")[2]
    return "root" if identity["type"] == "Root" else str(identity.get("userName", ""))


def _issuer(kind: str, principal_id: str, arn: str, account: str) -> dict[str, str]:
    name = arn.rpartition("/")[2]
    return {"type": kind, "principalId": principal_id, "arn": arn, "accountId": account, "userName": name}


def _context(session: Any, issuer: Mapping[str, str] | None = None) -> dict[str, Any]:
    issued = getattr(session, "issued", None)
    attributes = {"creationDate": issued.strftime(TIME)} if issued is not None else {}
    attributes["mfaAuthenticated"] = "true" if getattr(session, "mfa_at", None) else "false"
    context: dict[str, Any] = {"sessionIssuer": issuer} if issuer is not None else {}
    context["attributes"] = attributes
    source_identity = getattr(session, "source_identity", "")
    return {**context, "sourceIdentity": source_identity} if source_identity else context
