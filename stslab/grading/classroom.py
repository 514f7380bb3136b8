"""Find the submissions of a class."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path, PurePath

from stslab.documents import TEMPLATES
from stslab.errors import BadInput
from stslab.submission.contents import UNSEEN, shown
from stslab.submission.finding import POLICIES
from stslab.submission.overrides import FILE

_OURS = frozenset({".csv", ".html", ".json", ".jsonl", ".md", ".xml"})


def submissions_in(path: Path, out: Path) -> dict[str, Path]:
    """The submissions, by the name that their reports are filed under.

    Args:
        path: a folder of folders and zips, one for each submission; or a folder or zip that is one.
        out: the output folder, which is none, wherever it lies.

    Raises:
        BadInput: there is no such folder, or nothing in it.
    """
    if path.is_file() and path.name.lower().endswith(".zip"):
        return {_name(path.stem): path}
    if not path.is_dir():
        raise BadInput(str(path), "there is no such folder or zip", "give the folder that holds the submissions")
    found = [each for each in _folders_in(path) if each.resolve() != out.resolve()]
    if _is_one(path) or not found:
        if not any(path.iterdir()):
            raise BadInput(str(path), "there is nothing in it", "give the folder that holds the submissions")
        return {_name(path.resolve().name): path}
    named: dict[str, Path] = {}
    for each in found:
        name = _name(each.stem if each.suffix.lower() == ".zip" and each.is_file() else each.name)
        while name in named:
            # A folder and a zip of the same name are two submissions.
            name += "_"
        named[name] = each
    return dict(sorted(named.items()))


def _name(written: str) -> str:
    """A name that is text, and that stands for one folder within the output folder."""
    name = shown(written).strip() or "submission"
    name = f"_{name}" if name.startswith(".") else name
    # The class's own files lie beside the submissions' folders.
    return f"{name}_" if PurePath(name).suffix in _OURS else name


def _is_one(path: Path) -> bool:
    """Whether a folder is itself a submission: it holds a document by the lab's own name."""
    if any((path / name).is_file() for name in (*TEMPLATES, *POLICIES, FILE)):
        return True
    return any(each.is_file() for folder in (path, path / "bin") for each in folder.glob("deploy*"))


def _folders_in(path: Path) -> Iterator[Path]:
    """The folders and zips in a folder, and links to folders, which will be refused; what is hidden is left out."""
    for entry in sorted(os.scandir(path), key=lambda entry: entry.name):
        if entry.name.startswith(".") or entry.name in UNSEEN:
            continue
        if entry.is_dir() or entry.name.lower().endswith(".zip"):
            yield path / entry.name
