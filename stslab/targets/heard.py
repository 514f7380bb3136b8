"""What the gate has found out of one request, for whoever tells of it afterwards."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from stslab.result import Ruling
from stslab.ruling import ruling_of
from stslab.targets.callers import Actor
from stslab.targets.case import Weighed
from stslab.targets.context import one

TOLD = frozenset(
    {
        "AccessKeyId",
        "AssumeRolePolicyDocument",
        "ChangeSetName",
        "DurationSeconds",
        "GroupName",
        "Path",
        "PermissionsBoundary",
        "PolicyArn",
        "PolicyDocument",
        "PolicyName",
        "RoleArn",
        "RoleName",
        "RoleSessionName",
        "StackName",
        "UserName",
    }
)
"""Parameters of the query APIs that are kept of a request: names and policies, and nothing that may be a secret."""


@dataclass
class Heard:
    """One request.

    Args:
        service: the service that is asked, by its IAM prefix.
        operation: the operation by its name in AWS's API, for example ``ListBuckets``.
        user_agent: what the client calls itself.
        parameters: its parameters by name, of those in :data:`TOLD`; ``Bucket`` and ``Key`` of a request to S3.
        region: the region that it is signed for; empty where it is not signed, or not readably.
        access_key_id: whose key it names; empty where it is not signed.
        actor: who calls; ``None`` where the credential was refused.
        weighed: the wish that decided; ``None`` where no policy had a say.
        owners: the accounts that own what it is about, 12 digits each.
    """

    service: str
    operation: str
    user_agent: str = ""
    parameters: Mapping[str, str] = field(default_factory=dict)
    region: str = ""
    access_key_id: str = ""
    actor: Actor | None = None
    weighed: Weighed | None = None
    owners: set[str] = field(default_factory=set)

    @classmethod
    def of(cls, call: Any, operation: str, resource: str) -> Heard:
        """Take what a request says of itself, before anything of it is believed.

        Args:
            call: moto's response object of the request.
            operation: the operation's name.
            resource: the resource as moto sees it.
        """
        service = str(call.service_name)
        if service == "s3":
            bucket, _, key = resource.rpartition(":::")[2].partition("/")
            found = {"Bucket": bucket, "Key": key}
            told = {name: value for name, value in found.items() if value not in ("", "*")}
        else:
            told = {name: one(call, name) for name in TOLD & call.data.keys()}
        return cls(service, operation, str(call.headers.get("User-Agent", "")), told)

    def hear(self, weighed: Weighed) -> None:
        """Take a decision: of several wishes of one request, the one that is refused is the one that decides."""
        self.owners.add(weighed.request.owner)
        if self.weighed is None or not weighed.decision.allowed:
            self.weighed = weighed

    @property
    def account(self) -> str:
        """Whose credential it is, 12 digits; empty where it was refused."""
        return self.actor.caller.account if self.actor is not None else ""

    @property
    def ruling(self) -> Ruling | None:
        """Why it may be made, or may not; ``None`` where no policy had a say."""
        weighed = self.weighed
        if weighed is None:
            return None
        return ruling_of(weighed.request, weighed.policies, weighed.decision, told_by="target")
