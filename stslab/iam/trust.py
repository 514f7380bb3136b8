"""What a trust policy says on its own: whom it admits, given that their own policies permit everything."""

from __future__ import annotations

from stslab.iam.decision import Decision
from stslab.iam.document import Policy, parse_policy
from stslab.iam.evaluate import Request, evaluate_assume_role
from stslab.iam.principal import Caller

ANYTHING = parse_policy(
    {"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"}}, "an allow-all policy"
)


def admits(trust: Policy, caller: Caller, role_arn: str) -> Decision:
    """Decide whether a trust policy lets a caller assume the role, whose own policies permit it."""
    return evaluate_assume_role(Request(caller, "sts:AssumeRole", role_arn), [ANYTHING], trust)


def admits_everyone(trust: Policy, role_arn: str) -> Decision:
    """Decide whether a trust policy lets a stranger from some other account assume the role."""
    own_account = role_arn.split(":")[4]
    other_account = "999999999999" if own_account != "999999999999" else "888888888888"
    return admits(trust, Caller(f"arn:aws:iam::{other_account}:user/a-stranger"), role_arn)
