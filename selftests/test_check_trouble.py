"""``stslab check`` where it cannot look, or should not: one sentence that says what is wrong and what to do."""

from __future__ import annotations

import json

import documents as d
import pytest
from emulators import free_port
from practising import USER
from wire import Answer, Meddler

from stslab.credentials import Credentials, Secret

READ_ONLY = "arn:aws:iam::aws:policy/ReadOnlyAccess"
STRANGER = "999999999999"


class Expired(Meddler):
    """Has a credential expire. Source: STS API reference, "Common errors", ExpiredTokenException and its code."""

    def __init__(self, credentials):
        self.credentials = credentials

    def before(self, call):
        if call.access_key_id != self.credentials.access_key_id:
            return None
        said = "<Code>ExpiredToken</Code><Message>The security token included in the request is expired</Message>"
        error = f"<Error><Type>Sender</Type>{said}</Error>"
        return Answer(403, (), f"<ErrorResponse>{error}<RequestId>r</RequestId></ErrorResponse>".encode())


def forget_the_admin(student):
    """The admin's key is gone from the student's files, as after ``aws configure`` for the lab's user."""
    student.files.credentials.write_text("")
    student.files.config.write_text(f"[default]\nendpoint_url = {student.account.endpoint}\n")


# The AWS files


def test_a_profile_that_there_is_not(student):
    line = student.refused("--aws-profile=nobody")
    assert line.startswith("ERROR: --aws-profile: The config profile (nobody) could not be found; choose another")


@pytest.mark.parametrize("file", ["config", "credentials"])
@pytest.mark.parametrize("text", [b"nonsense\n", b"[sts]\n\xff\xfe = 1\n"], ids=["no section", "no UTF-8"])
def test_a_file_that_is_none_of_awss(file, text, student):
    path = getattr(student.files, file)
    path.write_bytes(text)
    line = student.refused()
    assert "it cannot be read as an AWS config or credentials file; put it right" in line
    if text.startswith(b"nonsense"):
        assert line.startswith(f"ERROR: {path}: ")


def test_no_credentials_at_all(student):
    forget_the_admin(student)
    line = student.refused()
    assert line == (
        "ERROR: There are no AWS credentials; paste the two lines that stslab sandbox prints, or name an --aws-profile."
    )


@pytest.mark.parametrize("profile", ["sts", "assumed"])
def test_a_profile_of_another_account(profile, student, sandbox):
    stranger = sandbox.another(STRANGER[:-1] + str(int(profile == "sts"))).user("ana")
    student.write(profile, stranger)
    line = student.refused()
    assert f"profile {profile}: its key is of account 99999999999" in line
    assert f"and the admin's is of {student.account.id}; put a key of the same account there" in line


def test_the_admins_secret_is_wrong(student):
    student.write("admin", student.account.admin, aws_secret_access_key="x" * 40)
    line = student.refused()
    assert "does not take the admin's credentials: SignatureDoesNotMatch" in line
    assert line.endswith("; renew them, or name others with --aws-profile.")


def test_the_admins_session_has_expired(student):
    admin = Credentials(
        student.account.admin.access_key_id, student.account.admin.secret_access_key, Secret("of an old session")
    )
    student.write("admin", admin)
    line = student.refused(meddler=Expired(admin))
    assert "does not take the admin's credentials: ExpiredToken, The security token included in the request is" in line
    assert line.endswith("; renew them, or name others with --aws-profile.")


def test_an_expired_session_is_a_mistake_and_no_trouble(student):
    student.do()
    checked = student.check(meddler=Expired(student.held("assumed")))
    assert checked.exit_code == 1
    assert [check for check, how in checked.wrong.items() if how == "failed"] == ["session.assumed"]
    assert "Profile assumed has expired (ExpiredToken, " in checked.why("session.assumed")
    assert "; assume the role, and write all three values" in checked.why("session.assumed")


# Who looks


@pytest.mark.parametrize("how", ["told", "by default", "under another name"])
def test_the_admin_is_the_labs_own_user(how, student):
    user = "bob" if how == "under another name" else USER
    student.create_user(user)
    key = student.create_key(user)
    if how == "by default":
        forget_the_admin(student)
        student.write("default", key)
    student.write("sts", key)
    if how == "under another name":
        student.write("admin", key)
    line = student.refused(*["--aws-profile=sts"] * (how == "told"))
    assert line.startswith("ERROR: --aws-profile: profile ")
    assert " is the lab's own user, arn:aws:iam::" in line
    assert line.endswith(f"/{user}; name the profile of the account's admin, or put the admin's key back there.")


def test_who_may_not_read_is_told_what_it_takes(student):
    student.write("admin", student.account.user("bare"))
    line = student.refused()
    assert "may not iam:ListUsers on *" in line
    assert line.endswith("; AWS's managed policy ReadOnlyAccess is enough to look at a lab.")


@pytest.mark.parametrize("place", ["an endpoint", "a real account"])
def test_awss_read_only_access_is_enough(place, student):
    reader = student.account.user("reader")
    student.iam.attach_user_policy(UserName="reader", PolicyArn=READ_ONLY)
    student.do().write("admin", reader)
    checked = student.check(*["--target=aws", f"--account={student.account.id}"] * (place == "a real account"))
    assert (checked.exit_code, checked.wrong) == (0, {}), checked.output
    assert "17 of 17 checks passed; 2 to come." in checked.output
    assert "be denied S3 as sts-machine-user, by sts-machine-user" in checked.output
    if place == "an endpoint":
        student.clean_up()
        checked = student.check()
        assert (checked.exit_code, checked.wrong) == (0, {}), checked.output
        assert "2 of 2 checks of the clean-up passed." in checked.output


# Which things are meant


def test_several_users_may_be_meant(student):
    for name in ("ana", "ben"):
        student.create_user(name)
    line = student.refused()
    assert line == "ERROR: --user-name: several users may be the lab's (ana, ben); name the one that is."
    student.create_key("ben")
    checked = student.check("--user-name=ben")
    assert checked.outcomes["user.created"] == "passed"
    assert "aws configure --profile sts" in checked.next


def test_several_stacks_may_be_meant(student):
    student.do(until="user")
    for name in ("one", "two"):
        student.deploy(name=name)
    line = student.refused()
    assert line == "ERROR: --stack-name: several stacks may be the lab's (one, two); name the one that is."
    checked = student.check("--stack-name=two")
    assert (checked.exit_code, checked.outcomes["role.trust"]) == (0, "passed")
    student.deploy()
    assert student.check().outcomes["role.trust"] == "passed", "the lab's own name tells"


def test_what_is_nothing_like_the_lab_is_left_alone(student):
    student.create_user("colleague")
    student.iam.attach_user_policy(UserName="colleague", PolicyArn=READ_ONLY)
    template = d.template()
    template["Resources"]["Another"] = template["Resources"].pop("StsRole")
    template["Resources"]["Third"] = template["Resources"]["Another"]
    student.deploy(template, name="toolkit")
    checked = student.check()
    assert (checked.exit_code, set(checked.outcomes.values())) == (0, {"to come"})
    assert "colleague" not in checked.next
    assert "toolkit" not in checked.next


# The history


def history(student, account=""):
    events = student.account.client("cloudtrail").lookup_events()["Events"]
    text = json.dumps({"Events": events}, default=str)
    return text.replace(student.account.id, account or student.account.id)


def test_a_history_from_a_file(student):
    student.do().clean_up()
    (student.folder / "events.json").write_text(history(student))
    checked = student.check("--cloudtrail=events.json")
    assert (checked.exit_code, checked.wrong) == (0, {}), checked.output
    assert "LookupEvents" not in student.seen
    student.folder.joinpath("events.json").write_text('{"Events": []}')
    checked = student.check("--cloudtrail=events.json")
    assert checked.exit_code == 1, "nothing proves that it was done"


FILES = {
    "of another account": ("these are events of account 999999999999, and not of", "--aws-profile"),
    "no JSON": ("this is not JSON", "give what aws cloudtrail lookup-events"),
    "no events": ("these are no events of CloudTrail", "give what aws cloudtrail lookup-events"),
    "missing": ("", ""),
    "a folder": ("", ""),
}


@pytest.mark.parametrize("file", FILES)
def test_a_history_that_will_not_do(file, student):
    path = student.folder / "events.json"
    if file == "of another account":
        student.create_user()
        path.write_text(history(student, STRANGER))
    elif file == "a folder":
        path.mkdir()
    elif file != "missing":
        path.write_text("nonsense" if file == "no JSON" else "[]")
    line = student.refused("--cloudtrail=events.json")
    assert line.startswith(f"ERROR: {path}")
    assert [part for part in FILES[file] if part not in line] == [], line
    assert "; " in line


# Where it looks


def test_nobody_answers(student):
    line = student.refused(f"--endpoint-url=http://127.0.0.1:{free_port()}")
    assert "cannot be had: " in line
    assert line.endswith("; see that it runs and is reached from here.")
    assert student.seen == []


def test_moto_has_nothing_to_look_at(student):
    line = student.refused("--target=moto")
    assert line.startswith("ERROR: --target: moto is made anew for each run, so there is nothing to look at; say --tar")


GUARDS = {
    "not told": (("--target=aws",), "--account: a real account has to be told; say --account={account}"),
    "another": (("--target=aws", f"--account={STRANGER}"), "--account: the credentials are of account {account}, and "),
    "on the list": (("--deny-accounts={account}",), "--deny-accounts: account {account} is on the list"),
}


@pytest.mark.parametrize("guard", GUARDS)
def test_an_account_that_nobody_should_look_at(guard, student):
    options, said = GUARDS[guard]
    line = student.refused(*(option.format(account=student.account.id) for option in options))
    assert line.startswith(f"ERROR: {said.format(account=student.account.id)}")


def test_an_account_that_is_called_production(student):
    student.iam.create_account_alias(AccountAlias="acme-prod")
    line = student.refused()
    assert f"--target: account {student.account.id} is called acme-prod, which is no place to practise" in line


@pytest.mark.parametrize("option", ["--user-name=a b", "--every=0"])
def test_an_option_that_will_not_do(option, student):
    line = student.refused("--watch", option)
    assert line.startswith(f"stslab: {option.partition('=')[0]}: ")
    assert student.seen == []
