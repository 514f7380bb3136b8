"""What audit.html says was made and is gone, it can show."""

from __future__ import annotations

import pytest
import results as r

from stslab.audit.removal import removed


def made_and_gone() -> list:
    return [
        r.call(1, r.ADMIN, "iam:CreateUser", "ann"),
        r.call(2, r.ADMIN, "iam:CreateAccessKey", "ann"),
        r.call(3, r.ADMIN, "cloudformation:CreateStack", "lab"),
        r.call(4, r.ADMIN, "iam:PutUserPolicy", "ann"),
        r.call(5, r.USER, "sts:AssumeRole", r.ROLE),
        r.call(6, r.ADMIN, "cloudformation:DeleteStack", "arn:aws:cloudformation:x:1:stack/lab/9"),
        r.call(7, r.ADMIN, "iam:DeleteAccessKey", "ann"),
        r.call(8, r.ADMIN, "iam:DeleteUserPolicy", "ann"),
        r.call(9, r.ADMIN, "iam:DeleteUser", "ann"),
        r.call(10, r.ADMIN, "cloudformation:DescribeStacks", "lab", "ValidationError", message="lab does not exist"),
        r.call(11, r.ADMIN, "iam:GetUserPolicy", "ann", "NoSuchEntity"),
        r.call(12, r.ADMIN, "iam:GetUser", "ann", "NoSuchEntity"),
        r.call(13, "arn:aws:iam::1:user/ann", "sts:GetCallerIdentity", "*", "InvalidClientTokenId"),
        r.call(14, r.SESSION, "s3:ListAllMyBuckets", "*", "AccessDenied", check="cleanup.residue"),
        r.call(15, r.ADMIN, "s3:ListBucket", "arn:aws:s3:::b", "404", check="cleanup.residue"),
    ]


def proofs(calls: list) -> dict[str, tuple[str, str]]:
    return {
        each.thing: (each.gone.id if each.gone else "", each.proof.id if each.proof else "")
        for each in removed(r.result(calls=tuple(calls)))
    }


def test_whatever_was_made_is_shown_to_be_gone():
    assert proofs(made_and_gone()) == {
        "user ann": ("c9", "c12"),
        "access key of user ann": ("c7", "c13"),
        "stack lab": ("c6", "c10"),
        "policy of user ann": ("c8", "c11"),
        "session of role lab-StsRole-1A2B3C": ("", "c14"),
        "bucket arn:aws:s3:::b": ("", "c15"),
    }


def test_one_things_deletion_proves_nothing_of_another():
    bob = [
        r.call(21, r.ADMIN, "iam:CreateUser", "bob"),
        r.call(22, r.ADMIN, "iam:CreateAccessKey", "bob"),
    ]
    found = proofs([*bob, *made_and_gone()])
    assert (found["user bob"], found["access key of user bob"]) == (("", ""), ("", ""))
    gone = [r.call(23, r.ADMIN, "iam:DeleteUser", "bob"), r.call(24, r.ADMIN, "iam:DeleteAccessKey", "bob")]
    assert proofs([*bob, *gone, *made_and_gone()])["user bob"] == ("c23", "")


@pytest.mark.parametrize(
    ("left_out", "thing"),
    [
        ("c9", "user ann"),
        ("c12", "user ann"),
        ("c7", "access key of user ann"),
        ("c6", "stack lab"),
        ("c10", "stack lab"),
        ("c8", "policy of user ann"),
        ("c14", "session of role lab-StsRole-1A2B3C"),
    ],
)
def test_what_no_call_shows_is_not_shown(left_out, thing):
    calls = [call for call in made_and_gone() if call.id != left_out]
    assert "" in proofs(calls)[thing]
    assert left_out not in proofs(calls)[thing]


@pytest.mark.parametrize(
    ("number", "answer"), [(12, ""), (12, "Throttling"), (10, "ValidationError"), (13, ""), (14, ""), (15, "")]
)
def test_only_an_answer_that_says_so_proves_that_a_thing_is_gone(number, answer):
    calls = made_and_gone()
    old = calls[number - 1]
    calls[number - 1] = r.call(number, old.principal, old.action, old.resource, answer, check=old.check)
    assert f"c{number}" not in [proof for _, proof in proofs(calls).values()]


def test_a_deletion_that_failed_takes_nothing_away():
    calls = made_and_gone()
    calls[6] = r.call(7, r.ADMIN, "iam:DeleteAccessKey", "ann", "Throttling")
    calls[8] = r.call(9, r.ADMIN, "iam:DeleteUser", "ann", "DeleteConflict")
    found = proofs(calls)
    assert (found["user ann"], found["access key of user ann"]) == (("", ""), ("", ""))


def test_a_key_is_known_to_be_gone_by_its_holders_refusal_or_by_the_users_deletion():
    calls = [call for call in made_and_gone() if call.id != "c13"]
    assert proofs(calls)["access key of user ann"] == ("c7", "c9")
    denied = r.call(13, "arn:aws:iam::1:user/ann", "s3:ListAllMyBuckets", "*", "AccessDenied")
    assert proofs([*calls, denied])["access key of user ann"] == ("c7", "c9")
    assert proofs([call for call in [*calls, denied] if call.id != "c9"])["access key of user ann"] == ("c7", "")


def test_a_denial_before_the_clean_up_says_nothing_of_the_session():
    calls = made_and_gone()
    calls[13] = r.call(
        14, r.SESSION, "dynamodb:ListTables", "*", "AccessDeniedException", check="session.least-privilege"
    )
    assert proofs(calls)["session of role lab-StsRole-1A2B3C"] == ("", "")


def test_an_object_is_gone_with_its_bucket():
    box = "arn:aws:s3:::box"
    calls = [
        r.call(1, r.ADMIN, "s3:PutObject", f"{box}/a/key"),
        r.call(2, r.ADMIN, "s3:DeleteObject", f"{box}/a/key"),
        r.call(3, r.ADMIN, "s3:ListBucket", box),
    ]
    assert proofs(calls) == {f"object {box}/a/key": ("c2", "")}
    gone = r.call(4, r.ADMIN, "s3:ListBucket", box, "404")
    assert proofs([*calls, gone]) == {f"object {box}/a/key": ("c2", "c4")}


def test_the_last_answer_counts_of_several():
    asked = [
        r.call(1, r.ADMIN, "iam:GetRole", "r", check="cleanup.residue"),
        r.call(2, r.ADMIN, "iam:GetRole", "r", "NoSuchEntity", check="cleanup.residue"),
    ]
    assert proofs(asked) == {"role r": ("", "c2")}
    assert proofs(asked[::-1]) == {"role r": ("", "")}
