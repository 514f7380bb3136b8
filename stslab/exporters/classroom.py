"""The class as a page to look at."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from stslab.exporters import Files
from stslab.grading.graded import Graded
from stslab.report.classroom import page
from stslab.rubric import Entry


class ClassPage:
    """``class.html``: an :class:`~stslab.exporters.Exporter`."""

    name = "class"
    about = "class.html: scores, most missed checks, and students by checks, for a browser"

    def files(self, graded: Sequence[Graded], rubric: Mapping[str, Entry]) -> Files:
        """Give the page.

        Args:
            graded: the class, in the order of its names.
            rubric: entries by check id, for their hints.
        """
        yield "class.html", page(graded, rubric)
