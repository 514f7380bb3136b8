"""Who holds a key, in the evaluation's terms: the caller, its policies and its tags, as moto keeps them now."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from contextvars import ContextVar
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Any

from stslab.errors import Undetermined
from stslab.iam import Caller, MalformedPolicy, Policies, Policy, read_policy
from stslab.iam.principal import ANONYMOUS
from stslab.targets.authentication import Holder
from stslab.targets.sessions import UserSession


@dataclass(frozen=True)
class Actor:
    """A caller with what decides what it may do.

    ``tags`` are the user's, or the role's with the session's over them; ``user`` is moto's user where a user calls with
    a key of his own; ``session`` is moto's session of a role, or a :class:`UserSession`; else ``None``.
    """

    caller: Caller
    policies: Policies
    tags: Mapping[str, str] = field(default_factory=dict)
    user: Any = None
    session: Any = None


NOBODY = Actor(Caller(ANONYMOUS), Policies())

ACTING: ContextVar[Actor] = ContextVar("acting", default=NOBODY)
"""Who makes the request that moto is answering; the gate sets it before moto does anything."""


def actor_of(holder: Holder) -> Actor:
    """Collect what moto keeps of a key's holder.

    Raises:
        Undetermined: moto holds a document that IAM would have refused, or lacks a permissions boundary.
    """
    if isinstance(holder.session, UserSession):
        return _with_user_session(holder.session)
    if holder.session is not None:
        return _with_role_session(holder.session, holder.account)
    user = holder.user
    policies, tags = _policies_and_tags(user)
    return Actor(Caller(user.arn, user_id=user.id), policies, tags, user)


def _policies_and_tags(user: Any) -> tuple[Policies, dict[str, str]]:
    from moto.iam.models import iam_backends

    backend = iam_backends[user.account_id][user.arn.split(":")[1]]
    boundary = _boundary(backend, getattr(user, "permissions_boundary_arn", None))
    return Policies(_of_user(backend, user), boundary), _tags(backend.list_user_tags(user.name))


def _with_user_session(session: UserSession) -> Actor:
    """A user's session has the user's permissions; a federated user's has no more than its session policies allow.

    Source: STS API reference, GetSessionToken: "based on the permissions of the IAM user whose credentials were used";
    GetFederationToken: "If you do not pass a policy …, the resulting federated user session has no permissions".
    """
    policies, tags = _policies_and_tags(session.user)
    if not session.name:
        return Actor(Caller(session.arn, user_id=session.user_id), policies, tags, session=session)
    limits = [read_stored(text, "the session policy") for text in session.policy_documents]
    policies = replace(policies, session_policies=limits)
    return Actor(Caller(session.arn, user_id=session.user_id), policies, {**tags, **session.tags}, session=session)


def _with_role_session(session: Any, account: str) -> Actor:
    """A session whose role is gone has no policies; so has one whose role was made again, which is another role."""
    from moto.iam.models import iam_backends

    backend = iam_backends[account][session.partition]
    role = next((r for r in backend.roles.values() if r.arn == session.role_arn), None)
    made_of = getattr(session, "role_id", None)
    if role is None or (made_of and role.id != made_of):
        caller = Caller(session.arn, session.role_arn, f"{made_of}:{session.session_name}")
        return Actor(caller, Policies(), session=session)
    given = [*([session.policy] if session.policy else []), *getattr(session, "policy_documents", ())]
    policies = Policies(
        [*_inline(role, "role"), *_managed(role)],
        _boundary(backend, role.permissions_boundary_arn),
        [read_stored(text, "the session policy") for text in given],
    )
    tags = {**_tags(role.tags or []), **getattr(session, "tags", {})}
    return Actor(Caller(session.arn, role.arn, f"{role.id}:{session.session_name}"), policies, tags, session=session)


def policies_of(backend: Any, arn: str) -> Policies | None:
    """The policies and boundary of a user, a group or a role; ``None`` where there is no such one.

    Args:
        backend: moto's IAM backend of an account.
        arn: whose policies.
    """
    for user in backend.users.values():
        if user.arn == arn:
            return _policies_and_tags(user)[0]
    for role in backend.roles.values():
        if role.arn == arn:
            return Policies(
                [*_inline(role, "role"), *_managed(role)], _boundary(backend, role.permissions_boundary_arn)
            )
    for group in backend.groups.values():
        if group.arn == arn:
            return Policies([*_inline(group, "group"), *_managed(group)])
    return None


@lru_cache(maxsize=1024)
def read_stored(document: str, source: str) -> Policy:
    """Read a document that moto holds.

    Raises:
        Undetermined: IAM would not have taken it, so nobody knows what AWS would make of it.
    """
    try:
        return read_policy(document, source)
    except MalformedPolicy as malformed:
        raise Undetermined(
            f"moto holds a document that IAM would have refused, {source}: {malformed.message}."
        ) from None


def _of_user(backend: Any, user: Any) -> list[Policy]:
    found = [*_inline(user, "user"), *_managed(user)]
    for group in backend.get_groups_for_user(user.name):
        found += [*_inline(group, "group"), *_managed(group)]
    return found


def _inline(owner: Any, kind: str) -> Iterable[Policy]:
    return [read_stored(text, f"policy {name} of {kind} {owner.name}") for name, text in owner.policies.items()]


def _managed(owner: Any) -> Iterable[Policy]:
    return [read_stored(default_version(p), f"managed policy {p.name}") for p in owner.managed_policies.values()]


def default_version(policy: Any) -> str:
    """The document of a managed policy's default version."""
    return next(str(version.document) for version in policy.versions if version.is_default)


def _boundary(backend: Any, arn: str | None) -> Policy | None:
    if not arn:
        return None
    policy = backend.managed_policies.get(arn)
    if policy is None:
        raise Undetermined(f"moto does not have the permissions boundary {arn}, so it cannot know what it allows.")
    return read_stored(default_version(policy), f"permissions boundary {arn}")


def _tags(listed: Iterable[Mapping[str, str]]) -> dict[str, str]:
    return {tag["Key"]: tag["Value"] for tag in listed}
