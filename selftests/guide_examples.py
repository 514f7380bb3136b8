"""The guide's example policies, each with requests that its text says are allowed or denied.

Names in italics are filled in; where the guide has the account as a word, it is 123456789012.
"""

from __future__ import annotations

from typing import Any

from guide_cases import ALLOWED, EXPLICIT, IMPLICIT, Case, Document, allow, ask, deny, document, trust

ACCOUNT = "123456789012"
CARLOS = f"arn:aws:iam::{ACCOUNT}:user/carlossalazar"
BUCKET = "arn:aws:s3:::productionapp"
APP = f"arn:aws:sts::{ACCOUNT}:assumed-role/app/s"
YES = document(allow("*"))


def _of(page: str, policy: Document, *rows: tuple[str, str, str, dict[str, Any], str], principal: str = CARLOS,
        beside: Document | None = None) -> list[Case]:  # fmt: skip
    """Cases of an identity policy, of title, action, resource, context and answer, where need be beside another."""
    policies = [policy] if beside is None else [policy, beside]
    return [
        Case(page, title, ask(action, resource, principal=principal, identity=policies, owner=ACCOUNT, context=context),
             answer)
        for title, action, resource, context, answer in rows
    ]  # fmt: skip


OWN = document(
    {"Sid": "AllowS3ListRead", **allow(["s3:GetBucketLocation", "s3:ListAllMyBuckets"], "arn:aws:s3:::*")},
    {"Sid": "AllowS3Self", **allow("s3:*", ["arn:aws:s3:::carlossalazar/*", "arn:aws:s3:::carlossalazar"])},
    {"Sid": "DenyS3Logs", **deny("s3:*", "arn:aws:s3:::*log*")},
)
REPORTS = document(allow(["iam:Get*", "iam:List*"]), deny("iam:*Report"))
MFA = document(
    allow("iam:ChangePassword"),
    allow("s3:ListAllMyBuckets"),
    allow(["s3:List*", "s3:Get*"], ["arn:aws:s3:::confidential-data", "arn:aws:s3:::confidential-data/*"],
          Condition={"Bool": {"aws:MultiFactorAuthPresent": "true"}}),
)  # fmt: skip
PAYROLL = document(
    {"Effect": "Deny", "Action": "s3:*",
     "NotResource": ["arn:aws:s3:::HRBucket/Payroll", "arn:aws:s3:::HRBucket/Payroll/*"]},
)  # fmt: skip
REGIONS = document(
    {"Effect": "Deny", "NotAction": ["cloudfront:*", "iam:*", "route53:*", "support:*"], "Resource": "*",
     "Condition": {"StringNotEquals": {"aws:RequestedRegion": ["eu-central-1", "eu-west-1"]}}},
)  # fmt: skip
ADDRESSES = document(deny("*", Condition={"NotIpAddress": {"aws:SourceIp": ["192.0.2.0/24", "203.0.113.0/24"]}}))
NO_MFA = document({"Effect": "Deny", "NotAction": "iam:*", "Resource": "*",
                   "Condition": {"BoolIfExists": {"aws:MultiFactorAuthPresent": "false"}}})  # fmt: skip
HOME = document(
    allow(["s3:ListAllMyBuckets", "s3:GetBucketLocation"]),
    allow("s3:ListBucket", "arn:aws:s3:::b",
          Condition={"StringLike": {"s3:prefix": ["", "home/", "home/${aws:username}/*"]}}),
    allow("s3:*", ["arn:aws:s3:::b/home/${aws:username}", "arn:aws:s3:::b/home/${aws:username}/*"]),
)  # fmt: skip
TEAM = document(allow("s3:GetObject", "arn:aws:s3:::shared-${aws:PrincipalTag/team, 'company-wide'}/*"))
SAME_TEAM = document(
    deny("s3:GetObject", "arn:aws:s3:::b/*",
         Condition={"StringNotEquals": {"s3:ExistingObjectTag/Team": "${aws:PrincipalTag/Team}"}}),
)  # fmt: skip
ONLY_BUCKET = document(
    allow("s3:*", ["arn:aws:s3:::b", "arn:aws:s3:::b/*"]),
    {"Effect": "Deny", "NotAction": "s3:*", "NotResource": ["arn:aws:s3:::b", "arn:aws:s3:::b/*"]},
)
OWNER = document(
    allow(["ec2:StartInstances", "ec2:StopInstances"], "arn:aws:ec2:*:*:instance/*",
          Condition={"StringEquals": {"ec2:ResourceTag/Owner": "${aws:username}"}}),
)  # fmt: skip
COLUMNS = document(
    allow(["dynamodb:GetItem", "dynamodb:Query"], "arn:aws:dynamodb:*:*:table/t",
          Condition={"ForAllValues:StringEquals": {"dynamodb:Attributes": ["c1", "c2", "c3"]},
                     "StringEqualsIfExists": {"dynamodb:Select": "SPECIFIC_ATTRIBUTES"}}),
)  # fmt: skip
INSTANCE, TABLE = f"arn:aws:ec2:us-east-1:{ACCOUNT}:instance/i-1", f"arn:aws:dynamodb:us-east-1:{ACCOUNT}:table/t"
SELECTED, NAMED = {"dynamodb:Select": "SPECIFIC_ATTRIBUTES"}, "dynamodb:Attributes"

CASES = [
    *_of("Policy evaluation logic: example", OWN,
         ("a log bucket", "s3:PutObject", "arn:aws:s3:::carlossalazar-logs/f", {}, EXPLICIT),
         ("his own bucket", "s3:PutObject", "arn:aws:s3:::carlossalazar/f", {}, ALLOWED),
         ("the list of buckets", "s3:ListAllMyBuckets", "*", {}, ALLOWED),
         ("another bucket", "s3:PutObject", "arn:aws:s3:::other/f", {}, IMPLICIT)),
    *_of("Policy evaluation logic: explicit and implicit denies", REPORTS,
         ("read", "iam:GetUser", CARLOS, {}, ALLOWED),
         ("write", "iam:CreatePolicy", f"arn:aws:iam::{ACCOUNT}:policy/p", {}, IMPLICIT),
         ("a report", "iam:GetOrganizationsAccessReport", "*", {}, EXPLICIT)),
    *_of("Policies and permissions in IAM: multiple statements", MFA,
         ("with MFA", "s3:GetObject", "arn:aws:s3:::confidential-data/f", {"aws:MultiFactorAuthPresent": "true"},
          ALLOWED),
         ("without MFA", "s3:GetObject", "arn:aws:s3:::confidential-data/f", {}, IMPLICIT),
         ("all buckets", "s3:ListAllMyBuckets", "*", {}, ALLOWED)),
    *_of("IAM JSON policy elements: NotResource", PAYROLL,
         ("the payroll folder", "s3:GetObject", "arn:aws:s3:::HRBucket/Payroll/may", {}, ALLOWED),
         ("another folder", "s3:GetObject", "arn:aws:s3:::HRBucket/Plans/may", {}, EXPLICIT),
         ("another service", "ec2:DescribeInstances", "*", {}, ALLOWED), beside=YES),
    *_of("IAM JSON policy elements: NotAction", document({"Effect": "Allow", "NotAction": "iam:*", "Resource": "*"}),
         ("all but IAM", "ec2:RunInstances", "*", {}, ALLOWED),
         ("IAM", "IAM:ListUsers", "*", {}, IMPLICIT)),
    *_of("IAM JSON policy elements: NotAction, S3 only",
         document({"Effect": "Allow", "NotAction": "s3:DeleteBucket", "Resource": "arn:aws:s3:::*"}),
         ("another S3 action", "s3:PutObject", "arn:aws:s3:::b/f", {}, ALLOWED),
         ("the action", "s3:DeleteBucket", "arn:aws:s3:::b", {}, IMPLICIT),
         ("another service", "ec2:RunInstances", "*", {}, IMPLICIT)),
    *_of("IAM JSON policy elements: NotAction, with Deny", NO_MFA,
         ("IAM without MFA", "iam:ListUsers", "*", {}, ALLOWED),
         ("another service without MFA", "s3:GetObject", "arn:aws:s3:::b/f", {}, EXPLICIT),
         ("with MFA", "s3:GetObject", "arn:aws:s3:::b/f", {"aws:MultiFactorAuthPresent": "true"}, ALLOWED),
         beside=YES),
    *_of("IAM JSON policy elements: NotAction, with Deny alone", NO_MFA,
         ("it grants nothing", "iam:ListUsers", "*", {}, IMPLICIT)),
    *_of("IAM JSON policy elements: Action", document(allow("iam:*AccessKey*")),
         ("a part of the name", "iam:UpdateAccessKey", CARLOS, {}, ALLOWED),
         ("in any case", "IAM:listaccesskeys", CARLOS, {}, ALLOWED),
         ("another", "iam:GetUser", CARLOS, {}, IMPLICIT)),
    *_of("AWS: Denies access to AWS based on the requested Region", REGIONS,
         ("in Ireland", "ec2:RunInstances", "*", {"aws:RequestedRegion": "eu-west-1"}, ALLOWED),
         ("in Virginia", "ec2:RunInstances", "*", {"aws:RequestedRegion": "us-east-1"}, EXPLICIT),
         ("a global service", "iam:ListUsers", "*", {"aws:RequestedRegion": "us-east-1"}, ALLOWED), beside=YES),
    *_of("AWS: Denies access to AWS based on the source IP", ADDRESSES,
         ("inside", "s3:GetObject", "arn:aws:s3:::b/f", {"aws:SourceIp": "203.0.113.77"}, ALLOWED),
         ("outside", "s3:GetObject", "arn:aws:s3:::b/f", {"aws:SourceIp": "198.51.100.1"}, EXPLICIT), beside=YES),
    *_of("Amazon S3: Allows IAM users access to their S3 home directory", HOME,
         ("all buckets", "s3:ListAllMyBuckets", "*", {}, ALLOWED),
         ("the home folders", "s3:ListBucket", "arn:aws:s3:::b", {"s3:prefix": "home/"}, ALLOWED),
         ("his folder", "s3:ListBucket", "arn:aws:s3:::b", {"s3:prefix": "home/carlossalazar/x"}, ALLOWED),
         ("another's folder", "s3:ListBucket", "arn:aws:s3:::b", {"s3:prefix": "home/nikki/"}, IMPLICIT),
         ("without a prefix", "s3:ListBucket", "arn:aws:s3:::b", {}, IMPLICIT),
         ("his object", "s3:PutObject", "arn:aws:s3:::b/home/carlossalazar/f", {}, ALLOWED),
         ("another's object", "s3:PutObject", "arn:aws:s3:::b/home/nikki/f", {}, IMPLICIT)),
    *_of("IAM policy elements: Variables and tags, default values", TEAM,
         ("the team's bucket", "s3:GetObject", "arn:aws:s3:::shared-yellow/f", {"aws:PrincipalTag/team": "yellow"},
          ALLOWED),
         ("another team's", "s3:GetObject", "arn:aws:s3:::shared-red/f", {"aws:PrincipalTag/team": "yellow"}, IMPLICIT),
         ("without a team", "s3:GetObject", "arn:aws:s3:::shared-company-wide/f", {}, ALLOWED)),
    *_of("IAM policy elements: Variables and tags, no value", SAME_TEAM,
         ("the same team", "s3:GetObject", "arn:aws:s3:::b/f",
          {"s3:ExistingObjectTag/Team": "red", "aws:PrincipalTag/Team": "red"}, ALLOWED),
         ("another team", "s3:GetObject", "arn:aws:s3:::b/f",
          {"s3:ExistingObjectTag/Team": "red", "aws:PrincipalTag/Team": "blue"}, EXPLICIT),
         ("without a team", "s3:GetObject", "arn:aws:s3:::b/f", {"s3:ExistingObjectTag/Team": "red"}, EXPLICIT),
         beside=YES),
    *_of("Amazon S3: Limits managing to a specific S3 bucket", ONLY_BUCKET,
         ("the bucket", "s3:PutBucketTagging", "arn:aws:s3:::b", {}, ALLOWED),
         ("another service", "ec2:RunInstances", "*", {}, EXPLICIT)),
    *_of("Controlling access to AWS resources using tags", OWNER,
         ("his instance", "ec2:StartInstances", INSTANCE, {"ec2:ResourceTag/Owner": "carlossalazar"}, ALLOWED),
         ("key in another case", "ec2:StartInstances", INSTANCE, {"ec2:ResourceTag/owner": "carlossalazar"}, ALLOWED),
         ("another's instance", "ec2:StartInstances", INSTANCE, {"ec2:ResourceTag/Owner": "nikki"}, IMPLICIT)),
    *_of("Amazon DynamoDB: Allows access to specific attributes", COLUMNS,
         ("listed ones", "dynamodb:GetItem", TABLE, {NAMED: ["c1", "c3"]}, ALLOWED),
         ("another", "dynamodb:GetItem", TABLE, {NAMED: ["c1", "c4"]}, IMPLICIT),
         ("as selected", "dynamodb:Query", TABLE, {NAMED: ["c1"], **SELECTED}, ALLOWED),
         ("all selected", "dynamodb:Query", TABLE, {NAMED: ["c1"], "dynamodb:Select": "ALL_ATTRIBUTES"}, IMPLICIT)),
]  # fmt: skip

ROLE_POLICY = document(
    allow("s3:ListBucket", BUCKET), allow(["s3:GetObject", "s3:PutObject", "s3:DeleteObject"], f"{BUCKET}/*")
)
PASSED = document(allow("s3:ListBucket", BUCKET), allow(["s3:GetObject", "s3:PutObject"], f"{BUCKET}/*"))
NO_DELETING = document({**deny("s3:DeleteObject", f"{BUCKET}/*"), "Principal": {"AWS": "*"}})
CAROL = f"arn:aws:sts::{ACCOUNT}:federated-user/Carol"
FOR_CAROL = document({**allow(["s3:GetObject", "s3:PutObject"], f"{BUCKET}/*"), "Principal": {"AWS": CAROL}})
TAGGER = f"arn:aws:iam::{ACCOUNT}:user/test-session-tags"
TAGS = {"aws:RequestTag/Project": "*", "aws:RequestTag/CostCenter": "*"}
TAGGING = document(
    trust({"AWS": TAGGER}, Condition={"StringLike": {**TAGS, "aws:RequestTag/Department": "*"},
                                      "StringEquals": {"sts:ExternalId": "Example987"}}),
    trust({"AWS": TAGGER}, Action="sts:TagSession",
          Condition={"StringLike": TAGS,
                     "StringEquals": {"aws:RequestTag/Department": ["Engineering", "Marketing"]},
                     "ForAllValues:StringEquals": {"sts:TransitiveTagKeys": ["Project", "Department"]}}),
)  # fmt: skip
PASSES = {"aws:RequestTag/Project": "Automation", "aws:RequestTag/CostCenter": "12345",
          "aws:RequestTag/Department": "Engineering", "sts:ExternalId": "Example987"}  # fmt: skip
ROLE_TO_TAG = f"arn:aws:iam::{ACCOUNT}:role/my-role-example"


def _app(title: str, action: str, answer: str, **more: Any) -> Case:
    page = "Permissions for AssumeRole"
    return Case(page, title, ask(action, f"{BUCKET}/f", owner=ACCOUNT, **{"principal": APP, **more}), answer)


def _tags(title: str, action: str, answer: str, **changes: Any) -> Case:
    context = {key: value for key, value in {**PASSES, **changes}.items() if value is not None}
    request = ask(action, ROLE_TO_TAG, principal=TAGGER, theirs=TAGGING, owner=ACCOUNT, context=context)
    return Case("Passing session tags in AWS STS: example", title, request, answer)


CASES += [
    _app("the role's policy", "s3:DeleteObject", ALLOWED, identity=[ROLE_POLICY]),
    _app("a passed policy filters", "s3:DeleteObject", IMPLICIT, identity=[ROLE_POLICY], sessions=[PASSED]),
    _app("and leaves the rest", "s3:PutObject", ALLOWED, identity=[ROLE_POLICY], sessions=[PASSED]),
    _app("a bucket policy denies all users", "s3:DeleteObject", EXPLICIT, identity=[ROLE_POLICY], theirs=NO_DELETING),
    _app("Carol, by the bucket's policy", "s3:GetObject", ALLOWED, principal=CAROL, theirs=FOR_CAROL),
    _app("David, by the bucket's policy", "s3:GetObject", IMPLICIT, principal=CAROL.replace("Carol", "David"),
         theirs=FOR_CAROL),
    _tags("all three tags and the external id", "sts:AssumeRole", ALLOWED),
    _tags("a tag is missing", "sts:AssumeRole", IMPLICIT, **{"aws:RequestTag/Project": None}),
    _tags("the external id is wrong", "sts:AssumeRole", IMPLICIT, **{"sts:ExternalId": "other"}),
    _tags("tagging", "sts:TagSession", ALLOWED, **{"sts:TransitiveTagKeys": ["Project", "Department"]}),
    _tags("tagging, none transitive", "sts:TagSession", ALLOWED),
    _tags("a department that may not be", "sts:TagSession", IMPLICIT, **{"aws:RequestTag/Department": "Sales"}),
    _tags("a transitive tag too many", "sts:TagSession", IMPLICIT, **{"sts:TransitiveTagKeys": ["CostCenter"]}),
]  # fmt: skip
