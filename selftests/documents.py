"""The lab's documents with one thing wrong in them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

ROOT_ARN = {"Fn::Sub": "arn:${AWS::Partition}:iam::${AWS::AccountId}:root"}
USER_ARN = {"Fn::Sub": "arn:${AWS::Partition}:iam::${AWS::AccountId}:user/sts-machine-user"}
OTHER_ARN = {"Fn::Sub": "arn:${AWS::Partition}:iam::${AWS::AccountId}:user/stslab-admin"}
BUCKET_ARN = {"Fn::GetAtt": ["LabBucket", "Arn"]}
OBJECTS_ARN = {"Fn::Sub": "${LabBucket.Arn}/*"}

LIST_ALL = {"Effect": "Allow", "Action": "s3:ListAllMyBuckets", "Resource": "*"}
LIST = {"Effect": "Allow", "Action": "s3:ListBucket", "Resource": BUCKET_ARN}
READ = {"Effect": "Allow", "Action": "s3:GetObject", "Resource": OBJECTS_ARN}
ASSUME = {"Effect": "Allow", "Action": "sts:AssumeRole", "Resource": "arn:aws:iam::*:role/*-StsRole-*"}


def trusting(principal: Any, **more: Any) -> dict[str, Any]:
    return {"Effect": "Allow", "Principal": principal, "Action": "sts:AssumeRole", **more}


def template(
    *,
    trust: list[dict[str, Any]] | None = None,
    may: list[dict[str, Any]] | None = None,
    bucket: dict[str, Any] | None = None,
    name: str = "",
    **more: Any,
) -> dict[str, Any]:
    """A right template; each argument takes the place of what is right."""
    role_policy = {"Version": "2012-10-17", "Statement": may or [LIST_ALL, LIST, READ]}
    return {
        "Resources": {
            "LabBucket": {"Type": "AWS::S3::Bucket", **(bucket or {})},
            "StsRole": {
                "Type": "AWS::IAM::Role",
                "Properties": {
                    **({"RoleName": name} if name else {}),
                    "AssumeRolePolicyDocument": {
                        "Version": "2012-10-17",
                        "Statement": trust or [trusting({"AWS": ROOT_ARN})],
                    },
                    "Policies": [{"PolicyName": "ReadTheBucket", "PolicyDocument": role_policy}],
                },
            },
            **more,
        }
    }


def policy(*statements: dict[str, Any]) -> dict[str, Any]:
    return {"Version": "2012-10-17", "Statement": list(statements) or [ASSUME]}


def write(folder: Path, its_template: dict[str, Any] | None = None, its_policy: dict[str, Any] | None = None) -> Path:
    """Write a folder of documents for ``--policies``."""
    documents = folder / "documents"
    documents.mkdir()
    (documents / "template.json").write_text(json.dumps(its_template or template(), indent=1))
    (documents / "policy.json").write_text(json.dumps(its_policy or policy(), indent=1))
    return documents
