"""The runner's least privilege: the whole lab and the sweep pass with its policies, and not without any one action."""

from __future__ import annotations

import itertools
import json
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import emulators
import performing
import pytest
from accounts import Account, Server, trusting
from bootstrapped import Bootstrapped, everything, granted, nothing_to_wait_for
from stacking import READ
from wire import Answer, Call, Deed, Meddler, Wire

from stslab.credentials import Credentials
from stslab.marks import EXPIRES, ISO, OWNER, RUN, Marks

POLICIES = performing.ROOT / "policies"
TEMPLATE = (POLICIES / "template.yaml").read_text(encoding="utf-8")
NUMBERS = itertools.count(600000000000)


@dataclass
class Site:
    """An account with the bootstrap in it, and a folder to work in."""

    made: Bootstrapped
    folder: Path

    @property
    def account(self) -> Account:
        return self.made.account

    def lab(
        self,
        who: Credentials,
        *options: str,
        endpoint: str = "",
        sabotage: performing.Sabotage | None = nothing_to_wait_for,
    ) -> performing.Performance:
        """Perform the lab as the nightly run does, with all guards of a real account."""
        told = ("--target=aws", f"--account={self.account.id}", f"--permissions-boundary={self.made.boundary}")
        environment = emulators.environment_of(who)
        at = endpoint or self.account.endpoint
        return emulators.lab(self.folder, at, *told, *options, sabotage=sabotage, **environment)

    def sweep(self, who: Credentials) -> tuple[int, str]:
        """Sweep the ledgers of the folder, and the account; give the exit code and what is said."""
        told = (f"--endpoint-url={self.account.endpoint}", "--target=aws", f"--account={self.account.id}")
        nowhere = {"AWS_CONFIG_FILE": os.devnull, "AWS_SHARED_CREDENTIALS_FILE": os.devnull}
        environ = {**nowhere, **emulators.environment_of(who), "XDG_STATE_HOME": str(self.folder / "state")}
        return performing.command(self.folder, "sweep", "--discover", "--yes", *told, environ=environ)

    def leave(self, name: str, tags: Mapping[str, str]) -> None:
        """Leave one of each kind behind, with these tags, and with the boundary as everything of a run's has."""
        iam, s3 = self.account.client("iam"), self.account.client("s3")
        tagged = {"Tags": [{"Key": key, "Value": value} for key, value in tags.items()]} if tags else {}
        bound = {"PermissionsBoundary": self.made.boundary, **tagged}
        permit = {"PolicyName": "p", "PolicyDocument": json.dumps(READ)}
        for user in (f"sts-machine-user-{name}", f"stslab-canary-{name}"):
            self.account.user(user, **bound)
            iam.put_user_policy(UserName=user, **permit)
        stack = f"my-sts-fun-stack-{name}"
        self.account.client("cloudformation").create_stack(
            StackName=stack,
            TemplateBody=TEMPLATE,
            Parameters=[
                {"ParameterKey": "PermissionsBoundary", "ParameterValue": self.made.boundary},
                {"ParameterKey": "BucketName", "ParameterValue": f"{stack}-{self.account.id}"},
            ],
            Capabilities=["CAPABILITY_IAM"],
            **tagged,
        )
        s3.put_object(Bucket=f"{stack}-{self.account.id}", Key="stslab/hello.txt", Body=b"hello")
        self.account.role(f"{stack}-StsRole-lost", trusting({"AWS": self.account.id}), **bound)
        iam.put_role_policy(RoleName=f"{stack}-StsRole-lost", **permit)
        self.account.bucket(f"{stack}-{self.account.id}-lost", "stslab/hello.txt")
        if tags:
            s3.put_bucket_tagging(Bucket=f"{stack}-{self.account.id}-lost", Tagging={"TagSet": tagged["Tags"]})


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    server = Server()
    yield server
    assert "Traceback" not in server.stop()


def fresh(server: Server, folder: Path) -> Site:
    return Site(Bootstrapped.of(server.account(str(next(NUMBERS)))), folder)


def marks(run: str, hours: int) -> dict[str, str]:
    """The tags of a run whose time has passed, or passes in some hours."""
    expires = (datetime.now(UTC) + timedelta(hours=hours)).strftime(ISO)
    return {tag["Key"]: tag["Value"] for tag in Marks(run, "arn:aws:iam::1:user/runner", expires).tags}


class WhileTheyExist(Meddler):
    """Looks at the boundaries of all users and roles when the role is about to be assumed."""

    def __init__(self, account: Account) -> None:
        self.iam = account.client("iam")
        self.seen: dict[str, str] = {}

    def before(self, call: Call) -> Answer | Deed | None:
        if call.operation == "AssumeRole":
            users = [self.iam.get_user(UserName=u["UserName"])["User"] for u in self.iam.list_users()["Users"]]
            roles = [self.iam.get_role(RoleName=r["RoleName"])["Role"] for r in self.iam.list_roles()["Roles"]]
            for each in (*users, *roles):
                bound = each.get("PermissionsBoundary", {}).get("PermissionsBoundaryArn", "")
                self.seen[each.get("UserName") or each["RoleName"]] = bound
        return None


def test_the_whole_lab_passes_within_the_boundary(server: Server, tmp_path: Path) -> None:
    site = fresh(server, tmp_path)
    runner = site.made.runner()
    iam = site.account.client("iam")
    attached = iam.list_attached_user_policies(UserName="runner")["AttachedPolicies"]
    assert {policy["PolicyArn"] for policy in attached} == set(site.made.attached)
    assert iam.list_user_policies(UserName="runner")["PolicyNames"] == list(site.made.inline) == []
    before = everything(site.account)
    looking = WhileTheyExist(site.account)
    with Wire(site.account.endpoint, looking) as wire:
        lab = site.lab(runner, endpoint=wire.url, sabotage=None)
    assert lab.exit_code == 0, lab.output
    assert list(lab.outcomes.values()) == ["passed"] * 19
    assert everything(site.account) == before
    assert emulators.ledgers(tmp_path) == []
    made = {name: bound for name, bound in looking.seen.items() if name.startswith(("sts-machine-", "my-sts-fun-"))}
    assert list(made.values()) == [site.made.boundary] * 2
    # Nobody else made anything: the calls are the runner's, and those of the user and the session that it made.
    assert {call.access_key_id for call in wire.calls if call.operation == "CreateStack"} == {runner.access_key_id}


def test_the_sweep_takes_away_what_has_expired_and_nothing_else(server: Server, tmp_path: Path) -> None:
    site = fresh(server, tmp_path)
    runner = site.made.runner()
    expired = marks("5eed0002", -1)
    site.leave("5eed0001", marks("5eed0001", 1))
    site.leave("nobodys", {})
    site.leave("others", {"owner": "ana", "expires": expired[EXPIRES]})
    for key in (RUN, OWNER, EXPIRES):
        site.leave(f"no-{key[7:]}", {name: value for name, value in expired.items() if name != key})
    before = everything(site.account)
    site.leave("5eed0002", expired)
    code, said = site.sweep(runner)
    assert code == 0
    # Nothing is said but what became of each run: there is no complaint.
    assert [line for line in said.splitlines() if not line.startswith("run 5eed000")] == []
    assert "run 5eed0002 without a ledger, which had not ended, was swept" in said
    kinds = ("user sts-", "user stslab-canary-", "stack my-", "role my-", "bucket my-")
    assert [kind for kind in kinds if kind not in said] == []
    assert everything(site.account) == before


@dataclass(frozen=True)
class Told:
    """What came of a trial: whether it went as it should, the outcomes of its checks, and all that it printed."""

    well: bool
    outcomes: Mapping[str, str]
    printed: str


def perform(site: Site, who: Credentials) -> Told:
    """The lab, which is to pass."""
    lab = site.lab(who)
    return Told(lab.exit_code == 0, _outcomes(lab), lab.output)


def sweep(site: Site, who: Credentials) -> Told:
    """The sweep, which is to find and take away what has expired."""
    before = everything(site.account)
    site.leave("5eed0003", marks("5eed0003", -1))
    code, said = site.sweep(who)
    return Told(code == 0 and everything(site.account) == before, {}, said)


def roll_back(site: Site, who: Credentials) -> Told:
    """The lab with a template that rolls back, which is to fail, and to say why."""
    documents = site.folder / "documents"
    documents.mkdir()
    wrong = TEMPLATE.replace("      Policies:\n", "      MaxSessionDuration: 1\n      Policies:\n")
    (documents / "template.yaml").write_text(wrong, encoding="utf-8")
    (documents / "policy.json").write_bytes((POLICIES / "policy.json").read_bytes())
    lab = site.lab(who, f"--policies={documents}")
    outcomes = _outcomes(lab)
    well = outcomes.get("stack.deploys") == "failed" and "maxSessionDuration" in lab.check("stack.deploys")["reason"]
    return Told(well, outcomes, lab.output)


def _outcomes(lab: performing.Performance) -> dict[str, str]:
    return {check["id"]: check["outcome"] for check in lab.result.get("checks", ())}


TRIALS: Sequence[Callable[[Site, Credentials], Told]] = (perform, sweep, roll_back)


@pytest.mark.parametrize("trial", TRIALS)
def test_each_trial_goes_well_with_all_actions(
    server: Server, tmp_path: Path, trial: Callable[[Site, Credentials], Told]
) -> None:
    site = fresh(server, tmp_path)
    runner = site.made.runner()
    before = everything(site.account)
    told = trial(site, runner)
    assert told.well, told.printed
    assert everything(site.account) == before


@dataclass(frozen=True)
class Lacking:
    """What comes of lacking one action: the first trial that does not go well, and what stays when an admin helped."""

    told: Told
    stayed: Mapping[str, Any]


def lacking(server: Server, folder: Path, action: str) -> Lacking:
    site = fresh(server, folder)
    runner = site.made.runner(without=action)
    before = everything(site.account)
    for trial in TRIALS:
        told = trial(site, runner)
        if everything(site.account) != before or emulators.ledgers(folder):
            site.sweep(site.account.admin)
        if not told.well:
            break
    after = everything(site.account)
    stayed = {kind: names for kind, names in after.items() if names != before[kind]}
    return Lacking(told, stayed | ({"ledgers": left} if (left := emulators.ledgers(folder)) else {}))


@pytest.fixture(scope="module")
def tried(
    server: Server, tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest
) -> Iterator[Mapping[str, Future[Lacking]]]:
    """What comes of lacking each action that is asked about, two at a time."""
    params = [getattr(item, "callspec", None) for item in request.session.items if item.path == request.path]
    actions = dict.fromkeys(spec.params["action"] for spec in params if spec and "action" in spec.params)
    with ThreadPoolExecutor(2) as pool:
        folders = {action: tmp_path_factory.mktemp(action.replace(":", "-")) for action in actions}
        yield {action: pool.submit(lacking, server, folder, action) for action, folder in folders.items()}
        pool.shutdown(cancel_futures=True)


@pytest.mark.parametrize("action", granted())
def test_no_action_can_be_spared(tried: Mapping[str, Future[Lacking]], action: str) -> None:
    found = tried[action].result()
    assert not found.told.well, f"nothing needs {action}"
    assert action in found.told.printed, found.told.printed
    assert found.stayed == {}


@pytest.mark.parametrize("action", granted())
def test_the_lab_is_not_blamed_for_what_the_runner_may_not(tried: Mapping[str, Future[Lacking]], action: str) -> None:
    told = tried[action].result().told
    assert [check for check, outcome in told.outcomes.items() if outcome == "failed"] == [], told.printed
