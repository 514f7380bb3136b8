"""Reference documents to put in place of those of a submission."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from dataclasses import replace
from pathlib import Path

from stslab.documents import Document, load_documents


def references(which: Collection[str], folder: Path) -> Mapping[str, Document]:
    """Read reference documents.

    The reference policy allows the role by the name that it has in the reference template; here it allows any role,
    since a submission's has another.

    Args:
        which: ``template``, ``policy``, both or neither.
        folder: the folder with the reference documents.
    """
    if not which:
        return {}
    documents = load_documents(folder)
    statements = [{**statement, "Resource": "*"} for statement in documents.policy.data["Statement"]]
    data = {**documents.policy.data, "Statement": statements}
    text = json.dumps(data)
    policy = replace(documents.policy, data=data, text=text, raw=text.encode())
    return {name: found for name, found in (("template", documents.template), ("policy", policy)) if name in which}
