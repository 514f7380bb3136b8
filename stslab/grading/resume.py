"""Know a submission again that has been graded already, by the digest of all that its result depends on."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from functools import lru_cache
from hashlib import sha256
from importlib.metadata import version
from pathlib import Path

from stslab.errors import BadInput
from stslab.files import write_whole
from stslab.grading.graded import Graded
from stslab.grading.process import read_result
from stslab.grading.task import Task
from stslab.submission.contents import contents_of
from stslab.suite import suite_folder

FILE = "graded.json"
"""What stands beside a result that is whole, with the key that it was made under."""

_LIBRARIES = ("boto3", "botocore", "moto", "pytest")


def key_of(task: Task) -> str:
    """The digest of a submission, the suite, the rubric, and what was asked for.

    Args:
        task: the submission.
    """
    rubric = task.rubric.read_bytes() if task.rubric else b""
    asked = f"{task.name}\0{sorted(task.only)}\0{task.carry_on}\0"
    return sha256(asked.encode() + rubric + _suite().encode() + _submission(task.path).encode()).hexdigest()


def remember(task: Task, key: str) -> None:
    """Note that the reports of a submission are whole."""
    write_whole(task.folder / FILE, json.dumps({"key": key}) + "\n")


def forget(task: Task) -> None:
    """Note that they are not, or not any more."""
    (task.folder / FILE).unlink(missing_ok=True)


def remembered(task: Task, key: str) -> Graded | None:
    """What came of a submission that was graded under the same key, or ``None``."""
    try:
        noted = json.loads((task.folder / FILE).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    result = read_result(task.folder) if isinstance(noted, dict) and noted.get("key") == key else None
    return Graded(task.name, result) if result else None


def _submission(path: Path) -> str:
    try:
        return contents_of(path).digest()
    except BadInput as refusal:
        return str(refusal)


@lru_cache(maxsize=1)
def _suite() -> str:
    whole = sha256()
    for name in _LIBRARIES:
        whole.update(f"{name} {version(name)}\0".encode())
    for path in _files():
        whole.update(path.name.encode() + b"\0" + sha256(path.read_bytes()).digest())
    return whole.hexdigest()


def _files() -> Iterator[Path]:
    """The files that make the suite and the engine."""
    suite, package = suite_folder(), Path(__file__).resolve().parent.parent
    for folder in (suite / "tests", suite / "fixtures", suite / "policies", package):
        for at, folders, names in os.walk(folder):
            folders.sort()
            yield from (Path(at) / name for name in sorted(names) if not name.endswith(".pyc"))
    yield from (suite / name for name in ("conftest.py", "pytest.ini"))
