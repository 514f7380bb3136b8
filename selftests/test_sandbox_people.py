"""``stslab sandbox`` as a person starts it: AWS files, a state that survives, a class, and what goes wrong."""

from __future__ import annotations

import configparser
import json
import os
import re
import signal
import socket
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import boto3
import botocore.session
import performing
import pytest
from accounts import code_of
from botocore.config import Config
from terminals import SandboxTerminal, sandbox_terminal


def client(exports: dict[str, str], service: str, profile: str | None = None):
    """A client as the person's CLI would be, from the files that were printed."""
    session = botocore.session.Session(profile=profile)
    session.set_config_variable("config_file", exports["AWS_CONFIG_FILE"])
    session.set_config_variable("credentials_file", exports["AWS_SHARED_CREDENTIALS_FILE"])
    manners = Config(retries={"total_max_attempts": 1}, s3={"addressing_style": "path"})
    return boto3.Session(botocore_session=session).client(service, config=manners)


def keys(path: str, section: str) -> dict[str, str]:
    parser = configparser.RawConfigParser()
    parser.read(path)
    return dict(parser[section])


@pytest.fixture(scope="module")
def home(tmp_path_factory) -> Path:
    return tmp_path_factory.mktemp("home")


@pytest.fixture(scope="module")
def sandbox(home: Path) -> Iterator[SandboxTerminal]:
    with sandbox_terminal(home) as terminal:
        yield terminal


def test_what_it_says_fits_on_one_screen(sandbox):
    lines = sandbox.said.splitlines()
    assert len(lines) <= 24
    assert sorted(sandbox.exports) == ["AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"]
    for shell in ("set -gx ", "$env:"):
        assert len([line for line in lines if line.startswith(shell)]) == 2


def test_the_files_are_for_their_owner_only(sandbox):
    paths = [Path(path) for path in sandbox.exports.values()]
    assert [stat.S_IMODE(path.stat().st_mode) for path in (*paths, paths[0].parent)] == [0o600, 0o600, 0o700]


def test_every_profile_goes_to_the_sandbox(sandbox):
    """Also those that the student makes: without an endpoint of their own the CLI would ask AWS."""
    places = {keys(sandbox.exports["AWS_CONFIG_FILE"], s).get("endpoint_url") for s in SECTIONS}
    assert len(places) == 1
    assert re.fullmatch(r"http://127\.0\.0\.1:\d+", places.pop())
    account = re.match(r"Account (\d{12}) ", sandbox.said)[1]
    assert account[0] != "0"
    for profile in (None, "admin"):
        me = client(sandbox.exports, "sts", profile).get_caller_identity()
        assert me["Arn"] == f"arn:aws:iam::{account}:user/stslab-admin"


SECTIONS = ("default", "profile admin", "profile sts", "profile assumed")


def test_each_call_is_told_of_in_words(sandbox):
    iam = client(sandbox.exports, "iam")
    iam.create_user(UserName="ana")
    sandbox.wait_for("CreateUser ana")
    key = iam.create_access_key(UserName="ana")["AccessKey"]
    denied = client(sandbox.exports, "s3", profile_of(sandbox, "ana", key))
    assert code_of(denied.list_buckets) == "AccessDenied"
    assert code_of(iam.create_user, UserName="ana") == "EntityAlreadyExists"
    sandbox.wait_for("EntityAlreadyExists")
    told = [line.split("  ", 1) for line in sandbox.said.splitlines() if re.match(r"\d\d:\d\d:\d\d  ", line)]
    assert [what for _, what in told if "ana" in what] == [
        "stslab-admin  CreateUser ana: allowed, by statement 1 of policy Everything of user stslab-admin",
        "stslab-admin  CreateAccessKey ana: allowed, by statement 1 of policy Everything of user stslab-admin",
        "ana  ListBuckets: DENIED: s3:ListAllMyBuckets on arn:aws:s3:::* is denied, because no identity-based policy "
        "allows the s3:ListAllMyBuckets action: there is none.",
        "stslab-admin  CreateUser ana: allowed, and answered with EntityAlreadyExists: User ana already exists",
    ]
    assert key["SecretAccessKey"] not in sandbox.said


def profile_of(sandbox: SandboxTerminal, name: str, key: dict[str, str]) -> str:
    """Write a key into a profile of the person's files."""
    with Path(sandbox.exports["AWS_SHARED_CREDENTIALS_FILE"]).open("a") as out:
        out.write(f"[{name}]\naws_access_key_id = {key['AccessKeyId']}\n")
        out.write(f"aws_secret_access_key = {key['SecretAccessKey']}\n")
    with Path(sandbox.exports["AWS_CONFIG_FILE"]).open("a") as out:
        place = keys(sandbox.exports["AWS_CONFIG_FILE"], "default")
        out.write(f"[profile {name}]\nregion = {place['region']}\nendpoint_url = {place['endpoint_url']}\n")
    return name


def test_an_account_that_takes_too_much_is_told_so(sandbox):
    s3 = client(sandbox.exports, "s3")
    s3.create_bucket(Bucket="much")
    assert code_of(s3.put_object, Bucket="much", Key="large", Body=b"0" * 32_000_001) == "EntityTooLarge"
    s3.put_object(Bucket="much", Key="small", Body=b"0")
    sts = client(sandbox.exports, "sts")
    assert sts.get_caller_identity()["Arn"].endswith("/stslab-admin")


def test_the_state_survives_sigkill(tmp_path):
    """With the files, the port, the stack, the session and the history; a second one at the same time is refused."""
    state = ("--state", str(tmp_path / "mine.state"))
    first = SandboxTerminal(tmp_path, *state)
    iam, cloudformation = client(first.exports, "iam"), client(first.exports, "cloudformation")
    user = iam.create_user(UserName="sts-machine-user")["User"]
    template = (performing.ROOT / "policies" / "template.yaml").read_text()
    cloudformation.create_stack(StackName="lab", TemplateBody=template, Capabilities=["CAPABILITY_IAM"])
    role = iam.list_roles()["Roles"][0]["Arn"]
    session = client(first.exports, "sts").assume_role(RoleArn=role, RoleSessionName="kept")["Credentials"]
    assert refused(tmp_path, *state).startswith("stslab: --state: ")
    first.end(signal.SIGKILL)

    with sandbox_terminal(tmp_path, *state) as again:
        assert again.exports == first.exports
        assert re.match(r"Account (\d{12}) ", again.said)[1] == user["Arn"].split(":")[4]
        assert client(again.exports, "iam").get_user(UserName="sts-machine-user")["User"] == user
        key = {"AccessKeyId": session["AccessKeyId"], "SecretAccessKey": session["SecretAccessKey"]}
        profile_of(again, "kept", key)
        with Path(again.exports["AWS_SHARED_CREDENTIALS_FILE"]).open("a") as out:
            out.write(f"aws_session_token = {session['SessionToken']}\n")
        assert client(again.exports, "sts", "kept").get_caller_identity()["Arn"].endswith("/kept")
        events = client(again.exports, "cloudtrail").lookup_events()["Events"]
        assert {"CreateUser", "CreateStack", "AssumeRole"} <= {event["EventName"] for event in events}
        client(again.exports, "cloudformation").delete_stack(StackName="lab")
        assert client(again.exports, "iam").list_roles()["Roles"] == []
        assert client(again.exports, "s3").list_buckets()["Buckets"] == []


def test_what_a_killed_one_has_left_the_next_one_takes_away(tmp_path, sandbox):
    killed = SandboxTerminal(tmp_path)
    left = Path(killed.exports["AWS_CONFIG_FILE"]).parent
    killed.end(signal.SIGKILL)
    assert (left / "credentials").exists()
    with sandbox_terminal(tmp_path) as living:
        mine = Path(living.exports["AWS_CONFIG_FILE"]).parent
        assert [path for path in tmp_path.iterdir() if path.is_dir()] == [mine]
        with sandbox_terminal(tmp_path):
            assert (mine / "credentials").exists()
    assert not mine.exists()


def refused(home: Path, *options: str) -> str:
    """Have the sandbox refuse to start, and give the one sentence that it says."""
    done = subprocess.run(
        [sys.executable, "-m", "stslab", "sandbox", *options],
        cwd=performing.ROOT,
        env={**os.environ, "TMPDIR": str(home)},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (done.returncode, done.stdout) == (2, ""), done
    (line,) = done.stderr.splitlines()
    assert re.fullmatch(r"stslab: .+: .+; .+\.", line), line
    return line


def test_a_class_has_a_folder_for_each(tmp_path):
    out, state = tmp_path / "out", str(tmp_path / "class.state")
    options = ("--accounts", "3", "--credentials", str(out), "--state", state, "--quiet")
    with sandbox_terminal(tmp_path, *options) as sandbox:
        folders = sorted(out.iterdir())
        exports = [
            {"AWS_CONFIG_FILE": f"{f}/config", "AWS_SHARED_CREDENTIALS_FILE": f"{f}/credentials"} for f in folders
        ]
        mine = [client(each, "sts").get_caller_identity()["Account"] for each in exports]
        assert mine == [folder.name for folder in folders]
        client(exports[0], "iam").create_user(UserName="only-here")
        assert [len(client(each, "iam").list_users()["Users"]) for each in exports] == [2, 1, 1]
    assert "CreateUser" not in sandbox.said
    held = {path: path.read_bytes() for path in out.rglob("*") if path.is_file()}
    # Without its state it would be another class, whose folders do not go among these.
    said = refused(tmp_path, *options[:4])
    assert f"{out}: it has the files of other accounts, as {folders[0].name}; choose another folder, or restore" in said
    said = refused(tmp_path, "--state", state)
    assert "--accounts: the state has 3 accounts, and not 1; say as many, with the folder that they have in" in said
    with sandbox_terminal(tmp_path, *options) as sandbox:
        assert {path: path.read_bytes() for path in out.rglob("*") if path.is_file()} == held
        assert len(client(exports[0], "iam").list_users()["Users"]) == 2


def test_files_of_another_sandbox_are_left_alone(tmp_path):
    out = tmp_path / "out"
    with sandbox_terminal(tmp_path, "--credentials", str(out)):
        held = (out / "credentials").read_bytes()
    said = refused(tmp_path, "--credentials", str(out))
    assert f"{out}/config: it is of another sandbox, or of an earlier one; delete it, " in said
    assert (out / "credentials").read_bytes() == held


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--accounts", "3"), "--accounts: their AWS files need a folder"),
        (("--accounts", "0"), "--accounts: 0 will not do"),
        (("--accounts", "1001", "--credentials", "x"), "--accounts: 1001 will not do"),
        (("--state", "/"), "--state: "),
        (("--credentials", "/dev/null/x"), "/dev/null/x: the AWS files cannot be written there"),
    ],
)
def test_what_will_not_do_is_refused(tmp_path, options, said):
    assert said in refused(tmp_path, *options)


def test_the_port_of_the_state_may_be_taken(tmp_path):
    state = str(tmp_path / "mine.state")
    with sandbox_terminal(tmp_path, "--state", state) as sandbox:
        port = int(keys(sandbox.exports["AWS_CONFIG_FILE"], "default")["endpoint_url"].rpartition(":")[2])
    with socket.create_server(("127.0.0.1", port)):
        said = refused(tmp_path, "--state", state)
    assert f"--state: port {port}, on which the state's sandbox was, is taken; " in said
    said = refused(tmp_path, "--state", state, "--account", "111122223333", "--port", "0")
    assert re.search(r"--account: the state has \d{12}, and not 111122223333; ", said)


def test_programs_are_told_in_json_first(tmp_path):
    """And may have the AWS files, too, where they ask for them."""
    with subprocess.Popen(
        [sys.executable, "-m", "stslab", "sandbox", "--port", "0", "--credentials", str(tmp_path / "out")],
        cwd=performing.ROOT,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        ready = json.loads(process.stdout.readline())
        mine = keys(str(tmp_path / "out" / "credentials"), "admin")
        process.send_signal(signal.SIGTERM)
        rest = process.stdout.read()
    assert (process.returncode, rest) == (0, "")
    assert mine == {
        "aws_access_key_id": ready["access_key_id"],
        "aws_secret_access_key": ready["secret_access_key"],
    }
