"""Rows as CSV in which no cell is a formula, whatever a student called a folder."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Sequence
from io import StringIO

from stslab.exporters.worth import tidy
from stslab.report.visible import one_line

NO_GRADE = "-"
"""A cell of its own that is no formula, and that Moodle takes for no grade."""

_SIGNS = "=+@\\-" + "＝＋－＠﹢﹣﹦﹫"  # noqa: RUF001  full-width and small ones, which some spreadsheets fold
_FORMULA = re.compile(rf"""(^|;)([\s"']*)(?=[{_SIGNS}])""")
_ESCAPING = re.compile(r'\\(?="|$)')


def csv_text(rows: Iterable[Sequence[str | float]]) -> str:
    r"""Write rows as CSV, each on one line that ends with ``\r\n``.

    Args:
        rows: numbers, which stay numbers, and texts, which stay texts.

    Source: RFC 4180; OWASP, "CSV Injection".
    """
    out = StringIO()
    csv.writer(out, lineterminator="\r\n").writerows([_cell(value) for value in row] for row in rows)
    return out.getvalue()


def _cell(value: str | float) -> str | float:
    if not isinstance(value, str):
        return tidy(value)
    text = one_line(value)
    if text == NO_GRADE:
        return text
    # Behind a semicolon, too: where it separates lists, a spreadsheet begins a cell there, quotes or no quotes.
    text = _FORMULA.sub(r"\1'\2", text)
    # PHP, and so Moodle, takes a quote behind a backslash for part of the text, and reads on into the next cells.
    return _ESCAPING.sub(r"\\ ", text)
