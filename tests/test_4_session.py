"""Use new user credentials and assume role: assume it, and test it."""

import pytest

from stslab.expect import Expect
from stslab.iam import Caller
from stslab.iam.privilege import beyond
from stslab.lab.bucket import InBucket
from stslab.lab.cleanup import Estate
from stslab.lab.permissions import LabRole
from stslab.lab.stack import LabStack
from stslab.principals import Principal

pytestmark = pytest.mark.order(4)


@pytest.mark.check("session.assumed", points=10, expects="credentials that work")
@pytest.mark.dependency(name="session.assumed", depends=["user.identity", "role.trust"], scope="session")
def test_session_assumed(assumed: Principal, expect: Expect) -> None:
    """Profile sts assumes the role, and AWS accepts the session's credentials"""
    expect.allowed(assumed, assumed.sts.get_caller_identity)


@pytest.mark.check("session.identity", points=5, expects="the ARN of the role's session")
@pytest.mark.dependency(name="session.identity", depends=["session.assumed"], scope="session")
def test_session_identity(assumed: Principal, expect: Expect) -> None:
    """GetCallerIdentity as profile assumed answers with the assumed-role ARN"""
    expect.live(assumed)


@pytest.mark.check("session.lists-buckets", points=10, expects="the stack's bucket among the account's")
@pytest.mark.dependency(name="session.lists-buckets", depends=["session.assumed"], scope="session")
def test_session_lists_buckets(assumed: Principal, stack: LabStack, expect: Expect) -> None:
    """The session lists the account's buckets, the stack's among them"""
    listed = [bucket["Name"] for bucket in expect.allowed(assumed, assumed.s3.list_buckets)["Buckets"]]
    for bucket in stack.buckets():
        expect.contains("ListBuckets as profile assumed", listed, bucket)


@pytest.mark.check(
    "session.reads-bucket",
    points=10,
    expects="the bucket's list and the object's text",
    observed="The session lists the stack's bucket and may read what is in it",
)
@pytest.mark.dependency(name="session.reads-bucket", depends=["session.assumed", "stack.bucket"], scope="session")
def test_session_reads_bucket(assumed: Principal, lab_object: InBucket, expect: Expect) -> None:
    """The session lists the stack's bucket and reads the object that the admin put there"""
    with expect.parts() as part:
        with part():
            lab_object.claim_listed(assumed, expect)
        with part():
            lab_object.claim_read(assumed, expect)


@pytest.mark.check("session.least-privilege", points=10, expects="AccessDenied outside S3, and no Allow")
@pytest.mark.dependency(name="session.least-privilege", depends=["session.assumed"], scope="session")
def test_session_least_privilege(assumed: Principal, role: LabRole, expect: Expect) -> None:
    """The session can do nothing outside S3: calls are denied, and no policy of the role allows any"""
    iam, cloudformation = assumed.iam, assumed.cloudformation
    dynamodb, secrets = assumed.client("dynamodb"), assumed.client("secretsmanager")
    with expect.parts() as part:
        for call in (iam.list_users, cloudformation.list_stacks, dynamodb.list_tables, secrets.list_secrets):
            with part():
                expect.denied(assumed, call)
        with part():
            session = Caller(assumed.arn, role.arn)
            expect.nothing_beyond("s3", beyond("s3", session, role.policies(), role.boundary()))


@pytest.mark.check("user.still-no-s3", points=10, expects="AccessDenied, while the session of the role may")
@pytest.mark.dependency(name="user.still-no-s3", depends=["user.no-s3"], scope="session")
def test_user_still_no_s3(sts: Principal, estate: Estate, expect: Expect) -> None:
    """Profile sts itself is still denied S3: the account's buckets, the stack's bucket and its object"""
    if estate.assumed:
        expect.live(estate.assumed)
    expect.denied(sts, sts.s3.list_buckets)
    if estate.object:
        expect.denied(sts, sts.s3.list_objects_v2, Bucket=estate.object.bucket)
        expect.denied(sts, sts.s3.get_object, Bucket=estate.object.bucket, Key=estate.object.key)
