"""When each check last passed on AWS itself, and with which versions: what no emulator can vouch for."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, fields
from pathlib import Path

from stslab.errors import BadInput
from stslab.files import write_whole
from stslab.result import LabResult, Outcome, Validation

SCHEMA = 1
NEVER = "never validated on AWS"


def read_validations(path: Path) -> dict[str, Validation]:
    """Read what is remembered, by the checks' ids; nothing where there is no such file.

    Raises:
        BadInput: the file is damaged.
    """
    try:
        shape = json.loads(path.read_text(encoding="utf-8"))
        if shape["schema"] != SCHEMA:
            raise ValueError(f"schema {shape['schema']!r}")
        names = [each.name for each in fields(Validation)]
        return {
            str(check): Validation(**{name: str(told[name]) for name in names})
            for check, told in shape["checks"].items()
        }
    except FileNotFoundError:
        return {}
    except (ValueError, KeyError, TypeError, AttributeError) as fault:
        problem = f"it does not say when checks passed on AWS ({type(fault).__name__}: {fault})"
        raise BadInput(str(path), problem, "take it from the repository again") from None


def with_those_of(
    before: Mapping[str, Validation], result: LabResult, region: str, versions: str
) -> dict[str, Validation]:
    """What to remember after a run on AWS: every check that passed in it, and the others as they were."""
    fresh = Validation(result.finished, region, versions)
    passed = {check.id: fresh for check in result.checks if check.outcome is Outcome.PASSED}
    return {**before, **passed}


def write_validations(path: Path, validations: Mapping[str, Validation]) -> None:
    """Remember, whole or not at all."""
    checks = {check: asdict(validations[check]) for check in sorted(validations)}
    write_whole(path, json.dumps({"schema": SCHEMA, "checks": checks}, indent=2) + "\n")


def summary(checks: Sequence[str], validations: Mapping[str, Validation]) -> str:
    """How many checks have passed on AWS, and when the one did that did so longest ago, as a sentence.

    Args:
        checks: the ids of the checks.
        validations: what is remembered.
    """
    known = [validations[check] for check in checks if check in validations]
    if not known:
        return f"The checks were {NEVER}."
    oldest = min(known, key=lambda each: each.when)
    return f"{len(known)} of {len(checks)} checks have passed on AWS, the oldest at {oldest.when}."
