"""What a class adds up to."""

from __future__ import annotations

from fractions import Fraction

import classes as c
import pytest

from stslab.grading.graded import Graded
from stslab.report.figures import distribution, lowest, percent, share, spread
from stslab.result import Outcome

FAILED, ERROR, UNDETERMINED = Outcome.FAILED, Outcome.ERROR, Outcome.UNDETERMINED


def scored(*passed: int) -> list[Graded]:
    """Submissions that passed so many checks of ten."""
    ids = [f"x.{number}" for number in range(10)]
    return [c.graded(f"s{each}", dict.fromkeys(ids[each:], (FAILED, "no")), checks=ids) for each in passed]


def test_the_spread_of_scores():
    found = spread(scored(0, 2, 4, 10))
    assert found
    assert (found.mean, found.median) == (Fraction(4, 10), Fraction(3, 10))
    assert (found.lower, found.upper) == (Fraction(15, 100), Fraction(55, 100))
    assert spread(scored(7)) == spread(scored(7, 7))
    assert spread([c.graded("a", problem="no")]) is None


def test_the_distribution_has_full_marks_by_themselves_and_tells_final_from_open():
    still_open = c.graded("o", {"user.created": (ERROR, "?"), "user.identity": (FAILED, "no")})
    bins = {each.label: (each.final, each.open) for each in distribution([*scored(0, 3, 9, 10, 10), still_open])}
    assert (bins.pop("0-9"), bins.pop("30-39")) == ((1, 0), (1, 0))
    assert (bins.pop("90-99"), bins.pop("100")) == ((1, 1), (2, 0))
    assert set(bins.values()) == {(0, 0)}


def test_what_is_undecided_is_in_no_share():
    assert share(c.graded("a", problem="no").result) is None
    assert share(c.graded("a", {"user.created": (UNDETERMINED, "?")}).result) == 1
    assert [one.name for one in lowest([*scored(3, 1), c.graded("a", problem="no"), *scored(2)])] == ["s1", "s2", "s3"]


@pytest.mark.parametrize(
    ("part", "said"), [("1", "100 %"), ("9999/10000", "99.9 %"), ("1/3", "33.3 %"), ("1/2", "50 %"), ("0", "0 %")]
)
def test_percent_never_rounds_up(part, said):
    assert percent(Fraction(part)) == said
