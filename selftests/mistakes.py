"""Submissions with one thing changed, and what AWS makes of each: the checks that do not pass then."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import handing_in as h
from handing_in import changed

T, P, D = h.TEMPLATE, h.POLICY, h.DEPLOY
ACTION = "            Action: sts:AssumeRole"
ALL_S3 = "Action: 's3:*'"
BUCKET = "    Type: AWS::S3::Bucket\n"
NAMED = "BucketName: !Ref BucketName"
ROLE = "      AssumeRolePolicyDocument:"
POLICIES = "      Policies:\n"
ACCOUNT_ROOT = "AWS: !Sub 'arn:aws:iam::${AWS::AccountId}:root'"
BUCKET_POLICY = """  Policy:
    Type: AWS::S3::BucketPolicy
    Properties:
      Bucket: !Ref LabBucket
      PolicyDocument:
        Version: "2012-10-17"
        Statement: {Effect: EFFECT, Principal: PRINCIPAL, Action: 's3:GetObject', Resource: !Sub '${LabBucket.Arn}/*'}
"""

DEPLOYS = frozenset({"stack.deploys"})
TRUST = frozenset({"role.trust"})
TARGET = frozenset({"policy.targets-role"})
NO_SESSION = frozenset({"policy.targets-role", "session.assumed"})
ATTACHED = frozenset({"policy.attached"})


@dataclass(frozen=True)
class Mistake:
    """One submission: what is changed in it, the checks that fail, and part of the first one's reason."""

    name: str
    failed: frozenset[str] = frozenset()
    reason: str = ""
    changes: dict[str, Any] = field(default_factory=dict)


def mistake(name: str, failed: frozenset[str] | str = frozenset(), reason: str = "", **changes: Any) -> Mistake:
    return Mistake(name, frozenset({failed} if isinstance(failed, str) else failed), reason, changes)


def trusting(principal: str) -> str:
    return changed(T, h.TRUSTED, principal)


def on_condition(condition: str) -> str:
    return changed(T, ACTION, f"{ACTION}\n            Condition: {condition}")


def role_with(lines: str) -> str:
    return changed(T, ROLE, f"      {lines}\n{ROLE}")


def bucket_with(lines: str) -> str:
    return changed(T, NAMED, f"{NAMED}\n      {lines}")


def bucket_policy(effect: str, principal: str) -> str:
    return BUCKET_POLICY.replace("EFFECT", effect).replace("PRINCIPAL", principal)


MISTAKES = (
    # Whom the role trusts.
    mistake("trusts everyone", TRUST, "admits everyone: yes", template=trusting("AWS: '*'")),
    mistake("trusts everyone, written short", TRUST, template=changed(T, f"\n              {h.TRUSTED}", " '*'")),
    mistake(
        "trusts everyone of the account",
        template=changed(trusting("AWS: '*'"), ACTION, f"{ACTION}\n            Condition:\n              StringEquals: {{'aws:PrincipalAccount': '{h.ACCOUNT}'}}"),
    ),
    mistake("wants an external id", TRUST, template=on_condition("{StringEquals: {'sts:ExternalId': x}}")),
    mistake("denies the user", TRUST, "explicit deny", template=changed(T, "Allow\n            Principal", "Deny\n            Principal")),
    mistake("trusts a role of the user's name", TRUST, template=trusting(f"AWS: {h.USER.replace(':user/', ':role/')}")),
    mistake("trusts the account by its number", template=trusting(f"AWS: '{h.ACCOUNT}'")),
    mistake("trusts the account by a number", template=trusting(f"AWS: {h.ACCOUNT}")),
    mistake("trusts the account's root", template=trusting(ACCOUNT_ROOT)),
    mistake("trusts another account", NO_SESSION, template=trusting("AWS: arn:aws:iam::444455556666:root")),
    mistake("trusts a second user, too", template=trusting(f"AWS: [{h.USER}, {h.USER}2]")),
    mistake("trusts a user with a path", template=trusting(f"AWS: arn:aws:iam::{h.ACCOUNT}:user/lab/alice")),
    mistake("trusts users by a wildcard", DEPLOYS, "Invalid principal", template=trusting(f"AWS: arn:aws:iam::{h.ACCOUNT}:user/*")),
    mistake("trusts a service that there is not", DEPLOYS, template=trusting("Service: ec2.amazonaws.co")),
    mistake("trusts a service, too", template=changed(T, h.TRUSTED, f"{h.TRUSTED}\n              Service: ec2.amazonaws.com")),
    mistake("trust with a misspelt action", DEPLOYS, "AssumRole", template=changed(T, ACTION, ACTION.replace("Assume", "Assum"))),
    mistake("trust with a resource", DEPLOYS, "has a Resource", template=changed(T, ACTION, f"{ACTION}\n            Resource: '*'")),
    mistake("dates without quotes", template=T.replace('"2012-10-17"', "2012-10-17").replace('"2010-09-09"', "2010-09-09")),
    # How it deploys.
    mistake("another format version", DEPLOYS, "2012-10-17 is not a supported value", template=changed(T, '"2010-09-09"', "2012-10-17")),
    mistake("a reference to nothing", DEPLOYS, "Unresolved resource dependencies [BucketNme]", template=changed(T, "!Ref BucketName", "!Ref BucketNme")),
    mistake("a type that there is not", DEPLOYS, "Unrecognized resource types: [AWS::Iam::Role]", template=changed(T, "AWS::IAM::Role", "AWS::Iam::Role")),
    mistake("an alias", DEPLOYS, "YAML aliases are not allowed", template=bucket_with("Tags: [{Key: &a k, Value: *a}]")),
    mistake("a property that there is not", DEPLOYS, "extraneous key [BucketNam]", template=changed(T, NAMED, "BucketNam: x")),
    mistake("a value that there is not", DEPLOYS, "line 12: 'Onn' is not one of", template=bucket_with("VersioningConfiguration: {Status: Onn}")),
    mistake("a list for a text", DEPLOYS, "cfn-lint E6101", template=f"{T}Outputs:\n  A:\n    Value: [a]\n"),
    mistake("an attribute that there is not", DEPLOYS, template=f"{T}Outputs:\n  A:\n    Value: !GetAtt StsRole.Nope\n"),
    mistake("a condition that is no text", DEPLOYS, "must be a string", template=changed(T, BUCKET, f"{BUCKET}    Condition: Yes\n")),
    mistake("no value", DEPLOYS, "'null' values", template=changed(T, POLICIES, f"      Description:\n{POLICIES}")),
    mistake("600 buckets", DEPLOYS, "maximum allowed, 500", template="Resources:\n" + "".join(f"  A{i}: {{Type: AWS::S3::Bucket}}\n" for i in range(600))),
    mistake("upper case in the bucket's name", DEPLOYS, template=changed(T, "sts-lab-bucket-7f3a", "Sts-Lab-Bucket")),
    mistake("a bucket that wants to be public", DEPLOYS, "E3045", template=bucket_with("AccessControl: PublicRead")),
    mistake("a bucket that is private", template=bucket_with("AccessControl: Private")),
    mistake("too short a session", DEPLOYS, template=role_with("MaxSessionDuration: 100")),
    mistake("a path that is none", DEPLOYS, template=role_with("Path: lab")),
    mistake("a policy of AWS's that there is not", DEPLOYS, template=role_with("ManagedPolicyArns: ['arn:aws:iam::aws:policy/AmazonS3FullAcces']")),
    mistake("a parameter without a value", DEPLOYS, "must have values", template=changed(T, "    Default: sts-lab-bucket-7f3a\n", "")),
    mistake("a parameter with a value", deploy=f"{D.rstrip()} --parameter-overrides BucketName=other-bucket-99"),
    mistake("a value for no parameter", deploy=f"{D.rstrip()} --parameter-overrides Nope=1"),
    mistake("a stack with an underscore", DEPLOYS, deploy=changed(D, h.STACK, "my_stack")),
    mistake("no capabilities", DEPLOYS, "Requires capabilities : [CAPABILITY_IAM]", deploy=changed(D, "--capabilities CAPABILITY_IAM", "")),
    mistake("a named role with its capability", template=role_with("RoleName: lab-role"), policy=changed(P, h.ROLE, f"arn:aws:iam::{h.ACCOUNT}:role/lab-role"), deploy=changed(D, "CAPABILITY_IAM", "CAPABILITY_NAMED_IAM")),
    mistake("the user in the template", DEPLOYS, "already exists", template=f"{T}  User:\n    Type: AWS::IAM::User\n    Properties: {{UserName: sts-machine-user}}\n", deploy=changed(D, "CAPABILITY_IAM", "CAPABILITY_NAMED_IAM")),
    mistake("no bucket", "stack.bucket", template=changed(T, f"  LabBucket:\n{BUCKET}    Properties:\n      {NAMED}\n", "")),
    # What the role may do.
    mistake("may list and not read", "session.reads-bucket", "s3:GetObject", template=changed(T, ALL_S3, "Action: [s3:ListAllMyBuckets, s3:ListBucket]")),
    mistake("may read and not list", "session.reads-bucket", "s3:ListBucket", template=changed(T, ALL_S3, "Action: [s3:ListAllMyBuckets, s3:GetObject]")),
    mistake("takes the operation for the action", "session.lists-buckets", template=changed(T, ALL_S3, "Action: [s3:ListBuckets, s3:ListBucket, s3:GetObject]")),
    mistake("actions in any case", template=changed(T, ALL_S3, "Action: [S3:listallmybuckets, s3:LISTBUCKET, s3:getobject]")),
    mistake("is bounded by another service", frozenset({"session.lists-buckets", "session.reads-bucket"}), template=role_with("PermissionsBoundary: arn:aws:iam::aws:policy/AmazonEC2FullAccess")),
    mistake("is an administrator", "session.least-privilege", template=role_with("ManagedPolicyArns: ['arn:aws:iam::aws:policy/AdministratorAccess']")),
    mistake("a bucket policy that denies", "session.reads-bucket", template=T + bucket_policy("Deny", "'*'")),
    mistake("a bucket policy that is public", DEPLOYS, "Access Denied", template=T + bucket_policy("Allow", "'*'")),
    mistake("a bucket policy that may be public", "user.still-no-s3", template=bucket_with("PublicAccessBlockConfiguration: {BlockPublicPolicy: false}") + bucket_policy("Allow", "'*'")),
    mistake("a bucket policy for the role", template=T + bucket_policy("Allow", "{AWS: !GetAtt StsRole.Arn}")),
    # What the user's policy says.
    mistake("no suffix", TARGET, policy=changed(P, "-9XK2P4Q7RT1M", "")),
    mistake("a suffix left open", policy=changed(P, "9XK2P4Q7RT1M", "*")),
    mistake("any role", policy=changed(P, h.ROLE, "*")),
    mistake("anything", "user.still-no-s3", policy=changed(changed(P, h.ROLE, "*"), "sts:AssumeRole", "*")),
    mistake("another logical id", TARGET, policy=changed(P, "StsRole", "LabRole")),
    mistake("another stack", TARGET, policy=changed(P, h.STACK, "another-stack")),
    mistake("a session in place of the role", TARGET, policy=changed(P, h.ROLE, h.ROLE.replace(":iam:", ":sts:").replace(":role/", ":assumed-role/") + "/x")),
    mistake("a deny", TARGET, policy=changed(P, "Allow", "Deny")),
    mistake("wants MFA", TARGET, policy=changed(P, '"Effect"', '"Condition": {"Bool": {"aws:MultiFactorAuthPresent": "true"}}, "Effect"')),
    mistake("a role with a path that the policy does not have", TARGET, template=role_with("Path: /lab/")),
    mistake("a role with a path that the policy has", template=role_with("Path: /lab/"), policy=changed(P, ":role/", ":role/lab/")),
    mistake("a principal", ATTACHED, "has a Principal", policy=changed(P, '"Effect"', '"Principal": "*", "Effect"')),
    mistake("no resource", ATTACHED, policy=changed(P, f',\n      "Resource": "{h.ROLE}"', "")),
    mistake("another version", ATTACHED, "2012-10-18", policy=changed(P, "2012-10-17", "2012-10-18")),
    mistake("an effect in lower case", ATTACHED, policy=changed(P, "Allow", "allow")),
    mistake("an empty object", ATTACHED, policy="{}"),
    # What is left, and what should not be there.
    mistake("the role is retained", "cleanup.residue", template=changed(T, "    Type: AWS::IAM::Role\n", "    Type: AWS::IAM::Role\n    DeletionPolicy: Retain\n")),
    mistake("retained only when replaced", template=changed(T, BUCKET, f"{BUCKET}    UpdateReplacePolicy: Retain\n")),
    mistake("another stack throughout", policy=changed(P, h.STACK, "sts-demo"), deploy=changed(D, h.STACK, "sts-demo")),
    mistake("no deploy script", deploy=None),
    mistake("an access key id", files={"README.md": "AKIA" + "QYLPMN5HFIQR7XYA"}),
)  # fmt: skip
