"""Accounts that outlive a run, ``stslab sandbox`` (ours) and ministack (not ours), and the lab performed there."""

from __future__ import annotations

import os
import re
import socket
import subprocess
import tempfile
import time
import urllib.request
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import performing
from accounts import ROOT, Account, Server
from wire import Answer, Call, Deed, Meddler, Passed, Wire

from stslab.credentials import Credentials, Secret

ADMIN = "stslab-admin"
READS = frozenset({"GetCallerIdentity", "ListAccountAliases"})
"""What the guards ask of an account."""
USAGE_ERROR = 4
"""pytest's exit code for a run that has been refused."""
MINISTACK = ROOT / ".venv" / "ministack" / "bin" / "python"
"""In an environment of its own: it pins an older botocore than ours. ``make test`` makes it."""


@dataclass
class Emulated(Account):
    """An account at an endpoint."""

    server: Server | None = None

    @property
    def environment(self) -> dict[str, str]:
        """The variables by which boto3 finds the admin's credentials."""
        return environment_of(self.admin)

    def another(self, account: str) -> Emulated:
        """Open another account in the same sandbox."""
        assert self.server is not None
        made = self.server.account(account)
        return Emulated(made.id, made.admin, made.endpoint, self.server)

    def inventory(self) -> dict[str, list[str]]:
        """Everything in the account but its admin, as the admin sees it."""
        iam, s3, cloudformation = (self.client(service) for service in ("iam", "s3", "cloudformation"))
        users = [user["UserName"] for user in _pages(iam, "list_users", "Users")]
        keys = [
            key["AccessKeyId"]
            for user in users
            for key in _pages(iam, "list_access_keys", "AccessKeyMetadata", UserName=user)
            if key["AccessKeyId"] != self.admin.access_key_id
        ]
        found = {
            "users": [user for user in users if user != ADMIN],
            "keys": keys,
            "groups": [group["GroupName"] for group in _pages(iam, "list_groups", "Groups")],
            "roles": [role["RoleName"] for role in _pages(iam, "list_roles", "Roles")],
            "policies": [policy["Arn"] for policy in _pages(iam, "list_policies", "Policies", Scope="Local")],
            "buckets": [bucket["Name"] for bucket in s3.list_buckets()["Buckets"]],
            "stacks": [
                stack["StackName"]
                for stack in _pages(cloudformation, "describe_stacks", "Stacks")
                if stack["StackStatus"] != "DELETE_COMPLETE"
            ],
        }
        return {kind: names for kind, names in found.items() if names}


def environment_of(credentials: Credentials) -> dict[str, str]:
    """The variables by which boto3 finds credentials."""
    return {
        "AWS_ACCESS_KEY_ID": credentials.access_key_id,
        "AWS_SECRET_ACCESS_KEY": credentials.secret_access_key.reveal(),
    }


def _pages(client: Any, operation: str, key: str, **params: str) -> list[Mapping[str, Any]]:
    return [each for page in client.get_paginator(operation).paginate(**params) for each in page[key]]


@contextmanager
def sandbox() -> Iterator[Emulated]:
    """``stslab sandbox`` on a free port."""
    server = Server()
    try:
        admin = Credentials(server.ready["access_key_id"], Secret(server.ready["secret_access_key"]))
        yield Emulated(server.ready["account"], admin, server.ready["endpoint"], server)
    finally:
        complaints = server.stop()
    assert "Traceback" not in complaints, complaints


@contextmanager
def ministack() -> Iterator[Emulated]:
    """Ministack on a free port, with its root user for an admin."""
    assert MINISTACK.exists(), f"there is no {MINISTACK}; say make {MINISTACK.parents[1].relative_to(ROOT)}.stamp"
    port = free_port()
    endpoint = f"http://127.0.0.1:{port}"
    with tempfile.TemporaryDirectory(prefix="ministack-") as folder:
        # TMPDIR, STATE_DIR, S3_DATA_DIR: else it writes into /tmp whatever else it is told.
        told = {"AUTH": "true", "BIND_HOST": "127.0.0.1", "GATEWAY_PORT": str(port)}
        places = dict.fromkeys(("HOME", "TMPDIR", "STATE_DIR", "S3_DATA_DIR"), folder)
        log = Path(folder, "log")
        with log.open("wb") as out:
            process = subprocess.Popen(
                [MINISTACK, "-m", "ministack"],
                cwd=folder,
                env={"PATH": os.environ["PATH"], **places, **told},
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=out,
            )
        try:
            await_answer(f"{endpoint}/_ministack/health", process, log)
            yield Emulated("000000000000", Credentials("test", Secret("test")), endpoint)
        finally:
            end(process)


def await_answer(url: str, process: subprocess.Popen[bytes], log: Path, seconds: float = 30) -> None:
    """Wait until a server that was just started answers."""
    until = time.monotonic() + seconds
    while True:
        try:
            with urllib.request.urlopen(url, timeout=5):
                return
        except OSError as fault:
            if process.poll() is not None or time.monotonic() > until:
                said = log.read_text(errors="replace")
                raise AssertionError(f"nobody answers at {url} ({fault}); the server said:\n{said}") from fault
        time.sleep(0.05)


def end(process: subprocess.Popen[bytes]) -> None:
    """End a process of ours, if need be the hard way."""
    process.terminate()
    try:
        process.wait(10)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait(10)


def free_port() -> int:
    """A port of 127.0.0.1 that nobody listens on."""
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        return int(held.getsockname()[1])


def lab(
    folder: Path,
    endpoint: str,
    *options: str,
    sabotage: performing.Sabotage | None = None,
    started: Callable[[int], None] = lambda _: None,
    **environment: str,
) -> performing.Performance:
    """Perform the lab at an endpoint, with nothing of the person's own settings.

    Args:
        folder: becomes the working folder, and gets the reports and the ledger.
        endpoint: is told with ``--endpoint-url``, unless it is empty.
        options: pytest options.
        sabotage: called in the new process before pytest starts.
        started: is given the id of the new process.
        environment: environment variables, such as the admin's credentials.
    """
    nobodys = {
        "AWS_CONFIG_FILE": str(folder / "no-config"),
        "AWS_SHARED_CREDENTIALS_FILE": str(folder / "no-credentials"),
        "AWS_EC2_METADATA_DISABLED": "true",
        "XDG_STATE_HOME": str(folder / "state"),
    }
    told = [f"--endpoint-url={endpoint}"] if endpoint else []
    environ = {**nobodys, **environment}
    return performing.perform(folder, *told, *options, sabotage=sabotage, environ=environ, started=started)


def refusal(
    account: Emulated,
    folder: Path,
    *options: str,
    sabotage: performing.Sabotage | None = None,
    seen: Collection[str] = READS,
    **environment: str,
) -> str:
    """Have the lab refuse to start, prove that it has changed nothing, and give the one sentence that it says.

    Args:
        account: where it must change nothing.
        folder: the working folder.
        options: pytest options; ``{url}`` stands for the endpoint, ``{account}`` for the account's id.
        sabotage: called in the new process before pytest starts.
        seen: the operations that may reach the endpoint.
        environment: environment variables beside the admin's credentials, with ``{url}``, too.
    """
    before = account.inventory()
    with Wire(account.endpoint) as wire:
        told = [option.format(url=wire.url, account=account.id) for option in options]
        variables = {name: value.format(url=wire.url) for name, value in environment.items()}
        performance = lab(folder, "", *told, sabotage=sabotage, **{**account.environment, **variables})
    said = performance.output
    assert performance.exit_code == USAGE_ERROR, said
    assert "Traceback" not in said, said
    assert performance.result == {}
    (line,) = [line for line in said.splitlines() if line.strip()]
    assert line.startswith("ERROR: ")
    assert line.endswith(".")
    assert {call.operation for call in wire.calls} <= set(seen)
    assert account.inventory() == before
    assert ledgers(folder) == []
    assert performance.left is None, "moto was opened"
    return line


def assert_says(line: str, where: str, *parts: str) -> None:
    """A refusal says what, where, and what to do about it."""
    assert re.fullmatch(r"ERROR: .+?: .+; .+\.", line), line
    assert line.startswith(f"ERROR: {where}"), line
    assert [part for part in parts if part not in line] == [], line


def ledgers(folder: Path) -> list[str]:
    """The names of the files in the folder of the ledgers of a lab performed in a folder."""
    return sorted(path.name for path in (folder / "state" / "stslab").glob("*"))


def writes(calls: Iterable[Passed | Call]) -> list[str]:
    """The operations among calls that change something."""
    return [c.operation for c in calls if not re.match("Get|List|Head|Describe", c.operation)]


class Watching(Meddler):
    """Keeps each request as it came, and lets it through."""

    def __init__(self) -> None:
        self.seen: list[Call] = []

    def before(self, call: Call) -> Answer | Deed | None:
        self.seen.append(call)
        return None

    def of(self, operation: str) -> list[Call]:
        """The requests for one operation."""
        return [call for call in self.seen if call.operation == operation]


def tags_of(call: Call) -> dict[str, str]:
    """The tags that a call of a query API gives, as ``Tags.member.1.Key`` and so on."""
    members = {name.split(".")[2] for name in call.parameters if name.startswith("Tags.member.")}
    return {call.parameters[f"Tags.member.{n}.Key"]: call.parameters[f"Tags.member.{n}.Value"] for n in sorted(members)}
