"""The lab as a picture: who reaches what, and which arrow was proved."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from stslab.result import CheckResult, LabResult, Outcome


class Standing(StrEnum):
    """What is known of an arrow."""

    PROVED = "proved"
    DISPROVED = "disproved"
    OPEN = "open"
    ABSENT = "absent"
    """No check of the report is about it."""


@dataclass(frozen=True)
class Node:
    """A box of the picture: what it is, and its name where that is known; its place in the picture's units."""

    kind: str
    name: str
    x: int
    y: int


@dataclass(frozen=True)
class Arrow:
    """An arrow of the picture.

    Args:
        denies: whether it stands for an access that has to be denied.
        label: what it stands for, in two or three words.
        verdict: what is known of it, in words.
        says: the same as a sentence without its full stop.
        standing: what is known of it.
        checks: the checks that tell.
    """

    denies: bool
    label: str
    verdict: str
    says: str
    standing: Standing
    checks: Sequence[CheckResult]


@dataclass(frozen=True)
class Picture:
    """The whole: its boxes by name and its arrows, in the lab's order."""

    nodes: Mapping[str, Node]
    arrows: Mapping[str, Arrow]

    @property
    def in_words(self) -> str:
        """Everything that there is to be seen, as text."""
        return " ".join(f"{arrow.label}: {arrow.verdict}. {arrow.says}." for arrow in self.arrows.values())


@dataclass(frozen=True)
class _Claim:
    """What an arrow claims: in a word where it holds, as a sentence where it does and where it does not."""

    label: str
    done: str
    holds: str
    fails: str
    checks: tuple[str, ...]
    denies: bool = False


_CLAIMS = {
    "has": _Claim(
        "put on the user",
        "done",
        "The policy was put on the user",
        "The policy could not be put on the user as it should be",
        ("policy.attached",),
    ),
    "assumes": _Claim(
        "sts:AssumeRole",
        "allowed",
        "The user assumes the role: its policy allows it, the role trusts it, and there is a session",
        "The user does not come to a session of the role as it should",
        ("policy.targets-role", "role.trust", "session.assumed", "session.identity"),
    ),
    "reads": _Claim(
        "lists and reads",
        "allowed",
        "The role's session lists the account's buckets and reads the lab's",
        "The role's session does not list the account's buckets, or does not read the lab's",
        ("session.lists-buckets", "session.reads-bucket"),
    ),
    "direct": _Claim(
        "S3 without the role",
        "denied",
        "The user itself is denied S3, before the policy was put on it and after",
        "Something of S3 was allowed to the user itself, without the role",
        ("user.no-s3", "user.still-no-s3"),
        denies=True,
    ),
    "beyond": _Claim(
        "anything but S3",
        "denied",
        "The role's session is denied what was asked of IAM, CloudFormation, DynamoDB and Secrets Manager",
        "Something outside S3 was allowed to the role's session, or its policies allow it",
        ("session.least-privilege",),
        denies=True,
    ),
}


def picture(result: LabResult) -> Picture:
    """Draw a run's picture.

    Args:
        result: the run, with the checks that are to be shown.
    """
    checks = {check.id: check for check in result.checks}
    arrows = {}
    for name, claim in _CLAIMS.items():
        telling = [checks[each] for each in claim.checks if each in checks]
        standing = _standing(telling, whole=len(telling) == len(claim.checks))
        verdict, says = _in_words(claim, standing)
        arrows[name] = Arrow(claim.denies, claim.label, verdict, says, standing, telling)
    facts = result.environment
    return Picture(
        {
            "user": Node("User", facts.get("User", ""), 20, 20),
            "policy": Node("Policy on the user", facts.get("Policy", ""), 20, 150),
            "role": Node("Role and its session", facts.get("Session", ""), 20, 280),
            "bucket": Node("S3 bucket", f"of stack {facts['Stack']}" if "Stack" in facts else "", 20, 410),
            "rest": Node("Other services", "", 270, 280),
        },
        arrows,
    )


def _standing(checks: Sequence[CheckResult], *, whole: bool) -> Standing:
    """What checks say; where some that it takes are not among them, nothing is proved."""
    outcomes = {check.outcome for check in checks}
    if not outcomes:
        return Standing.ABSENT
    if Outcome.FAILED in outcomes:
        return Standing.DISPROVED
    return Standing.PROVED if whole and outcomes == {Outcome.PASSED} else Standing.OPEN


def _in_words(claim: _Claim, standing: Standing) -> tuple[str, str]:
    """What is known of a claim, in two words and as a sentence."""
    if standing is Standing.PROVED:
        return f"{claim.done}, proved", claim.holds
    if standing is Standing.DISPROVED:
        return "NOT denied" if claim.denies else "does NOT work", claim.fails
    word = "decided" if standing is Standing.OPEN else "tested"
    return f"not {word}", f"Whether this holds was not {word}: {claim.holds[0].lower()}{claim.holds[1:]}"
