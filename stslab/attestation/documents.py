"""The two documents that a run was about, as its result tells of them and as they lie in its folder."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping

from stslab.report.visible import visible
from stslab.result import LabResult, ShownDocument

FOLDER = "documents"
KINDS = ("template", "policy")


def handed_in(result: LabResult) -> list[ShownDocument]:
    """The template and the policy, the template first."""
    return sorted((each for each in result.documents if each.kind in KINDS), key=lambda each: KINDS.index(each.kind))


def path_of(document: ShownDocument) -> str:
    """Where a document lies in a run's folder."""
    return f"{FOLDER}/{document.name}"


def untold(result: LabResult) -> list[str]:
    """The kinds of document of which a result does not speak."""
    told = {document.kind for document in result.documents}
    return [kind for kind in KINDS if kind not in told]


def unlike(result: LabResult, digests: Mapping[str, str]) -> list[str]:
    """The documents in the folder that are not the ones the result speaks of, a sentence's end each.

    A document as it was handed in has the very digest that the result tells. Where a secret in it has been replaced,
    that digest is of a file that is not there: what is there has to be the text that the result shows, as UTF-8.

    Args:
        result: the run.
        digests: the files' SHA-256 in hex by their paths; a document that is not among them is not looked at.
    """
    return [
        f"{visible(path_of(document))} is not the {document.kind} that the result speaks of"
        for document in handed_in(result)
        if digests.get(path_of(document), _expected(document)) != _expected(document)
    ]


def _expected(document: ShownDocument) -> str:
    if not document.redacted:
        return document.sha256
    return hashlib.sha256(document.text.encode()).hexdigest()
