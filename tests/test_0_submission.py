"""What is handed in: the template, the user's policy, and no secret among it."""

import pytest

from stslab.expect import Expect
from stslab.run import Run
from stslab.submission.scanning import scan

# No verdict is given on a target that cannot be trusted, on the documents neither.
pytestmark = [pytest.mark.order(0), pytest.mark.usefixtures("admin")]


@pytest.mark.check(
    "submission.template",
    points=5,
    expects="one template, with only what the lab uses",
    observed="The stack's template can be read, and holds nothing but what the lab uses",
)
@pytest.mark.dependency(name="submission.template")
def test_submission_template(run: Run, expect: Expect) -> None:
    """The template is there, can be read, and holds nothing but what the lab uses"""
    expect.usable(run.documents.template)


@pytest.mark.check(
    "submission.policy", points=5, expects="one policy that is JSON", observed="The user's policy is JSON"
)
@pytest.mark.dependency(name="submission.policy")
def test_submission_policy(run: Run, expect: Expect) -> None:
    """The user's policy is there, and is JSON"""
    expect.usable(run.documents.policy)


@pytest.mark.check(
    "submission.secrets",
    points=10,
    expects="no secret in any file",
    observed="No secret access key, session token or private key is in the template or the policy",
)
@pytest.mark.dependency(name="submission.secrets")
def test_submission_secrets(run: Run, expect: Expect) -> None:
    """No secret access key, session token or private key is in any file"""
    expect.no_secrets(scan(run.submission.contents, run.submission.refusal))
