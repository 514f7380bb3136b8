"""The rubric: what each check is worth, and what to tell a person whose lab fails it."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from stslab.errors import BadInput

FILE = "rubric.toml"


@dataclass(frozen=True)
class Entry:
    """One check's hint, and its points where the rubric changes those of the check's marker."""

    hint: str
    points: float | None


def load_rubric(folder: Path, reference: Path) -> Mapping[str, Entry]:
    """Read ``rubric.toml`` of a folder, or the reference one where the folder has none.

    Args:
        folder: the folder with the lab's documents.
        reference: the folder with the reference documents.

    Returns:
        entries by check id.

    Raises:
        BadInput: the file does not parse or is no rubric.
    """
    path = folder / FILE if (folder / FILE).is_file() else reference / FILE
    try:
        tables = tomllib.loads(path.read_text(encoding="utf-8")).get("checks", {})
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise BadInput(str(path), f"the rubric does not parse: {error}", "mend the TOML") from None
    return {check: _entry(path, check, table) for check, table in tables.items()}


def _entry(path: Path, check: str, table: object) -> Entry:
    if not isinstance(table, Mapping):
        raise BadInput(str(path), f"the entry of {check} is not a table", f'write it as [checks."{check}"]')
    hint, points = table.get("hint", ""), table.get("points")
    if not isinstance(hint, str):
        raise BadInput(str(path), f"the hint of {check} is not text", "put it in quotes")
    if isinstance(points, bool) or not isinstance(points, int | float | None) or (points or 0) < 0:
        raise BadInput(str(path), f"the points of {check} are no number from 0 up", "give a number")
    return Entry(hint, points)
