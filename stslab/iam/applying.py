"""Whether one statement is about a request, part by part."""

from __future__ import annotations

from stslab.iam.conditions import Condition
from stslab.iam.document import Statement
from stslab.iam.matching import Answer, matches, matches_action, negated
from stslab.iam.principal import Naming, excepted, naming
from stslab.iam.request import Request
from stslab.iam.variables import Unresolved, resolve_arn


def about_action(statement: Statement, request: Request) -> bool:
    """Whether the Action or NotAction covers the request's action."""
    for pattern in statement.actions:
        if matches_action(pattern, request.action):
            return not statement.not_action
    return statement.not_action


def about_resource(statement: Statement, request: Request) -> Answer:
    """Whether the Resource or NotResource covers the request's resource.

    A statement without either is about the resource that its policy stands on. A pattern whose policy variable has no
    value covers nothing.

    Source: IAM user guide, "IAM JSON policy elements: Resource" and "IAM policy elements: Variables and tags".
    """
    if statement.resources is None:
        return True
    covered: Answer = False
    for pattern in statement.resources:
        try:
            if matches(resolve_arn(pattern, request) if statement.variables else pattern, request.target):
                covered = True
                break
        except Unresolved as unresolved:
            if not unresolved.known:
                covered = None
    return negated(covered) if statement.not_resource else covered


def how_addressed(statement: Statement, request: Request, bounded: bool) -> Naming:
    """How a statement of a resource's policy means the caller.

    Args:
        statement: the statement.
        request: who wants what.
        bounded: whether the caller has a permissions boundary.

    Source: IAM user guide, "AWS JSON policy elements: NotPrincipal": "The NotPrincipal element with a Deny effect will
    always deny any IAM principal that has a permissions boundary policy attached, regardless of the values specified".
    """
    principals = statement.principals or {}
    if statement.not_principal:
        left_out = excepted(principals, request.caller, denies=not statement.allows)
        left_out = left_out and (statement.allows or not bounded)
        return Naming.NOT if left_out else Naming.EVERYONE
    return naming(principals, request.caller)


def unmet(statement: Statement, request: Request) -> list[tuple[Condition, Answer]]:
    """The conditions that the request does not meet (``False``), or may not (``None``)."""
    answers = ((condition, condition.met(request)) for condition in statement.conditions)
    return [(condition, answer) for condition, answer in answers if not answer]


def applies(statement: Statement, request: Request) -> Answer:
    """Whether a statement is about the request: its action, its resource and every condition."""
    if not about_action(statement, request):
        return False
    resource = about_resource(statement, request)
    if resource is False or not statement.conditions:
        return resource
    answer: Answer = resource
    for condition in statement.conditions:
        met = condition.met(request)
        if met is False:
            return False
        answer = answer and met
    return answer
