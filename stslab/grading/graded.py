"""What became of one submission of a class."""

from __future__ import annotations

from dataclasses import dataclass

from stslab.result import LabResult


@dataclass(frozen=True)
class Graded:
    """One submission: its result, and why it could not be graded where it could not.

    Args:
        name: the submission's folder, as its reports are filed.
        result: the result; where the submission could not be graded, every check of it is an ``error``.
        problem: one sentence; empty where the lab was run to its end.
    """

    name: str
    result: LabResult
    problem: str = ""

    @property
    def needs_person(self) -> bool:
        """Whether something in it could not be decided here."""
        return bool(self.problem or self.result.undecided)

    @property
    def why_person(self) -> str:
        """For what a person is needed, as one line; empty where none is."""
        return self.problem or "; ".join(f"{check.id}: {check.reason}" for check in self.result.undecided)
