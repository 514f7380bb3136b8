"""The user's policy: ``aws iam put-user-policy``, and taken back."""

from __future__ import annotations

import json
from typing import Any

from botocore.exceptions import ClientError

from stslab.answers import code_of, message_of
from stslab.documents import Document
from stslab.errors import CheckFailed
from stslab.lab.steps import unless_absent
from stslab.principals import Principal

DOCUMENT_FAULTS = frozenset({"MalformedPolicyDocument", "LimitExceeded", "InvalidInput", "ValidationError"})
"""Source: IAM API reference, PutUserPolicy, "Errors"."""


class UserPolicy:
    """The inline policy that lets the user assume the role.

    Args:
        admin: who puts and deletes it.
        user_name: whose policy it is.
        name: the policy's name.
        document: the file, which is put as it stands.
    """

    def __init__(self, admin: Principal, user_name: str, name: str, document: Document) -> None:
        self.name = name
        self._admin = admin
        self._user_name = user_name
        self._document = document
        self._ours = False

    def put(self) -> None:
        """Put the document.

        Raises:
            CheckFailed: IAM does not take it.
        """
        self._ours = True
        try:
            self._admin.iam.put_user_policy(
                UserName=self._user_name, PolicyName=self.name, PolicyDocument=self._document.text
            )
        except ClientError as error:
            if code_of(error) in DOCUMENT_FAULTS:
                raise CheckFailed(
                    f"IAM does not take {self._document.where}: {code_of(error)}, {message_of(error)}",
                    expected="success",
                    actual=code_of(error),
                ) from error
            raise

    def stored(self) -> Any:
        """Ask IAM for the policy and return the document, decoded.

        Raises:
            CheckFailed: the user has no such policy.
        """
        answer = unless_absent(self._admin.iam.get_user_policy, UserName=self._user_name, PolicyName=self.name)
        if answer is None:
            raise CheckFailed(
                f"The user {self._user_name} has no policy {self.name}.", expected="the policy", actual="not found"
            )
        return decoded(answer["PolicyDocument"])

    def remove(self) -> None:
        """Delete the policy; harmless when repeated."""
        if self._ours:
            unless_absent(self._admin.iam.delete_user_policy, UserName=self._user_name, PolicyName=self.name)
            self._ours = False


def decoded(document: Any) -> Any:
    """A policy document of an answer as data: boto3 decodes most of them, but not one that is not JSON."""
    return json.loads(document) if isinstance(document, str) else document
