"""Permissions boundaries of users, which moto drops.

Source: IAM API reference, CreateUser, PutUserPermissionsBoundary, DeleteUserPermissionsBoundary.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any


def replacements() -> dict[tuple[Any, str], Callable[..., Any]]:
    """Have moto keep a user's boundary."""
    from moto.core.responses import EmptyResult
    from moto.iam.responses import IamResponse

    create_user = IamResponse.create_user

    def create(call: Any) -> Any:
        boundary = call._get_param("PermissionsBoundary")
        answer = create_user(call)
        if boundary:
            _bind(call.backend.get_user(call._get_param("UserName")), boundary)
        return answer

    def put(call: Any) -> Any:
        boundary = call._get_param("PermissionsBoundary")
        user = call.backend.get_user(call._get_param("UserName"))
        _bind(user, boundary)
        return EmptyResult()

    def delete(call: Any) -> Any:
        user = call.backend.get_user(call._get_param("UserName"))
        user.permissions_boundary_arn = user.permissions_boundary = None
        return EmptyResult()

    return {
        (IamResponse, "create_user"): create,
        (IamResponse, "put_user_permissions_boundary"): put,
        (IamResponse, "delete_user_permissions_boundary"): delete,
    }


def _bind(user: Any, arn: str) -> None:
    user.permissions_boundary_arn = arn
    user.permissions_boundary = {"PermissionsBoundaryType": "Policy", "PermissionsBoundaryArn": arn}
