"""The policy evaluation, as a table of cases with AWS's answer to each.

Pages are of the IAM user guide unless named: Grammar ("Grammar of the IAM JSON policy language"), Action, Resource,
Principal ("IAM JSON policy elements: …"), Logic ("Policy evaluation logic"), Roles ("IAM roles", trust policies).
"""

from __future__ import annotations

import pytest

from stslab.iam import Caller, Context, MalformedPolicy, Outcome, Request, evaluate, parse_policy
from stslab.iam.decision import denial_message, refused_action
from stslab.iam.matching import all_of, any_of, negated
from stslab.iam.privilege import beyond
from stslab.iam.trust import admits_everyone

ACCOUNT = "111122223333"
USER = Caller(f"arn:aws:iam::{ACCOUNT}:user/team/ana")
SESSION = Caller(f"arn:aws:sts::{ACCOUNT}:assumed-role/Reader/s1", f"arn:aws:iam::{ACCOUNT}:role/lab/Reader")
FOREIGNER = Caller("arn:aws:iam::444455556666:user/ana")
ROLE = f"arn:aws:iam::{ACCOUNT}:role/lab/Reader"

ALLOWED, IMPLICIT, EXPLICIT, UNKNOWN = (
    Outcome.ALLOWED,
    Outcome.IMPLICIT_DENY,
    Outcome.EXPLICIT_DENY,
    Outcome.UNDETERMINED,
)


def read(*statements, source="policy"):
    return parse_policy({"Version": "2012-10-17", "Statement": list(statements)}, source)


def allow(action, resource="*", **more):
    return {"Effect": "Allow", "Action": action, "Resource": resource, **more}


def deny(action, resource="*", **more):
    return {"Effect": "Deny", "Action": action, "Resource": resource, **more}


ALL_BUCKETS, BUCKET, OBJECT = "arn:aws:s3:::*", "arn:aws:s3:::lab", "arn:aws:s3:::lab/a/b.txt"
CONDITION = {"Bool": {"aws:SecureTransport": "true"}}
UNTOLD = Context(unknown=lambda key: key in ("aws:securetransport", "aws:principaltag/team"))

IDENTITY = [
    # Logic: "By default, all requests are implicitly denied"
    ([], "s3:GetObject", OBJECT, IMPLICIT),
    ([allow("s3:GetObject")], "s3:GetObject", OBJECT, ALLOWED),
    ([allow("s3:GetObject")], "s3:PutObject", OBJECT, IMPLICIT),
    # Logic: "An explicit deny in any policy overrides any allows", in whatever order
    ([allow("*"), deny("s3:*")], "s3:GetObject", OBJECT, EXPLICIT),
    ([deny("s3:*"), allow("*")], "s3:GetObject", OBJECT, EXPLICIT),
    ([deny("s3:Put*"), allow("*")], "s3:GetObject", OBJECT, ALLOWED),
    # Action: prefix and name are case-insensitive; * and ? are wildcards and nothing else is
    ([allow("S3:getobject")], "s3:GetObject", OBJECT, ALLOWED),
    ([allow("s3:Get*")], "s3:GetObjectAcl", OBJECT, ALLOWED),
    ([allow("s3:Get?bject")], "s3:GetObject", OBJECT, ALLOWED),
    ([allow("s3:Get?Object")], "s3:GetObject", OBJECT, IMPLICIT),
    ([allow("s3:.*")], "s3:GetObject", OBJECT, IMPLICIT),
    ([allow("s3:Get[O]bject")], "s3:GetObject", OBJECT, IMPLICIT),
    ([allow("*:GetObject")], "s3:GetObject", OBJECT, ALLOWED),
    ([allow("s3:GetObjec")], "s3:GetObject", OBJECT, IMPLICIT),
    ([allow(["iam:*", "s3:GetObject"])], "s3:GetObject", OBJECT, ALLOWED),
    # NotAction: all but those
    ([{"Effect": "Allow", "NotAction": "iam:*", "Resource": "*"}], "s3:GetObject", OBJECT, ALLOWED),
    ([{"Effect": "Allow", "NotAction": ["iam:*", "S3:*"], "Resource": "*"}], "s3:GetObject", OBJECT, IMPLICIT),
    ([allow("*"), {"Effect": "Deny", "NotAction": "s3:*", "Resource": "*"}], "iam:ListUsers", "*", EXPLICIT),
    ([allow("*"), {"Effect": "Deny", "NotAction": "s3:*", "Resource": "*"}], "s3:GetObject", OBJECT, ALLOWED),
    # Resource: case-sensitive, wildcards cross / and :
    ([allow("s3:*", "arn:aws:s3:::lab/*")], "s3:GetObject", OBJECT, ALLOWED),
    ([allow("s3:*", "arn:aws:s3:::LAB/*")], "s3:GetObject", OBJECT, IMPLICIT),
    ([allow("s3:*", "arn:aws:s3:::lab")], "s3:GetObject", OBJECT, IMPLICIT),
    ([allow("s3:*", "arn:*:lab/?/b.txt")], "s3:GetObject", OBJECT, ALLOWED),
    ([allow("s3:*", "arn:aws:s3:::lab/a.b.txt")], "s3:GetObject", OBJECT, IMPLICIT),
    ([allow("s3:*", ["arn:aws:s3:::x", "arn:aws:s3:::lab*"])], "s3:GetObject", OBJECT, ALLOWED),
    ([{"Effect": "Allow", "Action": "s3:*", "NotResource": "arn:aws:s3:::lab/*"}], "s3:GetObject", OBJECT, IMPLICIT),
    ([{"Effect": "Allow", "Action": "s3:*", "NotResource": "arn:aws:s3:::x/*"}], "s3:GetObject", OBJECT, ALLOWED),
    (
        [allow("*"), {"Effect": "Deny", "Action": "s3:*", "NotResource": "arn:aws:s3:::x/*"}],
        "s3:GetObject",
        OBJECT,
        EXPLICIT,
    ),
    # Service authorization reference, S3: ListAllMyBuckets has no resource of its own; a bucket's ARN does not cover it
    ([allow("s3:ListAllMyBuckets")], "s3:ListAllMyBuckets", ALL_BUCKETS, ALLOWED),
    ([allow("s3:ListAllMyBuckets", "arn:aws:s3:::*")], "s3:ListAllMyBuckets", ALL_BUCKETS, ALLOWED),
    ([allow("s3:ListAllMyBuckets", BUCKET)], "s3:ListAllMyBuckets", ALL_BUCKETS, IMPLICIT),
    # A key that the target cannot tell makes a decision unknown only where it makes a difference
    ([allow("s3:*", Condition=CONDITION)], "s3:GetObject", OBJECT, UNKNOWN),
    ([allow("s3:*", Condition=CONDITION), allow("s3:*")], "s3:GetObject", OBJECT, ALLOWED),
    ([allow("s3:*", Condition=CONDITION), deny("s3:*")], "s3:GetObject", OBJECT, EXPLICIT),
    ([allow("iam:*", Condition=CONDITION)], "s3:GetObject", OBJECT, IMPLICIT),
    ([allow("s3:*"), deny("s3:*", Condition=CONDITION)], "s3:GetObject", OBJECT, UNKNOWN),
    ([deny("s3:*", Condition=CONDITION)], "s3:GetObject", OBJECT, IMPLICIT),
    ([allow("s3:*", "arn:aws:s3:::lab/${aws:PrincipalTag/team}/*")], "s3:GetObject", OBJECT, UNKNOWN),
]


@pytest.mark.parametrize(("statements", "action", "resource", "outcome"), IDENTITY)
def test_identity_policies(statements, action, resource, outcome):
    policies = [read(statement) for statement in statements]
    assert evaluate(Request(USER, action, resource, context=UNTOLD), policies).outcome is outcome
    together = [read(*statements)] if statements else []
    assert evaluate(Request(USER, action, resource, context=UNTOLD), together).outcome is outcome


def trust(principal, **more):
    return {"Effect": "Allow", "Principal": principal, "Action": "sts:AssumeRole", **more}


MAY = [allow("sts:AssumeRole", ROLE)]
ROOT = f"arn:aws:iam::{ACCOUNT}:root"

TRUST = [
    # Principal: an account, by root or by id, leaves it to the account's own policies
    (USER, [], [trust({"AWS": ROOT})], IMPLICIT),
    (USER, MAY, [trust({"AWS": ROOT})], ALLOWED),
    (USER, MAY, [trust({"AWS": ACCOUNT})], ALLOWED),
    (USER, MAY, [trust({"AWS": "444455556666"})], IMPLICIT),
    # Principal, Roles: one that names the user is enough within an account
    (USER, [], [trust({"AWS": USER.arn})], ALLOWED),
    (USER, [], [trust({"AWS": [ROOT, USER.arn]})], ALLOWED),
    (USER, [deny("sts:*")], [trust({"AWS": USER.arn})], EXPLICIT),
    (USER, [deny("sts:*", "*", Condition=CONDITION)], [trust({"AWS": USER.arn})], UNKNOWN),
    (USER, MAY, [trust({"AWS": f"arn:aws:iam::{ACCOUNT}:user/ana"})], IMPLICIT),
    (USER, MAY, [trust("*")], ALLOWED),
    # a service is not a user
    (USER, MAY, [trust({"Service": "s3.amazonaws.com"})], IMPLICIT),
    (USER, MAY, [trust({"Federated": "accounts.google.com"})], IMPLICIT),
    (USER, MAY, [trust({"Service": "s3.amazonaws.com", "AWS": ROOT})], ALLOWED),
    # several statements, the other's principal first
    (USER, MAY, [trust({"AWS": FOREIGNER.arn}), trust({"AWS": ROOT})], ALLOWED),
    # Deny in a trust policy
    (USER, MAY, [trust({"AWS": ROOT}), trust({"AWS": USER.arn}, Effect="Deny")], EXPLICIT),
    (USER, MAY, [trust({"AWS": USER.arn}), trust({"AWS": ROOT}, Effect="Deny")], EXPLICIT),
    (USER, MAY, [trust({"AWS": ROOT}), trust({"AWS": FOREIGNER.arn}, Effect="Deny")], ALLOWED),
    # another action
    (USER, MAY, [trust({"AWS": ROOT}, Action="sts:TagSession")], IMPLICIT),
    (USER, MAY, [trust({"AWS": ROOT}, Action=["sts:TagSession", "STS:Assume*"])], ALLOWED),
    # a condition on a key that the target cannot tell
    (USER, MAY, [trust({"AWS": ROOT}, Condition=CONDITION)], UNKNOWN),
    (USER, [], [trust({"AWS": ROOT}, Condition=CONDITION)], IMPLICIT),
    (USER, [], [trust({"AWS": USER.arn}, Condition=CONDITION)], UNKNOWN),
    # Principal: a role's ARN covers its sessions, a session's ARN that session
    (SESSION, [], [trust({"AWS": SESSION.role_arn})], ALLOWED),
    (SESSION, [], [trust({"AWS": SESSION.arn})], ALLOWED),
    (SESSION, [], [trust({"AWS": SESSION.arn + "x"})], IMPLICIT),
    (SESSION, [], [trust({"AWS": f"arn:aws:iam::{ACCOUNT}:role/Reader"})], IMPLICIT),
    (SESSION, MAY, [trust({"AWS": ROOT})], ALLOWED),
    # Logic, cross-account: both sides have to allow
    (FOREIGNER, [], [trust({"AWS": FOREIGNER.arn})], IMPLICIT),
    (FOREIGNER, MAY, [trust({"AWS": FOREIGNER.arn})], ALLOWED),
    (FOREIGNER, MAY, [trust({"AWS": ROOT})], IMPLICIT),
    (FOREIGNER, MAY, [trust({"AWS": "444455556666"})], ALLOWED),
    (FOREIGNER, [], [trust("*")], IMPLICIT),
]


@pytest.mark.parametrize(("caller", "identity", "statements", "outcome"), TRUST)
def test_trust_policies(caller, identity, statements, outcome):
    policies = [read(*identity)] if identity else []
    request = Request(caller, "sts:AssumeRole", ROLE, context=UNTOLD)
    decision = evaluate(request, policies, resource_policy=read(*statements))
    assert decision.outcome is outcome


def test_a_statement_may_be_an_object():
    policy = parse_policy({"Statement": allow("s3:*")}, "policy")
    assert evaluate(Request(USER, "s3:GetObject", OBJECT), [policy]).allowed


def test_a_boundary_has_to_allow_as_well():
    """Logic: permissions boundaries; "Update a role trust policy" for the trust that names the user."""
    request = Request(USER, "s3:GetObject", OBJECT, context=UNTOLD)
    assert evaluate(request, [read(allow("*"))], boundary=read(allow("s3:*"))).allowed
    refused = evaluate(request, [read(allow("*"))], boundary=read(allow("iam:*")))
    assert refused.outcome is IMPLICIT
    assert refused.reason == "because no permissions boundary allows the s3:GetObject action"
    assert evaluate(request, [], boundary=read(allow("*"))).outcome is IMPLICIT
    assert evaluate(request, [read(allow("*"))], boundary=read(allow("*"), deny("s3:*"))).outcome is EXPLICIT
    assert evaluate(request, [read(allow("*"))], boundary=read(allow("*", Condition=CONDITION))).outcome is UNKNOWN
    assume = Request(USER, "sts:AssumeRole", ROLE)
    named = read(trust({"AWS": USER.arn}))
    assert evaluate(assume, [], resource_policy=named, boundary=read(allow("s3:*"))).outcome is IMPLICIT


def test_a_resource_policy_that_names_the_caller_allows_by_itself():
    """Cross-account policy evaluation logic: within one account the union counts."""
    request = Request(USER, "s3:GetObject", OBJECT)
    by_name = read({**allow("s3:GetObject"), "Principal": {"AWS": USER.arn}})
    by_account = read({**allow("s3:GetObject"), "Principal": {"AWS": ACCOUNT}})
    denying = read({**deny("s3:GetObject"), "Principal": "*"})
    assert evaluate(request, [], resource_policy=by_name).allowed
    assert evaluate(request, [], resource_policy=by_account).outcome is IMPLICIT
    assert evaluate(request, [read(allow("*"))], resource_policy=denying).outcome is EXPLICIT


def test_a_refusal_is_worded_as_aws_words_it():
    """Troubleshoot access denied error messages."""
    bare = evaluate(Request(USER, "s3:GetObject", OBJECT), [])
    assert denial_message(USER.arn, refused_action("s3:GetObject", OBJECT, bare)) == (
        f"User: {USER.arn} is not authorized to perform: s3:GetObject on resource: {OBJECT} "
        "because no identity-based policy allows the s3:GetObject action"
    )
    told = evaluate(Request(USER, "s3:GetObject", OBJECT), [read(deny("*"))])
    assert refused_action("s3:GetObject", OBJECT, told).endswith("with an explicit deny in an identity-based policy")


def test_a_decision_names_its_statements():
    policy = read(allow("iam:*"), allow("s3:*", Sid="Second"), source="policy P of user ana")
    (matched,) = evaluate(Request(USER, "s3:GetObject", OBJECT), [policy]).matched
    assert (matched.source, matched.index, matched.sid) == ("policy P of user ana", 1, "Second")


EVERYONE = [
    ([trust("*")], ALLOWED),
    ([trust({"AWS": "*"})], ALLOWED),
    ([trust({"AWS": ROOT})], IMPLICIT),
    ([trust("*"), trust("*", Effect="Deny")], EXPLICIT),
    ([trust("*", Condition=CONDITION)], ALLOWED),
    ([trust("*", Condition={"StringEquals": {"sts:ExternalId": "x"}})], IMPLICIT),
    ([trust("*", Condition={"Bool": {"aws:MultiFactorAuthPresent": "true"}})], IMPLICIT),
]


@pytest.mark.parametrize(("statements", "outcome"), EVERYONE)
def test_whether_a_trust_admits_everyone(statements, outcome):
    assert admits_everyone(read(*statements), ROLE).outcome is outcome


BEYOND = [
    ([allow("s3:*")], []),
    ([allow(["S3:Get*", "s3:List*"])], []),
    ([allow("sts:GetCallerIdentity")], []),
    ([allow("*", "arn:aws:s3:::*")], []),
    ([allow("*", ["arn:aws:s3:::a", "arn:aws:s3:::a/*"])], []),
    ([allow(["s3:*", "iam:*"], "arn:aws:s3:::*")], []),
    ([allow("*"), deny("*")], []),
    ([allow("*"), {"Effect": "Deny", "NotAction": "s3:*", "Resource": "*"}], []),
    ([deny("iam:*")], []),
    ([allow("*")], ["iam:ListUsers"]),
    ([allow("*:List*")], ["iam:ListUsers"]),
    ([allow("ec2:Describe*")], ["ec2:DescribeAny"]),
    ([allow("kms:Decrypt", "arn:aws:kms:*:*:key/*")], ["kms:Decrypt"]),
    ([allow("kms:Decrypt", "arn:*:kms:*:*:key/*")], ["kms:Decrypt"]),
    ([allow("*"), deny("iam:*")], ["cloudformation:ListStacks"]),
    ([{"Effect": "Allow", "NotAction": "s3:*", "Resource": "*"}], ["iam:ListUsers"]),
    ([{"Effect": "Allow", "Action": "iam:*", "NotResource": "arn:aws:s3:::*"}], ["iam:Any"]),
    ([allow("ec2:*"), allow("iam:ListUsers")], ["ec2:Any", "iam:ListUsers"]),
]


@pytest.mark.parametrize(("statements", "actions"), BEYOND)
def test_what_policies_permit_beyond_s3(statements, actions):
    found = beyond("s3", SESSION, [read(*statements)])
    assert [excess.action for excess in found] == actions
    assert all(excess.certain for excess in found)


def test_what_policies_may_permit_beyond_s3_is_not_certain():
    (excess,) = beyond("s3", SESSION, [read(allow("ec2:*", Condition=CONDITION))])
    assert not excess.certain
    assert beyond("s3", SESSION, [read(allow("*"))], read(allow("s3:*"))) == []


def test_the_three_answers():
    assert [any_of(a) for a in ([], [False], [None, False], [None, True])] == [False, False, None, True]
    assert [all_of(a) for a in ([], [True], [None, True], [None, False])] == [True, True, None, False]
    assert [negated(a) for a in (True, False, None)] == [False, True, None]


@pytest.mark.parametrize(
    ("document", "path"),
    [
        ([], ()),
        ({"Statement": []}, ("Statement",)),
        ({"Statement": [allow("s3:*")], "Stetement": []}, ("Stetement",)),
        ({"Statement": [{**trust({"AWS": ROOT}), "Principal": {"Aws": ROOT}}]}, ("Statement", 0, "Principal", "Aws")),
        ({"Statement": [{**trust({"AWS": ROOT}), "Principal": ROOT}]}, ("Statement", 0, "Principal")),
        ({"Statement": [{**allow("s3:*"), "Condition": []}]}, ("Statement", 0, "Condition")),
        ({"Statement": {"Effect": "Allow", "Resource": "*"}}, ("Statement",)),
    ],
)
def test_a_malformed_document_says_where(document, path):
    with pytest.raises(MalformedPolicy) as malformed:
        parse_policy(document, "policy")
    assert malformed.value.path == path
