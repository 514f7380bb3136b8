"""Before any verdict: prove that the target says no.

A user with no permissions makes a call that has to be denied. Where it is not, authorisation is off, and every "access
works" of the run would be worth nothing.
"""

from __future__ import annotations

import secrets

from stslab.errors import CheckFailed, SuiteError, TargetError
from stslab.expect import Expect
from stslab.lab.user import LabUser
from stslab.principals import Principal, Sessions
from stslab.scrub import Scrubber


def prove_enforcement(admin: Principal, sessions: Sessions, expect: Expect, scrubber: Scrubber) -> None:
    """Have a fresh user denied, and take the user away again.

    Raises:
        TargetError: the call was not denied, so the target cannot be trusted.
    """
    user = LabUser(admin, f"stslab-canary-{secrets.token_hex(4)}", scrubber)
    try:
        user.create()
        bird = sessions.of_credentials("canary", user.arn, user.create_access_key())
        expect.denied(bird, bird.s3.list_buckets)
        expect.denied(bird, bird.iam.list_users)
    except (CheckFailed, SuiteError) as fault:
        raise TargetError(
            "The target does not enforce IAM, so no verdict is given; a user with no permissions was not denied: "
            f"{fault}"
        ) from fault
    finally:
        user.remove()
