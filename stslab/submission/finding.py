"""Find the documents of a lab among the files of a submission."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import yaml

from stslab.documents import TEMPLATES, Document, read_json, read_template, template_data
from stslab.errors import BadInput
from stslab.submission.admission import admit
from stslab.submission.contents import Contents, File, parts_of, shown

POLICIES = ("policy.json", "bin/policy.json")

TEMPLATE_BYTES = 204_800
"""Four times what CreateStack takes in a request: larger ones are not even parsed."""

POLICY_BYTES = 131_072
"""Source: IAM API reference, PutUserPolicy, PolicyDocument: at most 131,072 characters."""

_SUFFIXES = frozenset({".yaml", ".yml", ".json", ".template"})
_LOOKED_AT = 200
"""Files that are opened at most in search of a document that has no name of the lab's."""


def find_template(contents: Contents, told: str | None) -> Document:
    """Find and read the stack's template.

    Args:
        contents: the submission's files.
        told: the path that ``lab.toml`` gives, if it does.
    """
    return _read(contents, TEMPLATES, told, _is_template, _template, "template (a file with an IAM role)")


def find_policy(contents: Contents, told: str | None) -> Document:
    """Find and read the user's policy.

    Args:
        contents: the submission's files.
        told: the path that ``lab.toml`` gives, if it does.
    """
    what = "policy (a JSON document with statements and no principal)"
    return _read(contents, POLICIES, told, _is_policy, _policy, what)


def without(fault: str) -> Document:
    """A document that cannot be used, and why."""
    return Document(Path(), "", {}, fault)


def _read(
    contents: Contents,
    names: tuple[str, ...],
    told: str | None,
    is_one: Callable[[str], bool],
    read: Callable[[Path, File], Document],
    what: str,
) -> Document:
    try:
        file, remark = _found(contents, names, told, is_one, what)
        path = Path(shown(file.path))
        document = read(path, file)
    except BadInput as fault:
        return without(str(fault))
    return replace(document, path=path, remarks=(remark,) if remark else ())


def _found(
    contents: Contents,
    names: tuple[str, ...],
    told: str | None,
    is_one: Callable[[str], bool],
    what: str,
) -> tuple[File, str]:
    """The one file that is meant, and a remark where it is not the lab's own name that tells so."""
    if told is not None:
        file = _at(contents, told)
        if file is None:
            raise BadInput("lab.toml", f"there is no {shown(told)}", "give the path of a file that is handed in")
        return file, f"lab.toml gives {shown(told)}."
    named = [file for name in names if (file := _at(contents, name)) is not None]
    candidates = _different(named) or _different([f for f in _searched(contents) if is_one(_text(f))])
    if not candidates:
        raise BadInput("the submission", f"there is no {names[0]} and no other {what}{_broken(contents)}", "hand it in")
    if len(candidates) > 1:
        several = " and ".join(shown(file.path) for file in candidates[:5])
        raise BadInput("the submission", f"there are {several}", "keep the one that counts, or name it in lab.toml")
    if not named:
        return candidates[0], f"{shown(candidates[0].path)} is the one file that is a {what}."
    same = " and ".join(shown(file.path) for file in named)
    return candidates[0], f"{same} are the same." if len(named) > 1 else ""


def _at(contents: Contents, path: str) -> File | None:
    """The file of a path within the submission.

    Raises:
        BadInput: what is there is no file.
    """
    wanted = parts_of(path)
    for strange, said in contents.strange.items():
        if wanted[: len(strange.parts)] == list(strange.parts):
            raise BadInput("the submission", said, "hand in the file itself")
    return contents.find(path)


def _different(files: list[File]) -> list[File]:
    """The files without those that are a copy of another."""
    if len(files) < 2:
        return files
    return list({file.read(): file for file in reversed(files)}.values())[::-1]


def _searched(contents: Contents) -> Iterator[File]:
    likely = (file for file in contents.files if file.path.suffix.lower() in _SUFFIXES and file.size <= TEMPLATE_BYTES)
    for _, file in zip(range(_LOOKED_AT), likely, strict=False):
        yield file


def _text(file: File) -> str:
    try:
        return file.text()
    except BadInput:
        return ""


def _is_template(text: str) -> bool:
    try:
        data = template_data(text) if "AWS::IAM::Role" in text else None
    except (yaml.YAMLError, ValueError, RecursionError):
        return False
    resources = data.get("Resources") if isinstance(data, Mapping) else None
    found = resources.values() if isinstance(resources, Mapping) else ()
    return any(isinstance(each, Mapping) and each.get("Type") == "AWS::IAM::Role" for each in found)


def _is_policy(text: str) -> bool:
    try:
        data = json.loads(text) if '"Statement"' in text else None
    except (ValueError, RecursionError):
        return False
    statements = data.get("Statement") if isinstance(data, dict) else None
    each = statements if isinstance(statements, list) else [statements]
    return bool(statements) and all(isinstance(s, dict) and not {"Principal", "NotPrincipal"} & set(s) for s in each)


def _broken(contents: Contents) -> str:
    """Which of the files that might be meant does not parse."""
    for file in _searched(contents):
        try:
            read_template(Path(shown(file.path)), file.text())
        except BadInput as fault:
            return f" ({str(fault).rstrip('.')})"
    return ""


def _template(path: Path, file: File) -> Document:
    _require_size(path, file, TEMPLATE_BYTES)
    text = file.text()
    data = read_template(path, text)
    admit(path, text, data)
    return Document(path, text, data, raw=file.read())


def _policy(path: Path, file: File) -> Document:
    _require_size(path, file, POLICY_BYTES)
    text = file.text()
    data: Any = read_json(path, text)
    if not isinstance(data, Mapping):
        raise BadInput(str(path), "a policy is a JSON object", "write it in braces")
    return Document(path, text, data, raw=file.read())


def _require_size(path: Path, file: File, limit: int) -> None:
    if file.size > limit:
        raise BadInput(str(path), f"it has {file.size:,} bytes; a lab's has at most {limit:,}", "cut it down")
