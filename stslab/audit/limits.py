"""What a run does not prove: said as plainly as what it does."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from stslab.report.visible import counted
from stslab.result import UNDECIDED, LabResult, Outcome
from stslab.validation import summary

ALWAYS = (
    "Only the calls that are listed were made. What nobody tried is not shown to be denied, but for what is said to "
    "have been read from the role's policies.",
    "It holds for the moment of the run and for the documents with the digests in this report. What was changed "
    "later is not covered.",
    "Nothing was tested of what other parts of an organization may add: service control policies, resource control "
    "policies, endpoint policies.",
    "Whether the account keeps a trail of its calls (CloudTrail) was not looked at; the calls listed here are the "
    "suite's own record.",
    "The times are those of the machine that ran the suite; no time-stamping authority vouches for them.",
)


def limits(result: LabResult, hidden: int, missing: Collection[str] = ()) -> list[str]:
    """Tell what a run does not prove, the most important first.

    Args:
        result: the run.
        hidden: how many checks the report does not show.
        missing: the lab's checks that were not performed.
    """
    lacking = f"Not performed, and so not shown to hold: {', '.join(missing)}."
    return [*_of_target(result), *([lacking] if missing else []), *_of_checks(result, hidden), *ALWAYS]


def _of_target(result: LabResult) -> Sequence[str]:
    if result.target == "moto":
        return (
            "No AWS account was touched. The answers are those of moto, an emulation of AWS, where who may do what is "
            "decided by stslab's own evaluation of IAM policies, written after AWS's documentation. AWS itself may "
            "differ where that documentation is silent.",
        )
    if result.target != "aws":
        where = result.target.partition(" at ")[2]
        return (f"What answered is at {where}. Where that is no endpoint of AWS's, AWS itself may differ.",)
    return ()


def _of_checks(result: LabResult, hidden: int) -> list[str]:
    said = []
    undecided = [check.id for check in result.checks if check.outcome in UNDECIDED]
    if undecided:
        said.append(f"Nothing was decided by {', '.join(undecided)}: that is neither passed nor failed.")
    blocked = [check.id for check in result.checks if check.outcome is Outcome.BLOCKED]
    if blocked:
        said.append(f"Not tried, because of what failed before: {', '.join(blocked)}.")
    if hidden:
        verb = "is" if hidden == 1 else "are"
        said.append(f"{counted(hidden, 'check')} of the run {verb} not shown, as the rubric wants it.")
    instead = result.environment.get("The reference stands for")
    if instead:
        said.append(f"In place of the {instead} that was handed in, the reference was used.")
    said.append(summary([check.id for check in result.checks], result.validated))
    return said
