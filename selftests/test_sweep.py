"""Nobody without permissions gets anything from any operation of the services behind the gate."""

from __future__ import annotations

import pytest
from accounts import ALLOW, document
from botocore.exceptions import ClientError

DENIALS = {"AccessDenied", "403"}
FREE = {
    "sts": {
        "GetCallerIdentity": "success",
        "GetSessionToken": "success",
        "AssumeRoleWithSAML": "InvalidIdentityToken",
        "AssumeRoleWithWebIdentity": "InvalidIdentityToken",
    },
    # Each object is decided for itself, and the answer says of each that it was denied.
    "s3": {"DeleteObjects": "success"},
}
"""Operations that take no permission, or no AWS credentials, with what they answer here."""

ELSEWHERE = {"s3": {"ListDirectoryBuckets", "WriteGetObjectResponse", "CreateSession", "SelectObjectContent"}}
"""Operations that go to an endpoint of another service."""

GIVEN = {
    "Bucket": "lab",
    "Key": "k",
    "UserName": "stslab-admin",
    "CopySource": "lab/k",
    "PolicyDocument": document(ALLOW),
    "AssumeRolePolicyDocument": document(ALLOW),
    "Policy": document(ALLOW),
    "TemplateBody": '{"Resources": {"B": {"Type": "AWS::S3::Bucket"}}}',
}
SIMPLE = {
    "integer": 1,
    "long": 1,
    "boolean": True,
    "timestamp": "2026-01-01T00:00:00Z",
    "blob": b"x",
    "map": {},
    "float": 1.0,
    "double": 1.0,
}


def filled(shape, name, depth=0):
    """The least that a parameter takes."""
    if name in GIVEN:
        return GIVEN[name]
    if shape.type_name == "string":
        enum = getattr(shape, "enum", None)
        return enum[0] if enum else f"arn:aws:iam::111122223333:role/{name}" if "arn" in name.lower() else "a" * 16
    if shape.type_name == "list":
        return [filled(shape.member, name, depth + 1)] if depth < 4 else []
    if shape.type_name == "structure":
        return {m: filled(shape.members[m], m, depth + 1) for m in shape.required_members} if depth < 4 else {}
    return SIMPLE[shape.type_name]


@pytest.mark.parametrize("service", ["cloudformation", "iam", "s3", "sts"])
def test_every_operation_is_decided(account, service):
    account.bucket("lab", "k")
    client = account.client(service, account.user("nobody"), lenient=True)
    model = client.meta.service_model
    methods = {operation: method for method, operation in client.meta.method_to_api_mapping.items()}
    answers = {}
    for operation in set(model.operation_names) - ELSEWHERE.get(service, set()):
        shape = model.operation_model(operation).input_shape
        params = {m: filled(shape.members[m], m) for m in shape.required_members} if shape else {}
        try:
            getattr(client, methods[operation])(**params)
            answers[operation] = "success"
        except ClientError as refused:
            answers[operation] = refused.response["Error"]["Code"]
    assert len(answers) > 8
    assert {o: a for o, a in answers.items() if a not in DENIALS} == FREE.get(service, {})
    assert [o["Key"] for o in account.client("s3").list_objects_v2(Bucket="lab")["Contents"]] == ["k"]
