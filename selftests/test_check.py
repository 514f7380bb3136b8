"""``stslab check`` from the first step of the lab to the last, and with one thing wrong in it; it changes nothing."""

from __future__ import annotations

import json
import re

import boto3
import documents as d
import misdoings as m
import pytest
from misdoings import BUCKET, ROLE
from practising import POLICY, STACK, USER

from stslab.observing.progress import OF_SESSION

OF_USER = {"user.created", "user.identity", "user.no-s3"}
OF_STACK = {"submission.template", "submission.secrets", "stack.deploys", "stack.bucket", "role.trust"}
OF_POLICY = {"submission.policy", "policy.attached", "policy.targets-role"}
CLEANUP = {"cleanup.complete", "cleanup.residue"}


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


MISTAKES = {
    m.user_with_s3: ("user.no-s3", "may s3:ListAllMyBuckets on *, and should not"),
    m.key_inactive: ("user.created", "'Inactive' and should be 'Active'"),
    m.two_keys: ("user.created", "'Active, Active' and should be 'Active'"),
    m.key_of_another_user: ("user.identity", f"user/ana' and should be 'arn:aws:iam::{{account}}:user/{USER}'"),
    m.key_of_the_admin: ("user.identity", f"user/stslab-admin' and should be 'arn:aws:iam::{{account}}:user/{USER}'"),
    m.key_deleted: ("user.identity", "InvalidClientTokenId"),
    m.key_without_secret: ("user.identity", "sts is not whole: it has an access key id and no secret access key"),
    m.secret_of_another_key: ("user.identity", "SignatureDoesNotMatch"),
    m.rolled_back: ("stack.deploys", "ROLLBACK_COMPLETE: StsRole: Invalid principal in policy"),
    m.no_bucket: ("stack.bucket", "The stack has no bucket"),
    m.bucket_gone: ("stack.bucket", "which is there no more; delete the stack, and deploy it again"),
    m.role_gone: ("role.trust", "which is there no more; delete the stack, and deploy it again"),
    m.trusts_everyone: ("role.trust", "admits everyone: yes"),
    m.trusts_another_account: ("role.trust", "admits the user: no"),
    m.policy_for_another_role: ("policy.targets-role", "allow sts:AssumeRole on {role}: no"),
    m.session_without_token: ("session.assumed", "assumed is refused (InvalidClientTokenId,"),
    m.session_without_secret: ("session.assumed", "assumed is not whole: it has an access key id and no secret"),
    m.session_of_another_role: ("session.assumed", "assumed-role/another/s3-sts-fun, which is no session of role"),
    m.key_in_place_of_a_session: ("session.assumed", f"user/{USER}, which is no session of role"),
    m.role_with_too_much: ("session.least-privilege", "may iam:ListUsers on *, and should not"),
    m.objects_left_out: ("session.reads-bucket", "cannot s3:GetObject on {bucket}/stslab/hello.txt: AccessDenied"),
    m.object_left_out: ("session.reads-bucket", "cannot s3:GetObject on {bucket}/a.txt: AccessDenied"),
    m.public_bucket: ("user.still-no-s3", "Profile sts may s3:GetObject on {bucket}/a.txt, and should not"),
    m.bucket_retained: ("cleanup.residue", "AWS::S3::Bucket my-sts-fun-stack-labbucket"),
    m.role_retained: ("cleanup.residue", "AWS::IAM::Role my-sts-fun-stack-StsRole"),
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
    wanted = (
        "delete the access key"
        if left == "the key"
        else "tear down the stack, which has failed: empty its bucket first"
    )
    assert checked.next.startswith(f"clean up, {wanted}"), checked.output


def test_what_another_region_has_is_no_clean_account(student):
    """Roles and buckets are listed wherever they are; the stack is not."""
    student.do().clean_up()
    elsewhere = boto3.client(
        "cloudformation",
        region_name="eu-west-1",
        endpoint_url=student.account.endpoint,
        aws_access_key_id=student.account.admin.access_key_id,
        aws_secret_access_key=student.account.admin.secret_access_key.reveal(),
    )
    elsewhere.create_stack(StackName=STACK, TemplateBody=json.dumps(d.template()), Capabilities=["CAPABILITY_IAM"])
    checked = student.check()
    assert (checked.exit_code, checked.wrong) == (1, {"cleanup.complete": "failed"})
    why = rf"role {STACK}-StsRole-\w+ and bucket {STACK}-\w+-\w+ is still there, .* look for a stack in another region"
    assert re.search(why, checked.why("cleanup.complete"))


def test_a_lab_that_is_not_in_the_history_is_not_proved(student):
    """Profile assumed was written, and nobody looked with it; the account is clean, and that is all."""
    student.do(until="policy")
    student.write("assumed", student.assume())
    student.clean_up()
    checked = student.check()
    assert (checked.exit_code, checked.wrong) == (1, {})
    assert "not proved, since this is not in the history: be recognised as the session; list the" in checked.output
    assert "the account is clean" not in checked.output


@pytest.mark.parametrize(
    ("mistake", "repaired"),
    [
        (m.role_with_too_much, "mend the template, and deploy it again:\n    aws cloudformation deploy "),
        (m.rolled_back, f"stack {STACK} is ROLLBACK_COMPLETE: delete it, mend the template"),
        (m.policy_for_another_role, "mend the policy, and put it again:\n    aws iam put-user-policy "),
        (m.two_keys, "delete the access key that is not in profile sts:\n    aws iam list-access-keys "),
        (m.key_inactive, "make the access key active again:\n    aws iam list-access-keys "),
        (m.session_without_token, "assume the role, and write all three values"),
        (m.user_with_s3, "look for what gives the user access"),
    ],
    ids=lambda each: getattr(each, "__name__", ""),
)
def test_what_comes_next_is_to_put_right_what_has_failed(mistake, repaired, student):
    """And not to clean up, after which nobody could see any more that it was wrong."""
    mistake(student)
    assert student.check().next.startswith(repaired)


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
