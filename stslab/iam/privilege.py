"""What policies permit beyond one service, found by reading them.

Calls can only try some actions. Reading finds the rest: from each Allow that reaches beyond the service an action and a
resource are made up that it covers, and the evaluation, every Deny included, says whether they are permitted.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from stslab.iam.decision import Outcome
from stslab.iam.document import Policy, Statement
from stslab.iam.evaluate import evaluate
from stslab.iam.matching import matches_action
from stslab.iam.principal import Caller
from stslab.iam.request import Context, Request

SAMPLES = (
    "iam:ListUsers",
    "cloudformation:ListStacks",
    "dynamodb:ListTables",
    "secretsmanager:ListSecrets",
    "ec2:DescribeInstances",
    "kms:ListKeys",
    "lambda:ListFunctions",
    "logs:DescribeLogGroups",
    "rds:DescribeDBInstances",
    "sns:ListTopics",
    "sqs:ListQueues",
    "ssm:DescribeParameters",
    "sts:AssumeRole",
)
"""Real actions of other services, for statements whose action does not name one service."""

ANY = Context(unknown=lambda _: True)
"""The context of any call: whatever a condition asks for may be so."""

FREE = "sts:GetCallerIdentity"
"""Source: STS API reference: "No permissions are required to perform this operation"."""


@dataclass(frozen=True)
class Excess:
    """An action that is permitted, or may be, beyond the service.

    ``action`` is one that the statement covers, ``written`` what the statement says, and ``permitted_by`` names it.
    """

    action: str
    written: str
    permitted_by: str
    certain: bool


def beyond(service: str, caller: Caller, policies: Sequence[Policy], boundary: Policy | None = None) -> list[Excess]:
    """List what policies permit outside a service, one action for each statement that reaches there.

    Args:
        service: the prefix of the actions that are meant to be permitted, for example ``s3``.
        caller: the session or user that the policies belong to.
        policies: all its identity-based policies.
        boundary: its permissions boundary, where it has one.
    """
    found = []
    for policy in policies:
        for statement in policy.statements:
            excess = _excess(service, caller, statement, policies, boundary)
            if excess is not None:
                found.append(excess)
    return found


def _excess(
    service: str, caller: Caller, statement: Statement, policies: Sequence[Policy], boundary: Policy | None
) -> Excess | None:
    doubt = None
    for written, action, resource in _witnesses(service, statement) if statement.allows else ():
        outcome = evaluate(Request(caller, action, resource, caller.account, ANY), policies, boundary=boundary).outcome
        if outcome in (Outcome.ALLOWED, Outcome.UNDETERMINED):
            excess = Excess(
                action, written, f"Statement {statement.index + 1} of {statement.source}", outcome is Outcome.ALLOWED
            )
            if excess.certain:
                return excess
            doubt = excess
    return doubt


def _witnesses(service: str, statement: Statement) -> Iterator[tuple[str, str, str]]:
    """Actions outside the service that a statement is about, as written and one that this covers, with a resource."""
    for written, action in _actions(statement):
        prefix = action.partition(":")[0].lower()
        if prefix != service and action.lower() != FREE.lower():
            yield from ((written, action, resource) for resource in _resources(prefix, statement))


def _actions(statement: Statement) -> Iterator[tuple[str, str]]:
    if statement.not_action:
        yield from ((a, a) for a in SAMPLES if not any(matches_action(pattern, a) for pattern in statement.actions))
        return
    for pattern in statement.actions:
        prefix, _, name = pattern.partition(":")
        if "*" in prefix or "?" in prefix:
            yield from ((pattern, sample) for sample in SAMPLES if matches_action(pattern, sample))
        else:
            yield pattern, f"{prefix}:{_filled(name)}"


def _resources(service: str, statement: Statement) -> Iterator[str]:
    if statement.resources is None or statement.not_resource:
        yield f"arn:aws:{service}:us-east-1:123456789012:any"
        return
    for pattern in statement.resources:
        parts = pattern.split(":", 5)
        if len(parts) < 3 or parts[2] == service or "*" in parts[2] or "?" in parts[2]:
            yield _filled(pattern) if len(parts) > 3 else f"arn:aws:{service}:us-east-1:123456789012:any"


def _filled(pattern: str) -> str:
    return pattern.replace("*", "Any").replace("?", "x")
