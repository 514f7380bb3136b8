"""Who holds a key, in the evaluation's terms: the caller, its policies and its tags, as moto keeps them now."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from stslab.errors import Undetermined
from stslab.iam import Caller, MalformedPolicy, Policies, Policy, read_policy
from stslab.iam.principal import ANONYMOUS
from stslab.targets.authentication import Holder


@dataclass(frozen=True)
class Actor:
    """A caller with what decides what it may do.

    ``tags`` are the user's, or the role's with the session's over them; ``session`` is moto's session or ``None``.
    """

    caller: Caller
    policies: Policies
    tags: Mapping[str, str] = field(default_factory=dict)
    session: Any = None


NOBODY = Actor(Caller(ANONYMOUS), Policies())


def actor_of(holder: Holder) -> Actor:
    """Collect what moto keeps of a key's holder.

    A session whose role is gone has no policies; so has one whose role was made again, which is another role.

    Raises:
        Undetermined: moto holds a document that IAM would have refused, or lacks a permissions boundary.
    """
    from moto.iam.models import iam_backends

    if holder.session is None:
        user = holder.user
        backend = iam_backends[holder.account][_partition(user.arn)]
        policies = Policies(
            _of_user(backend, user), _boundary(backend, getattr(user, "permissions_boundary_arn", None))
        )
        return Actor(Caller(user.arn, user_id=user.id), policies, _tags(backend.list_user_tags(user.name)))
    session = holder.session
    backend = iam_backends[holder.account][session.partition]
    role = next((r for r in backend.roles.values() if r.arn == session.role_arn), None)
    known = getattr(session, "role_id", None)
    if role is None or (known and role.id != known):
        return Actor(Caller(session.arn, session.role_arn, f"{known}:{session.session_name}"), Policies(), {}, session)
    given = [*([session.policy] if session.policy else []), *getattr(session, "policy_documents", ())]
    policies = Policies(
        [*_inline(role, "role"), *_managed(role)],
        _boundary(backend, role.permissions_boundary_arn),
        [read_stored(text, "the session policy") for text in given],
    )
    tags = {**_tags(role.tags or []), **getattr(session, "tags", {})}
    return Actor(Caller(session.arn, role.arn, f"{role.id}:{session.session_name}"), policies, tags, session)


def policies_of(backend: Any, arn: str) -> Policies | None:
    """The policies and boundary of a user, a group or a role; ``None`` where there is no such one.

    Args:
        backend: moto's IAM backend of an account.
        arn: whose policies.
    """
    for user in backend.users.values():
        if user.arn == arn:
            return Policies(
                _of_user(backend, user), _boundary(backend, getattr(user, "permissions_boundary_arn", None))
            )
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


def _partition(arn: str) -> str:
    return arn.split(":")[1]


def provide_aws_policy(backend: Any, arn: str) -> None:
    """Have moto know an AWS managed policy, which it otherwise loads only all at once, at the cost of every start.

    Args:
        backend: moto's IAM backend of an account.
        arn: the policy's ARN, as ``arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess``; one that AWS does not have is left
            alone.
    """
    from moto.iam.models import AWSManagedPolicy

    name = next((n for n, data in _aws_policies().items() if arn == _aws_arn(backend.partition, n, data)), None)
    if name is not None and arn not in backend.managed_policies:
        policy = AWSManagedPolicy.from_data(name, backend.account_id, backend.region_name, _aws_policies()[name])
        backend.managed_policies[policy.arn] = policy


def _aws_arn(partition: str, name: str, data: Mapping[str, Any]) -> str:
    return f"arn:{partition}:iam::aws:policy{data['Path']}{name}"


@lru_cache(maxsize=1)
def _aws_policies() -> dict[str, Any]:
    from moto.iam.aws_managed_policies import aws_managed_policies_data

    return dict(json.loads(aws_managed_policies_data))
