"""An account with something of everything in it, and what becomes of it in another process."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ProcessPoolExecutor
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path
from typing import Any

from accounts import ACCOUNT, ALLOW, REGION, Account, document, in_process, trusting
from stacking import BUCKET, READ, Stack, resource, role, text

from stslab.credentials import Credentials, Secret
from stslab.sandbox.state.freezing import thaw
from stslab.sandbox.state.store import Store, Told

TOLD = Told(4321, REGION, Secret("token"))
READS = "arn:aws:iam::aws:policy/ReadOnlyAccess"
PARTS = {
    "Bucket": {**BUCKET, "Condition": "Wanted", "Properties": {"BucketName": "of-the-stack"}},
    "Role": role(RoleName="of-the-stack"),
    "Profile": resource("IAM::InstanceProfile", Roles=[{"Ref": "Role"}]),
    "Policy": resource("IAM::ManagedPolicy", PolicyDocument=READ, Roles=[{"Ref": "Role"}]),
    "Table": resource(
        "DynamoDB::Table",
        KeySchema=[{"AttributeName": "k", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "k", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
    ),
    "Queue": resource("SQS::Queue", QueueName="not-served"),
}
SECTIONS = {
    "Conditions": {"Wanted": {"Fn::Equals": ["a", "a"]}},
    "Mappings": {"map": {"a": {"b": "c"}}},
    "Parameters": {"List": {"Type": "CommaDelimitedList", "Default": "a,b"}},
    "Outputs": {"Arn": {"Value": {"Fn::GetAtt": ["Role", "Arn"]}, "Export": {"Name": "arn-of-the-role"}}},
}


@dataclass
class Filled:
    """Who has a key to the account that :func:`fill` has filled, and what it said of some things."""

    keys: Mapping[str, Credentials]
    said: Mapping[str, str]

    @property
    def plain(self) -> dict[str, tuple[str, str, str]]:
        """The keys in a form that another process may be given."""
        return {
            name: (k.access_key_id, k.secret_access_key.reveal(), k.session_token.reveal() if k.session_token else "")
            for name, k in self.keys.items()
        }


def fill(account: Account) -> Filled:
    """Put something of everything that the sandbox serves into an account."""
    with_tags = trusting({"AWS": account.id}, action=["sts:AssumeRole", "sts:TagSession"])
    ana, bea, cem = account.user("ana", ALLOW), account.user("bea"), account.user("cem", ALLOW)
    arn = account.role("visitor", with_tags, may=[ALLOW])
    keys = {"admin": account.admin, "ana": ana, "bea": bea}
    keys["visitor"] = account.assume(arn, ana, Tags=[{"Key": "team", "Value": "red"}])
    keys["late"] = account.assume(arn, ana, RoleSessionName="late")
    sts = account.client("sts", ana)
    keys["token"] = Credentials.from_answer(sts.get_session_token()["Credentials"])
    federated = sts.get_federation_token(Name="bob", Policy=document(ALLOW))
    keys["federated"] = Credentials.from_answer(federated["Credentials"])
    keys["orphan"] = Credentials.from_answer(account.client("sts", cem).get_session_token()["Credentials"])
    _identities(account)
    _objects(account)
    _stacks(account)
    dynamodb = account.client("dynamodb")
    dynamodb.put_item(TableName=_table(account), Item={"k": {"S": "x"}, "n": {"N": "1.5"}, "s": {"SS": ["a", "b"]}})
    account.client("secretsmanager").create_secret(Name="secret", SecretString="kept")
    ids = {user["UserName"]: user["UserId"] for user in account.client("iam").list_users()["Users"]}
    return Filled(keys, {**ids, "table": _table(account)})


def _identities(account: Account) -> None:
    iam = account.client("iam")
    iam.create_group(GroupName="readers")
    iam.attach_group_policy(GroupName="readers", PolicyArn=READS)
    iam.add_user_to_group(GroupName="readers", UserName="bea")
    limits = account.policy("limits", ALLOW)
    narrow = {"Effect": "Allow", "Action": "iam:GetUser", "Resource": "*"}
    iam.create_policy_version(PolicyArn=limits, PolicyDocument=document(narrow), SetAsDefault=True)
    bounded = account.user("bounded", ALLOW, PermissionsBoundary=limits)
    iam.tag_user(UserName="bounded", Tags=[{"Key": "key", "Value": bounded.access_key_id}])
    iam.create_account_alias(AccountAlias="all-of-it")
    iam.create_login_profile(UserName="ana", Password="Aa1!" + "a" * 12)
    iam.create_virtual_mfa_device(VirtualMFADeviceName="device")
    provider = {"Url": "https://token.actions.githubusercontent.com", "ThumbprintList": ["0" * 40]}
    iam.create_open_id_connect_provider(**provider, ClientIDList=["sts.amazonaws.com"])
    iam.update_account_password_policy(MinimumPasswordLength=12)


def _objects(account: Account) -> None:
    account.bucket("objects", "once")
    s3 = account.client("s3")
    s3.put_bucket_versioning(Bucket="objects", VersioningConfiguration={"Status": "Enabled"})
    for body in (b"first", b"second"):
        s3.put_object(Bucket="objects", Key="twice", Body=body, Metadata={"note": "kept"}, Tagging="a=b")
    s3.put_object(Bucket="objects", Key="gone", Body=b"gone")
    s3.delete_object(Bucket="objects", Key="gone")
    anyone = {"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::objects/once"}
    s3.put_bucket_policy(Bucket="objects", Policy=document(anyone))
    s3.put_public_access_block(Bucket="objects", PublicAccessBlockConfiguration={"BlockPublicAcls": True})
    upload = s3.create_multipart_upload(Bucket="objects", Key="parts")["UploadId"]
    s3.upload_part(Bucket="objects", Key="parts", UploadId=upload, PartNumber=1, Body=b"part")


def _stacks(account: Account) -> None:
    Stack(account, name="lab").create(text(PARTS, **SECTIONS), Tags=[{"Key": "of", "Value": "the-stack"}])
    Stack(account, name="gone").create({"B": BUCKET}).delete()
    changes = {"TemplateBody": text({"B": BUCKET}), "ChangeSetName": "first", "ChangeSetType": "CREATE"}
    account.client("cloudformation").create_change_set(StackName="waiting", **changes)


def _table(account: Account) -> str:
    return str(account.client("dynamodb").list_tables()["TableNames"][0])


def forget() -> None:
    """Have moto know nothing of any account."""
    from moto.core.base_backend import BackendDict
    from moto.s3.models import s3_backends

    BackendDict.reset()
    s3_backends.bucket_accounts.clear()


def kept(path: Path, accounts: Mapping[str, Credentials]) -> Path:
    """A state file with some accounts, and a call, in it."""
    with closing(Store.open(path)) as store:
        store.tell(TOLD)
        store.open_accounts(accounts)
        store.save(records=[(ACCOUNT, {"eventName": "é", "n": 1})])
    return path


Check = Callable[..., Any]


@contextmanager
def in_another_process(frozen: bytes, filled: Filled) -> Iterator[Callable[..., Any]]:
    """A process in which the account is thawed; it is given functions to call with the account and its keys."""
    started = (frozen, filled.plain)
    with ProcessPoolExecutor(1, get_context("forkserver"), initializer=_begin, initargs=started) as pool:

        def there(check: Check, *given: Any) -> Any:
            return pool.submit(_there, check, *given).result(60)

        yield there


_open = ExitStack()
_mine: dict[str, Any] = {}


def _begin(frozen: bytes, plain: Mapping[str, tuple[str, str, str]]) -> None:
    fresh = _open.enter_context(in_process())
    thaw(ACCOUNT, frozen)
    keys = {n: Credentials(k, Secret(s), Secret(t) if t else None) for n, (k, s, t) in plain.items()}
    _mine.update(account=Account(ACCOUNT, keys["admin"]), keys=keys, strangers=fresh.admin)


def _there(check: Check, *given: Any) -> Any:
    return check(_mine["account"], _mine["keys"], *given)
