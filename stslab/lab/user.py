"""The user with no permissions, and its access key."""

from __future__ import annotations

from botocore.exceptions import ClientError

from stslab.answers import code_of
from stslab.credentials import Credentials
from stslab.errors import CheckFailed, SuiteError
from stslab.lab.steps import unless_absent
from stslab.principals import Principal
from stslab.scrub import Scrubber


class LabUser:
    """``aws iam create-user`` and ``create-access-key``, and both taken back.

    Args:
        admin: who creates and deletes.
        name: the user's name.
        scrubber: learns the secret as soon as there is one.
        path: the user's path.
    """

    def __init__(self, admin: Principal, name: str, scrubber: Scrubber, path: str = "/") -> None:
        self.name = name
        self.path = path
        self.arn = ""
        self._admin = admin
        self._scrubber = scrubber
        self._ours = False

    def create(self) -> None:
        """Create the user.

        Raises:
            SuiteError: there is one already, which is not this run's and is left alone.
        """
        self._ours = True
        try:
            self.arn = self._admin.iam.create_user(UserName=self.name, Path=self.path)["User"]["Arn"]
        except ClientError as error:
            if code_of(error) == "EntityAlreadyExists":
                self._ours = False
                raise SuiteError(
                    f"There is a user {self.name} already; delete it, or choose another name with --user-name."
                ) from error
            raise

    def create_access_key(self) -> Credentials:
        """Create the access key; the secret goes into the returned object and nowhere else."""
        credentials = Credentials.from_answer(self._admin.iam.create_access_key(UserName=self.name)["AccessKey"])
        self._scrubber.learn(*credentials.secrets)
        return credentials

    def delete_access_keys(self) -> None:
        """Delete every access key of the user, and make sure of it: the credential is the danger.

        Raises:
            CheckFailed: a key is still there.
        """
        if not self._ours:
            return
        for key in self._access_keys():
            unless_absent(self._admin.iam.delete_access_key, UserName=self.name, AccessKeyId=key)
        stayed = ", ".join(self._access_keys())
        if stayed:
            raise CheckFailed(f"Access key {stayed} is still there.", expected="not found", actual="found")

    def _access_keys(self) -> list[str]:
        answer = unless_absent(self._admin.iam.list_access_keys, UserName=self.name) or {"AccessKeyMetadata": []}
        return [str(key["AccessKeyId"]) for key in answer["AccessKeyMetadata"]]

    def delete(self) -> None:
        """Delete the user, and make sure of it.

        Raises:
            CheckFailed: it is still there.
        """
        if not self._ours:
            return
        unless_absent(self._admin.iam.delete_user, UserName=self.name)
        if unless_absent(self._admin.iam.get_user, UserName=self.name) is not None:
            raise CheckFailed(f"User {self.name} is still there.", expected="not found", actual="found")
        self._ours = False

    def remove(self) -> None:
        """Delete the keys, whatever policies and groups the user has come to, and the user; harmless when repeated."""
        if not self._ours:
            return
        iam, me = self._admin.iam, {"UserName": self.name}
        self.delete_access_keys()
        for name in (unless_absent(iam.list_user_policies, **me) or {"PolicyNames": []})["PolicyNames"]:
            unless_absent(iam.delete_user_policy, PolicyName=name, **me)
        attached = unless_absent(iam.list_attached_user_policies, **me) or {"AttachedPolicies": []}
        for policy in attached["AttachedPolicies"]:
            unless_absent(iam.detach_user_policy, PolicyArn=policy["PolicyArn"], **me)
        for group in (unless_absent(iam.list_groups_for_user, **me) or {"Groups": []})["Groups"]:
            unless_absent(iam.remove_user_from_group, GroupName=group["GroupName"], **me)
        self.delete()
