"""Which policies count for whom: grants of a resource's policy, boundaries, sessions, accounts, NotPrincipal.

Pages of the IAM user guide: "Policy evaluation logic", "Permissions boundaries for IAM entities", "Cross-account policy
evaluation logic", "AWS JSON policy elements: Principal" and "… NotPrincipal".
"""

from __future__ import annotations

import pytest

from stslab.iam import Caller, Outcome, Policies, Request, evaluate, explain, parse_policy
from stslab.iam.explain import reason

HERE, ABROAD = "111122223333", "444455556666"
USER = Caller(f"arn:aws:iam::{HERE}:user/team/ana", user_id="AIDAEXAMPLEANA000001")
SESSION = Caller(f"arn:aws:sts::{HERE}:assumed-role/Reader/s1", f"arn:aws:iam::{HERE}:role/lab/Reader")
ROOT = Caller(f"arn:aws:iam::{HERE}:root")
SERVICE = Caller("ec2.amazonaws.com")
NOBODY = Caller("anonymous")
OBJECT, ROLE = "arn:aws:s3:::lab/k", f"arn:aws:iam::{HERE}:role/Target"

ALLOWED, IMPLICIT, EXPLICIT = Outcome.ALLOWED, Outcome.IMPLICIT_DENY, Outcome.EXPLICIT_DENY


def policy(*statements):
    return parse_policy({"Version": "2012-10-17", "Statement": list(statements)}, "policy")


def s3(effect="Allow", principal=None, **more):
    named = {} if principal is None else {"Principal": principal}
    return {"Effect": effect, "Action": "s3:*", "Resource": "*", **named, **more}


YES, NO_S3 = policy(s3()), policy({"Effect": "Allow", "Action": "iam:*", "Resource": "*"})


def aws(*arns):
    return {"AWS": list(arns)}


# caller, identity, boundary, session policies, resource policy, owner of the resource, answer
CASES = [
    (USER, [YES], None, [], None, HERE, ALLOWED),
    (USER, [YES], NO_S3, [], None, HERE, IMPLICIT),
    (USER, [YES], YES, [], None, HERE, ALLOWED),
    (SESSION, [YES], None, [NO_S3], None, HERE, IMPLICIT),
    (SESSION, [YES], None, [NO_S3, YES], None, HERE, ALLOWED),
    (SESSION, [], None, [YES], None, HERE, IMPLICIT),
    # a grant to a user's ARN passes the boundary; one to the account grants nothing by itself
    (USER, [], NO_S3, [], policy(s3(principal=aws(USER.arn))), HERE, ALLOWED),
    (USER, [], None, [], policy(s3(principal=aws(HERE))), HERE, IMPLICIT),
    (USER, [], None, [], policy(s3(principal="*")), HERE, ALLOWED),
    # a grant to a role's ARN does not pass boundary and session policy; one to a session's ARN passes both
    (SESSION, [], None, [], policy(s3(principal=aws(SESSION.role_arn))), HERE, ALLOWED),
    (SESSION, [], NO_S3, [], policy(s3(principal=aws(SESSION.role_arn))), HERE, IMPLICIT),
    (SESSION, [], None, [NO_S3], policy(s3(principal=aws(SESSION.role_arn))), HERE, IMPLICIT),
    (SESSION, [], NO_S3, [NO_S3], policy(s3(principal=aws(SESSION.arn))), HERE, ALLOWED),
    (SESSION, [], NO_S3, [NO_S3], policy(s3(principal="*")), HERE, ALLOWED),
    # a deny counts wherever it stands
    (USER, [YES], policy(s3(), s3("Deny")), [], None, HERE, EXPLICIT),
    (SESSION, [YES], None, [policy(s3("Deny"))], None, HERE, EXPLICIT),
    (USER, [YES], None, [], policy(s3("Deny", aws(HERE))), HERE, EXPLICIT),
    (ROOT, [], None, [], policy(s3("Deny", aws(HERE))), HERE, EXPLICIT),
    # across accounts both sides
    (USER, [YES], None, [], None, ABROAD, IMPLICIT),
    (USER, [YES], None, [], policy(s3(principal=aws(USER.arn))), ABROAD, ALLOWED),
    (USER, [YES], None, [], policy(s3(principal=aws(HERE))), ABROAD, ALLOWED),
    (USER, [], None, [], policy(s3(principal=aws(USER.arn))), ABROAD, IMPLICIT),
    (USER, [YES], NO_S3, [], policy(s3(principal=aws(USER.arn))), ABROAD, IMPLICIT),
    (SESSION, [YES], None, [NO_S3], policy(s3(principal=aws(SESSION.arn))), ABROAD, IMPLICIT),
    # root, a service, nobody
    (ROOT, [], None, [], None, HERE, ALLOWED),
    (ROOT, [], None, [], None, ABROAD, IMPLICIT),
    (ROOT, [], None, [], policy(s3(principal=aws(HERE))), ABROAD, ALLOWED),
    (SERVICE, [], None, [], policy(s3(principal={"Service": "ec2.amazonaws.com"})), HERE, ALLOWED),
    (SERVICE, [], None, [], policy(s3(principal={"Service": "s3.amazonaws.com"})), HERE, IMPLICIT),
    (NOBODY, [], None, [], policy(s3(principal="*")), HERE, ALLOWED),
    (NOBODY, [], None, [], policy(s3(principal=aws(HERE))), HERE, IMPLICIT),
    # principals: unique ids, another path, another case
    (USER, [], None, [], policy(s3(principal=aws("AIDAEXAMPLEANA000001"))), HERE, ALLOWED),
    (USER, [], None, [], policy(s3(principal=aws("AIDAEXAMPLEANA000002"))), HERE, IMPLICIT),
    (USER, [], None, [], policy(s3(principal=aws(f"arn:aws:iam::{HERE}:user/ana"))), HERE, IMPLICIT),
    (USER, [], None, [], policy(s3(principal=aws(f"arn:aws:iam::{HERE}:user/team/Ana"))), HERE, IMPLICIT),
]


@pytest.mark.parametrize(("caller", "identity", "boundary", "sessions", "theirs", "owner", "answer"), CASES)
def test_who_counts(caller, identity, boundary, sessions, theirs, owner, answer):
    request = Request(caller, "s3:GetObject", OBJECT, owner)
    more = {"boundary": boundary, "session_policies": sessions, "resource_policy": theirs}
    assert evaluate(request, identity, **more).outcome is answer
    assert explain(request, identity, **more).decision.outcome is answer


def excepting(*arns, effect="Deny"):
    return {"Effect": effect, "NotPrincipal": aws(*arns), "Action": "s3:*", "Resource": "*"}


ACCOUNT = f"arn:aws:iam::{HERE}:root"
NOT_PRINCIPAL = [
    (USER, [USER.arn, ACCOUNT], None, ALLOWED),
    (USER, [f"arn:aws:iam::{HERE}:user/bob", ACCOUNT], None, EXPLICIT),
    # without the account, "the policy might deny access to the entire account"
    (USER, [USER.arn], None, EXPLICIT),
    (SESSION, [SESSION.arn, SESSION.role_arn, ACCOUNT], None, ALLOWED),
    (SESSION, [SESSION.arn, ACCOUNT], None, EXPLICIT),
    # "will always deny any IAM principal that has a permissions boundary"
    (USER, [USER.arn, ACCOUNT], YES, EXPLICIT),
]


@pytest.mark.parametrize(("caller", "listed", "boundary", "answer"), NOT_PRINCIPAL)
def test_not_principal(caller, listed, boundary, answer):
    request = Request(caller, "s3:GetObject", OBJECT, HERE)
    assert evaluate(request, [YES], boundary=boundary, resource_policy=policy(excepting(*listed))).outcome is answer


def trusting(principal, action="sts:AssumeRole"):
    return policy({"Effect": "Allow", "Principal": principal, "Action": action})


MAY = policy({"Effect": "Allow", "Action": "sts:*", "Resource": ROLE})


def test_the_special_rule_of_trust_policies():
    """IAM user guide, "Policy evaluation logic": a trust policy always has to allow; "Update a role trust policy"."""
    assume = Request(USER, "sts:AssumeRole", ROLE)
    assert evaluate(assume, [MAY]).outcome is IMPLICIT
    assert evaluate(assume, [MAY], resource_policy=trusting(aws(HERE))).allowed
    assert evaluate(assume, [], resource_policy=trusting(aws(USER.arn))).allowed
    assert not evaluate(assume, [], boundary=YES, resource_policy=trusting(aws(USER.arn))).allowed
    assert evaluate(assume, [], boundary=MAY, resource_policy=trusting(aws(USER.arn))).allowed
    root = Request(ROOT, "sts:AssumeRole", ROLE)
    assert evaluate(root, [MAY], resource_policy=trusting(aws(ACCOUNT))).outcome is IMPLICIT
    chained = Request(SESSION, "sts:AssumeRole", ROLE)
    assert evaluate(chained, [], session_policies=[YES], resource_policy=trusting(aws(SESSION.arn))).allowed
    assert not evaluate(chained, [], session_policies=[YES], resource_policy=trusting(aws(SESSION.role_arn))).allowed
    assert evaluate(
        Request(SERVICE, "sts:AssumeRole", ROLE), [], resource_policy=trusting({"Service": SERVICE.arn})
    ).allowed


def test_nobody_needs_leave_to_ask_who_he_is():
    """STS API reference, GetCallerIdentity: also where a policy denies it."""
    denying = policy({"Effect": "Deny", "Action": "*", "Resource": "*"})
    assert evaluate(Request(USER, "sts:GetCallerIdentity", "*"), [denying]).allowed


WHY = [
    ([], "there is none"),
    ([{"Effect": "Allow", "Action": "s3:Put*", "Resource": "*"}], "its Action is s3:Put*"),
    ([{**s3(), "Resource": "arn:aws:s3:::lab"}], "without the /* that stands for what is in it"),
    ([{**s3(), "Resource": "arn:aws:s3:::LAB/k"}], "differs in upper and lower case"),
    (
        [s3(Condition={"StringEquals": {"aws:username": "bea"}})],
        "StringEquals aws:username bea, where the request has ana",
    ),
    ([s3(Condition={"Bool": {"aws:MultiFactorAuthPresent": "true"}})], "where the request has no such key"),
    ([{**s3(), "Action": "iam:*"}, {**s3(), "Resource": "arn:aws:s3:::x"}], "statement 2 of policy comes nearest"),
]


@pytest.mark.parametrize(("statements", "words"), WHY)
def test_a_denial_says_what_came_nearest_and_why_it_missed(statements, words):
    told = explain(Request(USER, "s3:GetObject", OBJECT), [policy(*statements)] if statements else [])
    assert told.decision.outcome is IMPLICIT
    assert words in told.sentence
    assert told.sentence.endswith(".")


def test_a_deny_is_named_with_its_sid():
    told = explain(Request(USER, "s3:GetObject", OBJECT), [YES, policy(s3("Deny", Sid="Stop"))])
    assert "denied by statement 1 (Stop) of policy: an explicit deny" in told.sentence
    assert [finding.applies for finding in told.findings] == [True, True]


def test_a_principal_that_is_not_meant_is_named():
    told = explain(
        Request(USER, "sts:AssumeRole", ROLE), [MAY], resource_policy=trusting(aws(f"arn:aws:iam::{HERE}:user/b"))
    )
    assert f"its Principal is not {USER.arn}" in told.sentence


def grant(arn):
    return policy(s3(principal=aws(arn)))


NO_TAG = {**s3(), "Resource": "arn:aws:s3:::${aws:PrincipalTag/team}/k"}
# caller, identity, boundary, session policies, resource policy, owner, what the sentence says
TRUE_WORDS = [
    (USER, [], None, [], grant(HERE), HERE, "statement 1 of policy comes nearest, but it leaves the decision to the"),
    (USER, [], None, [], grant(f"{USER.arn}x"), HERE, f"but its Principal is not {USER.arn}"),
    (USER, [NO_S3], None, [], grant(HERE), HERE, "its Action is iam:*"),
    (USER, [], None, [], grant(USER.arn), ABROAD, f"there is none, and the resource is of account {ABROAD}"),
    (USER, [YES], None, [], None, ABROAD, "no resource-based policy allows the s3:GetObject action: there is none"),
    (USER, [YES], NO_S3, [], None, HERE, "no permissions boundary allows the s3:GetObject action; statement 1"),
    (SESSION, [YES], None, [policy(s3("Deny", Resource="arn:aws:s3:::x"))], None, HERE, "there is no Allow in any."),
    (Caller(f"arn:aws:sts::{HERE}:federated-user/c"), [YES], None, [], None, HERE, "a federated user has no"),
    (USER, [policy(NO_TAG)], None, [], None, HERE, "in which ${aws:PrincipalTag/team} has no value"),
    (USER, [policy(s3(Condition={"StringEquals": {"a": ""}}))], None, [], None, HERE, 'StringEquals a "", where the'),
    (USER, [policy(s3("Deny"))], None, [], policy(s3("Deny", "*")), HERE,
     "denied by statement 1 of policy: an explicit deny overrides"),
]  # fmt: skip


@pytest.mark.parametrize(("caller", "identity", "boundary", "sessions", "theirs", "owner", "words"), TRUE_WORDS)
def test_the_sentence_says_what_was_missing(caller, identity, boundary, sessions, theirs, owner, words):
    request = Request(caller, "s3:GetObject", OBJECT, owner)
    told = explain(request, identity, boundary=boundary, session_policies=sessions, resource_policy=theirs)
    assert words in told.sentence
    policies = Policies(identity, boundary, sessions, theirs)
    assert reason(request, policies, told.decision) == told.sentence


def test_every_deny_is_named():
    """An explicit deny in several policies: all of them decide."""
    denying = parse_policy({"Statement": s3("Deny", "*")}, "the bucket's policy")
    decision = evaluate(Request(USER, "s3:GetObject", OBJECT), [policy(s3("Deny"))], resource_policy=denying)
    assert [matched.source for matched in decision.matched] == ["policy", "the bucket's policy"]
    assert decision.reason == "with an explicit deny in an identity-based policy"
