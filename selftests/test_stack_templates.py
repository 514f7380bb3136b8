"""Templates that CloudFormation refuses before it makes anything, and what they need leave for."""

from __future__ import annotations

import json

import pytest
from accounts import refusal
from stacking import BUCKET, S3, STACKS, Stack, left, resource, role, text

from stslab.errors import Undetermined

NUMBER = {"Type": "Number", "MinValue": 1, "MaxValue": 5}
WORD = {"Type": "String", "AllowedValues": ["a", True], "AllowedPattern": "[a-z]+"}
LENGTH = {"Type": "String", "MinLength": 2, "MaxLength": 3}

FAULTS = {
    "unclosed": ("Resources:\n  A: [", "Template format error: YAML not well-formed. (line 2, column 7)"),
    "unclosed JSON": ('{"Resources": {\n', "Template format error: JSON not well-formed. (line 2, column 1)"),
    "Python": (
        "Resources:\n  B:\n    Type: !!python/object/apply:os.getcwd []\n",
        "Template format error: YAML not well-formed. (line 3, column 11)",
    ),
    "text": ("hello", "Template format error: unsupported structure."),
    "list": ("- a", "Template format error: unsupported structure."),
    "nothing in it": ("{}", "Template format error: At least one Resources member must be defined."),
    "no resource": ("Resources: {}", "Template format error: At least one Resources member must be defined."),
    "resources in a list": ("Resources: []", "Template format error: At least one Resources member must be defined."),
    "section": (text({"B": BUCKET}, Resorces={}), "Invalid template property or properties [Resorces]"),
    "version": (
        text({"B": BUCKET}, AWSTemplateFormatVersion="2012-10-17"),
        "Template format error: 2012-10-17 is not a supported value for AWSTemplateFormatVersion.",
    ),
    "no type": (
        text({"B": {"Properties": {}}}),
        "Template format error: [/Resources/B] Every Resources object must contain a Type member.",
    ),
    "resource that is text": (
        text({"B": "AWS::S3::Bucket"}),
        "Template format error: [/Resources/B] resource definition is malformed",
    ),
    "properties beside Properties": (
        text({"B": {**BUCKET, "BucketName": "b"}}),
        "Invalid template resource property 'BucketName'",
    ),
    "properties in a list": (
        text({"B": {**BUCKET, "Properties": []}}),
        "Template format error: [/Resources/B/Properties] is not an object.",
    ),
    "name": (text({"My-Bucket": BUCKET}), "Template format error: Resource name My-Bucket is non alphanumeric."),
    "null": (
        text({"R": role(Description=None)}),
        "[/Resources/R/Properties/Description] 'null' values are not allowed in templates",
    ),
    "type": (
        text({"R": {"Type": "AWS::IAM::Rolle"}, "S": {"Type": "AWS::S4::Bucket"}}),
        "Template format error: Unrecognized resource types: [AWS::IAM::Rolle, AWS::S4::Bucket]",
    ),
    "DeletionPolicy": (
        text({"B": {**BUCKET, "DeletionPolicy": "Keep"}}),
        "Template format error: Unrecognized DeletionPolicy Keep for resource B",
    ),
    "Ref": (
        text({"R": role(Description={"Ref": "Nobody"})}),
        "Template format error: Unresolved resource dependencies [Nobody] in the Resources block of the template",
    ),
    "Sub": (
        text({"R": role(Description={"Fn::Sub": "${Nobody} ${!Literal} ${AWS::Region}"})}),
        "Template format error: Unresolved resource dependencies [Nobody] in the Resources block of the template",
    ),
    "DependsOn": (
        text({"R": {**role(), "DependsOn": "Nobody"}}),
        "Template format error: Unresolved resource dependencies [Nobody] in the Resources block of the template",
    ),
    "Ref in an output": (
        text({"B": BUCKET}, Outputs={"O": {"Value": {"Ref": "Nobody"}}}),
        "Template format error: Unresolved resource dependencies [Nobody] in the Outputs block of the template",
    ),
    "GetAtt": (
        text({"R": role(Description={"Fn::GetAtt": "Nobody.Arn"})}),
        "Template error: instance of Fn::GetAtt references undefined resource Nobody",
    ),
    "attribute": (
        text({"B": BUCKET, "R": role(Description={"Fn::GetAtt": ["B", "Arm"]})}),
        "Template error: resource B does not support attribute type Arm in Fn::GetAtt",
    ),
    "condition": (
        text({"B": {**BUCKET, "Condition": "Never"}}),
        "Template format error: Unresolved condition dependency Never in the Resources block of the template",
    ),
    "itself": (
        text({"R": role(Description={"Ref": "R"})}),
        "Circular dependency between resources: [R]",
    ),
    "circle": (
        text({"A": role(Description={"Ref": "B"}), "B": {**role(), "DependsOn": ["A"]}, "C": BUCKET}),
        "Circular dependency between resources: [A, B]",
    ),
    "section that is a list": (
        text({"B": BUCKET}, Parameters=[]),
        "Template format error: [/Parameters] is not an object of objects.",
    ),
    "parameter without a type": (
        text({"B": BUCKET}, Parameters={"P": {"Default": "a"}}),
        "Template format error: [/Parameters/P] Every Parameters object must contain a Type member.",
    ),
    "parameter without a value": (
        text({"B": BUCKET}, Parameters={"P": {"Type": "String"}, "Q": {"Type": "String"}}),
        "Parameters: [P, Q] must have values",
    ),
    "number": (text({"B": BUCKET}, Parameters={"P": {**NUMBER, "Default": "x"}}), "Parameter 'P' must be a number"),
    "least": (
        text({"B": BUCKET}, Parameters={"P": {**NUMBER, "Default": 0}}),
        "Parameter 'P' must be a number greater than or equal to 1",
    ),
    "most": (
        text({"B": BUCKET}, Parameters={"P": {**NUMBER, "Default": 6}}),
        "Parameter 'P' must be a number less than or equal to 5",
    ),
    "allowed": (
        text({"B": BUCKET}, Parameters={"P": {**WORD, "Default": "b"}}),
        "Parameter 'P' must be one of AllowedValues",
    ),
    "pattern": (
        text({"B": BUCKET}, Parameters={"P": {"Type": "String", "AllowedPattern": "[a-z]+", "Default": "A"}}),
        "Parameter 'P' must match pattern [a-z]+",
    ),
    "short": (
        text({"B": BUCKET}, Parameters={"P": {**LENGTH, "Default": "a"}}),
        "Parameter 'P' must contain at least 2 characters",
    ),
    "long": (
        text({"B": BUCKET}, Parameters={"P": {**LENGTH, "Default": "abcd"}}),
        "Parameter 'P' must contain at most 3 characters",
    ),
    "size": (
        text({"B": {**BUCKET, "Metadata": {"M": "x" * 52000}}}),
        "at 'templateBody' failed to satisfy constraint: Member must have length less than or equal to 51200",
    ),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_wrong_template_is_refused_and_nothing_is_begun(account, fault):
    template, words = FAULTS[fault]
    stack = Stack(account)
    code, message, status = refusal(stack.create, resources=template)
    assert (code, status) == ("ValidationError", 400)
    assert message.endswith(words)
    assert stack.admin.describe_stacks()["Stacks"] == []
    change_set = {"ChangeSetName": "c", "ChangeSetType": "CREATE", "Capabilities": ["CAPABILITY_IAM"]}
    assert refusal(stack.admin.create_change_set, StackName="lab", TemplateBody=template, **change_set)[0] == code


@pytest.mark.parametrize(
    ("section", "value"),
    [
        ("Conditions", {"C": {"Fn::Equals": "a"}}),
        ("Conditions", {"C": {"Fn::Equals": [{"Fn::FindInMap": ["M", "a", "b"]}, "c"]}}),
        ("Conditions", {"C": {}}),
        ("Conditions", {"C": {"Fn::Not": [{"Condition": "None"}]}}),
    ],
)
def test_what_trips_moto_is_a_validation_error_with_a_sentence(account, section, value):
    code, message, status = refusal(Stack(account).create, resources=text({"B": BUCKET}, **{section: value}))
    assert (code, status) == ("ValidationError", 400)
    assert message.startswith("Template error: the template cannot be worked out: ")


@pytest.mark.parametrize(
    "value",
    [
        {"Fn::FindInMap": ["Nowhere", "a", "b"]},
        {"Fn::Select": ["7", ["a"]]},
        {"Fn::Join": ["-"]},
        {"Fn::ImportValue": "nothing"},
    ],
)
def test_a_function_that_cannot_be_worked_out_fails_its_resource(account, value):
    stack = Stack(account).create({"B": BUCKET, "R": role(Description=value)})
    assert stack.status == "ROLLBACK_COMPLETE"
    assert stack.failure("R")
    assert left(account)["buckets"] == []


@pytest.mark.parametrize("name", ["a_b", "1a", "", "-a", "a.b"])
def test_a_stack_has_a_name_that_it_can_have(account, name):
    code, message, _ = refusal(Stack(account, name=name).create, resources={"B": BUCKET})
    assert code == "ValidationError"
    assert "[a-zA-Z][-a-zA-Z0-9]*" in message


def test_a_parameter_that_is_not_the_templates_is_refused(account):
    given = [{"ParameterKey": "Other", "ParameterValue": "a"}]
    code, message, _ = refusal(Stack(account).create, resources={"B": BUCKET}, Parameters=given)
    assert (code, message) == ("ValidationError", "Parameters: [Other] do not exist in the template")


@pytest.mark.parametrize(
    ("thing", "given", "missing"),
    [
        (role(), [], "CAPABILITY_IAM"),
        (role(RoleName="r"), ["CAPABILITY_IAM"], "CAPABILITY_NAMED_IAM"),
        (resource("IAM::AccessKey", UserName="u"), [], "CAPABILITY_IAM"),
        (resource("IAM::UserToGroupAddition", GroupName="g", Users=[]), [], "CAPABILITY_IAM"),
        (resource("IAM::ManagedPolicy", ManagedPolicyName="m"), ["CAPABILITY_IAM"], "CAPABILITY_NAMED_IAM"),
    ],
)
@pytest.mark.parametrize("operation", ["create_stack", "update_stack", "create_change_set", "from_s3"])
def test_capabilities_are_asked_for_by_every_way(account, thing, given, missing, operation):
    stack = Stack(account)
    params = {"StackName": "lab", "TemplateBody": text({"Thing": thing}), "Capabilities": given}
    if operation == "update_stack":
        stack.create({"Bucket": BUCKET})
    elif operation == "create_change_set":
        params |= {"ChangeSetName": "c", "ChangeSetType": "CREATE"}
    elif operation == "from_s3":
        s3 = account.client("s3")
        s3.create_bucket(Bucket="templates")
        s3.put_object(Bucket="templates", Key="a/b.json", Body=params.pop("TemplateBody").encode())
        params["TemplateURL"] = "https://templates.s3.amazonaws.com/a/b.json"
        operation = "create_stack"
    code, message, status = refusal(getattr(stack.admin, operation), **params)
    assert (code, status) == ("InsufficientCapabilitiesException", 400)
    assert message == f"Requires capabilities : [{missing}]"


def test_a_transform_needs_leave_and_is_then_not_guessed(account):
    template = text({"B": BUCKET}, Transform="AWS::Serverless-2016-10-31")
    stack = Stack(account)
    assert refusal(stack.create, resources=template)[:2] == (
        "InsufficientCapabilitiesException",
        "Requires capabilities : [CAPABILITY_AUTO_EXPAND]",
    )
    with pytest.raises(Undetermined, match="Transform"):
        stack.admin.create_stack(StackName="lab", TemplateBody=template, Capabilities=["CAPABILITY_AUTO_EXPAND"])


@pytest.mark.parametrize(
    "url", ["https://templates.s3.us-east-1.amazonaws.com/t.json", "https://s3.amazonaws.com/templates/t.json"]
)
def test_a_template_in_s3_is_read_with_the_callers_permissions(account, url):
    s3 = account.client("s3")
    s3.create_bucket(Bucket="templates")
    s3.put_object(Bucket="templates", Key="t.json", Body=text({"Bucket": BUCKET}).encode())
    making = {"Effect": "Allow", "Action": ["s3:CreateBucket"], "Resource": "*"}
    stack = Stack(account, account.user("ana", STACKS, making))
    code, message, _ = refusal(stack.create, resources={}, TemplateURL=url)
    assert code == "ValidationError"
    assert message.startswith("S3 error: User: ")
    stack = Stack(account, account.user("bea", STACKS, S3))
    assert "S3 error: " in refusal(stack.create, resources={}, TemplateURL=url.replace("t.json", "none"))[1]
    assert stack.create({}, TemplateURL=url).status == "CREATE_COMPLETE"
    assert refusal(stack.admin.create_stack, StackName="b", TemplateURL="ftp://a/b")[1] == (
        "TemplateURL must be a supported URL."
    )


def test_yaml_with_short_forms_says_what_json_says(account):
    template = """
AWSTemplateFormatVersion: 2010-09-09
Parameters: {Word: {Type: String, Default: lab}}
Conditions: {Never: !Equals [!Ref Word, other]}
Resources:
  Bucket: {Type: AWS::S3::Bucket}
  Not: {Type: AWS::S3::Bucket, Condition: Never}
  Role:
    Type: AWS::IAM::Role
    Properties:
      Description: !Join ["", [!GetAtt Bucket.Arn, !Sub "-${Bucket.Arn}-${Word}", !If [Never, a, b]]]
      Path: !If [Never, /a/, !Ref "AWS::NoValue"]
      AssumeRolePolicyDocument:
        Version: 2012-10-17
        Statement: [{Effect: Allow, Principal: {AWS: !Ref "AWS::AccountId"}, Action: sts:AssumeRole}]
Outputs:
  Arn: {Value: !GetAtt Role.Arn}
"""
    stack = Stack(account).create(template)
    made = stack.resources()
    assert sorted(made) == ["Bucket", "Role"]
    name = made["Bucket"][1]
    found = account.client("iam").get_role(RoleName=made["Role"][1])["Role"]
    assert found["Description"] == f"arn:aws:s3:::{name}-arn:aws:s3:::{name}-labb"
    assert found["AssumeRolePolicyDocument"]["Version"] == "2012-10-17"
    assert stack.shown["Outputs"][0]["OutputValue"] == found["Arn"]
    summary = stack.admin.get_template_summary(TemplateBody=template)
    assert [p["ParameterKey"] for p in summary["Parameters"]] == ["Word"]
    validated = stack.admin.validate_template(TemplateBody=template)
    assert validated["Capabilities"] == ["CAPABILITY_IAM"]
    assert json.loads(json.dumps(stack.admin.get_template(StackName="lab")["TemplateBody"])) == template
