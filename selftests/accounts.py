"""An account to try things in, with moto in this process or behind ``stslab sandbox``."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from stslab.credentials import Credentials, Secret
from stslab.targets.moto import MotoTarget

ROOT = Path(__file__).resolve().parent.parent
ACCOUNT, OTHER = "111122223333", "444455556666"
REGION = "us-east-1"

ALLOW = {"Effect": "Allow", "Action": "*", "Resource": "*"}


def document(*statements: Any, version: str = "2012-10-17") -> str:
    return json.dumps({"Version": version, "Statement": list(statements)})


def trusting(principal: Any, action: Any = "sts:AssumeRole", **more: Any) -> dict[str, Any]:
    return {"Effect": "Allow", "Principal": principal, "Action": action, **more}


def refusal(operation: Any, **params: Any) -> tuple[str, str, int]:
    """Call something that AWS refuses, and give its code, message and status."""
    with pytest.raises(ClientError) as refused:
        operation(**params)
    error = refused.value.response["Error"]
    return error["Code"], error.get("Message", ""), refused.value.response["ResponseMetadata"]["HTTPStatusCode"]


def code_of(operation: Any, **params: Any) -> str:
    return refusal(operation, **params)[0]


@dataclass
class Account:
    """An account with its admin; ``endpoint`` is empty where moto is in this process."""

    id: str
    admin: Credentials
    endpoint: str = ""

    def client(self, service: str, credentials: Credentials | None = None, *, lenient: bool = False) -> Any:
        """Make a client; a lenient one leaves it to AWS to refuse a parameter."""
        credentials = credentials or self.admin
        token = credentials.session_token
        return boto3.client(
            service,
            region_name=REGION,
            endpoint_url=self.endpoint or None,
            aws_access_key_id=credentials.access_key_id,
            aws_secret_access_key=credentials.secret_access_key.reveal(),
            aws_session_token=token.reveal() if token else None,
            config=Config(
                retries={"total_max_attempts": 1},
                parameter_validation=not lenient,
                s3={"addressing_style": "path"},
            ),
        )

    def user(self, name: str = "ana", *statements: Any, path: str = "/", **more: Any) -> Credentials:
        """Create a user with an inline policy, and a key for it."""
        iam = self.client("iam")
        iam.create_user(UserName=name, Path=path, **more)
        if statements:
            iam.put_user_policy(UserName=name, PolicyName="p", PolicyDocument=document(*statements))
        return Credentials.from_answer(iam.create_access_key(UserName=name)["AccessKey"])

    def role(self, name: str, *trust: Any, may: Any = (), **more: Any) -> str:
        """Create a role with an inline policy, and give its ARN."""
        iam = self.client("iam")
        statements = trust or (trusting({"AWS": self.id}),)
        arn = iam.create_role(RoleName=name, AssumeRolePolicyDocument=document(*statements), **more)["Role"]["Arn"]
        if may:
            iam.put_role_policy(RoleName=name, PolicyName="p", PolicyDocument=document(*may))
        return str(arn)

    def policy(self, name: str, *statements: Any) -> str:
        """Create a managed policy, and give its ARN."""
        made = self.client("iam").create_policy(PolicyName=name, PolicyDocument=document(*statements))
        return str(made["Policy"]["Arn"])

    def assume(self, arn: str, credentials: Credentials | None = None, **more: Any) -> Credentials:
        name = more.pop("RoleSessionName", "session")
        answer = self.client("sts", credentials).assume_role(RoleArn=arn, RoleSessionName=name, **more)
        return Credentials.from_answer(answer["Credentials"])

    def bucket(self, name: str, *keys: str) -> None:
        s3 = self.client("s3")
        s3.create_bucket(Bucket=name)
        for key in keys:
            s3.put_object(Bucket=name, Key=key, Body=b"hello")


@contextmanager
def in_process(account: str = ACCOUNT) -> Iterator[Account]:
    target = MotoTarget(account, REGION)
    try:
        target.open()
        assert target.credentials is not None
        yield Account(account, target.credentials)
    finally:
        target.close()


class Server:
    """``stslab sandbox`` in a process of its own."""

    def __init__(self) -> None:
        command = [sys.executable, "-m", "stslab", "sandbox", "--account", ACCOUNT]
        self._process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        assert self._process.stdout is not None
        self.ready = json.loads(self._process.stdout.readline())

    def account(self, account: str) -> Account:
        """Open an account."""
        body = json.dumps({"account": account}).encode()
        headers = {"X-Management-Token": self.ready["management_token"]}
        request = urllib.request.Request(self.ready["endpoint"] + "/stslab/accounts", body, headers)
        with urllib.request.urlopen(request, timeout=20) as answer:
            made = json.loads(answer.read())
        admin = Credentials(made["access_key_id"], Secret(made["secret_access_key"]))
        return Account(account, admin, self.ready["endpoint"])

    def stop(self) -> str:
        """Stop it, and give what it complained of."""
        self._process.send_signal(signal.SIGTERM)
        _, complaints = self._process.communicate(timeout=20)
        assert self._process.returncode == 0
        return complaints
