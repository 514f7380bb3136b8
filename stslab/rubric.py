"""The rubric: what each check is worth, who sees it, and what to tell a person whose lab fails it."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from math import inf
from pathlib import Path

from stslab.errors import BadInput
from stslab.result import UNDECIDED, Outcome

FILE = "rubric.toml"

VISIBILITIES = ("visible", "hidden", "after_due_date", "after_published")
"""Who sees a check's result, and when. The words are Gradescope's. Source: Gradescope autograder documentation,
"Output format"."""


@dataclass(frozen=True)
class Entry:
    """One check's entry in the rubric.

    Args:
        hint: what to tell a person whose lab fails the check.
        points: what it is worth, where the rubric changes the points of the check's marker.
        visibility: one of :data:`VISIBILITIES`.
        partial: whether a check of several parts earns for those that hold when another does not.
    """

    hint: str = ""
    points: float | None = None
    visibility: str = "visible"
    partial: bool = False


def credited(outcome: Outcome, worth: float, credit: float) -> tuple[float, float]:
    """The points that a check earns, and those that it could have earned.

    Where nothing could be decided there is nothing to earn and nothing to lose.

    Args:
        outcome: what became of it.
        worth: what it is worth.
        credit: the share of it that holds all the same where it failed, from 0 to 1.
    """
    if outcome in UNDECIDED:
        return 0, 0
    if outcome is Outcome.PASSED:
        return worth, worth
    return round(worth * credit, 2) if outcome is Outcome.FAILED else 0, worth


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
    return read_rubric(folder / FILE if (folder / FILE).is_file() else reference / FILE)


def read_rubric(path: Path) -> Mapping[str, Entry]:
    """Read a rubric file.

    Returns:
        entries by check id.

    Raises:
        BadInput: the file cannot be read, does not parse or is no rubric.
    """
    try:
        tables = tomllib.loads(path.read_text(encoding="utf-8")).get("checks", {})
    except OSError as error:
        raise BadInput(str(path), f"it cannot be read ({error.strerror})", "give a rubric.toml") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise BadInput(str(path), f"the rubric does not parse: {error}", "mend the TOML") from None
    if not isinstance(tables, Mapping):
        raise BadInput(str(path), "checks is not a table", 'write its entries as [checks."user.created"]')
    return {check: _entry(path, check, table) for check, table in tables.items()}


def hidden_by(rubric: Mapping[str, Entry]) -> frozenset[str]:
    """The ids of the checks that a rubric never shows to the person who did the lab."""
    return frozenset(check for check, entry in rubric.items() if entry.visibility == "hidden")


def _entry(path: Path, check: str, table: object) -> Entry:
    if not isinstance(table, Mapping):
        raise BadInput(str(path), f"the entry of {check} is not a table", f'write it as [checks."{check}"]')
    hint, points, visibility = table.get("hint", ""), table.get("points"), table.get("visibility", VISIBILITIES[0])
    partial = table.get("partial", False)
    if not isinstance(hint, str):
        raise BadInput(str(path), f"the hint of {check} is not text", "put it in quotes")
    if isinstance(points, bool) or not isinstance(points, int | float | None) or not 0 <= (points or 0) < inf:
        raise BadInput(str(path), f"the points of {check} are no number from 0 up", "give a number")
    if visibility not in VISIBILITIES:
        raise BadInput(str(path), f"the visibility of {check} is unknown", f"give one of {', '.join(VISIBILITIES)}")
    if not isinstance(partial, bool):
        raise BadInput(str(path), f"partial of {check} is neither true nor false", "give one of them, without quotes")
    return Entry(hint, points, visibility, partial)
