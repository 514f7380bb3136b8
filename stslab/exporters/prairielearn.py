"""``prairielearn.json`` a submission: what PrairieLearn reads as ``results.json`` of an external grader."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from stslab.exporters import Files
from stslab.exporters.students import PERSON, SHOWN, discreet, told, visibility
from stslab.exporters.worth import tidy, total, worths
from stslab.grading.graded import Graded
from stslab.result import CheckResult
from stslab.rubric import Entry


class PrairieLearn:
    """The score as a share of all points, and a test a check that students may see."""

    name = "prairielearn"
    about = "<submission>/prairielearn.json: results.json of a PrairieLearn external grader"

    def files(self, graded: Sequence[Graded], rubric: Mapping[str, Entry]) -> Files:
        """Give the results of every submission.

        One that needs a person is not gradable: PrairieLearn then neither gives nor takes points, nor an attempt. What
        is hidden, for now or for good, is left out, since PrairieLearn shows students all that it is given.

        Args:
            graded: the class.
            rubric: entries by check id.

        Source: PrairieLearn documentation, "External grading", "Grading results".
        """
        worth = worths(graded, rubric)
        possible = total(worth.values())
        for one in graded:
            results: dict[str, Any]
            if one.needs_person:
                errors = filter(None, (PERSON, discreet(one.problem, rubric)))
                results = {"gradable": False, "format_errors": list(errors)}
            else:
                results = {"gradable": True, "score": one.result.score / possible if possible else 1.0}
            results["tests"] = [
                _test(check, worth[check.id], rubric)
                for check in one.result.checks
                if visibility(check.id, rubric) == SHOWN
            ]
            yield f"{one.name}/prairielearn.json", json.dumps(results, indent=2, ensure_ascii=False) + "\n"


def _test(check: CheckResult, worth: float, rubric: Mapping[str, Entry]) -> dict[str, Any]:
    test = {"name": check.id, "description": check.title, "points": tidy(check.points), "max_points": tidy(worth)}
    text = told(check, rubric)
    return {**test, "message": text} if text else test
