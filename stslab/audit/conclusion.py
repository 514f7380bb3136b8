"""A run's verdict, for somebody who reads one sentence."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from stslab.report.visible import counted
from stslab.result import UNDECIDED, CheckResult, LabResult, Outcome


@dataclass(frozen=True)
class Conclusion:
    """The verdict: whether everything is in order, in a word or two, and the rest of the sentence after them."""

    holds: bool
    word: str
    rest: str

    @property
    def sentence(self) -> str:
        """The verdict as one sentence."""
        return f"{self.word}{self.rest}"


def conclude(result: LabResult, faults: Sequence[str] = (), missing: Collection[str] = ()) -> Conclusion:
    """Draw the conclusion of a run.

    Args:
        result: the run.
        faults: sentences on what turns the verdict whatever the checks say: an exemption that has expired.
        missing: the lab's checks that are not in the result.
    """
    checks = result.checks
    failed = [check for check in checks if check.outcome is Outcome.FAILED]
    open_ = [check for check in checks if check.outcome in UNDECIDED]
    where = f", {place(result.target)}"
    if not checks:
        return Conclusion(False, "Nothing was tested", f"{where}.")
    if failed:
        said = f"{_of(failed, checks)} failed: {_ids(failed)}"
        also = f"; {_of(open_, checks)} could not be decided" if open_ else ""
        return Conclusion(False, "Not passed", f"{where}: {said}{also}.{_more(result, faults)}")
    if open_ or any(check.outcome is not Outcome.PASSED for check in checks):
        undecided = open_ or [check for check in checks if check.outcome is not Outcome.PASSED]
        said = f"{_of(undecided, checks)} could not be decided: {_ids(undecided)}"
        return Conclusion(False, "Not decided", f"{where}: {said}.{_more(result, faults)}")
    every = "the one check passed" if len(checks) == 1 else f"all {len(checks)} checks passed"
    if result.left_behind or faults:
        return Conclusion(False, "Not in order", f"{where}, though {every}.{_more(result, faults)}")
    if missing:
        return Conclusion(
            False, "Passed in part", f"{where}: {every}, and {len(missing)} of the lab's were not performed."
        )
    return Conclusion(True, "Passed", f"{where}: {every}, and nothing was left behind.")


def place(target: str) -> str:
    """Where a run was performed, as the part of a sentence.

    Args:
        target: the target's name, as the result tells it.
    """
    if target in ("aws", "moto"):
        return "on AWS itself" if target == "aws" else "in an emulation of AWS (moto)"
    kind, _, url = target.partition(" at ")
    return f"at {url}" if kind == "aws" else f"on an emulator of AWS at {url}"


def _of(some: Sequence[CheckResult], all_: Sequence[CheckResult]) -> str:
    return f"{len(some)} of {counted(len(all_), 'check')}"


def _ids(checks: Sequence[CheckResult]) -> str:
    return ", ".join(check.id for check in checks)


def _more(result: LabResult, faults: Sequence[str]) -> str:
    left = f"Left behind: {'; '.join(result.left_behind)}." if result.left_behind else ""
    return "".join(f" {sentence}" for sentence in (left, *faults) if sentence)
