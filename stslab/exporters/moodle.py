"""``moodle.csv``: scores for the import of Moodle's gradebook."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from stslab.exporters import Files
from stslab.exporters.cells import NO_GRADE, csv_text
from stslab.exporters.worth import tidy, total, worths
from stslab.grading.graded import Graded
from stslab.rubric import Entry


class Moodle:
    """A row a submission, found in Moodle by its folder's name as the user name."""

    name = "moodle"
    about = "moodle.csv: scores for Moodle's gradebook, users by user name"

    def files(self, graded: Sequence[Graded], rubric: Mapping[str, Entry]) -> Files:
        """Give the file.

        The score stands there twice, in percent and in points: Moodle refuses a whole file with a grade over 100 in
        it, unless its site allows them. A submission that needs a person has a dash, which is Moodle's word for no
        grade; an empty cell becomes 0 where the import makes a new grade item.

        Args:
            graded: the class.
            rubric: entries by check id.

        Source: Moodle, ``grade/import/csv/classes/load_data.php`` and ``lib/dml`` of the repository moodle/moodle.
        """
        possible = total(worths(graded, rubric).values())
        title = next((one.result.lab for one in graded), "lab")
        header = ["username", f"{title} (percent)", f"{title} ({possible} points)"]
        yield "moodle.csv", csv_text([header, *(_row(one, possible) for one in graded)])


def _row(one: Graded, possible: float) -> list[str | float]:
    if one.needs_person or not possible:
        return [one.name, NO_GRADE, NO_GRADE]
    return [one.name, tidy(100 * one.result.score / possible), one.result.score]
