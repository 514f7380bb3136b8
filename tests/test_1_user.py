"""Create a user with no permissions."""

import pytest

from stslab.credentials import Credentials
from stslab.expect import Expect
from stslab.lab.user import LabUser
from stslab.principals import Principal

pytestmark = pytest.mark.order(1)


@pytest.mark.check("user.created", points=5, expects="the user by its ARN, and one access key, Active")
@pytest.mark.dependency(name="user.created")
def test_user_created(admin: Principal, user: LabUser, access_key: Credentials, expect: Expect) -> None:
    """The user exists and has one access key, which is active"""
    found = expect.found(admin.iam.get_user, UserName=user.name)["User"]
    expect.same("The user's ARN", found["Arn"], user.arn)
    expect.same("The state of the user's access key", ", ".join(user.access_keys().values()) or "gone", "Active")


@pytest.mark.check("user.identity", points=5, expects="the user's ARN")
@pytest.mark.dependency(name="user.identity", depends=["user.created"], scope="session")
def test_user_identity(sts: Principal, expect: Expect) -> None:
    """GetCallerIdentity as profile sts answers with the user's ARN"""
    expect.live(sts)


@pytest.mark.check("user.no-s3", points=10, expects="AccessDenied, though the credential is live")
@pytest.mark.dependency(name="user.no-s3", depends=["user.identity"], scope="session")
def test_user_no_s3(sts: Principal, expect: Expect) -> None:
    """ListBuckets as profile sts is AccessDenied"""
    expect.denied(sts, sts.s3.list_buckets)
