"""``canvas.csv``: scores for the import of Canvas' gradebook."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from stslab.exporters import Files
from stslab.exporters.cells import csv_text
from stslab.exporters.worth import total, worths
from stslab.grading.graded import Graded
from stslab.rubric import Entry

STUDENT = ("Student", "ID", "SIS User ID", "SIS Login ID", "Section")

POSSIBLE = "Points Possible"


class Canvas:
    """A row a submission, found in Canvas by its folder's name as a login or as the student's name."""

    name = "canvas"
    about = "canvas.csv: scores for Canvas' gradebook, students by login or name"

    def files(self, graded: Sequence[Graded], rubric: Mapping[str, Entry]) -> Files:
        """Give the file.

        A submission that needs a person has no score there yet.

        Args:
            graded: the class.
            rubric: entries by check id.

        Source: Canvas, ``lib/gradebook_importer.rb`` of the repository instructure/canvas-lms.
        """
        title = next((one.result.lab for one in graded), "lab")
        maximum: list[str | float] = [POSSIBLE, "", "", "", "", total(worths(graded, rubric).values())]
        yield "canvas.csv", csv_text([[*STUDENT, title], maximum, *map(_row, graded)])


def _row(one: Graded) -> list[str | float]:
    # A row whose first cell has these words in it would be read as the maximum.
    student = "" if POSSIBLE in one.name else one.name
    return [student, "", "", one.name, "", "" if one.needs_person else one.result.score]
