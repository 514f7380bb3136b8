"""What reads the exporters' files: importers that keep the documented rules of each program, and no others."""

from __future__ import annotations

import csv
import io
import json
import re
import unicodedata
from pathlib import Path
from typing import Any

import jsonschema
from markdown_it import MarkdownIt

from stslab.exporters.registry import ALWAYS, EXPORTERS
from stslab.grading.graded import Graded
from stslab.rubric import Entry

SCHEMAS = Path(__file__).parent / "schemas"

_TEXT, _POINTS = {"type": "string"}, {"type": "number", "minimum": 0}
_FORMAT = {"enum": ["text", "html", "simple_format", "md", "ansi"]}
_VISIBILITY = {"enum": ["visible", "hidden", "after_due_date", "after_published"]}


def _closed(required: list[str], **properties: Any) -> dict[str, Any]:
    return {"type": "object", "properties": properties, "required": required, "additionalProperties": False}


GRADESCOPE = _closed(
    ["score"],  # optional where every test has one; always given here
    score=_POINTS,
    execution_time={"type": "number"},
    output=_TEXT,
    output_format=_FORMAT,
    test_output_format=_FORMAT,
    test_name_format=_FORMAT,
    visibility=_VISIBILITY,
    stdout_visibility=_VISIBILITY,
    extra_data={"type": "object"},
    tests={
        "type": "array",
        "items": _closed(
            [],
            score=_POINTS,
            max_score=_POINTS,
            status={"enum": ["passed", "failed"]},
            name=_TEXT,
            name_format=_FORMAT,
            number=_TEXT,
            output=_TEXT,
            output_format=_FORMAT,
            tags={"type": "array", "items": _TEXT},
            visibility=_VISIBILITY,
            extra_data={"type": "object"},
        ),
    },
)
"""Gradescope's "Output format", which has no published schema."""

PRAIRIELEARN = {
    **_closed(
        [],
        gradable={"type": "boolean"},
        score={"type": "number", "minimum": 0, "maximum": 1},
        message=_TEXT,
        format_errors={"type": "array", "items": _TEXT},
        tests={
            "type": "array",
            "items": _closed(
                ["name", "points", "max_points"],
                name=_TEXT,
                description=_TEXT,
                points=_POINTS,
                max_points=_POINTS,
                message=_TEXT,
                output=_TEXT,
            ),
        },
    ),
    "if": {"properties": {"gradable": {"const": True}}},
    "then": {"required": ["score"]},
}
"""PrairieLearn's "Grading results", which has no published schema: a score unless it is not gradable."""

CTRF = json.loads((SCHEMAS / "ctrf.schema.json").read_text(encoding="utf-8"))


def exported(name: str, graded: list[Graded], rubric: dict[str, Entry] | None = None) -> dict[str, str]:
    """The files of a format."""
    exporter = {**EXPORTERS, **{one.name: one for one in ALWAYS}}[name]
    files = dict(exporter.files(graded, rubric or {}))
    for text in files.values():
        text.encode("utf-8")
    return files


def valid(text: str, schema: dict[str, Any]) -> Any:
    """JSON that the schema admits."""
    shape = json.loads(text)
    jsonschema.Draft7Validator(schema, format_checker=jsonschema.FormatChecker()).validate(shape)
    return shape


def spreadsheet(text: str, delimiter: str = ",") -> list[list[str]]:
    """The cells of a CSV, none of which a spreadsheet may take for a formula."""
    assert text.count("\n") == text.count("\r") == text.count("\r\n")
    rows = list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter))
    for cell in (cell for row in rows for cell in row):
        begins = unicodedata.normalize("NFKC", cell)[:1]
        assert cell == "-" or begins not in {*"=+-@\t\r"}, cell
        assert all(char.isprintable() or char in "\u200c\u200d" for char in cell)
    return rows


def canvas(text: str) -> tuple[str, float, dict[str, str]]:
    """Title, maximum and scores, as ``lib/gradebook_importer.rb`` finds them."""
    header, *rows = [row for row in spreadsheet(text) if not re.fullmatch(r"[;, ]+", ",".join(row))]
    assert "Student" in header[0]
    assert "ID" in header[1]
    assert re.search(r"SIS\s+User\s+ID", header[2])
    assert re.search(r"SIS\s+Login\s+ID", header[3])
    assert "Section" in header[4]
    maximum, scores = "", {}
    for row in rows:
        assert len(row) == len(header) == 6
        if "Points Possible" in row[0]:
            maximum = row[5]
        elif not all(re.fullmatch(r"\s*(Muted|Manual Posting.*)?\s*", cell, re.IGNORECASE) for cell in row):
            assert row[1] == row[2] == row[4] == ""
            scores[row[3]] = row[5]
    return header[5], float(maximum), scores


def php(text: str) -> list[list[str]]:
    """The cells of a CSV as PHP's ``fgetcsv`` reads them, to which a backslash means something."""
    rows: list[list[str]] = [[""]]
    at, quoted = 0, False
    while at < len(text):
        char = text[at]
        if quoted and char == "\\" and at + 1 < len(text):
            rows[-1][-1] += text[at : at + 2]
            at += 1
        elif quoted and text[at : at + 2] == '""':
            rows[-1][-1] += '"'
            at += 1
        elif char == '"' and (quoted or rows[-1][-1] == ""):
            quoted = not quoted
        elif not quoted and char == ",":
            rows[-1].append("")
        elif not quoted and text[at : at + 2] == "\r\n":
            rows.append([""])
            at += 1
        else:
            rows[-1][-1] += char
        at += 1
    return rows[:-1]


def moodle(text: str, column: int, *, existing: bool) -> dict[str, float | None]:
    """Grades by user, as ``gradeimport_csv_load_data`` puts a column into an existing grade item or a new one."""
    spreadsheet(text)
    header, *rows = php(text)
    grades: dict[str, float | None] = {}
    for row in rows:
        assert len(row) == len(header), "csvweirdcolumns"
        value = row[column].strip()
        if value == "-" or (existing and value == ""):
            grades[row[0]] = None
            continue
        # What is empty becomes 0 in a numeric column of the database.
        grades[row[0]] = float(value or 0)
        assert grades[row[0]] <= 100, "gradevaluetoobig"
    return grades


def markdown(text: str) -> str:
    """Markdown with tables as HTML."""
    return MarkdownIt("commonmark", {"html": True}).enable("table").render(text)
