"""Somebody who does the lab by hand, with boto3 and an AWS folder of its own, and checks it with ``stslab check``."""

from __future__ import annotations

import configparser
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import documents as d
import emulators
import performing
from accounts import REGION
from botocore.exceptions import ClientError
from emulators import Emulated
from wire import Meddler, Wire

from stslab.credentials import Credentials, Secret
from stslab.report.text import WORDS
from stslab.sandbox.folder import AwsFolder

USER, STACK, POLICY, SESSION = "sts-machine-user", "my-sts-fun-stack", "StsAssumePolicy", "s3-sts-fun"
OUTCOMES = {word: outcome.value for outcome, word in WORDS.items()} | {"to come": "to come"}
LINE = re.compile(rf"  ({'|'.join(OUTCOMES)}) +([a-z]+\.[a-z0-9-]+) +(.+)")


@dataclass(frozen=True)
class Checked:
    """What ``stslab check`` answers."""

    exit_code: int
    output: str

    @property
    def outcomes(self) -> dict[str, str]:
        """The outcome of every check that it names."""
        return {match[2]: OUTCOMES[match[1]] for match in self._lines}

    @property
    def wrong(self) -> dict[str, str]:
        """The checks that were made and did not pass: the outcome, and for a blocked one what blocks it."""
        return {
            match[2]: re.sub(r".*?\b([a-z]+\.[a-z0-9-]+).*", r"blocked by \1", match[3])
            if match[1] == "blocked"
            else OUTCOMES[match[1]]
            for match in self._lines
            if match[1] not in ("passed", "to come")
        }

    @property
    def next(self) -> str:
        """What comes next, with its commands."""
        return self.output.partition("\nNext: ")[2].strip()

    def why(self, check: str) -> str:
        """The lines below a check, as one."""
        below = re.search(rf"(?m)^  \S+ +{re.escape(check)} .*\n((?: {{15,}}.*\n)*)", self.output)
        return " ".join(below[1].split()) if below else ""

    @property
    def _lines(self) -> list[re.Match[str]]:
        return [match for line in self.output.splitlines() if (match := LINE.fullmatch(line))]


class Student:
    """Somebody in an account of their own, whose admin they are.

    Args:
        account: the account.
        folder: becomes the working folder, and has the AWS files.

    ``seen`` are the operations that the last check has called.
    """

    def __init__(self, account: Emulated, folder: Path) -> None:
        self.account = account
        # Making a client takes longer than most calls do.
        account.client = cache(account.client)
        self.folder = folder
        self.files = AwsFolder(folder / "aws")
        self.files.write(account.admin, account.endpoint, REGION)
        self.iam, self.s3, self.cloudformation = (account.client(each) for each in ("iam", "s3", "cloudformation"))
        self.secrets: list[str] = []
        self.ids: list[str] = []
        self.seen: list[str] = []
        self._remember(account.admin)

    def create_user(self, name: str = USER, **more: Any) -> None:
        self.iam.create_user(UserName=name, **more)

    def create_key(self, name: str = USER) -> Credentials:
        made = Credentials.from_answer(self.iam.create_access_key(UserName=name)["AccessKey"])
        self._remember(made)
        return made

    def write(self, profile: str, credentials: Credentials, **instead: str | None) -> None:
        """Write a profile by hand; a setting that is given takes the place of the right one, ``None`` leaves it out."""
        self._remember(credentials)
        token = credentials.session_token
        settings = {
            "aws_access_key_id": credentials.access_key_id,
            "aws_secret_access_key": credentials.secret_access_key.reveal(),
            "aws_session_token": token.reveal() if token else None,
            **instead,
        }
        held = configparser.RawConfigParser()
        held.read(self.files.credentials)
        held[profile] = {name: value for name, value in settings.items() if value is not None}
        with self.files.credentials.open("w") as out:
            held.write(out)

    def held(self, profile: str) -> Credentials:
        """What a profile holds."""
        held = configparser.RawConfigParser()
        held.read(self.files.credentials)
        token = held[profile].get("aws_session_token")
        return Credentials(
            held[profile]["aws_access_key_id"],
            Secret(held[profile]["aws_secret_access_key"]),
            Secret(token) if token else None,
        )

    def look(self, profile: str) -> None:
        """``aws sts get-caller-identity`` and ``aws s3 ls`` with a profile, whatever they answer."""
        for service, ask in (("sts", "get_caller_identity"), ("s3", "list_buckets")):
            try:
                getattr(self.account.client(service, self.held(profile)), ask)()
            except ClientError:
                continue

    def deploy(self, template: Mapping[str, Any] | None = None, name: str = STACK, **more: Any) -> None:
        body, may = json.dumps(template or d.template()), ["CAPABILITY_NAMED_IAM"]
        self.cloudformation.create_stack(StackName=name, TemplateBody=body, Capabilities=may, **more)

    def physical(self, kind: str, stack: str = STACK) -> str:
        """The name of the stack's resource of a type, as ``AWS::IAM::Role``."""
        resources = self.cloudformation.describe_stack_resources(StackName=stack)["StackResources"]
        return next(str(each["PhysicalResourceId"]) for each in resources if each["ResourceType"] == kind)

    @property
    def role_arn(self) -> str:
        return str(self.iam.get_role(RoleName=self.physical("AWS::IAM::Role"))["Role"]["Arn"])

    def put_policy(self, *statements: dict[str, Any], user: str = USER) -> None:
        self.iam.put_user_policy(UserName=user, PolicyName=POLICY, PolicyDocument=json.dumps(d.policy(*statements)))

    def assume(self, role_arn: str = "", **more: Any) -> Credentials:
        asked = {"RoleArn": role_arn or self.role_arn, "RoleSessionName": SESSION, **more}
        answer = self.account.client("sts", self.held("sts")).assume_role(**asked)
        return Credentials.from_answer(answer["Credentials"])

    def do(
        self, template: Mapping[str, Any] | None = None, *statements: dict[str, Any], until: str = "session"
    ) -> Student:
        """Do the lab as it is written, until a step: ``user``, ``stack``, ``policy`` or ``session``."""
        self.create_user()
        self.write("sts", self.create_key())
        self.look("sts")
        if until == "user":
            return self
        self.deploy(template)
        if until == "stack":
            return self
        self.put_policy(*statements)
        if until == "policy":
            return self
        self.write("assumed", self.assume())
        self.look("assumed")
        return self

    def clean_up(self) -> None:
        """Clean up as the lab says."""
        self.cloudformation.delete_stack(StackName=STACK)
        self.delete_keys()
        self.iam.delete_user_policy(UserName=USER, PolicyName=POLICY)
        self.iam.delete_user(UserName=USER)

    def delete_keys(self, name: str = USER) -> None:
        for key in self.iam.list_access_keys(UserName=name)["AccessKeyMetadata"]:
            self.iam.delete_access_key(UserName=name, AccessKeyId=key["AccessKeyId"])

    @property
    def environment(self) -> dict[str, str]:
        """The variables that the sandbox has a person export."""
        return {
            "AWS_CONFIG_FILE": str(self.files.config),
            "AWS_SHARED_CREDENTIALS_FILE": str(self.files.credentials),
            "AWS_EC2_METADATA_DISABLED": "true",
        }

    def check(self, *options: str, meddler: Meddler | None = None, **environment: str) -> Checked:
        """``stslab check``, which changes nothing, tells no secret and no whole id of a key, and never breaks down.

        Args:
            options: its options.
            meddler: stands between it and the account.
            environment: variables beside those that name the files.
        """
        before = self.account.inventory()
        config = self.files.config.read_bytes()
        with Wire(self.account.endpoint, meddler) as wire:
            self.files.config.write_bytes(config.replace(self.account.endpoint.encode(), wire.url.encode()))
            told = {**self.environment, **environment}
            checked = Checked(*performing.command(self.folder, "check", *options, environ=told))
        self.files.config.write_bytes(config)
        assert "Traceback" not in checked.output, checked.output
        assert [each for each in [*self.secrets, *self.ids] if each in checked.output] == [], checked.output
        assert set(emulators.writes(wire.calls)) <= {"AssumeRole", "LookupEvents"}
        assert self.account.inventory() == before
        self.seen = [call.operation for call in wire.calls]
        return checked

    def refused(self, *options: str, meddler: Meddler | None = None, **environment: str) -> str:
        """Have ``stslab check`` give up with code 2, and give the one sentence that it says."""
        checked = self.check(*options, meddler=meddler, **environment)
        lines = [line for line in checked.output.splitlines() if line.strip()]
        assert (checked.exit_code, len(lines)) == (2, 1), checked.output
        assert lines[0].endswith(".")
        return lines[0]

    def _remember(self, credentials: Credentials) -> None:
        if len(credentials.access_key_id) >= 16:  # what ministack calls its root's is a word of everybody's
            self.ids.append(credentials.access_key_id)
        self.secrets += [each for secret in credentials.secrets if len(each := secret.reveal()) >= 16]
