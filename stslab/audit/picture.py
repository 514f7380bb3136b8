"""The lab as a picture: who reaches what, and which arrow was proved."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from stslab.result import UNDECIDED, CheckResult, LabResult, Outcome


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
        id: its name.
        denies: whether it stands for an access that has to be denied.
        says: what it stands for, as a sentence without its full stop.
        label: the same in two or three words.
        done: what it is where it holds, in a word.
        standing: what is known of it.
        checks: the checks that tell.
    """

    id: str
    denies: bool
    says: str
    label: str
    done: str
    standing: Standing
    checks: Sequence[CheckResult]

    @property
    def verdict(self) -> str:
        """What is known of it, in words."""
        if self.standing is Standing.PROVED:
            return f"{self.done}, proved"
        if self.standing is Standing.DISPROVED:
            return "NOT denied" if self.denies else "does NOT work"
        return "not decided" if self.standing is Standing.OPEN else "not tested"


@dataclass(frozen=True)
class Picture:
    """The whole: its boxes by name and its arrows, in the lab's order."""

    nodes: Mapping[str, Node]
    arrows: Mapping[str, Arrow]

    @property
    def in_words(self) -> str:
        """Everything that there is to be seen, as text."""
        return " ".join(f"{arrow.says}: {arrow.verdict}." for arrow in self.arrows.values())


_ARROWS = (
    ("has", False, "The policy is put on the user", "put on the user", "done", ("policy.attached",)),
    (
        "assumes",
        False,
        "The user assumes the role: its policy allows it, the role trusts it, AWS hands out a session",
        "sts:AssumeRole",
        "allowed",
        ("policy.targets-role", "role.trust", "session.assumed", "session.identity"),
    ),
    (
        "reads",
        False,
        "The role's session lists the account's buckets and reads the lab's",
        "lists and reads",
        "allowed",
        ("session.lists-buckets", "session.reads-bucket"),
    ),
    (
        "direct",
        True,
        "The user itself reaches S3, before the policy is attached and after",
        "S3 without the role",
        "denied",
        ("user.no-s3", "user.still-no-s3"),
    ),
    (
        "beyond",
        True,
        "The role's session reaches IAM, CloudFormation, DynamoDB or Secrets Manager",
        "anything but S3",
        "denied",
        ("session.least-privilege",),
    ),
)


def picture(result: LabResult) -> Picture:
    """Draw a run's picture.

    Args:
        result: the run, with the checks that are to be shown.
    """
    checks = {check.id: check for check in result.checks}
    arrows = {}
    for name, denies, says, label, done, ids in _ARROWS:
        telling = [checks[each] for each in ids if each in checks]
        arrows[name] = Arrow(name, denies, says, label, done, _standing(telling), telling)
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


def _standing(checks: Sequence[CheckResult]) -> Standing:
    outcomes = {check.outcome for check in checks}
    if not outcomes:
        return Standing.ABSENT
    if Outcome.FAILED in outcomes:
        return Standing.DISPROVED
    return Standing.OPEN if outcomes & {*UNDECIDED, Outcome.BLOCKED} else Standing.PROVED
