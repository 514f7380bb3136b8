"""What a trust policy says on its own: whom it admits, given that their own policies permit everything."""

from __future__ import annotations

from collections.abc import Sequence

from stslab.iam.decision import Decision
from stslab.iam.document import Policy, parse_policy
from stslab.iam.evaluate import evaluate
from stslab.iam.principal import Caller
from stslab.iam.request import Context, Request

STAND_INS = ("an allow-all policy", "a trust policy that names the account")
"""What the policies are called that only stand for the side that is not asked about."""

ANYTHING = parse_policy(
    {"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"}}, STAND_INS[0]
)


def admits(trust: Policy, caller: Caller, role_arn: str, context: Context) -> Decision:
    """Decide whether a trust policy lets a caller assume the role, whose own policies permit it."""
    return evaluate(Request(caller, "sts:AssumeRole", role_arn, context=context), [ANYTHING], resource_policy=trust)


def permits(identity: Sequence[Policy], caller: Caller, role_arn: str, context: Context) -> Decision:
    """Decide whether a caller's own policies allow assuming a role, whose trust policy leaves it to them."""
    return evaluate(
        Request(caller, "sts:AssumeRole", role_arn, context=context), identity, resource_policy=_leaving_it_to(caller)
    )


def admits_everyone(trust: Policy, role_arn: str) -> Decision:
    """Decide whether a trust policy lets a stranger from some other account assume the role.

    The stranger calls over TLS, as everyone does, and brings nothing else that a condition might ask for.
    """
    own_account = role_arn.split(":")[4]
    other_account = "999999999999" if own_account != "999999999999" else "888888888888"
    stranger = Caller(f"arn:aws:iam::{other_account}:user/a-stranger")
    return admits(trust, stranger, role_arn, Context({"aws:SecureTransport": "true"}))


def _leaving_it_to(caller: Caller) -> Policy:
    statement = {"Effect": "Allow", "Principal": {"AWS": caller.account}, "Action": "sts:AssumeRole"}
    return parse_policy({"Version": "2012-10-17", "Statement": statement}, STAND_INS[1])
