"""S3 behind the gate: the action and the resource of each operation, what is not there, and bucket policies.

Source: service authorization reference, "Actions, resources, and condition keys for Amazon S3"; S3 API reference.
"""

from __future__ import annotations

import urllib.error
import urllib.request

import pytest
from accounts import ACCOUNT, ALLOW, OTHER, Server, code_of, document, refusal

BUCKET, OBJECTS = "arn:aws:s3:::lab", "arn:aws:s3:::lab/*"


def may(account, *actions, resource="*", name="ana", **more):
    statement = {"Effect": "Allow", "Action": list(actions), "Resource": resource, **more}
    return account.client("s3", account.user(name, statement))


ENCRYPTION = {"Rules": [{"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}}]}
TAGS = {"TagSet": [{"Key": "a", "Value": "b"}]}
OPERATIONS = [
    ("s3:ListBucket", "head_bucket", {}),
    ("s3:ListBucket", "list_objects", {}),
    ("s3:ListBucketVersions", "list_object_versions", {}),
    ("s3:ListBucketMultipartUploads", "list_multipart_uploads", {}),
    ("s3:GetBucketLocation", "get_bucket_location", {}),
    ("s3:GetBucketPolicy", "get_bucket_policy", {}),
    ("s3:DeleteBucketPolicy", "delete_bucket_policy", {}),
    ("s3:GetBucketTagging", "get_bucket_tagging", {}),
    ("s3:PutBucketTagging", "put_bucket_tagging", {"Tagging": TAGS}),
    ("s3:PutBucketTagging", "delete_bucket_tagging", {}),
    ("s3:GetEncryptionConfiguration", "get_bucket_encryption", {}),
    ("s3:PutEncryptionConfiguration", "put_bucket_encryption", {"ServerSideEncryptionConfiguration": ENCRYPTION}),
    ("s3:PutEncryptionConfiguration", "delete_bucket_encryption", {}),
    ("s3:GetBucketPublicAccessBlock", "get_public_access_block", {}),
    ("s3:PutBucketPublicAccessBlock", "put_public_access_block", {"PublicAccessBlockConfiguration": {}}),
    ("s3:PutBucketPublicAccessBlock", "delete_public_access_block", {}),
    ("s3:GetBucketOwnershipControls", "get_bucket_ownership_controls", {}),
    ("s3:GetLifecycleConfiguration", "get_bucket_lifecycle_configuration", {}),
    ("s3:GetReplicationConfiguration", "get_bucket_replication", {}),
    ("s3:GetBucketVersioning", "get_bucket_versioning", {}),
    ("s3:PutBucketVersioning", "put_bucket_versioning", {"VersioningConfiguration": {"Status": "Enabled"}}),
    ("s3:DeleteBucket", "delete_bucket", {}),
    ("s3:GetObject", "get_object", {"Key": "k"}),
    ("s3:GetObject", "head_object", {"Key": "k"}),
    ("s3:GetObjectTagging", "get_object_tagging", {"Key": "k"}),
    ("s3:PutObjectTagging", "put_object_tagging", {"Key": "k", "Tagging": TAGS}),
    ("s3:DeleteObjectTagging", "delete_object_tagging", {"Key": "k"}),
    ("s3:GetObjectAcl", "get_object_acl", {"Key": "k"}),
    ("s3:DeleteObject", "delete_object", {"Key": "k"}),
    ("s3:DeleteObjectVersion", "delete_object", {"Key": "k", "VersionId": "null"}),
    ("s3:PutObject", "put_object", {"Key": "k"}),
    ("s3:PutObject", "create_multipart_upload", {"Key": "m"}),
]


def denied(operation, **params):
    """Whether the answer is a denial; what else S3 has to say of a thing is not."""
    try:
        operation(**params)
    except operation.__self__.exceptions.ClientError as error:
        return error.response["Error"]["Code"] in ("AccessDenied", "403")
    return False


def test_each_operation_takes_its_own_action(account):
    """Allowed with the action alone, denied with every other action of S3."""
    for number, (action, operation, params) in enumerate(OPERATIONS):
        bucket = f"lab-{number}"
        account.bucket(bucket, "k")
        only = may(account, action, name=f"only-{number}")
        but = {"Effect": "Allow", "NotAction": action, "Resource": "*"}
        others = account.client("s3", account.user(f"others-{number}", but))
        assert denied(getattr(others, operation), Bucket=bucket, **params), (action, operation)
        assert not denied(getattr(only, operation), Bucket=bucket, **params), (action, operation)


def test_a_version_of_an_object_takes_actions_of_its_own(account):
    account.bucket("lab")
    admin = account.client("s3")
    admin.put_bucket_versioning(Bucket="lab", VersioningConfiguration={"Status": "Enabled"})
    version = admin.put_object(Bucket="lab", Key="k", Body=b"1")["VersionId"]
    present = may(account, "s3:GetObject", "s3:GetObjectTagging", "s3:DeleteObject")
    of_version = may(account, "s3:GetObjectVersion", "s3:GetObjectVersionTagging", "s3:DeleteObjectVersion", name="bea")
    for operation in ("get_object", "head_object", "get_object_tagging"):
        asked = {"Bucket": "lab", "Key": "k", "VersionId": version}
        assert denied(getattr(present, operation), **asked), operation
        assert not denied(getattr(of_version, operation), **asked), operation
    wanted = {"Objects": [{"Key": "k", "VersionId": version}]}
    assert present.delete_objects(Bucket="lab", Delete=wanted)["Errors"][0]["Code"] == "AccessDenied"
    assert of_version.delete_objects(Bucket="lab", Delete=wanted)["Deleted"][0]["VersionId"] == version


def test_a_header_that_sets_more_takes_more(account):
    account.bucket("lab")
    s3 = may(account, "s3:PutObject")
    s3.put_object(Bucket="lab", Key="k")
    assert "s3:PutObjectTagging" in refusal(s3.put_object, Bucket="lab", Key="k", Tagging="a=b")[1]
    assert "s3:PutObjectAcl" in refusal(s3.put_object, Bucket="lab", Key="k", ACL="private")[1]


def test_a_copy_reads_and_writes(account):
    account.bucket("lab", "k")
    copy = {"Bucket": "lab", "Key": "copy", "CopySource": "lab/k"}
    assert (
        "s3:GetObject on resource: arn:aws:s3:::lab/k" in refusal(may(account, "s3:PutObject").copy_object, **copy)[1]
    )
    may(account, "s3:PutObject", "s3:GetObject", name="bea").copy_object(**copy)


def test_who_may_not_list_does_not_learn_what_is_missing(account):
    """S3 API reference, GetObject: the error "depends on whether you also have the s3:ListBucket permission"."""
    account.bucket("lab", "k")
    blind, seeing = may(account, "s3:GetObject"), may(account, "s3:GetObject", "s3:ListBucket", name="bea")
    assert code_of(blind.get_object, Bucket="lab", Key="none") == "AccessDenied"
    assert code_of(blind.head_object, Bucket="lab", Key="none") == "403"
    assert code_of(seeing.get_object, Bucket="lab", Key="none") == "NoSuchKey"
    assert code_of(seeing.head_object, Bucket="lab", Key="none") == "404"


def test_a_bucket_that_is_not_there_is_said_to_be_missing(account):
    s3 = may(account, "iam:ListUsers")
    assert refusal(s3.list_objects_v2, Bucket="nowhere")[::2] == ("NoSuchBucket", 404)
    assert code_of(s3.head_bucket, Bucket="nowhere") == "404"
    assert code_of(s3.create_bucket, Bucket="nowhere") == "AccessDenied"


def test_many_objects_are_deleted_one_decision_each(account):
    account.bucket("lab", "mine/1", "mine/&2", "theirs/1")
    s3 = may(account, "s3:DeleteObject", resource="arn:aws:s3:::lab/mine/*")
    wanted = {"Objects": [{"Key": key} for key in ("mine/1", "theirs/1", "mine/&2")]}
    answer = s3.delete_objects(Bucket="lab", Delete=wanted)
    assert [one["Key"] for one in answer["Deleted"]] == ["mine/1", "mine/&2"]
    assert [(one["Key"], one["Code"]) for one in answer["Errors"]] == [("theirs/1", "AccessDenied")]
    left = account.client("s3").list_objects_v2(Bucket="lab")["Contents"]
    assert [one["Key"] for one in left] == ["theirs/1"]


CONDITIONS = [
    ({"s3:x-amz-acl": "private"}, "s3:PutObject", "put_object", {"Key": "k", "ACL": "private"}),
    ({"s3:RequestObjectTag/a": "b"}, "s3:PutObject", "put_object", {"Key": "k", "Tagging": "a=b"}),
    ({"s3:ExistingObjectTag/team": "red"}, "s3:GetObject", "get_object", {"Key": "tagged"}),
    ({"s3:authType": "REST-HEADER"}, "s3:GetObject", "get_object", {"Key": "tagged"}),
    ({"s3:signatureversion": "AWS4-HMAC-SHA256"}, "s3:ListBucket", "list_objects_v2", {}),
    ({"s3:if-none-match": "*"}, "s3:PutObject", "put_object", {"Key": "new", "IfNoneMatch": "*"}),
    ({"aws:ResourceAccount": ACCOUNT}, "s3:ListBucket", "list_objects_v2", {}),
    ({"aws:PrincipalIsAWSService": "false"}, "s3:ListBucket", "list_objects_v2", {}),
]


@pytest.mark.parametrize(("keys", "action", "operation", "params"), CONDITIONS)
def test_the_requests_own_condition_keys(account, keys, action, operation, params):
    account.bucket("lab")
    account.client("s3").put_object(Bucket="lab", Key="tagged", Tagging="team=red")
    more = ["s3:PutObjectAcl", "s3:PutObjectTagging"]
    for condition, expected in (("StringEquals", False), ("StringNotEquals", True)):
        statements = ({**ALLOW, "Action": action, "Condition": {condition: keys}}, {**ALLOW, "Action": more})
        s3 = account.client("s3", account.user(condition, *statements))
        assert denied(getattr(s3, operation), Bucket="lab", **params) is expected


def test_where_a_bucket_is_to_be_is_a_key_too(account):
    condition = {"StringEquals": {"s3:LocationConstraint": "eu-west-1"}}
    s3 = may(account, "s3:CreateBucket", Condition=condition)
    assert code_of(s3.create_bucket, Bucket="here") == "AccessDenied"
    s3.create_bucket(Bucket="there", CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})


GRANT = {"Effect": "Allow", "Principal": {"AWS": ACCOUNT}, "Action": "s3:GetObject", "Resource": OBJECTS}
MALFORMED = [
    ({**GRANT, "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:user/nobody"}}, "Invalid principal in policy"),
    ({**GRANT, "Principal": {"AWS": "AIDAEXAMPLEEXAMPLE123"}}, "Invalid principal in policy"),
    ({**GRANT, "Resource": "arn:aws:s3:::elsewhere/*"}, "Policy has invalid resource"),
    ({"Effect": "Allow", "Action": "s3:GetObject", "Resource": OBJECTS}, "needs a Principal"),
    ({"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject"}, "needs a Resource"),
]


@pytest.mark.parametrize(("statement", "words"), MALFORMED)
def test_a_bucket_policy_that_s3_would_refuse_is_refused(account, statement, words):
    account.bucket("lab")
    code, message, status = refusal(account.client("s3").put_bucket_policy, Bucket="lab", Policy=document(statement))
    assert (code, status) == ("MalformedPolicy", 400)
    assert words in message


def test_a_bucket_policy_has_a_size(account):
    account.bucket("lab")
    long = document(*({**GRANT, "Sid": f"{'x' * 200}{n}"} for n in range(100)))
    code, _, status = refusal(account.client("s3").put_bucket_policy, Bucket="lab", Policy=long)
    assert (code, status) == ("PolicyTooLarge", 400)


def test_a_policy_of_somebody_of_another_account_is_taken(account):
    account.bucket("lab")
    other = {**GRANT, "Principal": {"AWS": f"arn:aws:iam::{OTHER}:user/somebody"}}
    account.client("s3").put_bucket_policy(Bucket="lab", Policy=document(other))


def test_across_accounts_both_sides_over_the_wire():
    server = Server()
    try:
        ours, theirs = server.account(ACCOUNT), server.account(OTHER)
        ours.bucket("shared", "k")
        ana = theirs.user("ana", {**ALLOW, "Action": "s3:GetObject", "Resource": "arn:aws:s3:::shared/*"})
        bea = theirs.user("bea")
        asked = {"Bucket": "shared", "Key": "k"}
        assert code_of(theirs.client("s3", ana).get_object, **asked) == "AccessDenied"
        statement = {**GRANT, "Principal": {"AWS": OTHER}, "Resource": "arn:aws:s3:::shared/*"}
        ours.client("s3").put_bucket_policy(Bucket="shared", Policy=document(statement))
        theirs.client("s3", ana).get_object(**asked)
        assert code_of(theirs.client("s3", bea).get_object, **asked) == "AccessDenied"
        missing = {**statement, "Principal": {"AWS": f"arn:aws:iam::{OTHER}:user/nobody"}}
        refused = code_of(ours.client("s3").put_bucket_policy, Bucket="shared", Policy=document(missing))
        assert refused == "MalformedPolicy"
    finally:
        assert server.stop() == ""


def test_everyone_reads_what_a_policy_opens_to_everyone():
    server = Server()
    try:
        account = server.account(ACCOUNT)
        account.bucket("open", "k")
        path = f"{account.endpoint}/open"
        assert [anonymous(f"{path}/k"), anonymous(path)] == [403, 403]
        statement = {**GRANT, "Principal": "*", "Resource": "arn:aws:s3:::open/*"}
        account.client("s3").put_bucket_policy(Bucket="open", Policy=document(statement))
        assert [anonymous(f"{path}/k"), anonymous(f"{path}/none"), anonymous(path)] == [200, 403, 403]
    finally:
        assert server.stop() == ""


def anonymous(url):
    try:
        with urllib.request.urlopen(url, timeout=20) as answer:
            return answer.status
    except urllib.error.HTTPError as refused:
        return refused.code


def test_a_buckets_tags_go_with_it(account):
    s3 = account.client("s3")
    for _ in range(2):
        s3.create_bucket(Bucket="again")
        assert code_of(s3.get_bucket_tagging, Bucket="again") == "NoSuchTagSet"
        s3.put_bucket_tagging(Bucket="again", Tagging={"TagSet": [{"Key": "mine", "Value": "yes"}]})
        s3.delete_bucket(Bucket="again")
