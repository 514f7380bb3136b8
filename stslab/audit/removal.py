"""The proof of the clean-up: everything that was made, by what it was taken away, and that it was looked for again."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from stslab.result import Call, LabResult

UNSHOWN = "no call shows it"


@dataclass(frozen=True)
class Removed:
    """A thing that the run made: the calls that made it and took it away, and the one that did not find it any more.

    ``made`` is ``None`` for what a stack made. Where ``gone`` or ``proof`` is ``None``, ``how`` and ``why`` stand
    in its place.
    """

    thing: str
    made: Call | None
    gone: Call | None
    proof: Call | None
    how: str = UNSHOWN
    why: str = UNSHOWN


@dataclass(frozen=True)
class _Kind:
    thing: str
    made: str
    gone: str
    asked: str


_KINDS = (
    _Kind("user", "iam:CreateUser", "iam:DeleteUser", "iam:GetUser"),
    _Kind("policy of user", "iam:PutUserPolicy", "iam:DeleteUserPolicy", "iam:GetUserPolicy"),
    _Kind("stack", "cloudformation:CreateStack", "cloudformation:DeleteStack", "cloudformation:DescribeStacks"),
    _Kind("object", "s3:PutObject", "s3:DeleteObject", "s3:GetObject"),
)
_OF_THE_STACK = {"s3:ListBucket": "bucket", "iam:GetRole": "role"}
"""What is asked for in the end of that which the stack made, by the action that asks."""

ENDS = "cannot be deleted, and ends by itself within the hour"
"""Source: STS API reference, AssumeRole, DurationSeconds: one hour, unless told; the lab tells none."""

_ABSENT = frozenset({"NoSuchEntity", "404", "NoSuchBucket", "NoSuchKey"})

_UNKNOWN_KEY = frozenset({"InvalidClientTokenId", "InvalidAccessKeyId", "UnrecognizedClientException"})
"""The answers to a key that there is not. Source: STS, S3 and DynamoDB API references, "Common errors"."""


def removed(result: LabResult) -> list[Removed]:
    """Find what a run made, and what became of it.

    Args:
        result: the run.

    Returns:
        one entry a thing, in the order in which they were made; those of the stack at the end.
    """
    calls = result.calls
    found: list[Removed] = []
    for at, call in enumerate(calls):
        if call.outcome != "success":
            continue
        later = calls[at + 1 :]
        kind = next((kind for kind in _KINDS if kind.made == call.action), None)
        if kind is not None:
            found.append(_removed(kind, call, later))
        elif call.action == "iam:CreateAccessKey":
            found.append(_key(call, later))
        elif call.action == "sts:AssumeRole":
            found.append(_session(call, later))
    return [*found, *_of_the_stack(calls)]


def _removed(kind: _Kind, made: Call, later: Sequence[Call]) -> Removed:
    gone = _first(later, lambda call: call.action == kind.gone and _same(call, made) and call.outcome == "success")
    after = later[later.index(gone) + 1 :] if gone else []
    proof = _first(after, lambda call: call.action == kind.asked and _same(call, made) and _absent(call))
    if proof is None and kind.thing == "object":
        bucket = made.resource.partition("/")[0]
        proof = _first(after, lambda call: call.resource == bucket and _absent(call))
    return Removed(f"{kind.thing} {made.resource}", made, gone, proof)


def _key(made: Call, later: Sequence[Call]) -> Removed:
    """An access key: the answer to its holder once it is deleted, or that its user could be deleted.

    Source: IAM API reference, DeleteUser: a user with access keys is not deleted.
    """

    def done(action: str) -> Callable[[Call], bool]:
        return lambda call: call.action == action and _same(call, made) and call.outcome == "success"

    gone = _first(later, done("iam:DeleteAccessKey"))
    after = later[later.index(gone) + 1 :] if gone else []
    holder = f":user/{made.resource}"
    proof = _first(after, lambda call: call.principal.endswith(holder) and call.error_code in _UNKNOWN_KEY)
    proof = proof or _first(after, done("iam:DeleteUser"))
    return Removed(f"access key of user {made.resource}", made, gone, proof)


def _session(made: Call, later: Sequence[Call]) -> Removed:
    """A role's session, which nobody can delete: without its role it has no permissions."""
    role = made.resource.rpartition("/")[2]
    theirs = [call for call in later if f":assumed-role/{role}/" in call.principal and call.check == "cleanup.residue"]
    proof = theirs[-1] if theirs and theirs[-1].outcome != "success" else None
    return Removed(f"session of role {role}", made, None, proof, how=ENDS)


def _of_the_stack(calls: Sequence[Call]) -> list[Removed]:
    asked = [call for call in calls if call.check == "cleanup.residue" and call.action in _OF_THE_STACK]
    last = {f"{_OF_THE_STACK[call.action]} {call.resource}": call for call in asked}
    return [
        Removed(thing, None, None, call if _absent(call) else None, how="with the stack")
        for thing, call in last.items()
    ]


def _first(calls: Sequence[Call], wanted: Callable[[Call], bool]) -> Call | None:
    return next((call for call in calls if wanted(call)), None)


def _same(one: Call, other: Call) -> bool:
    """Whether two calls are about the same thing: a stack is called by its name, and by its ARN."""
    a, b = one.resource, other.resource
    return a == b or f":stack/{a}/" in b or f":stack/{b}/" in a


def _absent(call: Call) -> bool:
    missing = call.error_code == "ValidationError" and "does not exist" in call.message
    return call.error_code in _ABSENT or missing
