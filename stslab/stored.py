"""The policies that IAM shows in its answers, by what to call them."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import unquote

_INLINE = {"GetUserPolicy": "user", "GetRolePolicy": "role", "GetGroupPolicy": "group"}


def stored_policies(operation: str, resource: str, answer: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Find the policies in an answer of IAM's.

    Args:
        operation: the API's name of what was called.
        resource: what the call was about.
        answer: the answer as botocore has parsed it; documents in it may be decoded or not.

    Yields:
        what to call a policy, the same words as in an explanation, and its document as indented JSON.

    Source: IAM API reference, GetRolePolicy, GetRole, GetPolicyVersion: documents are URL-encoded JSON.
    """
    if operation in _INLINE and "PolicyDocument" in answer:
        kind = _INLINE[operation]
        name = f"policy {answer['PolicyName']} of {kind} {answer[f'{kind.capitalize()}Name']}"
        yield name, _text(answer["PolicyDocument"])
    elif operation == "GetRole" and "Role" in answer:
        role = answer["Role"]
        yield f"trust policy of role {role['RoleName']}", _text(role["AssumeRolePolicyDocument"])
    elif operation == "GetPolicyVersion" and "PolicyVersion" in answer:
        yield f"managed policy {resource.rpartition('/')[2]}", _text(answer["PolicyVersion"]["Document"])


def _text(document: object) -> str:
    """The document in lines, whatever shape it comes in; one that is no JSON as it is."""
    if isinstance(document, str):
        try:
            document = json.loads(unquote(document))
        except ValueError:
            return str(document)
    return json.dumps(document, indent=2, ensure_ascii=False)
