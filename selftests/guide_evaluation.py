"""Who decides: the guide's rules on accounts, grants to principals, boundaries, sessions and trust policies.

Pages: "Policy evaluation logic", "Cross-account policy evaluation logic", "Permissions boundaries for IAM entities",
"AWS JSON policy elements: Principal", "… NotPrincipal", "Permissions for GetFederationToken", "Update a role trust
policy".
"""

from __future__ import annotations

from guide_cases import (
    ABROAD,
    ALLOWED,
    EXPLICIT,
    HERE,
    IMPLICIT,
    ROLE,
    ROOT,
    SESSION,
    USER,
    Case,
    Document,
    allow,
    ask,
    deny,
    document,
    trust,
)

LOGIC = "Policy evaluation logic"
ACROSS = "Cross-account policy evaluation logic"
BOUNDARIES = "Permissions boundaries for IAM entities"
PRINCIPAL = "AWS JSON policy elements: Principal"
NOT_PRINCIPAL = "AWS JSON policy elements: NotPrincipal"
FEDERATION = "Permissions for GetFederationToken"
EDITING = "Update a role trust policy"
SESSION_TOKEN = "Permissions for GetSessionToken"

FEDERATED = f"arn:aws:sts::{HERE}:federated-user/Carol"
CHINESE = f"arn:aws-cn:iam::{HERE}:user/ana"
YES, NO = document(allow("*")), document(allow("iam:ListUsers"))
TARGET = f"arn:aws:iam::{HERE}:role/Target"
KEY = f"arn:aws:kms:us-east-1:{HERE}:key/1234abcd"


def grant(*arns: str, kind: str = "AWS", effect: str = "Allow") -> Document:
    """A resource's policy that grants or denies all to principals."""
    return document({**allow("*"), "Effect": effect, "Principal": {kind: list(arns)}})


def but(*arns: str) -> Document:
    """A resource's policy that denies all to everybody else."""
    return document({"Effect": "Deny", "NotPrincipal": {"AWS": list(arns)}, "Action": "*", "Resource": "*"})


EVERYONE = document({**allow("*"), "Principal": "*"})


def assume(principal: str, theirs: Document | None, **more: object) -> dict[str, object]:
    """A request to assume the role."""
    return ask("sts:AssumeRole", TARGET, principal=principal, theirs=theirs, **more)  # type: ignore[arg-type]


CASES = [
    # Policy evaluation logic: by default denied, one Allow is enough, a Deny anywhere decides
    Case(LOGIC, "nothing allows", ask(), IMPLICIT),
    Case(LOGIC, "the root user has full access", ask(principal=ROOT), ALLOWED),
    Case(LOGIC, "but not to what denies it", ask(principal=ROOT, theirs=grant(HERE, effect="Deny")), EXPLICIT),
    Case(LOGIC, "a deny in the boundary", ask(identity=[YES], boundary=document(allow("*"), deny("s3:*"))), EXPLICIT),
    Case(LOGIC, "a deny in the session policy",
         ask(principal=SESSION, identity=[YES], sessions=[document(allow("*"), deny("s3:*"))]), EXPLICIT),
    Case(LOGIC, "a deny of the resource", ask(identity=[YES], theirs=grant(USER, effect="Deny")), EXPLICIT),
    Case(LOGIC, "the resource alone allows", ask(theirs=grant(USER)), ALLOWED),
    Case(LOGIC, "the identity alone allows", ask(identity=[YES], theirs=grant(f"{USER}x")), ALLOWED),
    # … resource-based policies and implicit denies in other policy types
    Case(LOGIC, "role ARN, no identity policy", ask(principal=SESSION, theirs=grant(ROLE)), ALLOWED),
    Case(LOGIC, "role ARN, boundary", ask(principal=SESSION, boundary=NO, theirs=grant(ROLE)), IMPLICIT),
    Case(LOGIC, "role ARN, session policy", ask(principal=SESSION, sessions=[NO], theirs=grant(ROLE)), IMPLICIT),
    Case(LOGIC, "role ARN within both",
         ask(principal=SESSION, boundary=YES, sessions=[YES], theirs=grant(ROLE)), ALLOWED),
    Case(LOGIC, "session ARN", ask(principal=SESSION, boundary=NO, sessions=[NO], theirs=grant(SESSION)), ALLOWED),
    Case(LOGIC, "another session's ARN", ask(principal=SESSION, theirs=grant(f"{SESSION}x")), IMPLICIT),
    Case(LOGIC, "user ARN, boundary", ask(boundary=NO, theirs=grant(USER)), ALLOWED),
    Case(LOGIC, "federated user ARN", ask(principal=FEDERATED, theirs=grant(FEDERATED)), ALLOWED),
    Case(LOGIC, "a session policy has to allow", ask(principal=SESSION, identity=[YES], sessions=[NO]), IMPLICIT),
    Case(LOGIC, "it grants nothing itself", ask(principal=SESSION, sessions=[YES]), IMPLICIT),
    Case(LOGIC, "several are a union", ask(principal=SESSION, identity=[YES], sessions=[NO, YES]), ALLOWED),
    Case(LOGIC, "a role session without one", ask(principal=SESSION, identity=[YES]), ALLOWED),
    Case(LOGIC, "a federated user without one", ask(principal=FEDERATED, identity=[YES]), IMPLICIT),
    Case(FEDERATION, "the intersection", ask(principal=FEDERATED, identity=[YES], sessions=[YES]), ALLOWED),
    Case(FEDERATION, "outside of it", ask(principal=FEDERATED, identity=[NO], sessions=[YES]), IMPLICIT),
    Case(SESSION_TOKEN, "no permissions are required", ask("sts:GetSessionToken", "*"), ALLOWED),
    Case("Comparing the AWS STS API operations", "no session token for a session",
         ask("sts:GetSessionToken", "*", principal=SESSION, identity=[YES]), IMPLICIT),
    Case("STS API reference: GetCallerIdentity", "not even against a deny",
         ask("sts:GetCallerIdentity", "*", identity=[document(deny("*"))]), ALLOWED),
    # Key policies and trust policies are exceptions: they have to allow
    Case(LOGIC, "a key policy that does not", ask("kms:Decrypt", KEY, identity=[YES], theirs=grant(ROLE)), IMPLICIT),
    Case(LOGIC, "a key policy for the account", ask("kms:Decrypt", KEY, identity=[YES], theirs=grant(ROOT)), ALLOWED),
    Case(LOGIC, "the account's policies as well", ask("kms:Decrypt", KEY, theirs=grant(ROOT)), IMPLICIT),
    Case(LOGIC, "a trust policy that does not", assume(USER, document(trust({"AWS": ROLE})), identity=[YES]), IMPLICIT),
    Case(LOGIC, "no trust policy", assume(USER, None, identity=[YES]), IMPLICIT),
    # Cross-account: both sides
    Case(ACROSS, "identity policy alone", ask(identity=[YES], owner=ABROAD), IMPLICIT),
    Case(ACROSS, "resource policy alone", ask(theirs=grant(USER), owner=ABROAD), IMPLICIT),
    Case(ACROSS, "both", ask(identity=[YES], theirs=grant(USER), owner=ABROAD), ALLOWED),
    Case(ACROSS, "both, by account", ask(identity=[YES], theirs=grant(HERE), owner=ABROAD), ALLOWED),
    Case(ACROSS, "both, everyone", ask(identity=[YES], theirs=EVERYONE, owner=ABROAD), ALLOWED),
    Case(ACROSS, "boundary", ask(identity=[YES], boundary=NO, theirs=grant(USER), owner=ABROAD), IMPLICIT),
    Case(ACROSS, "session policy", ask(principal=SESSION, identity=[YES], sessions=[NO], theirs=grant(SESSION),
                                       owner=ABROAD), IMPLICIT),
    # Principal
    Case(PRINCIPAL, "an account leaves it to the account", ask(theirs=grant(HERE)), IMPLICIT),
    Case(PRINCIPAL, "by the root's ARN too", ask(theirs=grant(ROOT)), IMPLICIT),
    Case(PRINCIPAL, "everyone within the account", ask(theirs=EVERYONE), ALLOWED),
    Case(PRINCIPAL, "everyone, by AWS", ask(theirs=grant("*")), ALLOWED),
    Case(PRINCIPAL, "everyone passes a boundary", ask(boundary=NO, theirs=EVERYONE), ALLOWED),
    Case(PRINCIPAL, "everyone is also nobody", ask(principal="anonymous", theirs=grant("*")), ALLOWED),
    Case(PRINCIPAL, "an account is not nobody", ask(principal="anonymous", theirs=grant(HERE)), IMPLICIT),
    Case(PRINCIPAL, "names have upper and lower case", ask(theirs=grant(USER.replace("ana", "Ana"))), IMPLICIT),
    Case(PRINCIPAL, "the path belongs to it", ask(theirs=grant(f"arn:aws:iam::{HERE}:user/ana")), IMPLICIT),
    Case(PRINCIPAL, "partitions are apart", ask(principal=CHINESE, identity=[YES], theirs=grant(ROOT), owner=ABROAD),
         IMPLICIT),
    Case(PRINCIPAL, "one of several", ask(theirs=grant("999999999999", USER)), ALLOWED),
    Case(PRINCIPAL, "a service", ask(principal="ecs.amazonaws.com",
                                     theirs=grant("ecs.amazonaws.com", kind="Service")), ALLOWED),
    Case(PRINCIPAL, "another service", ask(principal="ecs.amazonaws.com",
                                           theirs=grant("ec2.amazonaws.com", kind="Service")), IMPLICIT),
    Case(PRINCIPAL, "a service is no user", ask(theirs=grant("s3.amazonaws.com", kind="Service")), IMPLICIT),
    Case(PRINCIPAL, "a unique id", ask(theirs=grant("AIDACKCEVSQ6C2EXAMPLE"),
                                       context={"aws:userid": "AIDACKCEVSQ6C2EXAMPLE"}), ALLOWED),
    Case(PRINCIPAL, "a unique id of one who is gone", ask(theirs=grant("AIDACKCEVSQ6C2EXAMPLE"),
                                                         context={"aws:userid": "AIDAOTHER000000EXAMPL"}), IMPLICIT),
    Case(PRINCIPAL, "a web identity",
         ask("sts:AssumeRoleWithWebIdentity", TARGET, principal="accounts.google.com", theirs=document(
             trust({"Federated": "accounts.google.com"}, Action="sts:AssumeRoleWithWebIdentity"))), ALLOWED),
    Case(PRINCIPAL, "another provider",
         ask("sts:AssumeRoleWithWebIdentity", TARGET, principal="www.amazon.com", theirs=document(
             trust({"Federated": "accounts.google.com"}, Action="sts:AssumeRoleWithWebIdentity"))), IMPLICIT),
    Case("How IAM roles differ from resource-based policies", "not into another partition",
         ask(principal=CHINESE, identity=[YES], theirs=EVERYONE, owner=ABROAD), IMPLICIT),
    Case("How IAM roles differ from resource-based policies", "within another partition",
         ask(resource="arn:aws-cn:s3:::lab/k", principal=CHINESE, identity=[YES]), ALLOWED),
    # NotPrincipal with Deny
    Case(NOT_PRINCIPAL, "user and account", ask(identity=[YES], theirs=but(USER, ROOT)), ALLOWED),
    Case(NOT_PRINCIPAL, "another user", ask(identity=[YES], theirs=but(f"{USER}x", ROOT)), EXPLICIT),
    Case(NOT_PRINCIPAL, "user alone", ask(identity=[YES], theirs=but(USER)), EXPLICIT),
    Case(NOT_PRINCIPAL, "account alone", ask(identity=[YES], theirs=but(ROOT)), EXPLICIT),
    Case(NOT_PRINCIPAL, "session, role and account",
         ask(principal=SESSION, identity=[YES], theirs=but(SESSION, ROLE, ROOT)), ALLOWED),
    Case(NOT_PRINCIPAL, "session and account", ask(principal=SESSION, identity=[YES], theirs=but(SESSION, ROOT)),
         EXPLICIT),
    Case(NOT_PRINCIPAL, "role and account", ask(principal=SESSION, identity=[YES], theirs=but(ROLE, ROOT)), EXPLICIT),
    Case(NOT_PRINCIPAL, "whoever has a boundary", ask(identity=[YES], boundary=YES, theirs=but(USER, ROOT)), EXPLICIT),
    Case(NOT_PRINCIPAL, "it grants nothing", ask(theirs=but(USER, ROOT)), IMPLICIT),
    # Trust policies
    Case(EDITING, "the user named", assume(USER, document(trust({"AWS": USER}))), ALLOWED),
    Case(EDITING, "the user named, boundary", assume(USER, document(trust({"AWS": USER})), boundary=NO), IMPLICIT),
    Case(EDITING, "the user named, boundary allows",
         assume(USER, document(trust({"AWS": USER})), boundary=document(allow("sts:AssumeRole"))), ALLOWED),
    Case(PRINCIPAL, "trusting the account", assume(USER, document(trust({"AWS": ROOT})), identity=[YES]), ALLOWED),
    Case(PRINCIPAL, "trusting the account is not enough", assume(USER, document(trust({"AWS": ROOT}))), IMPLICIT),
    Case(PRINCIPAL, "trusting from abroad",
         assume(f"arn:aws:iam::{ABROAD}:user/b", document(trust({"AWS": ABROAD})), identity=[YES]), ALLOWED),
    Case(PRINCIPAL, "trusting a service", assume("ec2.amazonaws.com", document(
        trust({"Service": ["ec2.amazonaws.com", "ecs.amazonaws.com"]}))), ALLOWED),
    Case("IAM roles: terms and concepts", "role chaining by session ARN",
         assume(SESSION, document(trust({"AWS": SESSION})), sessions=[NO]), ALLOWED),
    Case("IAM roles: terms and concepts", "role chaining by role ARN",
         assume(SESSION, document(trust({"AWS": ROLE})), sessions=[NO]), IMPLICIT),
    Case("STS API reference: AssumeRole", "not by the root user",
         assume(ROOT, document(trust({"AWS": ROOT})), identity=[YES]), IMPLICIT),
    Case("STS API reference: AssumeRole", "not without credentials",
         assume("anonymous", document(trust({"AWS": "*"}))), IMPLICIT),
    Case("How to use an external ID", "the right one",
         assume(USER, document(trust({"AWS": ROOT}, Condition={"StringEquals": {"sts:ExternalId": "12345"}})),
                identity=[YES], context={"sts:ExternalId": "12345"}), ALLOWED),
    Case("How to use an external ID", "none",
         assume(USER, document(trust({"AWS": ROOT}, Condition={"StringEquals": {"sts:ExternalId": "12345"}})),
                identity=[YES]), IMPLICIT),
    Case("Passing session tags in AWS STS", "the trust policy has to allow TagSession",
         ask("sts:TagSession", TARGET, identity=[YES], theirs=document(trust({"AWS": ROOT}))), IMPLICIT),
    Case("Passing session tags in AWS STS", "it does",
         ask("sts:TagSession", TARGET, identity=[YES],
             theirs=document(trust({"AWS": ROOT}, Action=["sts:AssumeRole", "sts:TagSession"]))), ALLOWED),
    # Permissions boundaries
    Case(BOUNDARIES, "outside the boundary",
         ask("iam:CreateUser", f"arn:aws:iam::{HERE}:user/x", identity=[document(allow("iam:CreateUser"))],
             boundary=document(allow(["s3:*", "cloudwatch:*", "ec2:*"]))), IMPLICIT),
    Case(BOUNDARIES, "the boundary alone",
         ask(boundary=document(allow(["s3:*", "cloudwatch:*", "ec2:*"]))), IMPLICIT),
    Case(BOUNDARIES, "a secret's policy allows Nikhil",
         ask("secretsmanager:GetSecretValue", f"arn:aws:secretsmanager:us-east-1:{HERE}:secret:s",
             boundary=document(allow("s3:*")), theirs=grant(USER)), ALLOWED),
    Case(BOUNDARIES, "an instance's policy does not pass a deny",
         ask("ec2:StopInstances", f"arn:aws:ec2:us-east-1:{HERE}:instance/i-1234567890abcdef0", theirs=grant(USER),
             boundary=document(deny("ec2:*", "arn:aws:ec2:*:*:instance/i-1234567890abcdef0"))), EXPLICIT),
]  # fmt: skip
