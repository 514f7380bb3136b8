"""The lab, unmodified, in accounts that outlive it: over the wire, marked as a run's own, and gone afterwards."""

from __future__ import annotations

import re
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qsl

import documents as d
import emulators
import pytest
from emulators import Watching, lab, ledgers, tags_of, writes
from wire import Meddler, Wire

from stslab.marks import EXPIRES, ISO, LIFETIME, OWNER, RUN

ALL = 19
OWN_NAMES = {
    "CreateStack": ("StackName", "my-sts-fun-stack"),
    "PutUserPolicy": ("PolicyName", "StsAssumePolicy"),
    "AssumeRole": ("RoleSessionName", "s3-sts-fun"),
}


@pytest.fixture(scope="module")
def sandbox():
    with emulators.sandbox() as account:
        yield account


@pytest.fixture(scope="module")
def ministack():
    with emulators.ministack() as account:
        yield account


class WatchingTags(Watching):
    """Also looks at the tags of the stack's bucket and role when an object has been put into the bucket."""

    def __init__(self, account):
        super().__init__()
        self.account = account
        self.found = {}

    def after(self, call, answer):
        if call.operation == "PutObject":
            bucket = self.account.client("s3").get_bucket_tagging(Bucket=call.parameters["Bucket"])["TagSet"]
            iam = self.account.client("iam")
            (role,) = [role["RoleName"] for role in iam.list_roles()["Roles"]]
            self.found = {"bucket": plain(bucket), "role": plain(iam.list_role_tags(RoleName=role)["Tags"])}
        return answer


def plain(tags):
    return {tag["Key"]: tag["Value"] for tag in tags if tag["Key"].startswith("stslab:")}


@pytest.fixture(scope="module")
def watched(sandbox, tmp_path_factory):
    """One run on the sandbox: what was seen of it on the wire, and what came of it."""
    folder, watching = tmp_path_factory.mktemp("watched"), WatchingTags(sandbox)
    with Wire(sandbox.endpoint, watching) as wire:
        performance = lab(folder, wire.url, **sandbox.environment)
    return folder, wire, watching, performance


def assert_green(performance):
    assert performance.not_passed == {}, performance.output
    assert len(performance.outcomes) == ALL
    assert performance.exit_code == 0


def assert_nothing_left(account, *folders):
    assert account.inventory() == {}
    for folder in folders:
        assert ledgers(folder) == []


def run_of(performance):
    return re.search(r"stslab:run=([0-9a-f]{8})\b", performance.output)[1]


def test_the_lab_passes_and_says_where_it_was(watched, sandbox):
    _, wire, _, performance = watched
    assert_green(performance)
    assert performance.result["target"] == f"endpoint at {wire.url}"
    assert performance.result["account"] == sandbox.id
    assert f"lab: target endpoint at {wire.url}, account {sandbox.id}, region us-east-1" in performance.output
    assert performance.left is None, "moto was opened"


def test_nothing_is_left_in_the_account_nor_a_ledger(watched, sandbox):
    folder, _, watching, _ = watched
    assert_nothing_left(sandbox, folder)
    assert {"CreateUser", "CreateAccessKey", "CreateStack", "PutObject"} <= {call.operation for call in watching.seen}


def test_all_names_carry_one_run_id(watched):
    _, _, watching, performance = watched
    run = run_of(performance)
    users = [call.parameters["UserName"] for call in watching.of("CreateUser")]
    assert users == [f"stslab-canary-{run}", f"sts-machine-user-{run}"]
    for operation, (parameter, name) in OWN_NAMES.items():
        assert {call.parameters[parameter] for call in watching.of(operation)} == {f"{name}-{run}"}


def test_whatever_takes_tags_is_tagged(watched, sandbox):
    _, _, watching, performance = watched
    made = [*watching.of("CreateUser"), *watching.of("CreateStack")]
    carried = [tags_of(call) for call in made]
    carried += [dict(parse_qsl(call.headers["x-amz-tagging"])) for call in watching.of("PutObject")]
    assert len(carried) == 4
    carried += [watching.found["bucket"], watching.found["role"]]
    (expires,) = {tags[EXPIRES] for tags in carried}
    run, owner = run_of(performance), f"arn:aws:iam::{sandbox.id}:user/stslab-admin"
    assert all(tags == {RUN: run, EXPIRES: expires, OWNER: owner} for tags in carried)
    left = datetime.strptime(expires, ISO).replace(tzinfo=UTC) - datetime.now(UTC)
    assert LIFETIME - timedelta(minutes=10) < left <= LIFETIME


def test_s3_is_told_whose_every_bucket_is(watched, sandbox):
    _, _, watching, _ = watched
    calls = [call for call in watching.seen if call.service == "s3" and "Bucket" in call.parameters]
    assert {"PutObject", "GetObject", "ListObjectsV2"} <= {call.operation for call in calls}
    assert {call.headers["x-amz-expected-bucket-owner"] for call in calls} == {sandbox.id}


def test_every_call_is_recorded_with_its_retries_and_none_was_waited_for(watched):
    _, wire, _, performance = watched
    recorded = performance.result["calls"]
    assert {call["retries"] for call in recorded} == {0}
    assert all(call["request_id"] and call["http_status"] and call["principal"] for call in recorded)
    # The first GetCallerIdentity is made before there is anybody to record it.
    assert len(recorded) == len(wire.calls) - 1
    assert performance.result["waits"] == []


def test_the_lab_passes_on_an_emulator_that_is_not_ours(ministack, tmp_path):
    with Wire(ministack.endpoint, Watching()) as wire:
        performance = lab(tmp_path, wire.url, **ministack.environment)
    assert_green(performance)
    assert performance.result["account"] == ministack.id
    assert {"CreateUser", "CreateStack", "PutObject"} <= {call.operation for call in wire.calls}
    assert_nothing_left(ministack, tmp_path)


@pytest.mark.parametrize("emulator", ["sandbox", "ministack"])
def test_with_exact_names_they_are_the_labs_own(emulator, request, tmp_path):
    account, watching = request.getfixturevalue(emulator), Watching()
    with Wire(account.endpoint, watching) as wire:
        performance = lab(tmp_path, wire.url, "--exact-names", **account.environment)
    assert_green(performance)
    canary, user = watching.of("CreateUser")
    run = tags_of(user)[RUN]
    assert canary.parameters["UserName"] == f"stslab-canary-{run}"
    assert user.parameters["UserName"] == "sts-machine-user"
    for operation, (parameter, name) in OWN_NAMES.items():
        assert {call.parameters[parameter] for call in watching.of(operation)} == {name}
    assert_nothing_left(account, tmp_path)


def test_documents_with_the_labs_own_names_pass_with_exact_names(sandbox, tmp_path):
    role = f"arn:aws:iam::{sandbox.id}:role/my-sts-fun-stack-*"
    d.write(tmp_path, d.template(trust=[d.trusting({"AWS": d.USER_ARN})]), d.policy({**d.ASSUME, "Resource": role}))
    performance = lab(tmp_path, sandbox.endpoint, "--policies=documents", "--exact-names", **sandbox.environment)
    assert_green(performance)
    assert_nothing_left(sandbox, tmp_path)


def test_the_endpoint_is_taken_from_the_environment_when_it_is_asked_for(sandbox, tmp_path):
    environment = {**sandbox.environment, "AWS_ENDPOINT_URL": sandbox.endpoint}
    performance = lab(tmp_path, "", "--target=endpoint", **environment)
    assert_green(performance)
    assert performance.result["target"] == f"endpoint at {sandbox.endpoint}"
    assert_nothing_left(sandbox, tmp_path)


def test_an_endpoint_in_the_environment_alone_leaves_the_lab_on_moto_and_it_says_so(sandbox, tmp_path):
    with Wire(sandbox.endpoint) as wire:
        performance = lab(tmp_path, "", **sandbox.environment, AWS_ENDPOINT_URL=wire.url)
    assert_green(performance)
    assert performance.result["target"] == "moto"
    assert wire.calls == []
    assert "AWS_ENDPOINT_URL is set, and moto goes nowhere: say --target=endpoint to go there." in performance.output
    assert performance.left == {}


def test_credentials_region_and_endpoint_are_found_in_a_profile(sandbox, tmp_path):
    key, secret = sandbox.environment.values()
    (tmp_path / "credentials").write_text(f"[lab]\naws_access_key_id = {key}\naws_secret_access_key = {secret}\n")
    (tmp_path / "config").write_text(f"[profile lab]\nregion = eu-west-1\nendpoint_url = {sandbox.endpoint}\n")
    files = {"AWS_SHARED_CREDENTIALS_FILE": "credentials", "AWS_CONFIG_FILE": "config"}
    performance = lab(tmp_path, "", "--target=endpoint", "--aws-profile=lab", **files)
    assert_green(performance)
    assert f"lab: target endpoint at {sandbox.endpoint}, account {sandbox.id}, region eu-west-1" in performance.output
    assert_nothing_left(sandbox, tmp_path)


class Meeting(Meddler):
    """Lets no run make its stack before two runs are about to, and none assume its role before both have one."""

    def __init__(self):
        self.met = {operation: threading.Barrier(2) for operation in ("CreateStack", "AssumeRole", "DeleteUserPolicy")}
        self.been = set()
        self.lock = threading.Lock()

    def before(self, call):
        names = [call.parameters.get(name, "") for name in ("StackName", "RoleSessionName", "UserName")]
        about = call.operation, "".join(names)
        with self.lock:
            first = about not in self.been
            self.been.add(about)
        if first and call.operation in self.met:
            self.met[call.operation].wait(60)


def test_two_runs_side_by_side_do_not_disturb_each_other(sandbox, tmp_path):
    folders = tmp_path / "one", tmp_path / "two"
    for folder in folders:
        folder.mkdir()
    with Wire(sandbox.endpoint, Meeting()) as wire, ThreadPoolExecutor(2) as pool:
        both = [
            pool.submit(lab, folder, wire.url, **{**sandbox.environment, "XDG_STATE_HOME": str(tmp_path / "state")})
            for folder in folders
        ]
        one, two = [each.result() for each in both]
    assert_green(one)
    assert_green(two)
    assert run_of(one) != run_of(two)
    assert_nothing_left(sandbox, tmp_path)


@pytest.mark.parametrize("target", ["endpoint", "aws"])
def test_a_plan_says_what_would_be_made_and_makes_nothing(target, sandbox, tmp_path):
    with Wire(sandbox.endpoint) as wire:
        options = f"--target={target}", f"--account={sandbox.id}", "--plan"
        performance = lab(tmp_path, wire.url, *options, **sandbox.environment)
    assert performance.exit_code == 0, performance.output
    run = run_of(performance)
    for said in (
        f"in account {sandbox.id} on {target} at {wire.url}, region us-east-1",
        f"as arn:aws:iam::{sandbox.id}:user/stslab-admin",
        f"user    sts-machine-user-{run} and its access key",
        f"stack   my-sts-fun-stack-{run}: LabBucket (AWS::S3::Bucket), StsRole (AWS::IAM::Role)",
        f"policy  StsAssumePolicy-{run}",
        f"session s3-sts-fun-{run}",
    ):
        assert said in performance.output
    assert wire.calls
    assert writes(wire.calls) == []
    assert sandbox.inventory() == {}
    assert not performance.reports.exists()
    assert not (tmp_path / "state").exists()
    assert "passed" not in performance.output


def test_a_plan_on_moto_makes_nothing_either(tmp_path):
    performance = lab(tmp_path, "", "--plan")
    assert performance.exit_code == 0, performance.output
    assert "plan: in account 123456789012 on moto" in performance.output
    assert "user    sts-machine-user and its access key" in performance.output
    assert performance.left is None, "moto was opened"
    assert not performance.reports.exists()
    assert not (tmp_path / "state").exists()
