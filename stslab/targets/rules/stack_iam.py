"""Roles and users of a stack, with everything that their properties say; moto leaves most of it out.

Source for the whole module: CloudFormation template reference, AWS::IAM::Role and AWS::IAM::User.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from stslab.targets.rules.boundaries import bind
from stslab.targets.rules.documents import as_text
from stslab.targets.rules.holdings import KINDS, in_the_way
from stslab.targets.rules.managed import provide

Properties = Mapping[str, Any]

HELD = ("Policies", "ManagedPolicyArns", "Groups", "PermissionsBoundary")
"""Properties that this module sees to."""

_REMEMBERED = "stslab_held"
"""The attribute of moto's role or user that keeps the properties that its stack gave it."""


def replacements() -> dict[tuple[Any, str], Callable[..., Any]]:
    """Complete what moto makes, changes and deletes of a template's roles and users."""
    from moto.iam.models import Role, User

    found: dict[tuple[Any, str], Callable[..., Any]] = {}
    for owner, kind in ((Role, "role"), (User, "user")):
        create = _creating(owner.create_from_cloudformation_json, kind)
        delete = _deleting(owner.delete_from_cloudformation_json, kind)
        found |= {
            (owner, "create_from_cloudformation_json"): classmethod(create),  # type: ignore[dict-item]
            (owner, "update_from_cloudformation_json"): classmethod(_updating(create, delete, kind)),  # type: ignore[dict-item]
            (owner, "delete_from_cloudformation_json"): classmethod(delete),  # type: ignore[dict-item]
        }
    return found


def _backend(account_id: str, region_name: str) -> Any:
    from moto.iam.models import iam_backends
    from moto.utilities.utils import get_partition

    return iam_backends[account_id][get_partition(region_name)]


def _creating(original: Callable[..., Any], kind: str) -> Callable[..., Any]:
    def create(_: Any, name: str, resource: Properties, account_id: str, region_name: str, **named: Any) -> Any:
        properties = dict(resource.get("Properties") or {})
        bare = {key: value for key, value in properties.items() if key not in HELD}
        identity = original(name, {**resource, "Properties": bare}, account_id, region_name, **named)
        backend = _backend(account_id, region_name)
        try:
            _hold(backend, kind, identity, properties)
        except Exception:
            _unmake(backend, kind, identity)
            raise
        return identity

    return create


def _deleting(original: Callable[..., Any], kind: str) -> Callable[..., Any]:
    def delete(_: Any, name: str, resource: Properties, account_id: str, region_name: str) -> None:
        from moto.iam.exceptions import DeleteConflictException

        backend = _backend(account_id, region_name)
        identity = KINDS[kind](backend).get(name)
        if identity is not None:
            _let_go(backend, kind, identity, getattr(identity, _REMEMBERED, {}))
            conflict = in_the_way(kind, backend, identity)
            if conflict:
                raise DeleteConflictException(conflict)
        original(name, resource, account_id, region_name)

    return delete


def _updating(create: Callable[..., Any], delete: Callable[..., Any], kind: str) -> Callable[..., Any]:
    def update(
        cls: Any,
        original_resource: Any,
        new_resource_name: str,
        cloudformation_json: Properties,
        account_id: str,
        region_name: str,
    ) -> Any:
        identity, properties = original_resource, cloudformation_json.get("Properties") or {}
        backend = _backend(account_id, region_name)
        named = properties.get(f"{kind.capitalize()}Name")
        # A name or a path cannot be changed; CloudFormation makes another and deletes the old one.
        if (named and named != identity.name) or properties.get("Path", "/") != identity.path:
            successor = create(cls, named or new_resource_name, cloudformation_json, account_id, region_name)
            delete(cls, identity.name, cloudformation_json, account_id, region_name)
            return successor
        if kind == "role":
            backend.update_assume_role_policy(identity.name, as_text(properties["AssumeRolePolicyDocument"]))
            identity.description = properties.get("Description", "")
            identity.max_session_duration = properties.get("MaxSessionDuration", 3600)
        before = getattr(identity, _REMEMBERED, {})
        _let_go(backend, kind, identity, _without(before, properties))
        _hold(backend, kind, identity, properties)
        return identity

    return update


def _hold(backend: Any, kind: str, identity: Any, properties: Properties) -> None:
    """Give a role or a user what its properties say."""
    from moto.iam.exceptions import NoSuchEntity

    boundary = properties.get("PermissionsBoundary")
    if boundary and not provide(backend, boundary):
        raise NoSuchEntity(f"Scope ARN: {boundary} does not exist or is not attachable.")
    if kind == "role":
        identity.permissions_boundary_arn = boundary or None
    elif boundary:
        bind(identity, boundary)
    for policy in properties.get("Policies") or ():
        getattr(backend, f"put_{kind}_policy")(identity.name, policy["PolicyName"], policy["PolicyDocument"])
    for arn in properties.get("ManagedPolicyArns") or ():
        if arn not in identity.managed_policies:
            getattr(backend, f"attach_{kind}_policy")(arn, identity.name)
    if kind == "user":
        for group in properties.get("Groups") or ():
            backend.add_user_to_group(group, identity.name)
        backend.tagger.tag_resource(identity.arn, list(properties.get("Tags") or ()))
    setattr(identity, _REMEMBERED, properties)


def _let_go(backend: Any, kind: str, identity: Any, properties: Properties) -> None:
    """Take away what the stack gave; what somebody else gave stays, and is in the way of a deletion."""
    for policy in properties.get("Policies") or ():
        identity.policies.pop(policy["PolicyName"], None)
    for arn in properties.get("ManagedPolicyArns") or ():
        if arn in identity.managed_policies:
            getattr(backend, f"detach_{kind}_policy")(arn, identity.name)
    for group in properties.get("Groups") or ():
        if group in _names(backend.get_groups_for_user(identity.name)):
            backend.remove_user_from_group(group, identity.name)


def _without(before: Properties, after: Properties) -> dict[str, Any]:
    """What a stack gave and gives no longer."""
    kept = [policy["PolicyName"] for policy in after.get("Policies") or ()]
    gone: dict[str, Any] = {"Policies": [p for p in before.get("Policies") or () if p["PolicyName"] not in kept]}
    for key in ("ManagedPolicyArns", "Groups"):
        gone[key] = [value for value in before.get(key) or () if value not in (after.get(key) or ())]
    return gone


def _unmake(backend: Any, kind: str, identity: Any) -> None:
    """Take back a role or a user that could not be given everything."""
    _let_go(backend, kind, identity, {"ManagedPolicyArns": list(identity.managed_policies)})
    if kind == "role":
        backend.roles.pop(identity.id, None)
    else:
        for group in _names(backend.get_groups_for_user(identity.name)):
            backend.remove_user_from_group(group, identity.name)
        backend.users.pop(identity.name, None)


def _names(things: Iterable[Any]) -> list[str]:
    return [thing.name for thing in things]
