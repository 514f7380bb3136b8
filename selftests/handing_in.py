"""Submissions for the selftests: the right one, with one thing changed."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

SAMPLES = Path(__file__).resolve().parent / "submissions"
EXPECTED: Mapping[str, Any] = json.loads((SAMPLES / "expected.json").read_text(encoding="utf-8"))

TEMPLATE, POLICY, DEPLOY = (
    (SAMPLES / "good-user-trust" / name).read_text(encoding="utf-8")
    for name in ("template.yaml", "policy.json", "bin/deploy")
)
RIGHT: Mapping[str, str] = {"template.yaml": TEMPLATE, "policy.json": POLICY, "bin/deploy": DEPLOY}

ACCOUNT, STACK = "111122223333", "my-sts-fun-stack"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/{STACK}-StsRole-9XK2P4Q7RT1M"
USER = f"arn:aws:iam::{ACCOUNT}:user/sts-machine-user"
TRUSTED = f"AWS: {USER}"
"""The line of the right template that names the user."""


def hand_in(folder: Path, **changes: Any) -> Path:
    """Write a submission: the right files, with others in their place.

    Args:
        folder: where to write it, which is made.
        changes: ``template``, ``policy`` and ``deploy`` as text, ``None`` to leave one out; ``files``, texts or bytes
            by path.
    """
    names = {"template": "template.yaml", "policy": "policy.json", "deploy": "bin/deploy"}
    more = changes.pop("files", {})
    files: dict[str, Any] = {**RIGHT, **{names[what]: text for what, text in changes.items()}, **more}
    for name, text in files.items():
        if text is not None:
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return folder


def zipped(path: Path, files: Mapping[str, Any] = RIGHT) -> Path:
    """Write a submission as a zip."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in files.items():
            archive.writestr(name, text)
    return path


def changed(text: str, old: str, new: str) -> str:
    """A text with one thing changed that has to be in it."""
    assert old in text, old
    return text.replace(old, new)
