"""What is signed and what is there, compared."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any

from stslab.attestation.documents import unlike, untold
from stslab.attestation.statement import FAULTS, PREDICATE_TYPE, STATEMENT_TYPE, canonical, predicate
from stslab.report.visible import one_line, visible
from stslab.result import LabResult


@dataclass(frozen=True)
class Stated:
    """A statement that was signed: the files' SHA-256 in hex by their paths, and the predicate."""

    subjects: Mapping[str, str]
    predicate: Mapping[str, Any]


def read_statement(payload: bytes) -> Stated:
    """Read a statement whose signature has been verified.

    Raises:
        ValueError: it is not one about a run of the lab; the message is the end of a sentence.
    """
    try:
        shape = json.loads(payload)
        kinds = (shape["_type"], shape["predicateType"])
        named = [(subject["name"], subject["digest"]["sha256"]) for subject in shape["subject"]]
        told = dict(shape["predicate"])
    except (ValueError, KeyError, TypeError, RecursionError) as fault:
        raise ValueError(f"it is no in-toto statement ({type(fault).__name__}: {one_line(str(fault), 100)})") from None
    for kind, wanted in zip(kinds, (STATEMENT_TYPE, PREDICATE_TYPE), strict=True):
        if kind != wanted:
            raise ValueError(f"it is of type {one_line(str(kind), 100)} and not {wanted}")
    for name, _ in named:
        if not (isinstance(name, str) and _stays_inside(name)):
            raise ValueError(f"it names a file that no folder can have in it: {one_line(str(name), 200)}")
    if len({name for name, _ in named}) < len(named):
        raise ValueError("it names a file twice")
    return Stated(dict(named), told)


def _stays_inside(name: str) -> bool:
    parts = PurePosixPath(name).parts
    return "\0" not in name and bool(parts) and ".." not in parts and "/".join(parts) == name and parts[0] != "/"


def differing_files(stated: Stated, digests: Mapping[str, str], unfit: Mapping[str, str]) -> list[str]:
    """Every file that is not as it was when it was signed, a line each.

    Args:
        stated: what was signed.
        digests: the SHA-256 in hex, by path, of the files that are there.
        unfit: why, by path, what else is there can be no file of a report.
    """
    lines = []
    for name in sorted({*stated.subjects, *digests, *unfit}):
        if name in unfit:
            lines.append(f"{visible(name)}: {unfit[name]}")
        elif name not in digests:
            lines.append(f"{visible(name)}: missing")
        elif name not in stated.subjects:
            lines.append(f"{visible(name)}: added since")
        elif stated.subjects[name] != digests[name]:
            lines.append(f"{visible(name)}: changed")
    return lines


def contradictions(stated: Stated, result: LabResult) -> list[str]:
    """Where a statement says otherwise than the result that it names, a line each."""
    told = predicate(result)
    lines = [
        f"{field}: the statement says {_shown(stated.predicate.get(field))} and result.json {_shown(told.get(field))}"
        for field in ("result", "configuration", "passedTests", "warnedTests", "failedTests", FAULTS)
        if stated.predicate.get(field) != told.get(field)
    ]
    lines += [f"result.json: it does not say what the {kind} was" for kind in untold(result)]
    lines += uncovered(stated, *(document.path for document in result.handed_in))
    return lines + unlike(result, stated.subjects)


def uncovered(stated: Stated, *names: str) -> list[str]:
    """The files of which a statement has to speak, and does not, a line each."""
    return [f"{visible(name)}: the statement does not speak of it" for name in names if name not in stated.subjects]


def _shown(told: Any) -> str:
    return one_line(canonical(told), 160)
