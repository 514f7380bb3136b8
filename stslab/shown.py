"""The documents that a run rested on, made fit to be shown: word for word, and without a secret."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from hashlib import sha256
from typing import Literal

from stslab.documents import Document, LabDocuments
from stslab.result import ShownDocument
from stslab.submission.secrets import find_secrets

Kind = Literal["template", "policy"]


def documents_of(
    documents: LabDocuments, stored: Mapping[str, str], clean: Callable[[str], str]
) -> Iterator[ShownDocument]:
    """Give template and policy as they were handed in, and the policies as IAM showed them.

    Args:
        documents: what was handed in; what cannot be used was not read, and is left out.
        stored: the policies that IAM showed, by what to call them.
        clean: takes the run's secrets out of a text.
    """
    taken = ""
    handed_in: tuple[tuple[Kind, Document], ...] = (("template", documents.template), ("policy", documents.policy))
    for kind, document in handed_in:
        if not document.fault:
            # Two folders may have files of one name.
            name = f"{kind}-{document.where}" if document.where == taken else document.where
            yield _handed_in(name, kind, document, clean)
            taken = document.where
    for name, text in stored.items():
        shown = clean(text)
        yield ShownDocument(name, "stored", sha256(text.encode()).hexdigest(), shown, redacted=shown != text)


def _handed_in(name: str, kind: Kind, document: Document, clean: Callable[[str], str]) -> ShownDocument:
    text = document.raw.decode("utf-8")
    digest = sha256(document.raw).hexdigest()
    secrets = [finding for finding in find_secrets(text) if not finding.warns]
    if secrets:
        # Whole, since where a secret ends is nothing that can be told for sure.
        return ShownDocument(name, kind, digest, _withheld(secrets[0].kind, secrets[0].line), redacted=True)
    shown = clean(text)
    return ShownDocument(name, kind, digest, shown, redacted=shown != text)


def _withheld(kind: str, line: int) -> str:
    return f"Not shown: there is a {kind} in line {line}.\n"
