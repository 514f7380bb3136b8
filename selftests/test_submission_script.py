"""A deploy script is read as a shell would understand it, never run, and never guessed at."""

from __future__ import annotations

import pytest

from stslab.submission.parameters import parameters_in
from stslab.submission.script import read_deploy

KEY_A, KEY_C = '{"ParameterKey": "A", "ParameterValue": "b"}', '{"ParameterKey": "C", "ParameterValue": "d e"}'
COMMAND = "aws cloudformation deploy --stack-name {} --capabilities CAPABILITY_IAM"


@pytest.mark.parametrize(
    ("script", "name"),
    [
        (COMMAND.format("plain"), "plain"),
        ("#!/bin/sh\nset -euo pipefail\n" + COMMAND.format("after-others") + " || exit 1", "after-others"),
        ('NAME="quoted"\n' + COMMAND.format("$NAME"), "quoted"),
        ("export A=1 NAME=exported\n" + COMMAND.format('"${NAME}"'), "exported"),
        ("readonly NAME='a'; " + COMMAND.format("${NAME}-b"), "a-b"),
        (COMMAND.format("${1:-by-default}"), "by-default"),
        ("NAME=${STACK_NAME:-by-default}\n" + COMMAND.format("$NAME"), "by-default"),
        ("A=x\nNAME=${2-$A-y}\n" + COMMAND.format("$NAME"), "x-y"),
        ("NAME=first\nNAME=last\n" + COMMAND.format("$NAME") + "\nNAME=later", "last"),
        (COMMAND.replace(" --stack-name {}", " --stack-name=equals"), "equals"),
        ("aws --profile p --region eu-west-1 cloudformation deploy --stack-name global", "global"),
        ("if true; then\n  " + COMMAND.format("conditional") + "\nfi", "conditional"),
        ("deploy() {\n  local NAME=inner\n" + COMMAND.format("$NAME") + "\n}\ndeploy", "inner"),
        ('ARGS=(--stack-name array\n  --region eu-west-1)\naws cloudformation deploy "${ARGS[@]}"', "array"),
        ("ARGS='--stack-name words --region x'\naws cloudformation deploy $ARGS", "words"),
        ("aws cloudformation deploy \\\n  --stack-name \\\n  continued", "continued"),
        ("aws cloudformation deploy \\\r\n  --stack-name crlf \\\r\n  --region x\r\n", "crlf"),
        ("# it's a comment with a quote\n" + COMMAND.format("commented"), "commented"),
        (COMMAND.format("tail") + " # and more", "tail"),
        ("cat <<EOF\n" + COMMAND.format("no") + "\nEOF\n" + COMMAND.format("after-heredoc"), "after-heredoc"),
        ("/usr/local/bin/aws cloudformation create-stack --stack-name path --template-body file://t.yaml", "path"),
        ("time sudo -E aws cloudformation deploy --stack-name led", "led"),
        ("sam deploy --stack-name serverless", "serverless"),
        (COMMAND.format("'lit$eral'"), "lit$eral"),
        (COMMAND.format('"esc\\$aped"'), "esc$aped"),
        ("$Name = 'powershell'\naws cloudformation deploy `\n  --stack-name $Name\n", "powershell"),
        ("@echo off\nset NAME=batch\nREM a remark\naws cloudformation deploy ^\n --stack-name %NAME%\n", "batch"),
        ("aws s3 mb s3://x && " + COMMAND.format("second"), "second"),
        ("OUT=$(" + COMMAND.format("kept") + " 2>&1)\necho $OUT", "kept"),
        ("eval '" + COMMAND.format("evaluated") + "'", "evaluated"),
        ("cat <<< 'text'\n" + COMMAND.format("after-a-string"), "after-a-string"),
        ("$out = aws cloudformation deploy `\n  --stack-name kept\n", "kept"),
        ("A=x\nA+=-y\n" + COMMAND.format("$A"), "x-y"),
    ],
)
def test_the_stacks_name(script, name):
    found = read_deploy(script)
    assert found is not None
    assert (found.stack_name, found.notes) == (name, () if "sam" not in script else found.notes)


@pytest.mark.parametrize(
    "script",
    [
        COMMAND.format("$1"),
        COMMAND.format("lab-$USER"),
        COMMAND.format("$(whoami)-lab"),
        COMMAND.format('"x-$(date +%s)"'),
        "S=`date`\n" + COMMAND.format("$S"),
        "read NAME\n" + COMMAND.format("$NAME"),
        'if [ -n "$1" ]; then\n NAME=$1\nelse\n NAME=other\nfi\n' + COMMAND.format("$NAME"),
        "NAME=a\nif true; then NAME=b; fi\n" + COMMAND.format("$NAME"),
        "NAME=$OTHER\n" + COMMAND.format("${NAME:-x}"),
        "NAME=A\n" + COMMAND.format("${NAME,,}"),
        "NAME=a\n[ -z $X ] && NAME=b\n" + COMMAND.format("$NAME"),
        "NAME=a\n. ./env.sh\n" + COMMAND.format("$NAME"),
        "NAME=a\nunset NAME\n" + COMMAND.format("$NAME"),
        COMMAND.format("${A:-${B:-x}}"),
    ],
)
def test_a_name_that_only_the_shell_knows_is_not_guessed(script):
    found = read_deploy(script)
    assert found is not None
    assert found.stack_name is None
    assert found.notes == ("--stack-name is worked out by the shell, so it is not known.",)
    assert found.capabilities == ("CAPABILITY_IAM",)


def test_a_variable_that_every_branch_gives_the_same_is_known():
    found = read_deploy("NAME=a\nif true; then NAME=a; fi\n" + COMMAND.format("$NAME"))
    assert found is not None
    assert found.stack_name == "a"


@pytest.mark.parametrize(
    "script",
    [
        "",
        "echo hello",
        'echo "aws cloudformation deploy --stack-name x"',
        "# aws cloudformation deploy --stack-name x",
        "cat <<'EOF'\naws cloudformation deploy --stack-name x\nEOF",
        "aws cloudformation describe-stacks --stack-name x",
        "aws s3 cp deploy s3://x",
        "import boto3\nboto3.client('cloudformation').create_stack(StackName='x')",
    ],
)
def test_a_script_that_deploys_nothing(script):
    assert read_deploy(script) is None


@pytest.mark.parametrize(
    ("options", "capabilities"),
    [
        ("", ()),
        ("--capabilities CAPABILITY_IAM", ("CAPABILITY_IAM",)),
        ("--capabilities CAPABILITY_IAM CAPABILITY_NAMED_IAM", ("CAPABILITY_IAM", "CAPABILITY_NAMED_IAM")),
        ('--capabilities "CAPABILITY_IAM" > /dev/null 2>&1', ("CAPABILITY_IAM",)),
        ("--capabilities=CAPABILITY_NAMED_IAM --region x", ("CAPABILITY_NAMED_IAM",)),
        ("--capabilities CAPABILITY_IAM --capabilities CAPABILITY_NAMED_IAM", ("CAPABILITY_NAMED_IAM",)),
        ("--capabilities CAPABILITY_IAM,CAPABILITY_NAMED_IAM", ("CAPABILITY_IAM", "CAPABILITY_NAMED_IAM")),
        ("""--capabilities '["CAPABILITY_IAM"]' --region x""", ("CAPABILITY_IAM",)),
        ("--capabilities 'CAPABILITY_IAM CAPABILITY_NAMED_IAM'", ("CAPABILITY_IAM CAPABILITY_NAMED_IAM",)),
        ("--capabilities $CAPS", None),
        ("$EXTRA", None),
        ('"$@"', ()),
    ],
)
def test_capabilities(options, capabilities):
    found = read_deploy(f"aws cloudformation deploy --stack-name x {options}")
    assert found is not None
    assert found.capabilities == capabilities
    assert bool(found.notes) == (capabilities is None)


def test_capabilities_in_a_variable():
    found = read_deploy("C='CAPABILITY_IAM CAPABILITY_NAMED_IAM'\naws cloudformation deploy --capabilities $C")
    assert found is not None
    assert found.capabilities == ("CAPABILITY_IAM", "CAPABILITY_NAMED_IAM")


@pytest.mark.parametrize(
    "parameters",
    [
        "--parameter-overrides A=b 'C=d e'",
        '--parameter-overrides A=b C="d e"',
        """--parameter-overrides '{"Parameters": {"A": "b", "C": "d e"}}'""",
        """--parameter-overrides '["A=b", "C=d e"]'""",
        '--parameters ParameterValue=b,ParameterKey=A ParameterKey=C,ParameterValue="d e",UsePreviousValue=false',
        '--parameters ParameterKey=A,ParameterValue=b ParameterKey=C,ParameterValue="d e"',
        f"--parameters '[{KEY_A}, {KEY_C}]'",
    ],
)
def test_parameters(parameters):
    found = read_deploy(f"aws cloudformation deploy --stack-name x {parameters} --region y")
    assert found is not None
    assert (dict(found.parameters), found.region, found.notes) == ({"A": "b", "C": "d e"}, "y", ())


def test_parameters_that_are_not_known_are_said():
    found = read_deploy("aws cloudformation deploy --stack-name x --parameter-overrides A=$A B=c")
    assert found is not None
    assert found.parameters == {"B": "c"}
    assert found.notes == ("parameter A is worked out by the shell, so it is not known.",)
    found = read_deploy("aws cloudformation deploy --parameter-overrides '{broken'")
    assert found is not None
    assert found.notes == ("its parameters are no JSON that can be read.",)


def test_parameters_in_a_file():
    found = read_deploy("aws cloudformation deploy --stack-name x --parameter-overrides file://./p.json")
    assert found is not None
    assert found.parameters_file == "./p.json"
    assert parameters_in("text") == parameters_in([1, {"ParameterKey": "A"}]) == {}


def test_a_second_stack_is_said():
    found = read_deploy(COMMAND.format("a") + "\n" + COMMAND.format("b"))
    assert found is not None
    assert (found.stack_name, found.notes) == ("a", ("it deploys b, too.",))


@pytest.mark.parametrize(
    "script",
    [
        "'",
        '"',
        "`",
        "$(" * 999,
        "\\\n" * 999,
        "<<E\n" * 999,
        "${a" * 999,
        "=(" * 999,
        "\0aws cloudformation deploy",
        "(" * 9,
        "A=(",
    ],
)
def test_a_hostile_script_is_only_read(script):
    found = read_deploy(script + "\n" + COMMAND.format("x"))
    assert found is None or found.operation == "deploy"
