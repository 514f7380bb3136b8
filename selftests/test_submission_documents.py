"""The documents of a submission are found, wherever they lie and however they are written, or it is said why not."""

from __future__ import annotations

import json

import handing_in as h
import pytest

from stslab.submission.submission import ACKNOWLEDGED, read_submission


def read(tmp_path, **changes):
    return read_submission(h.hand_in(tmp_path / "student", **changes))


def template(tmp_path, **changes):
    return read(tmp_path, **changes).documents.template


def policy(tmp_path, **changes):
    return read(tmp_path, **changes).documents.policy


LONG = json.dumps(
    {
        "Resources": {
            "LabBucket": {"Type": "AWS::S3::Bucket"},
            "StsRole": {"Type": "AWS::IAM::Role", "Properties": {"AssumeRolePolicyDocument": {"Fn::Sub": "x"}}},
        }
    },
    indent=1,
)


@pytest.mark.parametrize("name", ["template.yaml", "template.yml", "template.json", "infra/stack.yaml", "lab.template"])
def test_a_template_is_found(tmp_path, name):
    text = LONG if name.endswith("json") else h.TEMPLATE
    found = template(tmp_path, template=None, files={name: text})
    assert found.fault == ""
    assert str(found.path) == name
    assert found.text == text
    assert bool(found.remarks) == (not name.startswith("template."))


@pytest.mark.parametrize("name", ["policy.json", "bin/policy.json", "iam/assume-role.json"])
def test_a_policy_is_found(tmp_path, name):
    found = policy(tmp_path, policy=None, files={name: h.POLICY})
    assert found.fault == ""
    assert str(found.path) == name
    assert found.data == json.loads(h.POLICY)


@pytest.mark.parametrize(
    "text",
    [
        h.TEMPLATE.replace("\n", "\r\n"),
        "\ufeff" + h.TEMPLATE,
        h.changed(h.TEMPLATE, '"2010-09-09"', "2010-09-09").replace('"2012-10-17"', "2012-10-17"),
        h.changed(h.TEMPLATE, "!Ref BucketName", "{Ref: BucketName}"),
        "---\n" + h.TEMPLATE + "...\n",
        LONG.replace("\n ", "\n\t"),
        h.changed(h.TEMPLATE, "Resources:", "# ünïcode\nResources:"),
    ],
    ids=["CRLF", "BOM", "dates", "long", "document marks", "JSON with tabs", "not ASCII"],
)
def test_ways_to_write_a_template(tmp_path, text):
    found = template(tmp_path, template=text)
    assert found.fault == ""
    assert found.text == text.removeprefix("\ufeff")
    assert set(found.data["Resources"]) == {"LabBucket", "StsRole"}
    assert found.data.get("AWSTemplateFormatVersion", "2010-09-09") == "2010-09-09"


@pytest.mark.parametrize("text", [h.POLICY.replace("\n", "\r\n"), "\ufeff" + h.POLICY, h.POLICY.replace("  ", "\t")])
def test_ways_to_write_a_policy(tmp_path, text):
    found = policy(tmp_path, policy=text)
    assert found.fault == ""
    assert found.text == text.removeprefix("\ufeff")


def test_a_document_found_twice_is_said(tmp_path):
    assert "there are template.yaml and template.json" in template(tmp_path, files={"template.json": LONG}).fault
    said = policy(tmp_path / "b", files={"bin/policy.json": h.POLICY + " "}).fault
    assert "there are policy.json and bin/policy.json" in said
    said = template(tmp_path / "c", template=None, files={"a.yaml": h.TEMPLATE, "b.yaml": LONG}).fault
    assert "there are a.yaml and b.yaml" in said


def test_a_copy_is_no_second_document_and_is_said(tmp_path):
    found = policy(tmp_path, files={"bin/policy.json": h.POLICY})
    assert found.fault == ""
    assert found.remarks == ("policy.json and bin/policy.json are the same.",)


def test_a_document_that_is_missing_is_said(tmp_path):
    assert "there is no template.yaml and no other template" in template(tmp_path, template=None).fault
    assert "there is no policy.json and no other policy" in policy(tmp_path / "b", policy=None).fault
    trust = json.dumps({"Statement": [{"Effect": "Allow", "Principal": "*", "Action": "sts:AssumeRole"}]})
    assert "no other policy" in policy(tmp_path / "c", policy=None, files={"trust.json": trust}).fault


def test_a_template_that_does_not_parse_is_named_where_it_might_be_meant(tmp_path):
    said = template(tmp_path, template=None, files={"stack.yaml": "Resources:\n  A: [\n"}).fault
    assert "stack.yaml:3: the template does not parse" in said


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("Resources:\n  A:\n    B: c\n   D: e\n", "template.yaml:4: the template does not parse"),
        ("- a\n", "template.yaml: the template is not a mapping with Resources"),
        (b"A: \xff", "template.yaml: byte 3 is not UTF-8"),
        (h.TEMPLATE.encode("utf-16"), "template.yaml: byte 0 is not UTF-8"),
        ("a: &a [*a]\n", "elements"),
        ("[" * 3_000, "template.yaml"),
        ("a: " + "[" * 3_000 + "]" * 3_000, "nested too deeply"),
        ("a: " + "[" * 120 + "]" * 120, "250,000 elements"),
        ("# " + "x" * 300_000, "it has 300,002 bytes; a lab's has at most 204,800"),
        (
            h.TEMPLATE + "Transform: AWS::Include\n",
            f"template.yaml:{h.TEMPLATE.count(chr(10)) + 1}: it has a Transform, which runs a macro",
        ),
        (h.changed(h.TEMPLATE, "!Ref BucketName", "{Fn::Transform: {Name: AWS::Include}}"), "it has an Fn::Transform"),
    ],
)
def test_a_template_that_is_refused(tmp_path, text, message):
    found = template(tmp_path, template=text)
    assert message in found.fault
    assert (found.text, found.data) == ("", {})
    assert "\n" not in found.fault


def test_aliases_of_aliases_are_counted_and_not_written_out(tmp_path):
    rows = ["a0: &a0 [x, x, x, x, x, x, x, x, x]"]
    rows += [f"a{i}: &a{i} [{', '.join([f'*a{i - 1}'] * 9)}]" for i in range(1, 12)]
    assert "250,000 elements" in template(tmp_path, template="\n".join(rows)).fault


def test_merges_of_merges_are_not_merged(tmp_path):
    rows = ["a0: &a0 {k: v}"] + [f"a{i}: &a{i} {{<<: [{', '.join([f'*a{i - 1}'] * 9)}]}}" for i in range(1, 12)]
    assert "250,000 elements" in template(tmp_path, template="\n".join(rows)).fault


@pytest.mark.parametrize(
    "kind",
    [
        "AWS::CloudFormation::Stack",
        "AWS::CloudFormation::Macro",
        "Custom::Thing",
        "AWS::Lambda::Function",
        "My::Own::Thing::MODULE",
    ],
)
def test_a_type_that_the_lab_has_no_use_for_is_refused_with_its_line(tmp_path, kind):
    said = template(tmp_path, template=h.changed(h.TEMPLATE, "  StsRole:", f"  Other:\n    Type: {kind}\n  StsRole:"))
    assert f"template.yaml:12: Other is of type {kind}, which the lab has no use for" in said.fault


def test_types_that_the_lab_has_a_use_for(tmp_path):
    kinds = ["S3::BucketPolicy", "IAM::Policy", "IAM::ManagedPolicy", "IAM::User", "IAM::AccessKey"]
    kinds += ["IAM::UserToGroupAddition", "IAM::InstanceProfile", "IAM::Group"]
    more = "".join(f"  R{i}:\n    Type: AWS::{kind}\n" for i, kind in enumerate(kinds))
    assert template(tmp_path, template=h.TEMPLATE + more).fault == ""


def test_what_cloudformation_refuses_is_not_refused_here(tmp_path):
    for i, text in enumerate(["Outputs: {}\n", "Resources: {}\n", "Resources:\n  A: {}\n", "Resources:\n  A: [1]\n"]):
        assert template(tmp_path / str(i), template=text).fault == ""


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('{"Statement" [}', "policy.json:1: this is not JSON"),
        ("[]", "a policy is a JSON object"),
        ("[" * 100_000, "nested too deeply"),
        ('{"a": ' + "1" * 5_000 + "}", "number too long"),
        (b"\xff", "is not UTF-8"),
        (" " * 140_000, "it has 140,000 bytes"),
    ],
)
def test_a_policy_that_is_refused(tmp_path, text, message):
    said = policy(tmp_path, policy=text).fault
    assert message in said
    assert "\n" not in said


def test_what_iam_refuses_is_not_refused_here(tmp_path):
    principal = h.changed(h.POLICY, '"Effect"', '"Principal": "*", "Effect"')
    for i, text in enumerate(["{}", '{"Statement": []}', principal, '{"Version": "2012-10-18", "Statement": 1}']):
        assert policy(tmp_path / str(i), policy=text).fault == ""


def test_the_deploy_script_is_read(tmp_path):
    deploy = h.DEPLOY + "  --parameter-overrides BucketName=another-bucket --region eu-west-1\n"
    deploy = h.changed(deploy, "CAPABILITY_IAM\n", "CAPABILITY_NAMED_IAM \\\n")
    found = read(tmp_path, deploy=deploy)
    assert found.capabilities == ("CAPABILITY_NAMED_IAM",)
    assert found.parameters == {"BucketName": "another-bucket"}
    assert found.settings == {
        "account": h.ACCOUNT,
        "user-name": "sts-machine-user",
        "stack-name": h.STACK,
        "region": "eu-west-1",
    }


def test_a_deploy_script_without_capabilities_gives_none(tmp_path):
    deploy = h.changed(h.DEPLOY, "--capabilities CAPABILITY_IAM", "--no-fail-on-empty-changeset")
    assert read(tmp_path, deploy=deploy).capabilities == ()


@pytest.mark.parametrize("deploy", [None, "echo nothing\n"])
def test_who_deploys_in_the_console_acknowledges_what_is_asked(tmp_path, deploy):
    assert read(tmp_path, deploy=deploy).capabilities == ACKNOWLEDGED


def test_parameters_that_the_template_does_not_declare_are_not_sent_by_deploy(tmp_path):
    deploy = h.DEPLOY.rstrip() + " --parameter-overrides Other=x BucketName=y\n"
    assert read(tmp_path, deploy=deploy).parameters == {"BucketName": "y"}
    creating = "aws cloudformation create-stack --stack-name s --parameters ParameterKey=Other,ParameterValue=x"
    assert read(tmp_path / "b", deploy=creating).parameters == {"Other": "x"}


def test_a_type_that_cloudformation_does_not_know_is_left_to_it(tmp_path):
    assert template(tmp_path, template=h.changed(h.TEMPLATE, "AWS::IAM::Role", "AWS::Iam::Role")).fault == ""


def test_parameters_in_a_file_of_the_submission(tmp_path):
    deploy = h.DEPLOY.rstrip() + " --parameter-overrides file://params.json\n"
    listed = [{"ParameterKey": "BucketName", "ParameterValue": "from-a-file"}]
    for i, data in enumerate([listed, ["BucketName=from-a-file"], {"Parameters": {"BucketName": "from-a-file"}}]):
        found = read(tmp_path / str(i), deploy=deploy, files={"params.json": json.dumps(data)})
        assert found.parameters == {"BucketName": "from-a-file"}


def test_several_deploy_scripts_are_said(tmp_path):
    other = h.changed(h.DEPLOY, h.STACK, "other-stack")
    found = read(tmp_path, files={"deploy.sh": other, "deploy.md": h.DEPLOY})
    assert found.documents.template.remarks[-1].startswith("There are several deploy scripts; ")
    same = read(tmp_path / "b", files={"deploy.sh": "\n" + h.DEPLOY})
    assert same.documents.template.remarks == ()


def test_lab_toml_overrides_everything(tmp_path):
    toml = """
template = "cfn/a.yaml"
policy = "iam/p.json"
deploy = "run/it.sh"
account = "444455556666"
user-name = "alice"
user-path = "/students/"
stack-name = "mine"
region = "eu-north-1"
capabilities = ["CAPABILITY_NAMED_IAM"]
[parameters]
BucketName = "told"
"""
    files = {"cfn/a.yaml": LONG, "iam/p.json": h.POLICY + " ", "run/it.sh": h.DEPLOY, "lab.toml": toml}
    found = read(tmp_path, files=files)
    assert str(found.documents.template.path) == "cfn/a.yaml"
    assert found.documents.template.remarks == ("lab.toml gives cfn/a.yaml.",)
    assert str(found.documents.policy.path) == "iam/p.json"
    assert found.settings == {
        "account": "444455556666",
        "user-name": "alice",
        "stack-name": "mine",
        "region": "eu-north-1",
    }
    assert found.user_path == "/students/"
    assert found.capabilities == ("CAPABILITY_NAMED_IAM",)
    assert found.parameters == {"BucketName": "told"}


@pytest.mark.parametrize(
    ("toml", "message"),
    [
        ("a = ", "lab.toml: it does not parse"),
        ("colour = 1", "'colour' is not known"),
        ("account = 5", "account is not text"),
        ('account = "5"', "lab.toml, account: '5' will not do"),
        ('user-path = "x"', "user-path 'x' will not do"),
        ('capabilities = ["ALL"]', "capabilities is no list"),
        ("parameters = 5", "parameters is no table"),
    ],
)
def test_a_lab_toml_that_will_not_do(tmp_path, toml, message):
    found = read(tmp_path, files={"lab.toml": toml})
    assert message in found.documents.template.fault
    assert message in found.documents.policy.fault


def test_a_lab_toml_that_names_what_is_not_there(tmp_path):
    found = read(tmp_path, files={"lab.toml": 'template = "../../etc/passwd"'})
    assert found.documents.template.fault == (
        "lab.toml: there is no ../../etc/passwd; give the path of a file that is handed in."
    )


def test_nothing_but_documents_is_said_of_an_empty_folder(tmp_path):
    (tmp_path / "student").mkdir()
    found = read_submission(tmp_path / "student")
    assert "there is no template.yaml" in found.documents.template.fault
    assert "there is no policy.json" in found.documents.policy.fault
