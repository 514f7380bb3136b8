"""``stslab check`` from the first step of the lab to the last, and with one thing wrong in it; it changes nothing."""

from __future__ import annotations

from itertools import count

import documents as d
import emulators
import pytest
from accounts import ALLOW
from practising import POLICY, STACK, USER, Student

from stslab.observing.progress import OF_SESSION

ROLE, BUCKET = "AWS::IAM::Role", "AWS::S3::Bucket"
S3 = {"Effect": "Allow", "Action": "s3:*", "Resource": "*"}
OTHER = "444455556666"
OF_USER = {"user.created", "user.identity", "user.no-s3"}
OF_STACK = {"submission.template", "submission.secrets", "stack.deploys", "stack.bucket", "role.trust"}
OF_POLICY = {"submission.policy", "policy.attached", "policy.targets-role"}
CLEANUP = {"cleanup.complete", "cleanup.residue"}


@pytest.fixture(scope="module")
def sandbox():
    with emulators.sandbox() as account:
        yield account


@pytest.fixture
def student(sandbox, tmp_path, ids=count(1)):  # noqa: B008
    """Somebody in a fresh account."""
    return Student(sandbox.another(f"3333{next(ids):08}"), tmp_path)


def of(checked, outcome):
    return {check for check, found in checked.outcomes.items() if found == outcome}


def test_the_lab_step_by_step(student):
    def look(passed, step, code=0):
        checked = student.check()
        assert (checked.exit_code, of(checked, "passed"), checked.wrong) == (code, passed, {}), checked.output
        assert checked.next.startswith(step), checked.output
        assert len(student.seen) > 5
        return checked

    assert len(of(look(set(), "create the user"), "to come")) == 19
    student.do(until="user")
    look(OF_USER, "deploy the stack")
    student.deploy()
    look(OF_USER | OF_STACK, "let the user assume the role")
    student.put_policy()
    look(OF_USER | OF_STACK | OF_POLICY, "assume the role")
    assert "AssumeRole" not in student.seen
    student.write("assumed", student.assume())
    student.look("assumed")
    done = look(OF_USER | OF_STACK | OF_POLICY | OF_SESSION, "clean up, tear down the stack")
    assert "17 of 17 checks passed; 2 to come." in done.output
    assert "AssumeRole" in student.seen
    student.cloudformation.delete_stack(StackName=STACK)
    look(set(), "clean up, delete the access key")
    student.delete_keys()
    student.iam.delete_user_policy(UserName=USER, PolicyName=POLICY)
    student.iam.delete_user(UserName=USER)
    clean = look(CLEANUP, "the account is clean")
    assert "WRONG" not in clean.output
    assert "not found" not in clean.output.partition("What the account's history shows")[2]


# One thing is wrong


def user_with_s3(student):
    student.do(until="user").put_policy(S3)


def key_inactive(student):
    key = student.do(until="user").held("sts").access_key_id
    student.iam.update_access_key(UserName=USER, AccessKeyId=key, Status="Inactive")


def two_keys(student):
    student.do(until="user").create_key()


def key_of_another_user(student):
    student.do(until="user").create_user("ana")
    student.write("sts", student.create_key("ana"))


def key_of_the_admin(student):
    student.do(until="user").write("sts", student.account.admin)


def key_deleted(student):
    student.do(until="user").delete_keys()
    student.create_key()


def key_without_secret(student):
    student.do(until="user").write("sts", student.held("sts"), aws_secret_access_key=None)


def secret_of_another_key(student):
    student.do(until="user").write("sts", student.held("sts"), aws_secret_access_key="x" * 40)


def rolled_back(student):
    nobody = d.trusting({"AWS": f"arn:aws:iam::{student.account.id}:user/nobody"})
    student.do(d.template(trust=[nobody]), until="stack")


def no_bucket(student):
    template = d.template(may=[d.LIST_ALL])
    del template["Resources"]["LabBucket"]
    student.do(template, until="stack")


def bucket_gone(student):
    student.do(until="stack").s3.delete_bucket(Bucket=student.physical(BUCKET))


def role_gone(student):
    role = student.do(until="stack").physical(ROLE)
    student.iam.delete_role_policy(RoleName=role, PolicyName="ReadTheBucket")
    student.iam.delete_role(RoleName=role)


def trusts_everyone(student):
    student.do(d.template(trust=[d.trusting({"AWS": "*"})]), until="stack")


def trusts_another_account(student):
    student.do(d.template(trust=[d.trusting({"AWS": f"arn:aws:iam::{OTHER}:root"})]), until="stack")


def policy_for_another_role(student):
    student.do(None, {**d.ASSUME, "Resource": "arn:aws:iam::*:role/another"}, until="policy")


def session_without_token(student):
    student.do().write("assumed", student.held("assumed"), aws_session_token=None)


def session_without_secret(student):
    student.do().write("assumed", student.held("assumed"), aws_secret_access_key=None)


def session_of_another_role(student):
    student.do(None, {**d.ASSUME, "Resource": "*"}, until="policy")
    student.write("assumed", student.assume(student.account.role("another", may=[ALLOW])))


def key_in_place_of_a_session(student):
    student.do(until="policy").write("assumed", student.held("sts"))


def role_with_too_much(student):
    student.do(d.template(may=[ALLOW]))


def objects_left_out(student):
    student.do(d.template(may=[d.LIST_ALL, d.LIST, {**d.READ, "Resource": d.BUCKET_ARN}]))


def object_left_out(student):
    objects_left_out(student)
    student.s3.put_object(Bucket=student.physical(BUCKET), Key="a.txt", Body=b"a")


def public_bucket(student):
    may = {"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": d.OBJECTS_ARN}
    policy = {"Bucket": {"Ref": "LabBucket"}, "PolicyDocument": d.policy(may)}
    block = {"PublicAccessBlockConfiguration": {"BlockPublicPolicy": False}}
    opened = {"Policy": {"Type": "AWS::S3::BucketPolicy", "Properties": policy}}
    student.do(d.template(bucket={"Properties": block}, **opened))
    student.s3.put_object(Bucket=student.physical(BUCKET), Key="a.txt", Body=b"a")


def bucket_retained(student):
    student.do(d.template(bucket={"DeletionPolicy": "Retain"})).clean_up()


def role_retained(student):
    template = d.template()
    template["Resources"]["StsRole"]["DeletionPolicy"] = "Retain"
    student.do(template).clean_up()


MISTAKES = {
    user_with_s3: ("user.no-s3", "may s3:ListAllMyBuckets on *, and should not"),
    key_inactive: ("user.created", "'Inactive' and should be 'Active'"),
    two_keys: ("user.created", "'Active, Active' and should be 'Active'"),
    key_of_another_user: ("user.identity", f"user/ana' and should be 'arn:aws:iam::{{account}}:user/{USER}'"),
    key_of_the_admin: ("user.identity", f"user/stslab-admin' and should be 'arn:aws:iam::{{account}}:user/{USER}'"),
    key_deleted: ("user.identity", "InvalidClientTokenId"),
    key_without_secret: ("user.identity", "sts is not whole: it has an access key id and no secret access key"),
    secret_of_another_key: ("user.identity", "SignatureDoesNotMatch"),
    rolled_back: ("stack.deploys", "ROLLBACK_COMPLETE: StsRole: Invalid principal in policy"),
    no_bucket: ("stack.bucket", "The stack has no bucket"),
    bucket_gone: ("stack.bucket", "which is there no more; delete the stack, and deploy it again"),
    role_gone: ("role.trust", "which is there no more; delete the stack, and deploy it again"),
    trusts_everyone: ("role.trust", "admits everyone: yes"),
    trusts_another_account: ("role.trust", "admits the user: no"),
    policy_for_another_role: ("policy.targets-role", "allow sts:AssumeRole on {role}: no"),
    session_without_token: ("session.assumed", "assumed is refused (InvalidClientTokenId,"),
    session_without_secret: ("session.assumed", "assumed is not whole: it has an access key id and no secret"),
    session_of_another_role: ("session.assumed", "assumed-role/another/s3-sts-fun, which is no session of role"),
    key_in_place_of_a_session: ("session.assumed", f"user/{USER}, which is no session of role"),
    role_with_too_much: ("session.least-privilege", "may iam:ListUsers on *, and should not"),
    objects_left_out: ("session.reads-bucket", "cannot s3:GetObject on {bucket}/stslab/hello.txt: AccessDenied"),
    object_left_out: ("session.reads-bucket", "cannot s3:GetObject on {bucket}/a.txt: AccessDenied"),
    public_bucket: ("user.still-no-s3", "Profile sts may s3:GetObject on {bucket}/a.txt, and should not"),
    bucket_retained: ("cleanup.residue", "AWS::S3::Bucket my-sts-fun-stack-labbucket"),
    role_retained: ("cleanup.residue", "AWS::IAM::Role my-sts-fun-stack-StsRole"),
}


@pytest.mark.parametrize("mistake", MISTAKES, ids=lambda mistake: mistake.__name__)
def test_a_mistake_fails_one_check_and_those_that_need_it_are_blocked(mistake, student):
    mistake(student)
    failed, reason = MISTAKES[mistake]
    if "{" in reason:
        standing = {each["StackName"] for each in student.cloudformation.describe_stacks()["Stacks"]}
        role = student.role_arn if standing else ""
        bucket = f"arn:aws:s3:::{student.physical(BUCKET)}" if standing else ""
        reason = reason.format(account=student.account.id, role=role, bucket=bucket)
    checked = student.check()
    blocked = f"blocked by {failed}"
    assert {check: how for check, how in checked.wrong.items() if how != blocked} == {failed: "failed"}, checked.output
    assert reason in checked.why(failed), checked.output
    assert checked.exit_code == 1
    assert f"First put right what is told above of {failed}." in checked.output
    assert "the account is clean" not in checked.output


def test_an_object_in_the_bucket_that_the_session_may_read(student):
    student.do().s3.put_object(Bucket=student.physical(BUCKET), Key="a.txt", Body=b"a")
    checked = student.check()
    assert (checked.exit_code, checked.wrong, len(of(checked, "passed"))) == (0, {}, 17), checked.output


@pytest.mark.parametrize("left", ["the key", "what is in the bucket"])
def test_what_is_left_of_the_clean_up_is_what_comes_next(left, student):
    student.do()
    if left == "the key":
        student.cloudformation.delete_stack(StackName=STACK)
        student.iam.delete_user_policy(UserName=USER, PolicyName=POLICY)
    else:
        student.s3.put_object(Bucket=student.physical(BUCKET), Key="a.txt", Body=b"a")
        student.clean_up()
    checked = student.check()
    assert (checked.exit_code, checked.outcomes) == (0, {})
    wanted = "delete the access key" if left == "the key" else "tear down the stack; empty its bucket first"
    assert checked.next.startswith(f"clean up, {wanted}"), checked.output


def test_the_admins_key_in_profile_sts_is_no_residue(student):
    student.do().clean_up()
    student.write("sts", student.account.admin)
    checked = student.check()
    assert (checked.exit_code, of(checked, "passed"), checked.wrong) == (0, CLEANUP, {}), checked.output


def test_names_of_ones_own_are_found(student):
    student.create_user("bob", Path="/lab/")
    student.write("sts", student.create_key("bob"))
    student.deploy(name="bobs")
    student.put_policy(user="bob")
    arn = student.iam.get_role(RoleName=student.physical(ROLE, "bobs"))["Role"]["Arn"]
    student.write("assumed", student.assume(arn, RoleSessionName="bobs-session"))
    checked = student.check()
    assert (checked.exit_code, checked.wrong, len(of(checked, "passed"))) == (0, {}, 17), checked.output
