"""What a resource brings into a decision about it: its own policy, and condition keys that say what it is like."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from stslab.iam import Policy
from stslab.iam.evaluate import TRUSTED
from stslab.targets.callers import read_stored
from stslab.targets.s3 import bucket_at, bucket_of
from stslab.targets.wish import Wish

Keys = dict[str, str]


def by_resource(service: str, wish: Wish) -> tuple[Policy | None, Keys]:
    """The policy of a bucket or a role, and the condition keys of a user or a role.

    Args:
        service: the service that is asked.
        wish: the action and the resource.

    Raises:
        Undetermined: moto holds a policy that AWS would have refused.
    """
    if service == "s3":
        return _of_bucket(wish), {}
    parts = wish.resource.split(":", 5)
    if service not in ("iam", "sts") or len(parts) < 6 or not (parts[4].isdigit() and len(parts[4]) == 12):
        return None, {}
    return _of_identity(wish, partition=parts[1], account=parts[4], path=parts[5])


def _of_bucket(wish: Wish) -> Policy | None:
    bucket = bucket_at(wish.resource)
    if bucket is None or bucket.policy is None or wish.action == "s3:CreateBucket":
        return None
    text = bucket.policy.decode() if isinstance(bucket.policy, bytes) else str(bucket.policy)
    return read_stored(text, f"policy of bucket {bucket_of(wish.resource)}")


def _of_identity(wish: Wish, partition: str, account: str, path: str) -> tuple[Policy | None, Keys]:
    from moto.iam.models import iam_backends

    backend = iam_backends[account][partition]
    if path.startswith("role/"):
        role = next((r for r in backend.roles.values() if r.arn == wish.resource), None)
        if role is None:
            return None, {}
        trust = None
        if wish.action.lower() in TRUSTED:
            trust = read_stored(str(role.assume_role_policy_document), f"trust policy of role {role.name}")
        return trust, _tags({t["Key"]: t["Value"] for t in role.tags or []}) | _boundary(role)
    if path.startswith("user/"):
        user = next((u for u in backend.users.values() if u.arn == wish.resource), None)
        if user is not None:
            listed = backend.list_user_tags(user.name)
            return None, _tags({t["Key"]: t["Value"] for t in listed}) | _boundary(user)
    return None, {}


def _tags(tags: Mapping[str, str]) -> Keys:
    return {f"{prefix}:ResourceTag/{key}": value for key, value in tags.items() for prefix in ("aws", "iam")}


def _boundary(identity: Any) -> Keys:
    """iam:PermissionsBoundary, the boundary that a user or role has; a request that sets one says another.

    Source: IAM user guide, "Available keys for IAM", iam:PermissionsBoundary: "Checks that the specified policy is
    attached as permissions boundary on the IAM principal resource".
    """
    arn = getattr(identity, "permissions_boundary_arn", None)
    return {"iam:PermissionsBoundary": str(arn)} if arn else {}
