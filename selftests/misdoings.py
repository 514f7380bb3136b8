"""What a student may do wrong in the lab, one thing at a time, each up to where it shows."""

from __future__ import annotations

import documents as d
from accounts import ALLOW
from practising import USER

ROLE, BUCKET = "AWS::IAM::Role", "AWS::S3::Bucket"
S3 = {"Effect": "Allow", "Action": "s3:*", "Resource": "*"}
OTHER = "444455556666"


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
    student.do(until="policy").assume()
    student.write("assumed", student.held("sts"))


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
