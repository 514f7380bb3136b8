"""The user's policy: ``aws iam put-user-policy``, and taken back."""

from __future__ import annotations

from functools import partial
from typing import Any

from botocore.exceptions import ClientError

from stslab.answers import code_of, is_missing, message_of
from stslab.documents import Document
from stslab.errors import CheckFailed
from stslab.iam import Policy
from stslab.lab.means import Means
from stslab.lab.permissions import decoded, policies_of_user, settled
from stslab.lab.steps import unless_absent

DOCUMENT_FAULTS = frozenset({"MalformedPolicyDocument", "LimitExceeded", "InvalidInput", "ValidationError"})
"""Source: IAM API reference, PutUserPolicy, "Errors"."""


class UserPolicy:
    """The inline policy that lets the user assume the role.

    Args:
        means: what it is put with.
        user_name: whose policy it is.
        name: the policy's name.
        document: the file, which is put as it stands.
    """

    def __init__(self, means: Means, user_name: str, name: str, document: Document) -> None:
        self.name = name
        self._means = means
        self._iam = means.admin.iam
        self._me = {"UserName": user_name, "PolicyName": name}
        self._document = document
        self._since = 0.0
        self._ours = False

    def put(self) -> None:
        """Put the document.

        Raises:
            CheckFailed: IAM does not take it.
        """
        means = self._means
        self._ours, self._since = True, means.now()
        with means.ledger.making("policy", self.name, user=self._me["UserName"]):
            try:
                means.waiting.until(
                    f"IAM to know user {self._me['UserName']}",
                    lambda: self._iam.put_user_policy(**self._me, PolicyDocument=self._document.text),
                    passing=is_missing,
                    once=True,
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
        answer = self._means.waiting.until(
            f"IAM to show policy {self.name}",
            lambda: unless_absent(self._iam.get_user_policy, **self._me),
            wanted=lambda found: found is not None,
        )
        if answer is None:
            said = f"The user {self._me['UserName']} has no policy {self.name}."
            raise CheckFailed(said, expected="the policy", actual="not found")
        return decoded(answer["PolicyDocument"])

    def in_force(self) -> list[Policy]:
        """All policies of the user and its groups, once this one is among them."""
        user = self._me["UserName"]
        ask = partial(policies_of_user, self._means.admin, user)
        return settled(self._means.waiting, f"the policies of user {user}", ask, self.name)

    def remove(self) -> None:
        """Delete the policy; harmless when repeated."""
        if self._ours:
            self._means.delete(self._iam.delete_user_policy, self._since, **self._me)
            self._ours = False
            self._means.ledger.note("gone", "policy", self.name)
