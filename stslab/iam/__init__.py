"""IAM policy evaluation: pure functions that decide as AWS does and say why, with no I/O."""

from stslab.iam.decision import Decision, Layer, MatchedStatement, Outcome
from stslab.iam.document import MalformedPolicy, Policy, Statement, parse_policy
from stslab.iam.evaluate import Policies, evaluate
from stslab.iam.explain import Explanation, Finding, explain
from stslab.iam.grammar import (
    policy_size,
    read_policy,
    require_identity_policy,
    require_resource_policy,
    require_trust_policy,
)
from stslab.iam.principal import Caller
from stslab.iam.request import Context, Request

__all__ = [
    "Caller",
    "Context",
    "Decision",
    "Explanation",
    "Finding",
    "Layer",
    "MalformedPolicy",
    "MatchedStatement",
    "Outcome",
    "Policies",
    "Policy",
    "Request",
    "Statement",
    "evaluate",
    "explain",
    "parse_policy",
    "policy_size",
    "read_policy",
    "require_identity_policy",
    "require_resource_policy",
    "require_trust_policy",
]
