"""An account that the lab has no business in, or that it is not sure of, is refused before anything is written."""

from __future__ import annotations

import errno
import json
import os
from itertools import count
from pathlib import Path

import documents as d
import emulators
import pytest
from emulators import assert_says, environment_of, lab, refusal

GUARDED = ("--target=aws", "--endpoint-url={url}")
TOLD = (*GUARDED, "--account={account}")
STRANGER = "999999999999"


@pytest.fixture(scope="module")
def sandbox():
    with emulators.sandbox() as account:
        yield account


@pytest.fixture
def account(sandbox, ids=count(1)):  # noqa: B008
    """A fresh account."""
    return sandbox.another(f"2222{next(ids):08}")


# The account


def test_the_account_that_was_told_is_entered(account, tmp_path):
    account.client("iam").create_account_alias(AccountAlias="practice")
    performance = lab(tmp_path, account.endpoint, "--target=aws", f"--account={account.id}", **account.environment)
    assert performance.not_passed == {}, performance.output
    assert performance.result["target"] == f"aws at {account.endpoint}"
    assert f"in account {account.id} (practice) on aws" in performance.output
    assert account.inventory() == {}


ACCOUNTS = {
    "not told": (GUARDED, "--account", "a real account has to be told; say --account={account}"),
    "another": (
        (*GUARDED, f"--account={STRANGER}"),
        "--account",
        f"the credentials are of account {{account}}, and {STRANGER} was told",
    ),
    "another, on an emulator": (
        ("--endpoint-url={url}", f"--account={STRANGER}"),
        "--account",
        "the credentials are of account {account}",
    ),
    "on the list": (
        (*TOLD, f"--deny-accounts={STRANGER} , {{account}}"),
        "--deny-accounts",
        "account {account} is on the list",
    ),
    "on the list of an ini file": (
        (*TOLD, "-o", f"lab_deny_accounts={{account}},{STRANGER}"),
        "--deny-accounts",
        "account {account} is on the list",
    ),
    "on the list of an ini file, with another list on the command line": (
        (*TOLD, "-o", "lab_deny_accounts={account}", f"--deny-accounts={STRANGER}"),
        "--deny-accounts",
        "account {account} is on the list",
    ),
    "on the list, on an emulator": (
        ("--endpoint-url={url}", "--deny-accounts={account}"),
        "--deny-accounts",
        "account {account} is on the list",
    ),
    "on the list, for a plan": (
        (*TOLD, "--deny-accounts={account}", "--plan"),
        "--deny-accounts",
        "account {account} is on the list",
    ),
}


@pytest.mark.parametrize("name", ACCOUNTS)
def test_an_account_that_was_not_told_or_is_denied_is_refused(name, account, tmp_path):
    options, where, what = ACCOUNTS[name]
    assert_says(refusal(account, tmp_path, *options), where, what.format(account=account.id))


@pytest.mark.parametrize("alias", ["prod", "acme-production", "ACME-PROD"])
@pytest.mark.parametrize("options", [TOLD, ("--endpoint-url={url}",)])
def test_an_account_that_is_called_production_is_refused(alias, options, account, tmp_path):
    account.client("iam").create_account_alias(AccountAlias=alias)
    line = refusal(account, tmp_path, *options)
    assert_says(line, "--target", f"account {account.id} is called {alias}", "use a sandbox account")


def test_the_root_user_is_refused(tmp_path):
    with emulators.ministack() as account:
        line = refusal(account, tmp_path, *TOLD)
    assert_says(line, "--target", "the credentials are those of the account's root user", "use a role")


def test_an_account_whose_alias_cannot_be_seen_is_refused(account, tmp_path):
    may = {"Effect": "Allow", "NotAction": "iam:ListAccountAliases", "Resource": "*"}
    bare = environment_of(account.user("bare", may))
    line = refusal(account, tmp_path, *TOLD, **bare)
    assert_says(line, "--target", "alias cannot be seen", "give the run iam:ListAccountAliases")


# The documents

LAMBDA = {"Type": "AWS::Lambda::Function", "Properties": {"Code": {"ZipFile": "x"}, "Role": "r"}}
DOCUMENTS = {
    "a type that the lab has no use for": (
        d.template(Code=LAMBDA),
        d.policy(),
        ("template.json:", "Code is of type AWS::Lambda::Function, which the lab has no use for"),
    ),
    "a macro": (
        {"Transform": "AWS::Serverless-2016-10-31", **d.template()},
        d.policy(),
        ("template.json:2", "it has a Transform, which runs a macro"),
    ),
    "a macro within": (
        d.template(bucket={"Properties": {"Fn::Transform": {"Name": "AWS::Include", "Parameters": {}}}}),
        d.policy(),
        ("template.json", "it has an Fn::Transform, which runs a macro"),
    ),
}
OWN_NAMES = {
    "the user in the template": (
        d.template(trust=[d.trusting({"AWS": d.USER_ARN})]),
        d.policy(),
        ("template.json", "it names sts-machine-user, and this run puts its own id behind that name"),
    ),
    "the stack in the policy": (
        d.template(),
        d.policy({**d.ASSUME, "Resource": "arn:aws:iam::*:role/my-sts-fun-stack-StsRole-*"}),
        ("policy.json", "it names my-sts-fun-stack, and this run puts its own id behind that name"),
    ),
}


@pytest.mark.parametrize("options", [TOLD, ("--endpoint-url={url}",)])
@pytest.mark.parametrize("name", [*DOCUMENTS, *OWN_NAMES])
def test_a_document_that_will_not_do_is_refused(name, options, account, tmp_path):
    template, policy, (where, what) = {**DOCUMENTS, **OWN_NAMES}[name]
    d.write(tmp_path, template, policy)
    line = refusal(account, tmp_path, *options, "--policies=documents")
    assert_says(line, f"{tmp_path / 'documents'}/{where}", what)


@pytest.mark.parametrize("name", DOCUMENTS)
def test_with_exact_names_such_a_template_is_refused_all_the_same(name, account, tmp_path):
    template, policy, (where, what) = DOCUMENTS[name]
    d.write(tmp_path, template, policy)
    line = refusal(account, tmp_path, *TOLD, "--policies=documents", "--exact-names")
    assert_says(line, f"{tmp_path / 'documents'}/{where}", what)


@pytest.mark.parametrize("name", OWN_NAMES)
def test_with_exact_names_the_labs_own_names_may_stand_in_a_document(name, account, tmp_path):
    template, policy, _ = OWN_NAMES[name]
    d.write(tmp_path, template, policy)
    performance = lab(
        tmp_path, account.endpoint, "--policies=documents", "--exact-names", "--plan", **account.environment
    )
    assert performance.exit_code == 0, performance.output
    assert "user    sts-machine-user and" in performance.output


# The ledger


class FullDisk:
    """No room for more than so many lines in any ledger; all else can be written."""

    def __init__(self, lines: int) -> None:
        self.lines = lines

    def __call__(self):
        write, written = os.write, [0]

        def scarce(descriptor, data):
            if not Path(f"/proc/self/fd/{descriptor}").readlink().name.endswith((".new", ".ledger")):
                return write(descriptor, data)
            if written[0] >= self.lines:
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
            written[0] += 1
            return write(descriptor, data)

        os.write = scarce


class BrokenDisk:
    """Nothing that has been written gets onto the disk."""

    def __call__(self):
        def broken(descriptor):
            raise OSError(errno.EIO, os.strerror(errno.EIO))

        os.fsync = broken


@pytest.mark.parametrize("place", ["file", "file/below", "/proc/nowhere"])
def test_a_ledger_that_can_be_nowhere_is_refused(place, account, tmp_path):
    (tmp_path / "file").write_text("")
    line = refusal(account, tmp_path, *TOLD, f"--ledger={place}")
    assert_says(line, str(tmp_path / place), "the ledger cannot be written", "choose another folder with --ledger")


@pytest.mark.parametrize(
    ("sabotage", "why"),
    [(FullDisk(0), "No space left on device"), (FullDisk(1), "No space left on device"), (BrokenDisk(), "error")],
    ids=["full", "full after a line", "broken"],
)
def test_a_ledger_that_cannot_be_written_is_refused(sabotage, why, account, tmp_path):
    line = refusal(account, tmp_path, *TOLD, sabotage=sabotage)
    assert_says(line, str(tmp_path / "state"), "the ledger cannot be written", why, "make room")


def test_a_ledger_that_cannot_be_read_is_refused(account, tmp_path):
    folder = tmp_path / "kept"
    folder.mkdir()
    (folder / "0123abcd.ledger").write_text(json.dumps({"schema": 7}) + "\n")
    line = refusal(account, tmp_path, *TOLD, f"--ledger={folder}")
    assert_says(line, str(folder / "0123abcd.ledger"), "it is no ledger of this version")
    assert [path.name for path in folder.iterdir()] == ["0123abcd.ledger"]


@pytest.mark.parametrize("lines", [2, 3, 5, 9, 12, 14])
def test_when_the_disk_fills_up_on_the_way_nothing_is_left_behind(lines, account, tmp_path):
    performance = lab(tmp_path, account.endpoint, sabotage=FullDisk(lines), **account.environment)
    assert performance.exit_code not in (0, pytest.ExitCode.USAGE_ERROR), performance.output
    assert "failed" not in performance.outcomes.values()
    assert "No space left on device" in performance.output
    assert account.inventory() == {}, performance.output
