"""Graded classes to report on, small ones put together by hand and large ones drawn by lot."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from random import Random

from stslab.grading.graded import Graded
from stslab.result import UNDECIDED, CheckResult, LabResult, Outcome

CHECKS = {
    "submission.template": "The template is there, can be read, and holds nothing but what the lab uses",
    "submission.policy": "The user's policy is there, and is JSON",
    "submission.secrets": "No secret access key, session token or private key is in any file",
    "user.created": "The user exists and has one access key, which is active",
    "user.identity": "GetCallerIdentity as profile sts answers with the user's ARN",
    "user.no-s3": "ListBuckets as profile sts is AccessDenied",
    "stack.deploys": "The template deploys: the stack ends as CREATE_COMPLETE",
    "stack.bucket": "The stack has a bucket, and the admin puts an object into it",
    "role.trust": "The role's trust policy admits the user, and not everyone",
    "policy.attached": "IAM takes the policy, and shows it as it was put",
    "policy.targets-role": "The user's policies allow sts:AssumeRole on the stack's role",
    "session.assumed": "Profile sts assumes the role, and AWS accepts the session's credentials",
    "session.identity": "GetCallerIdentity as profile assumed answers with the assumed-role ARN",
    "session.lists-buckets": "The session lists the account's buckets, the stack's among them",
    "session.reads-bucket": "The session lists the stack's bucket and reads the object that the admin put there",
    "session.least-privilege": "The session can do nothing outside S3",
    "user.still-no-s3": "Profile sts itself is still denied S3",
    "cleanup.complete": "Every step of the clean-up succeeds, in the lab's order",
    "cleanup.residue": "Nothing is left: whatever is asked for by name is not found",
}

WORTH = 10

HOSTILE = (
    "<script>alert(1)</script>",
    "\"><img src=x onerror='alert(1)'>",
    'student\'s "quoted" & ampersand; 100%',
    "line\nbreak\r\nand\ttab",
    "\x1b[31mred\x1b[0m\x07\x9b2J",
    "[red]markup[/red] [/] [link=file:///]x[/link]",
    "\u202egnp.tnedive\u202c \u05d0\u05d1\u05d2 \u0645\u0631\u062d\u0628\u0627",
    "emoji \N{PILE OF POO} \N{FAMILY} \U0001f468\u200d\U0001f469\u200d\U0001f467",
    "not utf-8 \udcff\udc80",
    "../../etc/passwd?x=1#top",
    "javascript:alert(1)",
    "</style></title></textarea><!--",
    "n" * 200,
    "\N{CJK UNIFIED IDEOGRAPH-4E2D}" * 60,
    " ",
)
"""Names and reasons that no page and no terminal may take for anything but text."""


def graded(
    name: str,
    outcomes: Mapping[str, tuple[Outcome, str]] | None = None,
    *,
    problem: str = "",
    carried: Mapping[str, str] | None = None,
    checks: Sequence[str] = tuple(CHECKS),
) -> Graded:
    """One submission.

    Args:
        name: its folder.
        outcomes: outcome and reason of every check that did not pass.
        problem: why it could not be graded; every check is an error then.
        carried: the document that the reference stood for, by check.
        checks: the ids of its checks.
    """
    said = dict.fromkeys(checks, (Outcome.ERROR, problem)) if problem else outcomes or {}
    results = []
    for check in checks:
        outcome, reason = said.get(check, (Outcome.PASSED, ""))
        results.append(
            CheckResult(
                id=check,
                title=CHECKS.get(check, check),
                outcome=outcome,
                points=WORTH if outcome is Outcome.PASSED else 0,
                max_points=0 if outcome in UNDECIDED else WORTH,
                reason=reason,
                carried_on=(carried or {}).get(check),
            )
        )
    lab = LabResult(
        lab="sts-assume-role",
        submission=name,
        target="moto",
        account="123456789012",
        started="2026-01-01T10:00:00.000Z",
        finished="2026-01-01T10:00:02.000Z",
        checks=results,
        calls=[],
    )
    return Graded(name, lab, problem)


MIXED = [
    graded("a", {"role.trust": (Outcome.FAILED, "no"), "session.assumed": (Outcome.BLOCKED, "blocked by role.trust")}),
    graded("b", {"role.trust": (Outcome.FAILED, "no"), "user.created": (Outcome.FAILED, "two keys")}),
    graded("c", {"role.trust": (Outcome.FAILED, "everyone"), "stack.bucket": (Outcome.UNDETERMINED, "who knows")}),
    graded(
        "d", {"session.assumed": (Outcome.BLOCKED, "blocked by user.created"), "user.created": (Outcome.FAILED, "none")}
    ),
    graded("e", {"stack.bucket": (Outcome.ERROR, "broken pipe")}),
    graded("f", problem="It did not end within 60 seconds."),
    graded("g"),
]
"""One submission of every kind."""


def drawn(count: int, seed: int = 1) -> list[Graded]:
    """A class drawn by lot, with what is usual in one: many pass, one mistake blocks what stands on it."""
    lot = Random(seed)
    return [_drawn(f"student-{number:03}", lot) for number in range(1, count + 1)]


def _drawn(name: str, lot: Random) -> Graded:
    luck = lot.random()
    if luck < 0.03:
        return graded(name, problem="The lab did not end within 60 seconds.")
    if luck < 0.35:
        return graded(name)
    outcomes: dict[str, tuple[Outcome, str]] = {}
    carried: dict[str, str] = {}
    ids = list(CHECKS)
    for _ in range(lot.choice((1, 1, 2, 3))):
        check = lot.choice(ids)
        kind = lot.random()
        arn = f"arn:aws:iam::123456789012:role/my-sts-fun-stack-StsRole-{lot.randrange(36**6):06X}"
        if kind < 0.08:
            outcomes[check] = (Outcome.UNDETERMINED, "The condition is on aws:SourceVpc, which only AWS fills in.")
        elif kind < 0.55:
            outcomes[check] = (Outcome.FAILED, f"{CHECKS[check]}: no, because no policy allows it on {arn}.")
        else:
            outcomes[check] = (Outcome.FAILED, f"{CHECKS[check]}: no, because no policy allows the action.")
    if outcomes.get("stack.deploys", (None,))[0] is Outcome.FAILED or lot.random() < 0.15:
        root = "stack.deploys" if "stack.deploys" in outcomes else "role.trust"
        outcomes.setdefault(root, (Outcome.FAILED, "The trust policy admits the user: no, because it names a service."))
        for check in ids[ids.index(root) + 1 : -2]:
            outcomes.setdefault(check, (Outcome.BLOCKED, f"blocked by {root}"))
    if lot.random() < 0.1:
        outcomes["submission.template"] = (
            Outcome.FAILED,
            "template.yaml: line 3, column 5: the template does not parse.",
        )
        carried = dict.fromkeys(ids[6:-2], "template")
    return graded(name, outcomes, carried=carried)


def saying(texts: Sequence[str]) -> list[Graded]:
    """A class in which each of the texts is the name of a submission and the reason of three of its checks."""
    return [
        graded(
            text,
            {
                "role.trust": (Outcome.FAILED, text),
                "user.created": (Outcome.UNDETERMINED, text),
                "session.assumed": (Outcome.BLOCKED, text),
            },
            carried={"stack.bucket": text},
        )
        for text in texts
    ]
