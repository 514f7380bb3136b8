"""Clean up: tear down the stack, delete the access keys, the policy and the user."""

import pytest

from stslab.expect import Expect
from stslab.lab.cleanup import Estate, prove_no_residue
from stslab.lab.steps import Step
from stslab.principals import Principal

pytestmark = pytest.mark.order(5)


@pytest.mark.check(
    "cleanup.complete", points=5, expects="every deletion succeeds", observed="Every step of the clean-up has been done"
)
@pytest.mark.dependency(name="cleanup.complete")
def test_cleanup_complete(cleanup: list[Step], expect: Expect) -> None:
    """Every step of the clean-up succeeds, in the lab's order"""
    with expect.parts() as part:
        for step in cleanup:
            with part():
                step.claim()


@pytest.mark.check("cleanup.residue", points=10, expects="not found, and credentials that are refused")
@pytest.mark.dependency(name="cleanup.residue")
def test_cleanup_residue(cleanup: list[Step], estate: Estate, admin: Principal, expect: Expect) -> None:
    """Nothing is left: whatever is asked for by name is not found, and the old credentials are refused"""
    prove_no_residue(estate, admin, expect, cleanup)
