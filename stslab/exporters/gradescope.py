"""``gradescope.json`` a submission: what Gradescope's autograder reads as ``results.json``."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from stslab.exporters import Files
from stslab.exporters.students import PERSON, discreet, told, visibility
from stslab.exporters.worth import tidy, total, withheld, worths
from stslab.grading.graded import Graded
from stslab.result import CheckResult, Outcome
from stslab.rubric import Entry

_GIVEN = "Undecided points are given provisionally, until a person has looked."


class Gradescope:
    """A test a check, with its points and with whom it is shown to."""

    name = "gradescope"
    about = "<submission>/gradescope.json: results.json of a Gradescope autograder"

    def files(self, graded: Sequence[Graded], rubric: Mapping[str, Entry]) -> Files:
        """Give the results of every submission.

        Gradescope knows no test without a verdict, and its maximum is fixed: points on which a person has to decide
        are given until then, and the texts say so.

        Args:
            graded: the class.
            rubric: entries by check id.

        Source: Gradescope autograder documentation, "Autograder Specifications", "Output format".
        """
        worth = worths(graded, rubric)
        for one in graded:
            tests = [_test(check, worth[check.id], rubric) for check in one.result.checks]
            results = {
                "score": total(test["score"] for test in tests),
                "output": _output(one, any(test["extra_data"]["given"] for test in tests), rubric),
                # The default here is a format with markup in it.
                "output_format": "text",
                "test_output_format": "text",
                "test_name_format": "text",
                "stdout_visibility": "hidden",
                "tests": tests,
            }
            yield f"{one.name}/gradescope.json", json.dumps(results, indent=2, ensure_ascii=False) + "\n"


def _output(one: Graded, given: bool, rubric: Mapping[str, Entry]) -> str:
    lines = (PERSON, _GIVEN if given else "", discreet(one.problem, rubric)) if one.needs_person else ()
    return "\n".join(filter(None, lines))


def _test(check: CheckResult, worth: float, rubric: Mapping[str, Entry]) -> dict[str, Any]:
    given = withheld(check, worth)
    text = told(check, rubric)
    return {
        "name": f"{check.id}: {check.title}",
        "score": tidy(check.points + given),
        "max_score": tidy(check.max_points + given),
        # Said outright: what has all its points only provisionally would be shown as passed.
        "status": "passed" if check.outcome is Outcome.PASSED else "failed",
        "output": f"{text}\n{_GIVEN}" if given else text,
        "visibility": visibility(check.id, rubric),
        "extra_data": {"check": check.id, "outcome": check.outcome.value, "given": given},
    }
