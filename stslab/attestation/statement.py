"""The in-toto statement about a run: which files there are, byte for byte, and what became of the checks."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from stslab.result import LabResult, Outcome

STATEMENT_TYPE = "https://in-toto.io/Statement/v1"
PREDICATE_TYPE = "https://in-toto.io/attestation/test-result/v0.1"
FAULTS = "stslabFaults"
"""An extension field: the sentences for which the result is FAILED though no check is; absent where there are none."""


@dataclass(frozen=True)
class Verdict:
    """A run in the words of the predicate: ``PASSED``, ``WARNED`` or ``FAILED``, and the ids of the checks, sorted."""

    result: str
    passed: tuple[str, ...]
    warned: tuple[str, ...]
    failed: tuple[str, ...]


def verdict(result: LabResult) -> Verdict:
    """Say what a run has shown.

    What is undetermined has not passed, and has not failed: it is warned of. What errored or was blocked has not been
    shown to hold, and so counts as failed. A run in which something stayed behind needs a person, and is ``WARNED`` at
    least; one without checks has shown nothing, and is ``FAILED``.

    Args:
        result: the run; one fault that it tells of is enough for ``FAILED``.

    Source: in-toto attestation, predicate "Test Result" v0.1, its fields ``result`` and ``passedTests`` to
    ``failedTests``.
    """
    passed = _ids(result, Outcome.PASSED)
    warned = _ids(result, Outcome.UNDETERMINED)
    failed = _ids(result, Outcome.FAILED, Outcome.ERROR, Outcome.BLOCKED)
    if failed or result.faults or not result.checks:
        word = "FAILED"
    elif warned or result.left_behind:
        word = "WARNED"
    else:
        word = "PASSED"
    return Verdict(word, passed, warned, failed)


def _ids(result: LabResult, *outcomes: Outcome) -> tuple[str, ...]:
    return tuple(sorted(check.id for check in result.checks if check.outcome in outcomes))


def predicate(result: LabResult) -> dict[str, Any]:
    """Say of a run what can be read off its result.

    Args:
        result: the run.

    Returns:
        the predicate; its ``configuration`` has the template and the policy with the digests of the files as they were
        handed in, which differ from those of the subjects where a secret has been replaced.

    Source: in-toto attestation, predicate "Test Result" v0.1.
    """
    said = verdict(result)
    told: dict[str, Any] = {
        "result": said.result,
        "configuration": [
            {"name": document.name, "digest": {"sha256": document.sha256}} for document in result.handed_in
        ],
        "passedTests": list(said.passed),
        "warnedTests": list(said.warned),
        "failedTests": list(said.failed),
    }
    return {**told, FAULTS: list(result.faults)} if result.faults else told


def statement(result: LabResult, digests: Mapping[str, str]) -> dict[str, Any]:
    """State what a run has shown and which files tell of it.

    Args:
        result: the run.
        digests: the files' SHA-256 in hex by their paths in the folder, with ``/``.

    Source: in-toto attestation, "Statement layer specification" v1.
    """
    return {
        "_type": STATEMENT_TYPE,
        "subject": [{"name": name, "digest": {"sha256": digests[name]}} for name in sorted(digests)],
        "predicateType": PREDICATE_TYPE,
        "predicate": predicate(result),
    }


def canonical(shape: Any) -> str:
    """Write JSON in the one way in which the same content always has the same bytes."""
    return json.dumps(shape, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
