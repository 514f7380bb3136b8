"""An account that was frozen is, in another process, what it was: keys, sessions, stacks, objects, all of it."""

from __future__ import annotations

import hashlib
import json
import threading
from tempfile import SpooledTemporaryFile

import pytest
import stored
from accounts import ACCOUNT, OTHER, Account, code_of, in_process
from moto.backends import get_backend
from moto.s3.models import FakeKey
from stacking import BUCKET, CAPABLE, Stack, text

from stslab.credentials import Credentials
from stslab.sandbox.dispatcher import SERVICES
from stslab.sandbox.state.admitted import KEPT
from stslab.sandbox.state.freezing import _services, freeze, thaw
from stslab.sandbox.state.standing import Elsewhere, aws_policy
from stslab.sandbox.state.store import SCHEMA
from stslab.targets.admin import make_admin


@pytest.fixture(scope="module")
def filled():
    """A filled account in this process, its bytes, and a process in which it goes on."""
    with in_process() as account:
        keys = stored.fill(account)
        _expire("late")
        frozen = freeze(ACCOUNT)
        with stored.in_another_process(frozen, keys) as there:
            yield account, keys, frozen, there


def _expire(session_name):
    from moto.sts.models import sts_backends

    for session in sts_backends[ACCOUNT]["aws"].assumed_roles:
        if getattr(session, "session_name", "") == session_name:
            session.expiration = session.issued


@pytest.fixture
def there(filled):
    return filled[3]


def _arns(account, keys):
    live = ("admin", "ana", "bea", "visitor", "token", "federated", "orphan")
    return {name: account.client("sts", keys[name]).get_caller_identity()["Arn"].split(":", 5)[5] for name in live}


def test_every_key_and_session_is_whose_it_was(there):
    assert there(_arns) == {
        "admin": "user/stslab-admin",
        "ana": "user/ana",
        "bea": "user/bea",
        "visitor": "assumed-role/visitor/session",
        "token": "user/ana",
        "federated": "federated-user/bob",
        "orphan": "user/cem",
    }


def _refused(account, keys):
    iam = account.client("iam")
    for name in iam.list_user_policies(UserName="cem")["PolicyNames"]:
        iam.delete_user_policy(UserName="cem", PolicyName=name)
    for key in iam.list_access_keys(UserName="cem")["AccessKeyMetadata"]:
        iam.delete_access_key(UserName="cem", AccessKeyId=key["AccessKeyId"])
    iam.delete_user(UserName="cem")
    return [code_of(account.client("sts", keys[name]).get_caller_identity) for name in ("late", "orphan")]


def test_a_session_ends_when_it_would_have_ended_and_with_its_user(there):
    assert there(_arns)["orphan"] == "user/cem"
    assert there(_refused) == ["ExpiredToken", "InvalidClientTokenId"]


def _permissions(account, keys):
    iam = account.client("iam")
    limits = next(p for p in iam.list_policies(Scope="Local")["Policies"] if p["PolicyName"] == "limits")
    reads = iam.get_policy(PolicyArn=stored.READS)["Policy"]
    version = iam.get_policy_version(PolicyArn=stored.READS, VersionId=reads["DefaultVersionId"])["PolicyVersion"]
    bounded = iam.create_access_key(UserName="bounded")["AccessKey"]
    bounded = Credentials.from_answer(bounded)
    bea = account.client("iam", keys["bea"])
    bea.list_users()
    return {
        "default": limits["DefaultVersionId"],
        "attached": reads["AttachmentCount"],
        "statements": len(version["Document"]["Statement"]),
        "bea": code_of(bea.create_user, UserName="x"),
        "bounded": code_of(account.client("iam", bounded).list_users),
        "ids": {user["UserName"]: user["UserId"] for user in iam.list_users()["Users"]},
        "alias": iam.list_account_aliases()["AccountAliases"],
    }


def test_policies_versions_boundaries_and_unique_ids(filled, there):
    keys = filled[1]
    found = there(_permissions)
    ids = found.pop("ids")
    assert ids == {name: unique for name, unique in keys.said.items() if name in ids}
    assert ids.keys() >= {"ana", "bea", "bounded"}
    assert found.pop("statements") >= 1
    assert found == {
        "default": "v2",
        "attached": 1,
        "bea": "AccessDenied",
        "bounded": "AccessDenied",
        "alias": ["all-of-it"],
    }


def _objects(account, keys):
    s3 = account.client("s3")
    versions = s3.list_object_versions(Bucket="objects")
    body = s3.get_object(Bucket="objects", Key="twice")
    other = Account(OTHER, make_admin(OTHER, "us-east-1")).client("s3")
    upload = s3.list_multipart_uploads(Bucket="objects")["Uploads"][0]
    return {
        "bodies": [
            s3.get_object(Bucket="objects", Key="twice", VersionId=v["VersionId"])["Body"].read()
            for v in versions["Versions"]
            if v["Key"] == "twice"
        ],
        "note": body["Metadata"],
        "deleted": code_of(s3.get_object, Bucket="objects", Key="gone"),
        "markers": [m["Key"] for m in versions["DeleteMarkers"]],
        "by policy": other.get_object(Bucket="objects", Key="once")["Body"].read(),
        "taken": code_of(other.create_bucket, Bucket="objects"),
        "parts": len(s3.list_parts(Bucket="objects", Key="parts", UploadId=upload["UploadId"])["Parts"]),
        "block": s3.get_public_access_block(Bucket="objects")["PublicAccessBlockConfiguration"]["BlockPublicAcls"],
    }


def test_objects_versions_bucket_policies_and_the_names_that_are_taken(there):
    assert there(_objects) == {
        "bodies": [b"second", b"first"],
        "note": {"note": "kept"},
        "deleted": "NoSuchKey",
        "markers": ["gone"],
        "by policy": b"hello",
        "taken": "BucketAlreadyExists",
        "parts": 1,
        "block": True,
    }


def _tables_and_secrets(account, keys, table):
    item = account.client("dynamodb").get_item(TableName=table, Key={"k": {"S": "x"}})["Item"]
    secret = account.client("secretsmanager").get_secret_value(SecretId="secret")["SecretString"]
    return item["n"], sorted(item["s"]["SS"]), secret


def test_tables_and_secrets(filled, there):
    assert there(_tables_and_secrets, filled[1].said["table"]) == ({"N": "1.5"}, ["a", "b"], "kept")


def _stacks(account, keys):
    stack, cloudformation = Stack(account, name="lab"), account.client("cloudformation")
    deleted = cloudformation.list_stacks(StackStatusFilter=["DELETE_COMPLETE"])["StackSummaries"]
    seen = {
        "status": stack.status,
        "tags": stack.shown["Tags"],
        "exports": [each["Name"] for each in cloudformation.list_exports()["Exports"]],
        "gone": [each["StackName"] for each in deleted],
    }
    template = text({**stored.PARTS, "More": BUCKET}, **stored.SECTIONS)
    cloudformation.update_stack(StackName="lab", TemplateBody=template, **CAPABLE)
    seen["updated"] = stack.status, stack.resources()["More"][0]
    cloudformation.execute_change_set(StackName="waiting", ChangeSetName="first")
    seen["waiting"] = Stack(account, name="waiting").status
    stack.id = stack.shown["StackId"]
    stack.delete()
    seen["deleted"] = stack.status
    iam, s3, dynamodb = (account.client(service) for service in ("iam", "s3", "dynamodb"))
    seen["roles"] = [r["RoleName"] for r in iam.list_roles()["Roles"]]
    seen["profiles"] = iam.list_instance_profiles()["InstanceProfiles"]
    seen["buckets"] = [b["Name"] for b in s3.list_buckets()["Buckets"] if b["Name"].startswith("of-")]
    seen["tables"] = dynamodb.list_tables()["TableNames"]
    seen["first event"] = stack.events()[0]
    return seen


def test_a_stack_is_updated_and_its_deletion_deletes_the_very_things_that_it_made(there):
    assert there(_stacks) == {
        "status": "CREATE_COMPLETE",
        "tags": [{"Key": "of", "Value": "the-stack"}],
        "exports": ["arn-of-the-role"],
        "gone": ["gone"],
        "updated": ("UPDATE_COMPLETE", "CREATE_COMPLETE"),
        "waiting": "CREATE_COMPLETE",
        "deleted": "DELETE_COMPLETE",
        "roles": ["visitor"],
        "profiles": [],
        "buckets": [],
        "tables": [],
        "first event": ("CREATE_IN_PROGRESS", "User Initiated"),
    }


def test_an_account_is_the_same_object_for_object(filled):
    before = _services(ACCOUNT)
    before["s3"]["aws"].buckets["objects"].keys.attribute = "kept"
    thaw(ACCOUNT, freeze(ACCOUNT))
    after = _services(ACCOUNT)
    try:
        _require_same(before, after, {}, "")
    finally:
        for key in _objects_in(after, set()):
            if isinstance(key, FakeKey):
                key.dispose()
        for service, regions in before.items():
            get_backend(service)[ACCOUNT].update(regions)


def _require_same(had, has, seen, where):
    """Every object has the same attributes and items, and stands in the same places."""
    if type(has) is Elsewhere or isinstance(had, type(threading.Lock()) | SpooledTemporaryFile):
        return
    assert type(had) is type(has), where
    if id(had) in seen and (isinstance(had, dict | list) or hasattr(had, "__dict__")):
        assert seen[id(had)] is has, where
        return
    if isinstance(had, dict):
        seen[id(had)] = has
        assert list(dict.keys(had)) == list(dict.keys(has)), where
        for key, value in dict.items(had):
            _require_same(value, dict.__getitem__(has, key), seen, f"{where}[{key!r}]")
    elif isinstance(had, list | tuple):
        assert len(had) == len(has), where
        for index, (one, other) in enumerate(zip(had, has, strict=True)):
            _require_same(one, other, seen, f"{where}[{index}]")
    elif not hasattr(had, "__dict__"):
        assert had == has, where
    seen[id(had)] = has
    for name, value in getattr(had, "__dict__", {}).items():
        _require_same(value, getattr(has, "__dict__", {}).get(name), seen, f"{where}.{name}")
    if isinstance(had, FakeKey):
        assert had.value == has.value, where


def test_a_policy_of_aws_is_frozen_by_its_name(filled):
    document_of_it = read_only()
    assert len(document_of_it) > 50_000
    assert len(filled[2]) < 50_000


def read_only():
    return aws_policy(stored.READS, ACCOUNT).versions[0].document


def test_an_account_that_is_thawed_has_nothing_that_was_there_before(filled):
    account = Account(OTHER, make_admin(OTHER, "us-east-1"))
    frozen = freeze(OTHER)
    s3 = account.client("s3")
    s3.create_bucket(Bucket="before")
    account.user("before")
    thaw(OTHER, frozen)
    assert s3.list_buckets()["Buckets"] == []
    assert [user["UserName"] for user in account.client("iam").list_users()["Users"]] == ["stslab-admin"]
    s3.create_bucket(Bucket="before")


def test_the_classes_of_ours_that_are_frozen_are_those_of_the_schema(filled):
    """Whoever changes one of them has SCHEMA grow, and this beside it: older state files cannot be read then."""
    found = {}
    for thing in _objects_in(_services(ACCOUNT), set()):
        if type(thing).__module__.startswith("stslab."):
            found.setdefault(type(thing).__name__, set()).update(vars(thing))
    shape = json.dumps({name: sorted(found[name]) for name in sorted(found)})
    assert sorted(found) == ["Made", "ManagedChangeSet", "ManagedStack", "Resource", "Resources", "UserSession"]

    assert (SCHEMA, hashlib.sha256(shape.encode()).hexdigest()[:8]) == (1, "d4421ffe")


def test_every_service_with_a_state_is_kept():
    assert {*KEPT, "cloudtrail"} == SERVICES


def _objects_in(thing, seen):
    if id(thing) in seen:
        return
    seen.add(id(thing))
    yield thing
    inner = [*dict.values(thing)] if isinstance(thing, dict) else list(thing) if isinstance(thing, list | tuple) else []
    for each in [*inner, *getattr(thing, "__dict__", {}).values()]:
        yield from _objects_in(each, seen)
