"""The lab broken on purpose: which checks fail, which are blocked and by what, and that nothing is left."""

from __future__ import annotations

import documents as d
import pytest
import sabotage

SESSION = ("session.identity", "session.lists-buckets", "session.reads-bucket", "session.least-privilege")


def blocked(by, *checks):
    return dict.fromkeys(checks, f"blocked by {by}")


def without_trust(outcome="failed"):
    return {"role.trust": outcome, **blocked("role.trust", "session.assumed", *SESSION)}


def without_user(outcome="failed"):
    return {
        "user.created": outcome,
        **blocked("user.created", "user.identity", "user.no-s3", "policy.attached", "policy.targets-role"),
        **blocked("user.created", "session.assumed", *SESSION, "user.still-no-s3"),
    }


def without_identity():
    return {
        "user.identity": "failed",
        **blocked("user.identity", "user.no-s3", "session.assumed", *SESSION, "user.still-no-s3"),
    }


def without_stack(outcome="failed"):
    return {
        "stack.deploys": outcome,
        **blocked("stack.deploys", "stack.bucket", "role.trust", "policy.targets-role", "session.assumed", *SESSION),
    }


def without_target_role(**more):
    return {
        "policy.targets-role": "failed",
        "session.assumed": "failed",
        **blocked("session.assumed", *SESSION),
        **more,
    }


ROOT, USER = {"AWS": d.ROOT_ARN}, {"AWS": d.USER_ARN}

DOCUMENTS = {
    "service-only trust": (d.template(trust=[d.trusting({"Service": "s3.amazonaws.com"})]), None, without_trust()),
    "trust on another user": (d.template(trust=[d.trusting({"AWS": d.OTHER_ARN})]), None, without_trust()),
    "trust that denies": (
        d.template(trust=[d.trusting(ROOT), d.trusting(USER, Effect="Deny")]),
        None,
        without_trust(),
    ),
    "trust on everyone": (d.template(trust=[d.trusting("*")]), None, without_trust()),
    "trust for another action": (d.template(trust=[d.trusting(ROOT, Action="sts:TagSession")]), None, without_trust()),
    "trust on a condition": (
        d.template(trust=[d.trusting(USER, Condition={"Bool": {"aws:MultiFactorAuthPresent": "true"}})]),
        None,
        without_trust(),
    ),
    "role without ListAllMyBuckets": (
        d.template(may=[d.LIST, d.READ]),
        None,
        {"session.lists-buckets": "failed"},
    ),
    "ListAllMyBuckets on a bucket": (
        d.template(may=[{**d.LIST_ALL, "Resource": d.BUCKET_ARN}, d.LIST, d.READ]),
        None,
        {"session.lists-buckets": "failed"},
    ),
    "role on another bucket": (
        d.template(may=[d.LIST_ALL, {"Effect": "Allow", "Action": "s3:*", "Resource": "arn:aws:s3:::another*"}]),
        None,
        {"session.reads-bucket": "failed"},
    ),
    "role that cannot read objects": (d.template(may=[d.LIST_ALL, d.LIST]), None, {"session.reads-bucket": "failed"}),
    "role that may do anything": (
        d.template(may=[{"Effect": "Allow", "Action": "*", "Resource": "*"}]),
        None,
        {"session.least-privilege": "failed"},
    ),
    "role with one call that is tried": (
        d.template(may=[d.LIST_ALL, d.LIST, d.READ, {"Effect": "Allow", "Action": "iam:listusers", "Resource": "*"}]),
        None,
        {"session.least-privilege": "failed"},
    ),
    "role with one service that is not tried": (
        d.template(may=[d.LIST_ALL, d.LIST, d.READ, {"Effect": "Allow", "Action": "ec2:*", "Resource": "*"}]),
        None,
        {"session.least-privilege": "failed"},
    ),
    "role with all but one action": (
        d.template(may=[{"Effect": "Allow", "NotAction": "iam:*", "Resource": "*"}]),
        None,
        {"session.least-privilege": "failed"},
    ),
    "role that may more on a condition": (
        d.template(
            may=[
                d.LIST_ALL,
                d.LIST,
                d.READ,
                {"Effect": "Allow", "Action": "ec2:*", "Resource": "*", "Condition": {"Bool": {"aws:a": "true"}}},
            ]
        ),
        None,
        {"session.least-privilege": "undetermined"},
    ),
    "policy on the wrong role": (
        None,
        d.policy({**d.ASSUME, "Resource": "arn:aws:iam::123456789012:role/another"}),
        without_target_role(),
    ),
    "policy with a misspelt action": (None, d.policy({**d.ASSUME, "Action": "sts:AssumRole"}), without_target_role()),
    "policy that denies": (None, d.policy(d.ASSUME, {**d.ASSUME, "Effect": "Deny"}), without_target_role()),
    "policy on the user, trust on the user": (
        d.template(trust=[d.trusting(USER)]),
        d.policy({**d.ASSUME, "Resource": "arn:aws:iam::123456789012:user/sts-machine-user"}),
        {"policy.targets-role": "failed"},
    ),
    "policy that grants S3": (None, d.policy(d.ASSUME, d.LIST_ALL), {"user.still-no-s3": "failed"}),
    "policy that grants the object": (
        None,
        d.policy(d.ASSUME, {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::*/*"}),
        {"user.still-no-s3": "failed"},
    ),
    "retained bucket": (d.template(bucket={"DeletionPolicy": "Retain"}), None, {"cleanup.residue": "failed"}),
    "trust on a user who is not there": (
        d.template(trust=[d.trusting({"AWS": "arn:aws:iam::123456789012:user/sts-machine-usr"})]),
        None,
        without_stack(),
    ),
    "trust without a principal": (
        d.template(trust=[{"Effect": "Allow", "Principal": None, "Action": "sts:AssumeRole"}]),
        None,
        without_stack(),
    ),
    "trust with a resource": (d.template(trust=[d.trusting(ROOT, Resource="*")]), None, without_stack()),
    "a role with a name of its own": (d.template(name="my-own-role"), None, without_stack()),
    "bucket retained in the other way": (
        d.template(bucket={"DeletionPolicy": "RetainExceptOnCreate"}),
        None,
        {"cleanup.residue": "failed"},
    ),
    "no bucket": (
        {"Resources": {"StsRole": d.template(may=[d.LIST_ALL])["Resources"]["StsRole"]}},
        None,
        {"stack.bucket": "failed", "session.reads-bucket": "blocked by stack.bucket"},
    ),
    "no role": (
        {"Resources": {"LabBucket": {"Type": "AWS::S3::Bucket"}}},
        None,
        {"policy.targets-role": "failed", **without_trust()},
    ),
}

FINE = {
    "trust on the user": d.template(trust=[d.trusting(USER)]),
    "trust on the account's id": d.template(trust=[d.trusting({"AWS": {"Ref": "AWS::AccountId"}})]),
    "service and user together": d.template(trust=[d.trusting({"Service": "ec2.amazonaws.com", **USER})]),
    "trust in two statements": d.template(
        trust=[d.trusting({"AWS": d.OTHER_ARN}), d.trusting(USER, Action=["STS:assumerole", "sts:TagSession"])]
    ),
    "all of S3 by two resources": d.template(
        may=[{"Effect": "Allow", "Action": "S3:*", "Resource": ["arn:aws:s3:::*", "arn:aws:s3:::*/*"]}]
    ),
    "anything, but on S3's resources": d.template(
        may=[{"Effect": "Allow", "Action": "*", "Resource": ["arn:aws:s3:::*"]}]
    ),
    "anything, less all that is not S3": d.template(
        may=[
            {"Effect": "Allow", "Action": "*", "Resource": "*"},
            {"Effect": "Deny", "NotAction": "s3:*", "Resource": "*"},
        ]
    ),
    "a role with a path": d.template(
        StsRole={
            **d.template()["Resources"]["StsRole"],
            "Properties": {
                **d.template(trust=[d.trusting(USER)])["Resources"]["StsRole"]["Properties"],
                "Path": "/lab/",
            },
        }
    ),
    "a policy of its own in the stack": d.template(
        may=[d.LIST_ALL],
        More={
            "Type": "AWS::IAM::Policy",
            "Properties": {
                "PolicyName": "More",
                "Roles": [{"Ref": "StsRole"}],
                "PolicyDocument": {"Version": "2012-10-17", "Statement": [d.LIST, d.READ]},
            },
        },
    ),
}

RUNNING = {
    sabotage.user_that_already_has_s3: {
        "user.no-s3": "failed",
        "user.still-no-s3": "blocked by user.no-s3",
        # The lab deletes its own policy only, and a user that has another one cannot be deleted.
        "cleanup.complete": "failed",
        "cleanup.residue": "failed",
    },
    # The lab's clean-up knows of no group, and IAM does not delete a user who is in one.
    sabotage.user_in_a_group_that_has_s3: {
        "user.no-s3": "failed",
        "user.still-no-s3": "blocked by user.no-s3",
        "cleanup.complete": "failed",
        "cleanup.residue": "failed",
    },
    sabotage.inactive_key: without_user(),
    sabotage.deleted_key: without_user(),
    sabotage.key_made_inactive_after_its_creation: without_identity(),
    sabotage.key_deleted_after_its_creation: without_identity(),
    sabotage.wrong_secret: without_identity(),
    sabotage.another_identity: without_identity(),
    sabotage.throttled_instead_of_denied: {
        "user.no-s3": "error",
        "session.lists-buckets": "error",
        "user.still-no-s3": "blocked by user.no-s3",
        "cleanup.residue": "error",
    },
    sabotage.dead_key_instead_of_denied: {
        "user.no-s3": "error",
        "session.lists-buckets": "failed",
        "user.still-no-s3": "blocked by user.no-s3",
    },
    sabotage.unreachable_instead_of_denied: {
        "user.no-s3": "error",
        "session.lists-buckets": "error",
        "user.still-no-s3": "blocked by user.no-s3",
        "cleanup.residue": "error",
    },
    sabotage.stack_that_rolls_back: without_stack(),
    sabotage.somebody_elses_object_in_the_bucket: {"cleanup.complete": "failed", "cleanup.residue": "failed"},
    sabotage.policy_never_put: {"policy.attached": "failed", **without_target_role()}
    | {"policy.targets-role": "blocked by policy.attached"},
    sabotage.policy_changed_on_the_way: {
        "policy.attached": "failed",
        "policy.targets-role": "blocked by policy.attached",
    },
    sabotage.stack_bucket_is_not_listed: {"session.lists-buckets": "failed"},
    sabotage.session_ends_early: {"session.assumed": "failed", **blocked("session.assumed", *SESSION)}
    | {"user.still-no-s3": "failed"},
    sabotage.user_gets_s3_meanwhile: {
        "user.still-no-s3": "failed",
        "cleanup.complete": "failed",
        "cleanup.residue": "failed",
    },
    sabotage.cleanup_step_that_raises: {"cleanup.complete": "error", "cleanup.residue": "error"},
    sabotage.cleanup_step_that_is_refused: {"cleanup.complete": "failed", "cleanup.residue": "failed"},
    # IAM does not delete a user who has a key.
    sabotage.key_that_is_not_deleted: {"cleanup.complete": "failed", "cleanup.residue": "failed"},
    sabotage.user_that_is_not_deleted: {"cleanup.complete": "failed", "cleanup.residue": "failed"},
    sabotage.key_that_works_on: {"cleanup.residue": "failed"},
    sabotage.session_that_works_on: {"cleanup.residue": "failed"},
}


@pytest.mark.parametrize("name", DOCUMENTS)
def test_broken_documents_fail_at_the_right_check(perform, tmp_path, name):
    template, policy, expected = DOCUMENTS[name]
    lab = perform("--policies", str(d.write(tmp_path, template, policy)))
    assert lab.not_passed == expected
    assert lab.exit_code == 1
    assert lab.left == {}


@pytest.mark.parametrize("name", FINE)
def test_other_right_documents_pass(perform, tmp_path, name):
    lab = perform("--policies", str(d.write(tmp_path, FINE[name])))
    assert lab.not_passed == {}
    assert lab.left == {}


@pytest.mark.parametrize("broken", RUNNING, ids=lambda broken: broken.__name__)
def test_a_broken_run_fails_at_the_right_check(perform, broken):
    lab = perform(sabotage=broken)
    assert lab.not_passed == RUNNING[broken]
    assert lab.exit_code == 1
    groups = {"groups": ["readers"]} if broken is sabotage.user_in_a_group_that_has_s3 else {}
    assert lab.left == groups


def test_a_bucket_name_that_is_taken_fails_the_stack_and_is_left_alone(perform):
    lab = perform("--bucket-name", "somebody-elses", sabotage=sabotage.bucket_name_is_taken)
    assert lab.not_passed == without_stack()
    assert lab.left == {"buckets": ["somebody-elses"]}


def test_a_stack_that_rolls_back_gives_the_events_reason(perform):
    lab = perform(sabotage=sabotage.stack_that_rolls_back)
    assert lab.check("stack.deploys")["reason"] == (
        "The stack ends as ROLLBACK_COMPLETE: StsRole: Invalid principal in policy"
    )
    assert lab.check("stack.deploys")["actual"] == "ROLLBACK_COMPLETE"


def test_what_a_stack_could_not_make_is_left_alone(perform):
    lab = perform(sabotage=sabotage.stack_that_rolls_back_over_somebody_elses_bucket)
    assert lab.not_passed == without_stack()
    assert lab.left == {"buckets": ["somebody-elses"]}


def test_a_user_that_comes_back_is_residue(perform):
    lab = perform(sabotage=sabotage.user_that_comes_back)
    assert lab.not_passed == {"cleanup.residue": "failed"}
    assert lab.check("cleanup.residue")["reason"] == "The user sts-machine-user is still there."


def test_a_user_that_is_there_already_is_left_alone(perform):
    lab = perform(sabotage=sabotage.user_is_there_already)
    assert lab.not_passed == without_user("error") | {"cleanup.residue": "failed"}
    assert "--user-name" in lab.check("user.created")["reason"]
    assert lab.left == {"users": ["sts-machine-user"]}


def test_a_stack_that_is_there_already_is_an_error(perform):
    lab = perform(sabotage=sabotage.stack_is_there_already)
    assert lab.not_passed == without_stack("error")
    assert "--stack-name" in lab.check("stack.deploys")["reason"]


def test_what_cannot_be_taken_away_is_named(perform):
    lab = perform(sabotage=sabotage.user_that_cannot_be_deleted_at_all)
    assert lab.not_passed == {"cleanup.complete": "error", "cleanup.residue": "error"}
    assert "Left behind: user sts-machine-user" in lab.output
    assert lab.left == {"users": ["sts-machine-user"]}
