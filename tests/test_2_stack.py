"""Create a role: deploy the stack with the bucket and the role."""

import pytest

from stslab.expect import Expect
from stslab.iam import Caller
from stslab.iam.trust import admits, admits_everyone
from stslab.lab.bucket import InBucket
from stslab.lab.calling import lab_call
from stslab.lab.permissions import LabRole
from stslab.lab.stack import DEPLOYED, LabStack
from stslab.principals import Principal
from stslab.run import Run

pytestmark = pytest.mark.order(2)


@pytest.mark.check("stack.deploys", points=10, expects="CREATE_COMPLETE")
@pytest.mark.dependency(name="stack.deploys", depends=["submission.template"], scope="session")
def test_stack_deploys(admin: Principal, stack: LabStack, expect: Expect) -> None:
    """The template deploys: the stack ends as CREATE_COMPLETE"""
    answer = expect.allowed(admin, admin.cloudformation.describe_stacks, StackName=stack.name)
    expect.one_of("The stack's status", answer["Stacks"][0]["StackStatus"], DEPLOYED)


@pytest.mark.check(
    "stack.bucket",
    points=5,
    expects="the object among the bucket's contents",
    observed="The stack has a bucket, and the admin lists it",
)
@pytest.mark.dependency(name="stack.bucket", depends=["stack.deploys"], scope="session")
def test_stack_bucket(admin: Principal, stack: LabStack, lab_object: InBucket, expect: Expect) -> None:
    """The stack has a bucket, and the admin puts an object into it"""
    expect.same("The object's bucket", lab_object.bucket, stack.bucket())
    lab_object.claim_listed(admin, expect)


@pytest.mark.check("role.trust", points=10, expects="the trust policy admits the user, and does not admit everyone")
@pytest.mark.dependency(name="role.trust", depends=["stack.deploys"], scope="session")
def test_role_trust(run: Run, role: LabRole, expect: Expect) -> None:
    """The role's trust policy admits the user, and not everyone"""
    user = Caller(run.settings.user_arn)
    as_the_lab_calls = lab_call(run.settings.session_name)
    expect.permitted("The trust policy admits the user", admits(role.trust, user, role.arn, as_the_lab_calls))
    expect.not_permitted("The trust policy admits everyone", admits_everyone(role.trust, role.arn))
