"""Use new user credentials and assume role: put the policy on the user."""

import pytest

from stslab.expect import Expect
from stslab.iam import Caller
from stslab.iam.trust import permits
from stslab.lab.calling import lab_call
from stslab.lab.permissions import LabRole
from stslab.lab.policy import UserPolicy
from stslab.lab.user import LabUser
from stslab.run import Run

pytestmark = pytest.mark.order(3)


@pytest.mark.check("policy.attached", points=5, expects="the policy as it was put")
@pytest.mark.dependency(name="policy.attached", depends=["submission.policy", "user.created"], scope="session")
def test_policy_attached(run: Run, user_policy: UserPolicy, expect: Expect) -> None:
    """IAM takes the policy, and shows it as it was put"""
    expect.same("The policy that IAM shows", str(user_policy.stored()), str(run.documents.policy.data))


@pytest.mark.check("policy.targets-role", points=10, expects="an Allow of sts:AssumeRole on the role's ARN")
@pytest.mark.dependency(name="policy.targets-role", depends=["policy.attached", "stack.deploys"], scope="session")
def test_policy_targets_role(run: Run, user: LabUser, user_policy: UserPolicy, role: LabRole, expect: Expect) -> None:
    """The user's policies allow sts:AssumeRole on the stack's role"""
    policies, as_the_lab_calls = user_policy.in_force(), lab_call(run.settings.session_name)
    expect.permitted(
        f"The user's policies allow sts:AssumeRole on {role.arn}",
        permits(policies, Caller(user.arn), role.arn, as_the_lab_calls),
    )
