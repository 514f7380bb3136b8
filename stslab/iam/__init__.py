"""IAM policy evaluation: pure functions that decide as AWS does, with no I/O."""

from stslab.iam.decision import Decision, MatchedStatement, Outcome
from stslab.iam.document import (
    MalformedPolicy,
    Policy,
    Statement,
    parse_policy,
    require_identity_policy,
    require_trust_policy,
)
from stslab.iam.evaluate import Request, evaluate, evaluate_assume_role
from stslab.iam.principal import Caller

__all__ = [
    "Caller",
    "Decision",
    "MalformedPolicy",
    "MatchedStatement",
    "Outcome",
    "Policy",
    "Request",
    "Statement",
    "evaluate",
    "evaluate_assume_role",
    "parse_policy",
    "require_identity_policy",
    "require_trust_policy",
]
