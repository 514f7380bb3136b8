"""What a graded class adds up to: how its scores are spread, and which checks it missed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from statistics import mean, quantiles

from stslab.grading.graded import Graded
from stslab.result import UNDECIDED, LabResult, Outcome
from stslab.rubric import Entry

_TENTHS = 10


@dataclass(frozen=True)
class Spread:
    """The middle of the scores and where their quarters end, each as a share of what could be earned."""

    mean: Fraction
    lower: Fraction
    median: Fraction
    upper: Fraction


@dataclass(frozen=True)
class Bin:
    """One column of the distribution.

    Args:
        label: the scores in it, in percent.
        final: how many submissions have such a score.
        open: how many more have it, but need a person, so that it may change.
    """

    label: str
    final: int
    open: int

    @property
    def total(self) -> int:
        """How many submissions stand in the column."""
        return self.final + self.open


@dataclass(frozen=True)
class Missed:
    """One check that not every submission passed.

    ``reasons`` are an outcome and a text each, with how many submissions have just that, the most common first; that
    another check blocks this one is no reason to mend anything here, and comes last.
    """

    id: str
    title: str
    hint: str
    failed: int
    blocked: int
    undecided: int
    reasons: Sequence[tuple[Outcome, str, int]]


def share(result: LabResult) -> Fraction | None:
    """The score as a share of what could be earned; ``None`` where nothing could be decided.

    Points have two decimals, so hundredths of them are whole, and no share comes out a little beside a border.
    """
    best = round(result.max_score * 100)
    return Fraction(round(result.score * 100), best) if best else None


def percent(part: Fraction) -> str:
    """A share in percent, rounded down to one decimal: 100 % is said of all and of nothing less."""
    whole, tenth = divmod(part.numerator * 1000 // part.denominator, 10)
    return f"{whole}.{tenth} %" if tenth else f"{whole} %"


def spread(graded: Sequence[Graded]) -> Spread | None:
    """How the scores are spread; ``None`` where there is no score."""
    shares = [each for each in (share(one.result) for one in graded) if each is not None]
    if not shares:
        return None
    # One score alone has no quarters by itself.
    lower, median, upper = quantiles(shares if len(shares) > 1 else shares * 2, n=4, method="inclusive")
    return Spread(mean(shares), lower, median, upper)


def distribution(graded: Sequence[Graded]) -> list[Bin]:
    """Count the scores by tens of percent, full marks by themselves."""
    final, still = [0] * (_TENTHS + 1), [0] * (_TENTHS + 1)
    for one in graded:
        part = share(one.result)
        if part is not None:
            counts = still if one.needs_person else final
            counts[min(int(part * _TENTHS), _TENTHS)] += 1
    labels = [*(f"{ten * 10}-{ten * 10 + 9}" for ten in range(_TENTHS)), "100"]
    return [Bin(*column) for column in zip(labels, final, still, strict=True)]


def lowest(graded: Sequence[Graded]) -> list[Graded]:
    """The submissions that have a score, the lowest first."""
    scored = [(part, one) for one in graded if (part := share(one.result)) is not None]
    return [one for _, one in sorted(scored, key=lambda pair: pair[0])]


def columns(graded: Sequence[Graded]) -> dict[str, str]:
    """The titles of all checks by their ids, in the order in which they first appear."""
    return {check.id: check.title for one in graded for check in one.result.checks}


def missed(graded: Sequence[Graded], rubric: Mapping[str, Entry]) -> list[Missed]:
    """The checks that somebody missed, the most missed first.

    What failed comes before what is undecided, and that before what was blocked: a blocked check was not tried, and
    the mistake is elsewhere. A submission that could not be graded says nothing about any check, and is left out.

    Args:
        graded: the class.
        rubric: entries by check id.
    """
    outcomes: dict[str, Counter[Outcome]] = {}
    reasons: dict[str, Counter[tuple[Outcome, str]]] = {}
    for one in graded:
        for check in () if one.problem else one.result.checks:
            if check.outcome is not Outcome.PASSED:
                outcomes.setdefault(check.id, Counter())[check.outcome] += 1
                reasons.setdefault(check.id, Counter())[check.outcome, check.reason] += 1
    listed = [
        Missed(
            id=check,
            title=title,
            hint=rubric.get(check, Entry()).hint,
            failed=outcomes[check][Outcome.FAILED],
            blocked=outcomes[check][Outcome.BLOCKED],
            undecided=sum(outcomes[check][outcome] for outcome in UNDECIDED),
            reasons=sorted(
                ((*reason, count) for reason, count in reasons[check].items()),
                key=lambda reason: (reason[0] is Outcome.BLOCKED, -reason[2]),
            ),
        )
        for check, title in columns(graded).items()
        if check in outcomes
    ]
    return sorted(listed, key=lambda check: (-check.failed, -check.undecided, -check.blocked))
