"""What is to be done to one submission."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path


@dataclass(frozen=True)
class Limits:
    """What one submission may take before it is ended.

    Args:
        seconds: wall-clock and processor time.
        memory: bytes of memory beyond those that its process starts with.
        output: bytes of any file that it writes.
    """

    seconds: float = 60
    memory: int = 1_000_000_000
    output: int = 50_000_000


@dataclass(frozen=True)
class Task:
    """One submission to be graded; picklable, so that it can be sent to another process or machine.

    Args:
        name: how its reports are filed.
        path: the folder or zip, absolute.
        out: the output folder of the class, absolute.
        rubric: the rubric file, absolute; the reference one where there is none.
        only: the ids of the checks that are asked for; all where it is empty.
        carry_on: whether what a failed document blocks is tried with the reference in its place.
        limits: what it may take.
    """

    name: str
    path: Path
    out: Path
    rubric: Path | None = None
    only: tuple[str, ...] = ()
    carry_on: bool = False
    limits: Limits = field(default_factory=Limits)

    @property
    def folder(self) -> Path:
        """Where its reports come to be."""
        return self.out / self.name
