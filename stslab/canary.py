"""Before any verdict: prove that the target says no.

A user with no permissions makes calls that have to be denied. Where one is not, authorisation is off, and every "access
works" of the run would be worth nothing.
"""

from __future__ import annotations

import secrets

from stslab.errors import CheckFailed, SuiteError, TargetError
from stslab.expect import Expect
from stslab.lab.user import LabUser
from stslab.marks import CANARY, Marks
from stslab.principals import Sessions


def canary_name(marks: Marks) -> str:
    """A user name that nobody else has."""
    return f"{CANARY}-{marks.run or secrets.token_hex(4)}"


def prove_enforcement(canary: LabUser, sessions: Sessions, expect: Expect) -> None:
    """Have a fresh user denied, and take the user away again.

    Args:
        canary: the user, not yet created.
        sessions: where its clients come from.
        expect: puts the claims to the test.

    Raises:
        TargetError: a call was not denied, so the target cannot be trusted.
    """
    try:
        canary.create()
        bird = sessions.of_credentials("canary", canary.arn, canary.create_access_key())
        expect.denied(bird, bird.s3.list_buckets)
        expect.denied(bird, bird.iam.list_users)
    except CheckFailed as fault:
        raise TargetError(
            "The target does not enforce IAM, so no verdict is given; a user with no permissions was not denied: "
            f"{fault}"
        ) from fault
    except SuiteError as fault:
        raise TargetError(
            f"Whether the target enforces IAM could not be found out, so no verdict is given: {fault}"
        ) from fault
    finally:
        canary.remove()
