"""Stacks to try things with: resources of a template, and a stack as its owner and the admin see it."""

from __future__ import annotations

import json

from accounts import ACCOUNT

CAPABLE = {"Capabilities": ["CAPABILITY_NAMED_IAM"]}
STACKS = {"Effect": "Allow", "Action": "cloudformation:*", "Resource": "*"}
S3 = {"Effect": "Allow", "Action": "s3:*", "Resource": "*"}
IAM = {"Effect": "Allow", "Action": "iam:*", "Resource": "*"}
ROOT = {"Effect": "Allow", "Principal": {"AWS": ACCOUNT}, "Action": "sts:AssumeRole"}
READ = {"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}}
BUCKET = {"Type": "AWS::S3::Bucket"}


def trust(*statements):
    return {"Version": "2012-10-17", "Statement": list(statements or [ROOT])}


def role(*statements, **properties):
    return {"Type": "AWS::IAM::Role", "Properties": {"AssumeRolePolicyDocument": trust(*statements), **properties}}


def bucket(**more):
    return {**BUCKET, **more}


def resource(kind, **properties):
    return {"Type": f"AWS::{kind}", "Properties": properties}


def text(resources, **sections):
    return json.dumps({"Resources": resources, **sections})


class Stack:
    """A stack as its owner sees it, and as the admin does."""

    def __init__(self, account, credentials=None, name="lab"):
        self.admin = account.client("cloudformation")
        self.mine = account.client("cloudformation", credentials)
        self.name = self.id = name

    def create(self, resources, **more):
        body = resources if isinstance(resources, str) else text(resources)
        if "TemplateURL" not in more:
            more["TemplateBody"] = body
        self.id = self.mine.create_stack(StackName=self.name, **CAPABLE, **more)["StackId"]
        return self

    def update(self, resources, **more):
        self.mine.update_stack(StackName=self.name, TemplateBody=text(resources), **CAPABLE, **more)
        return self

    def delete(self, **more):
        self.mine.delete_stack(StackName=self.name, **more)
        return self

    @property
    def shown(self):
        return self.admin.describe_stacks(StackName=self.id)["Stacks"][0]

    @property
    def status(self):
        return self.shown["StackStatus"]

    def events(self, logical_id=None):
        found = self.admin.describe_stack_events(StackName=self.id)["StackEvents"]
        return [
            (e["ResourceStatus"], e.get("ResourceStatusReason", ""))
            for e in reversed(found)
            if e["LogicalResourceId"] == (logical_id or self.name)
        ]

    def failure(self, logical_id):
        return next(reason for status, reason in self.events(logical_id) if status.endswith("_FAILED"))

    def resources(self):
        found = self.admin.describe_stack_resources(StackName=self.id)["StackResources"]
        return {r["LogicalResourceId"]: (r["ResourceStatus"], r.get("PhysicalResourceId", "")) for r in found}


def left(account):
    """What there is in the account besides the admin and the users that the test made."""
    iam = account.client("iam")
    return {
        "roles": [r["RoleName"] for r in iam.list_roles()["Roles"]],
        "groups": [g["GroupName"] for g in iam.list_groups()["Groups"]],
        "policies": [p["PolicyName"] for p in iam.list_policies(Scope="Local")["Policies"]],
        "buckets": [b["Name"] for b in account.client("s3").list_buckets()["Buckets"]],
    }


NOTHING = {"roles": [], "groups": [], "policies": [], "buckets": []}


LIST = {**READ, "Statement": {**READ["Statement"], "Action": "s3:ListBucket"}}


def inline(*documents):
    return [{"PolicyName": f"p{n}", "PolicyDocument": document} for n, document in enumerate(documents)]


def deploy(cloudformation, template, kind="CREATE", name="c", **more):
    """What ``aws cloudformation deploy`` calls."""
    params = {"StackName": "lab", "ChangeSetName": name, "ChangeSetType": kind, "TemplateBody": template}
    made = cloudformation.create_change_set(**params, Capabilities=["CAPABILITY_IAM"], **more)
    shown = cloudformation.describe_change_set(ChangeSetName=made["Id"], StackName="lab")
    if shown["Status"] == "CREATE_COMPLETE":
        cloudformation.execute_change_set(ChangeSetName=name, StackName="lab")
    return shown
