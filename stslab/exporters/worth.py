"""What checks are worth when something is decided on them, in the class as a whole."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from stslab.grading.graded import Graded
from stslab.result import CheckResult
from stslab.rubric import Entry


def worths(graded: Sequence[Graded], rubric: Mapping[str, Entry]) -> dict[str, float]:
    """Give what every check is worth, by its id and in the order in which the checks first appear.

    That is what the rubric says, or else what the results do.

    Args:
        graded: the class.
        rubric: entries by check id.
    """
    found: dict[str, float] = {}
    for check in (check for one in graded for check in one.result.checks):
        points = rubric.get(check.id, Entry()).points
        known = max(found.get(check.id, 0), check.worth, check.max_points)
        found[check.id] = known if points is None else points
    return found


def total(points: Iterable[float]) -> float:
    """Add points up, without the dust of binary fractions."""
    return tidy(sum(points))


def tidy(points: float) -> float:
    """Round points to the two decimals that they have, to a whole number where they are one."""
    rounded = round(points, 2)
    return int(rounded) if rounded == int(rounded) else rounded


def withheld(check: CheckResult, worth: float) -> float:
    """The points of a check that are neither earned nor lost, because a person has to decide on them.

    Args:
        check: the check.
        worth: what it is worth when decided.
    """
    return tidy(max(worth - check.max_points, 0))
