"""The user with no permissions, and its access key."""

from __future__ import annotations

from typing import Any

from botocore.exceptions import ClientError

from stslab.answers import code_of, is_missing
from stslab.credentials import Credentials
from stslab.errors import CheckFailed, SuiteError
from stslab.lab.means import Hold, Means
from stslab.lab.steps import unless_absent


class LabUser:
    """``aws iam create-user`` and ``create-access-key``, and both taken back.

    Args:
        means: what it is made with.
        name: the user's name.
        path: the user's path.
    """

    def __init__(self, means: Means, name: str, path: str = "/") -> None:
        self.name = name
        self.path = path
        self.arn = ""
        self._means = means
        self._iam = means.admin.iam
        self._me = {"UserName": name}
        self._hold = Hold.NONE
        self._since = 0.0
        self._id = ""
        self._keys: set[str] = set()

    def create(self) -> None:
        """Create the user.

        Raises:
            SuiteError: there is one already, which is not this run's and is left alone.
        """
        means = self._means
        tags = {"Tags": means.marks.tags} if means.marks.run else {}
        boundary = {"PermissionsBoundary": means.boundary} if means.boundary else {}
        self._hold, self._since = Hold.PERHAPS, means.now()
        with means.ledger.making("user", self.name) as known:
            try:
                user = self._iam.create_user(**self._me, Path=self.path, **tags, **boundary)["User"]
            except ClientError as error:
                if code_of(error) != "EntityAlreadyExists":
                    raise
                # An answer may have been lost on the way, and the call made again.
                user = self._ours()
                if user is None:
                    self._hold = Hold.NONE
                    raise SuiteError(
                        f"There is a user {self.name} already; delete it, or choose another name with --user-name."
                    ) from error
            known["id"] = self._id = str(user["UserId"])
            self.arn = user["Arn"]
        self._hold = Hold.OURS

    def claimed(self, user_id: str, since: float) -> LabUser:
        """Take up a user that an earlier run has begun to make.

        Args:
            user_id: the unique id that IAM gave to it, empty where that is not known.
            since: when it was begun, by the means' clock.
        """
        self._hold, self._id, self._since = Hold.PERHAPS, user_id, since
        return self

    def _ours(self) -> Any:
        """The user, if it is this run's, by its unique id or its tags."""
        answer = self._means.look(self._iam.get_user, self._since, **self._me)
        user = answer["User"] if answer else None
        if user is None or (self._id and user["UserId"] == self._id):
            return user
        return user if self._means.marks.are_on(user.get("Tags", ())) else None

    def _is_held(self) -> bool:
        """Whether there is a user of this run's to take away; what may not be its own is left alone."""
        if self._hold is Hold.PERHAPS and self._means.marks.run:
            self._hold = Hold.OURS if self._ours() else Hold.NONE
        return self._hold is not Hold.NONE

    def create_access_key(self) -> Credentials:
        """Create the access key; the secret goes into the returned object and nowhere else."""
        means = self._means
        with means.ledger.making("access-key", self.name) as known:
            answer = means.waiting.until(
                f"IAM to know user {self.name}",
                lambda: self._iam.create_access_key(**self._me),
                passing=is_missing,
                once=True,
            )
            credentials = Credentials.from_answer(answer.pop("AccessKey"))
            means.scrubber.learn(*credentials.secrets)
            known["id"] = credentials.access_key_id
            self._keys.add(credentials.access_key_id)
            if answer["ResponseMetadata"].get("RetryAttempts"):
                # An answer has been lost, and with it a key may have been, whose secret nobody knows.
                for key in set(self.access_keys()) - {credentials.access_key_id}:
                    means.delete(self._iam.delete_access_key, means.now(), **self._me, AccessKeyId=key)
        return credentials

    def access_keys(self) -> dict[str, str]:
        """The state of each of the user's access keys by its id, as soon as IAM knows those that were made."""
        return self._means.waiting.until(
            f"IAM to list the access key of {self.name}",
            self._listed_keys,
            wanted=lambda listed: self._keys <= listed.keys(),
        )

    def _listed_keys(self) -> dict[str, str]:
        answer = unless_absent(self._iam.list_access_keys, **self._me) or {"AccessKeyMetadata": []}
        return {str(key["AccessKeyId"]): str(key["Status"]) for key in answer["AccessKeyMetadata"]}

    def delete_access_keys(self) -> None:
        """Delete every access key of the user, and make sure of it: the credential is the danger.

        Raises:
            CheckFailed: a key is still there.
        """
        if not self._is_held():
            return
        for key in {*self._keys, *self._listed_keys()}:
            self._means.delete(self._iam.delete_access_key, self._since, **self._me, AccessKeyId=key)
            self._keys.discard(key)
        left = self._means.waiting.until(
            f"the access keys of {self.name} to be gone", self._listed_keys, wanted=lambda listed: not listed
        )
        if left:
            raise CheckFailed(f"Access key {', '.join(left)} is still there.", expected="not found", actual="found")
        self._means.ledger.note("gone", "access-key", self.name)

    def delete(self, *, in_vain: bool = False) -> None:
        """Delete the user, and make sure of it.

        Args:
            in_vain: a key or a policy of it could not be deleted, so that no time will make IAM delete it.

        Raises:
            CheckFailed: it is still there.
        """
        if not self._is_held():
            return
        with self._means.waiting.together(in_vain=in_vain):
            self._means.delete(self._iam.delete_user, self._since, **self._me)
            stays = self._means.stays(self._iam.get_user, **self._me)
        if stays:
            raise CheckFailed(f"User {self.name} is still there.", expected="not found", actual="found")
        self._hold = Hold.NONE
        self._means.ledger.note("gone", "user", self.name)

    def remove(self) -> None:
        """Delete the keys, whatever policies and groups the user has come to, and the user; harmless when repeated."""
        if not self._is_held():
            return
        iam, me = self._iam, self._me
        self.delete_access_keys()
        for name in (unless_absent(iam.list_user_policies, **me) or {"PolicyNames": []})["PolicyNames"]:
            unless_absent(iam.delete_user_policy, PolicyName=name, **me)
        attached = unless_absent(iam.list_attached_user_policies, **me) or {"AttachedPolicies": []}
        for policy in attached["AttachedPolicies"]:
            unless_absent(iam.detach_user_policy, PolicyArn=policy["PolicyArn"], **me)
        for group in (unless_absent(iam.list_groups_for_user, **me) or {"Groups": []})["Groups"]:
            unless_absent(iam.remove_user_from_group, GroupName=group["GroupName"], **me)
        self.delete()
