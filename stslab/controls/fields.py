"""The fields of a mapping's tables, each taken as the type that it has to be."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, datetime
from pathlib import Path

from stslab.errors import BadInput
from stslab.report.visible import one_line

_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.()\[\]-]*")
_OBJECTIVE = re.compile(r"[a-z]{2}-[0-9.]+_obj[a-z0-9.-]*")


class Fields:
    """One table of the file.

    Args:
        path: the file.
        name: what to call the table in a sentence.
        table: what stands in it.
    """

    def __init__(self, path: Path, name: str, table: object) -> None:
        if not isinstance(table, Mapping):
            raise BadInput(str(path), f"{name} is not a table", "give it fields of its own")
        self.path = path
        self.name = name
        self.table = table

    def bad(self, problem: str, remedy: str) -> BadInput:
        """The exception for something wrong with this table."""
        return BadInput(str(self.path), one_line(f"{self.name} {problem}"), remedy)

    def only(self, *known: str) -> None:
        """Refuse fields that nobody reads.

        Raises:
            BadInput: there is one.
        """
        unknown = next((key for key in self.table if key not in known), None)
        if unknown is not None:
            raise self.bad(f"has a field {unknown!r}, which is unknown", f"give no others than {', '.join(known)}")

    def text(self, key: str, *, optional: bool = False) -> str:
        """Take a line of text.

        Raises:
            BadInput: it is missing, empty or no line of text.
        """
        if key not in self.table and optional:
            return ""
        return self._words(self.table.get(key), key)

    def id(self, key: str) -> str:
        """Take an id: letters, digits, and ``-_.()[]`` between them.

        Raises:
            BadInput: it is missing or something else.
        """
        value = self.text(key)
        if not _ID.fullmatch(value):
            raise self.bad(f"has the {key} {value!r}, which is no id", "use letters, digits and -_.()[]")
        return value

    def objective(self, key: str) -> str:
        """Take the id of an objective in NIST's OSCAL catalog, as ``ac-2_obj.f-5``; empty where it is left out.

        Raises:
            BadInput: it is something else.
        """
        value = self.text(key, optional=True)
        if value and not _OBJECTIVE.fullmatch(value):
            raise self.bad(f"has the {key} {value!r}, which is none of NIST's", "write it as ac-2_obj.f-5")
        return value

    def texts(self, key: str) -> tuple[str, ...]:
        """Take a list of lines, none of them twice; nothing where the field is left out.

        Raises:
            BadInput: it is empty, or something else.
        """
        if key not in self.table:
            return ()
        values = self.table[key]
        if not isinstance(values, list) or not values:
            raise self.bad(f"has no list of text as its {key}", f'write {key} = ["..."]')
        found = tuple(self._words(value, key) for value in values)
        if len(set(found)) < len(found):
            raise self.bad(f"names something twice in its {key}", "name it once")
        return found

    def by_name(self, key: str) -> Mapping[str, str]:
        """Take a table of lines by name; nothing where the field is left out.

        Raises:
            BadInput: it is something else.
        """
        values = self.table.get(key, {})
        if not isinstance(values, Mapping):
            raise self.bad(f"has no table as its {key}", f'write {key} = {{ "..." = "..." }}')
        return {str(name): self._words(value, f"{key} {name}") for name, value in values.items()}

    def day(self, key: str) -> date:
        """Take a date.

        Raises:
            BadInput: it is missing or something else.
        """
        value = self.table.get(key)
        # To Python a date with a time is a date, too.
        if not isinstance(value, date) or isinstance(value, datetime):
            raise self.bad(f"has no date as its {key}", f"write it without quotes, as {key} = 2028-11-30")
        return value

    def _words(self, value: object, key: str) -> str:
        if value is None:
            raise self.bad(f"has no {key}", "give one")
        if not isinstance(value, str) or not value.strip() or not value.isprintable():
            raise self.bad(f"has no line of text as its {key}", "give one, in quotes")
        return value
