"""The mapping that comes with the suite."""

from __future__ import annotations

from collections.abc import Collection
from functools import lru_cache

from stslab.controls.mapping import FILE, Controls, read_controls
from stslab.rubric import FILE as RUBRIC
from stslab.rubric import read_rubric
from stslab.suite import suite_folder


@lru_cache(maxsize=1)
def reference_controls() -> Controls:
    """Give the suite's own mapping, read once; the suite's rubric says which checks there are.

    Raises:
        BadInput: one of the two files cannot be used.
        SuiteError: the installation is not whole.
    """
    return read_controls(suite_folder() / "policies" / FILE, known_checks())


def known_checks() -> Collection[str]:
    """The ids of all the lab's checks.

    Raises:
        BadInput: the suite's rubric cannot be used.
        SuiteError: the installation is not whole.
    """
    return read_rubric(suite_folder() / "policies" / RUBRIC).keys()
