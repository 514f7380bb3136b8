"""Files for other people's programs: one small module a format, none of which decides anything."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Protocol

from stslab.grading.graded import Graded
from stslab.rubric import Entry

Files = Iterator[tuple[str, str]]
"""Texts by their path, relative to the output folder and with ``/`` in it."""


class Exporter(Protocol):
    """Renders a graded class in one format."""

    name: str
    """What ``--format`` calls it."""

    about: str
    """For ``--help``: what is written where, and for which program."""

    def files(self, graded: Sequence[Graded], rubric: Mapping[str, Entry]) -> Files:
        """Give the files of the format.

        Args:
            graded: the class, in the order of its names.
            rubric: entries by check id; a check without one has the defaults of :class:`Entry`.
        """
