"""The two documents that a run was about, as its result tells of them and as they lie in its folder."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping

from stslab.report.visible import visible
from stslab.result import HANDED_IN, LabResult, ShownDocument


def untold(result: LabResult) -> list[str]:
    """The kinds of document of which a result does not speak."""
    told = {document.kind for document in result.documents}
    return [kind for kind in HANDED_IN if kind not in told]


def unlike(result: LabResult, digests: Mapping[str, str]) -> list[str]:
    """The documents in the folder that are not the ones the result speaks of, a sentence's end each.

    A document as it was handed in has the very digest that the result tells. Where a secret in it has been replaced,
    that digest is of a file that is not there: what is there has to be the text that the result shows, as UTF-8.

    Args:
        result: the run.
        digests: the files' SHA-256 in hex by their paths; a document that is not among them is not looked at.
    """
    return [
        f"{visible(document.path)} is not the {document.kind} that the result speaks of"
        for document in result.handed_in
        if digests.get(document.path, _expected(document)) != _expected(document)
    ]


def _expected(document: ShownDocument) -> str:
    if not document.redacted:
        return document.sha256
    return hashlib.sha256(document.text.encode()).hexdigest()
