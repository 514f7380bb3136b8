"""AWS managed policies, each made when it is first named; moto would load them all at once, or none.

Source: AWS managed policy reference guide, by way of the data that moto ships.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any


def replacements() -> dict[tuple[Any, str], Callable[..., Any]]:
    """Have moto know a policy of AWS's wherever its IAM is asked for one, also by CloudFormation."""
    from moto.iam.models import IAMBackend

    def providing(original: Callable[..., Any]) -> Callable[..., Any]:
        def named(backend: Any, policy_arn: str, *rest: Any, **more: Any) -> Any:
            provide(backend, policy_arn)
            return original(backend, policy_arn, *rest, **more)

        return named

    list_policies = IAMBackend.list_policies

    def listed(backend: Any, marker: Any, max_items: Any, only_attached: Any, path_prefix: Any, scope: Any) -> Any:
        if scope != "Local" and not only_attached:
            for name, data in _aws_policies().items():
                provide(backend, _aws_arn(backend.partition, name, data))
        return list_policies(backend, marker, max_items, only_attached, path_prefix, scope)

    naming = ("attach_user_policy", "attach_role_policy", "attach_group_policy", "get_policy")
    return {
        (IAMBackend, "list_policies"): listed,
        **{(IAMBackend, name): providing(getattr(IAMBackend, name)) for name in naming},
    }


def provide(backend: Any, arn: str) -> bool:
    """Make sure that moto has a managed policy, if there is such a one.

    Args:
        backend: moto's IAM backend of an account.
        arn: the policy's ARN, as ``arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess``.

    Returns:
        whether there is one.
    """
    from moto.iam.models import AWSManagedPolicy

    if arn not in backend.managed_policies and ":iam::aws:policy/" in arn:
        name = arn.rpartition("/")[2]
        data = _aws_policies().get(name)
        if data is not None and arn == _aws_arn(backend.partition, name, data):
            policy = AWSManagedPolicy.from_data(name, backend.account_id, backend.region_name, data)
            backend.managed_policies[policy.arn] = policy
    return arn in backend.managed_policies


def _aws_arn(partition: str, name: str, data: Mapping[str, Any]) -> str:
    return f"arn:{partition}:iam::aws:policy{data['Path']}{name}"


@lru_cache(maxsize=1)
def _aws_policies() -> dict[str, Any]:
    from moto.iam.aws_managed_policies import aws_managed_policies_data

    return dict(json.loads(aws_managed_policies_data))
