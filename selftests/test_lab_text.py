"""The lab's own text, done by hand: its commands, taken from the text itself, run with the real AWS CLI.

Against ``stslab sandbox`` as a person starts it; each answer is looked at, and ``stslab check`` after each step.
"""

from __future__ import annotations

import json
import re
import stat
from pathlib import Path

import performing
import pytest
from terminals import Shell, sandbox_terminal

TEXT = performing.ROOT / "docs" / "lab-instructions.md"
BLOCKS = re.findall(r"```(?:sh|toml)\n(.*?)```", TEXT.read_text(encoding="utf-8"), re.DOTALL)
SEED = performing.ROOT.parent / "shared" / "seed" / TEXT.name

ROLE_IN_TEXT = "arn:aws:iam::590183687974:role/my-sts-fun-stack-StsRole-DAkQBbY7THJk"


@pytest.mark.skipif(not SEED.exists(), reason="the text that was given is not beside this clone")
def test_the_text_is_the_one_that_was_given():
    assert TEXT.read_bytes() == SEED.read_bytes()


class Student:
    """Goes through the text from block to block."""

    def __init__(self, shell: Shell) -> None:
        self.shell = shell
        self.credentials = Path(shell.environment["AWS_SHARED_CREDENTIALS_FILE"])
        self._blocks = iter(BLOCKS)

    def block(self, begins: str) -> str:
        """The next block of the text, which has to be the one that is meant."""
        block = next(self._blocks)
        assert block.startswith(begins), block
        return block

    def does(self, begins: str, typed: str = "", **filled: str) -> str:
        """Run the next block, with placeholders filled in, and give what it prints."""
        return self.shell.says(_filled(self.block(begins), filled), typed)

    def opens_the_credentials(self) -> str:
        """The text has one ``open`` the credentials file: what is in it."""
        assert self.block("open ").strip() == "open ~/.aws/credentials"
        return self.credentials.read_text()

    def checks(self, *passed: str, then: str) -> str:
        """``stslab check``: these checks pass, no other is made, and this comes next."""
        code, said = performing.command(self.shell.at, "check", environ=self.shell.environment)
        assert dict(map(reversed, MADE.findall(said))) == dict.fromkeys(passed, "passed"), said
        assert code == 0, said
        assert f"Next: {then}" in said, said
        return said


MADE = re.compile(r"^  (passed|FAILED|ERROR|UNDETERMINED|blocked) +(\S+)", re.MULTILINE)
OWN = "[default]\nregion = eu-west-1\n"
USER = ("user.created", "user.identity", "user.no-s3")
STACK = ("submission.template", "submission.secrets", "stack.deploys", "stack.bucket", "role.trust")
POLICY = ("submission.policy", "policy.attached", "policy.targets-role")
SESSION = (
    *("session.assumed", "session.identity", "session.lists-buckets", "session.reads-bucket"),
    *("session.least-privilege", "user.still-no-s3"),
)


def _filled(block: str, filled: dict[str, str]) -> str:
    for placeholder, value in filled.items():
        assert placeholder in block, block
        block = block.replace(placeholder, value)
    return block


def cells(table: str) -> dict[str, str]:
    """What stands in a table of the CLI's, by its labels."""
    return dict(re.findall(r"^\|\|\s+(\w+)\s+\|\s+(\S+)\s+\|\|$", table, re.MULTILINE))


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A person's home, with AWS files of his own."""
    own = tmp_path / ".aws"
    own.mkdir()
    for name in ("config", "credentials"):
        (own / name).write_text(OWN)
    practice = tmp_path / "practice"
    (practice / "bin").mkdir(parents=True)
    policies = performing.ROOT / "policies"
    (practice / "template.yaml").write_bytes((policies / "template.yaml").read_bytes())
    (practice / "bin" / "policy.json").write_bytes((policies / "policy.json").read_bytes())
    return tmp_path


def test_the_whole_lab_by_hand(home: Path):
    with sandbox_terminal(home) as sandbox:
        assert sandbox.exports.keys() == {"AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"}
        for path in map(Path, sandbox.exports.values()):
            assert stat.S_IMODE(path.stat().st_mode) == 0o600
        student = Student(Shell(home, sandbox.exports))
        student.shell.says("cd practice")
        account = _creates_the_user(student)
        _denied_s3(student)
        role = _deploys(student, account)
        _assumes(student, role, account)
        _cleans_up(student)
        log = sandbox.said
    assert [(home / ".aws" / name).read_text() for name in ("config", "credentials")] == [OWN, OWN]
    assert not Path(sandbox.exports["AWS_CONFIG_FILE"]).parent.exists()
    why = r".*because no identity-based policy allows the s3:ListAllMyBuckets action"
    assert re.search(rf"  sts-machine-user  ListBuckets: DENIED: {why}", log)
    session = f"{role.rpartition('/')[2]}/s3-sts-fun"
    assert f"  {session}  ListBuckets: allowed, by statement 1 (ListBuckets) of policy ReadTheBucket of role " in log
    assert "stslab-check" not in log


def _creates_the_user(student: Student) -> str:
    student.checks(then="create the user")
    user = json.loads(student.does("aws iam create-user"))["User"]
    assert user["UserName"] == "sts-machine-user"
    account = user["Arn"].split(":")[4]
    assert user["Arn"] == f"arn:aws:iam::{account}:user/sts-machine-user"
    student.checks(then="create an access key")

    key = cells(student.does("aws iam create-access-key"))
    assert (key["Status"], key["UserName"]) == ("Active", "sts-machine-user")
    student.checks("user.created", then="write the user's key into profile sts")

    prompts = student.does("aws configure", f"{key['AccessKeyId']}\n{key['SecretAccessKey']}\n\n\n")
    assert prompts.count("[") == 4
    identity = {"Account": account, "Arn": user["Arn"], "UserId": user["UserId"]}
    assert json.loads(student.does("aws sts get-caller-identity\n")) == identity
    said = student.checks("user.created", then="in the credentials file, change the section with the user's key")
    assert key["SecretAccessKey"] not in said

    held = student.opens_the_credentials()
    assert held.count("[default]") == 1
    student.credentials.write_text(held.replace("[default]", "[sts]"))
    student.checks(*USER, then="see who profile sts is")
    assert json.loads(student.does("aws sts get-caller-identity --profile sts")) == identity
    return account


def _denied_s3(student: Student) -> None:
    done = student.shell.run(student.block("aws s3 ls --profile sts"))
    assert (done.returncode, done.stdout) == (255, "")
    account = student.shell.says("aws sts get-caller-identity --profile sts --query Account --output text").strip()
    assert done.stderr.strip() == (
        "An error occurred (AccessDenied) when calling the ListBuckets operation: "
        f"User: arn:aws:iam::{account}:user/sts-machine-user is not authorized to perform: s3:ListAllMyBuckets "
        "on resource: arn:aws:s3:::* because no identity-based policy allows the s3:ListAllMyBuckets action"
    )


def _deploys(student: Student, account: str) -> str:
    """The text has a role created and does not say how; ``stslab check`` does."""
    said = student.checks(*USER, then="deploy the stack")
    (deploy,) = re.findall(r"^    (aws cloudformation deploy .*)$", said, re.MULTILINE)
    assert "Successfully created/updated stack - my-sts-fun-stack" in student.shell.says(deploy)
    student.checks(*USER, *STACK, then="let the user assume the role")
    assert student.does("aws iam put-user-policy") == ""
    said = student.checks(*USER, *STACK, *POLICY, then="assume the role")
    (role,) = re.findall(r"--role-arn (\S+)", said)
    assert re.fullmatch(rf"arn:aws:iam::{account}:role/my-sts-fun-stack-StsRole-\w+", role)
    return role


def _assumes(student: Student, role: str, account: str) -> None:
    session = json.loads(student.does("aws sts assume-role", **{ROLE_IN_TEXT: role}))
    name = role.rpartition("/")[2]
    arn = f"arn:aws:sts::{account}:assumed-role/{name}/s3-sts-fun"
    assert session["AssumedRoleUser"]["Arn"] == arn
    held, made = student.opens_the_credentials(), session["Credentials"]
    section = student.block("[assumed]")
    for line, value in (
        ("aws_access_key_id =", made["AccessKeyId"]),
        ("aws_secret_access_key =", made["SecretAccessKey"]),
        ("aws_session_token =", made["SessionToken"]),
    ):
        section = section.replace(line, f"{line} {value}")
    student.credentials.write_text(f"{held}\n{section}")
    student.checks(*USER, *STACK, *POLICY, *SESSION, then="see who profile assumed is")
    assert json.loads(student.does("aws sts get-caller-identity --profile assumed"))["Arn"] == arn
    listed = student.does("aws s3 ls --profile assumed")
    assert re.fullmatch(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d my-sts-fun-stack-labbucket-\w+\n", listed)
    student.checks(*USER, *STACK, *POLICY, *SESSION, then="clean up, tear down the stack")


def _cleans_up(student: Student) -> None:
    assert student.shell.says("aws cloudformation delete-stack --stack-name my-sts-fun-stack") == ""
    said = student.checks(then="clean up, delete the access key")
    key = student.shell.says(re.findall(r"\$\((aws iam list-access-keys [^)]*)\)", said)[0]).strip()
    assert student.does("aws iam delete-access-key", YOUR_ACCESS_KEY=key) == ""
    student.checks(then="clean up, delete the policy")
    assert student.does("aws iam delete-user-policy") == ""
    student.checks(then="clean up, delete the user")
    assert student.does("aws iam delete-user") == ""
    said = student.checks("cleanup.complete", "cleanup.residue", then="the account is clean")
    history = said.partition("What the account's history shows\n")[2].partition("\n\n")[0]
    assert [line.split()[0] for line in history.splitlines()] == ["done"] * 13
    assert next(student._blocks, None) is None
    for command, empty in (
        ("aws iam list-users --query 'Users[].UserName' --output text", "stslab-admin"),
        ("aws iam list-roles --query 'Roles[].RoleName' --output text", ""),
        ("aws s3 ls", ""),
        ("aws cloudformation describe-stacks --query 'Stacks[].StackName' --output text", ""),
    ):
        assert student.shell.says(command).strip() == empty
