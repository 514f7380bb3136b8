"""Whether an account that is only looked at says no: found out with the lab's own user, since nobody is made for it."""

from __future__ import annotations

from collections.abc import Sequence

from botocore.exceptions import ClientError

from stslab.errors import TargetError
from stslab.iam import Caller, Outcome, Policies, Policy, Request
from stslab.iam.evaluate import decide
from stslab.iam.privilege import ANY
from stslab.principals import Principal

PROBE = "iam:ListUsers"


def require_enforcement(user: Principal, policies: Sequence[Policy]) -> None:
    """Have the lab's user ask for something that none of its policies allows.

    Args:
        user: the user, with a credential that may be live.
        policies: all of its policies, and of its groups.

    Raises:
        TargetError: it is let in, so that nobody enforces IAM there.
    """
    told = decide(Request(Caller(user.arn), PROBE, "*", context=ANY), Policies(list(policies)))
    if told.outcome in (Outcome.ALLOWED, Outcome.UNDETERMINED):
        return
    try:
        user.iam.list_users()
    except ClientError:
        return
    raise TargetError(
        f"The target does not enforce IAM, so no verdict is given; {PROBE} by {user.arn} succeeds although no policy "
        "allows it."
    )
