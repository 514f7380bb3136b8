"""Grades for other people's programs: each file is what its program reads, and says what the result says."""

from __future__ import annotations

import json
import re
import xml.etree.ElementTree as ET
from dataclasses import replace

import classes
import exporting
import junitparser
import pytest
import xmlschema
from exporting import exported

from stslab.exporters.cells import csv_text
from stslab.exporters.registry import ALWAYS, EXPORTERS
from stslab.grading.graded import Graded
from stslab.result import Outcome
from stslab.rubric import Entry

IDS = ("user.created", "role.trust", "session.assumed", "user.no-s3")
POSSIBLE = len(IDS) * classes.WORTH
FORMULAS = ("=1+1", "+1", "-1+1", "@SUM(1)", "\t=1", "\r=1", ' "=1', "a;=1+1", 'a;"=1+1"', "a; =1")
FOLDED = ("\N{FULLWIDTH EQUALS SIGN}1", "\N{FULLWIDTH HYPHEN-MINUS}1", "\N{SMALL COMMERCIAL AT}x")
ROWS = ('a,"\\', "a,\\", 'x\\",y', "two\r\nrows", "a\u2028b", 'q"uo"te', "Points Possible", "Muted")
HOSTILE = (*classes.HOSTILE, *FORMULAS, *FOLDED, *ROWS)


def one(name: str, problem: str = "", carried: dict[str, str] | None = None, **said: tuple[Outcome, str]) -> Graded:
    """A submission of four checks, worth 10 each."""
    outcomes = {check: said[key] for check in IDS if (key := re.sub(r"\W", "_", check)) in said}
    return classes.graded(name, outcomes, problem=problem, carried=carried, checks=IDS)


TRUST = (Outcome.FAILED, "The trust policy admits nobody.")
BEHIND = (Outcome.BLOCKED, "blocked by role.trust")
UNKNOWN = (Outcome.UNDETERMINED, "Only AWS knows.")

FINE = one("fine")
FAILED = one("failed", role_trust=TRUST, session_assumed=BEHIND)
OPEN = one("open", role_trust=TRUST, session_assumed=BEHIND, user_no_s3=UNKNOWN)
LOST = one("lost", problem="It took longer than 60 seconds and was ended.")
CLASS = [FAILED, FINE, LOST, OPEN]
FAILED.result.checks[2].blocked_by = "role.trust"

LATER = {"role.trust": Entry(visibility="hidden"), "user.no-s3": Entry(visibility="after_due_date")}


def test_every_format_has_the_name_that_it_is_asked_for_by():
    assert set(EXPORTERS) == {"canvas", "ctrf", "github", "gradescope", "junit", "moodle", "prairielearn"}
    assert "gradebook" in {exporter.name for exporter in ALWAYS}
    for name, exporter in EXPORTERS.items():
        (path,) = exported(name, [FINE])
        assert (exporter.name, exporter.about.split(":")[0]) == (name, path.replace("fine", "<submission>"))


@pytest.mark.parametrize("name", [*EXPORTERS, "gradebook"])
def test_an_empty_class_and_a_submission_without_checks_do_not_break_a_format(name):
    empty = Graded("empty", replace(FINE.result, checks=[]), "Nothing is known of it.")
    for graded in ([], [empty]):
        files = exported(name, graded)
        if name == "ctrf":
            exporting.valid(files["ctrf.json"], exporting.CTRF)


@pytest.mark.parametrize("name", [*EXPORTERS, "gradebook"])
def test_a_lab_without_points_breaks_no_format(name):
    free = one("free")
    for check in free.result.checks:
        check.points = check.max_points = 0
    exported(name, [free])


@pytest.mark.parametrize("text", HOSTILE)
def test_no_cell_is_a_formula_and_no_row_is_broken(text):
    for delimiter in ",;":
        rows = exporting.spreadsheet(csv_text([["a", 1.5, 3], [text, 2.0, text], ["b", 0, ""]]), delimiter)
        assert len(rows) == 3
    rows = exporting.spreadsheet(csv_text([["a", 1.5, 3.0], [text, 2.0, text]]))
    assert rows[0] == ["a", "1.5", "3"]
    assert [len(row) for row in rows] == [3, 3]
    assert rows[1][1] == "2"


def test_the_gradebook_has_every_outcome():
    carried = one("carried", carried={"session.assumed": "template"}, role_trust=TRUST)
    (text,) = exported("gradebook", [*CLASS, carried]).values()
    header, *rows = exporting.spreadsheet(text)
    assert header == ["submission", "score", "max_score", "possible", "needs_person", "why", *IDS]
    cells = {row[0]: row[1:] for row in rows}
    assert cells["fine"] == ["40", "40", "40", "no", "", *["passed"] * 4]
    assert cells["failed"][:4] == ["20", "40", "40", "no"]
    assert cells["failed"][5:] == ["passed", "failed", "blocked (by role.trust)", "passed"]
    assert cells["open"][:5] == ["10", "30", "40", "yes", "user.no-s3: Only AWS knows."]
    assert cells["lost"][:5] == ["0", "0", "40", "yes", LOST.problem]
    assert cells["carried"][7] == "passed (with the reference template)"


def test_what_a_check_is_worth_is_what_the_rubric_says_or_else_the_most_that_it_was_worth_to_anybody():
    (text,) = exported("gradebook", [LOST], {"role.trust": Entry(points=2.5)}).values()
    assert exporting.spreadsheet(text)[1][3] == "2.5"
    (text,) = exported("gradebook", CLASS, {"role.trust": Entry(points=2.5)}).values()
    assert {row[3] for row in exporting.spreadsheet(text)[1:]} == {"32.5"}


def test_gradescope_is_given_what_its_specification_says():
    files = exported("gradescope", CLASS)
    assert list(files) == [f"{name}/gradescope.json" for name in ("failed", "fine", "lost", "open")]
    shapes = {path.split("/")[0]: exporting.valid(text, exporting.GRADESCOPE) for path, text in files.items()}
    for shape in shapes.values():
        assert shape["score"] == sum(test["score"] for test in shape["tests"])
        assert sum(test["max_score"] for test in shape["tests"]) == POSSIBLE
        assert {shape[f] for f in ("output_format", "test_output_format", "test_name_format")} == {"text"}
    assert [test["status"] for test in shapes["failed"]["tests"]] == ["passed", "failed", "failed", "passed"]
    assert shapes["failed"]["score"] == 20
    assert "admits nobody" in shapes["failed"]["tests"][1]["output"]
    assert shapes["failed"]["output"] == ""


def test_gradescope_takes_no_points_for_what_a_person_has_to_decide_and_says_so():
    files = exported("gradescope", CLASS)
    undecided, lost = (json.loads(files[f"{name}/gradescope.json"]) for name in ("open", "lost"))
    assert undecided["score"] == 20
    assert (undecided["tests"][3]["score"], undecided["tests"][3]["status"]) == (10, "failed")
    assert lost["score"] == POSSIBLE
    for said in (undecided["output"], undecided["tests"][3]["output"], lost["output"], lost["tests"][0]["output"]):
        assert "person has to look" in said
        assert "given provisionally" in said
    assert LOST.problem in lost["output"]


def test_nothing_is_said_to_be_given_where_nothing_is():
    lonely = json.loads(exported("gradescope", [LOST])["lost/gradescope.json"])
    assert (lonely["score"], "given provisionally" in json.dumps(lonely)) == (0, False)


def test_what_is_blocked_by_something_undecided_costs_nothing_either():
    blocked = one("blocked", role_trust=UNKNOWN, session_assumed=BEHIND)
    blocked.result.checks[2].max_points = 0  # as the suite has it, whose root is undecided
    shape = json.loads(exported("gradescope", [FINE, blocked])["blocked/gradescope.json"])
    assert shape["score"] == POSSIBLE


def test_hidden_checks_are_hidden_from_students():
    files = exported("gradescope", [FAILED, OPEN], LATER)
    tests = json.loads(files["failed/gradescope.json"])["tests"]
    assert [test["visibility"] for test in tests] == ["visible", "hidden", "visible", "after_due_date"]
    assert "role.trust" not in tests[2]["output"]
    assert tests[2]["output"] == "blocked by a check that is not shown"
    assert "user.no-s3" not in json.loads(files["open/gradescope.json"])["output"]
    shown = exported("prairielearn", [FAILED, OPEN], LATER)
    for text in shown.values():
        assert [test["name"] for test in json.loads(text)["tests"]] == ["user.created", "session.assumed"]
        for secret in ("role.trust", "user.no-s3", "Only AWS knows", "admits nobody"):
            assert secret not in text


def test_prairielearn_grades_what_is_decided_and_nothing_else():
    files = exported("prairielearn", CLASS)
    shapes = {path.split("/")[0]: exporting.valid(text, exporting.PRAIRIELEARN) for path, text in files.items()}
    assert (shapes["fine"]["score"], shapes["failed"]["score"]) == (1, 0.5)
    assert sum(test["max_points"] for test in shapes["failed"]["tests"]) == POSSIBLE
    assert sum(test["points"] for test in shapes["failed"]["tests"]) == 20
    for name in ("open", "lost"):
        assert shapes[name]["gradable"] is False
        assert "score" not in shapes[name]
        assert "A person has to look" in shapes[name]["format_errors"][0]
    assert shapes["lost"]["format_errors"][1] == LOST.problem


def test_a_very_long_reason_is_cut_for_students():
    long = one("long", role_trust=(Outcome.FAILED, "x" * 2_000_000))
    assert len(exported("prairielearn", [long])["long/prairielearn.json"]) < 1_000_000


def test_ctrf_keeps_its_schema_and_counts_right():
    report = exporting.valid(exported("ctrf", CLASS)["ctrf.json"], exporting.CTRF)
    summary, tests = report["results"]["summary"], report["results"]["tests"]
    assert summary["tests"] == len(tests) == 16
    for status in ("passed", "failed", "skipped", "pending", "other"):
        assert summary[status] == sum(test["status"] == status for test in tests)
    assert (summary["suites"], summary["stop"] - summary["start"]) == (4, 2000)
    assert type(summary["start"]) is int
    of = {(test["suite"][0], test["extra"]["check"]): test for test in tests}
    assert len(of) == 16
    assert {check: of["open", check]["status"] for check in IDS} == dict(
        zip(IDS, ("passed", "failed", "skipped", "other"), strict=True)
    )
    assert of["open", "user.no-s3"]["rawStatus"] == "undetermined"
    assert of["open", "role.trust"]["message"] == TRUST[1]
    assert of["lost", "role.trust"]["extra"]["needs_person"] is True


def test_junit_keeps_its_schema_and_is_read_back():
    text = exported("junit", CLASS)["junit.xml"]
    xmlschema.XMLSchema(exporting.SCHEMAS / "junit-10.xsd").validate(ET.fromstring(text))
    report = junitparser.JUnitXml.fromstring(text.encode())
    suites = {suite.name: suite for suite in report}
    assert list(suites) == ["failed", "fine", "lost", "open"]
    assert (report.tests, report.failures, report.errors) == (16, 2, 5)
    for suite in suites.values():
        before = (suite.tests, suite.failures, suite.errors, suite.skipped)
        suite.update_statistics()
        assert before == (suite.tests, suite.failures, suite.errors, suite.skipped)
    results = {case.name.split(":")[0]: case.result for case in suites["open"]}
    assert results["user.created"] == []
    assert [type(results[check][0]).__name__ for check in IDS[1:]] == ["Failure", "Skipped", "Error"]
    assert results["role.trust"][0].message == TRUST[1]
    assert {p.name: p.value for p in suites["open"].properties()}["why_person"] == "user.no-s3: Only AWS knows."


def test_canvas_has_scores_of_what_is_decided_only():
    title, maximum, scores = exporting.canvas(exported("canvas", CLASS)["canvas.csv"])
    assert (title, maximum) == ("sts-assume-role", POSSIBLE)
    assert scores == {"failed": "20", "fine": "40", "open": "", "lost": ""}


@pytest.mark.parametrize("name", ["Points Possible", "my Points Possible, really", "a;b;c;d;e;f;g"])
def test_no_name_is_taken_by_canvas_for_something_else(name):
    _, maximum, scores = exporting.canvas(exported("canvas", [FINE, one(name, role_trust=TRUST)])["canvas.csv"])
    assert maximum == POSSIBLE
    assert scores == {"fine": "40", name: "30"}


@pytest.mark.parametrize("existing", [True, False])
def test_moodle_has_no_grade_for_what_a_person_has_to_decide(existing):
    text = exported("moodle", CLASS)["moodle.csv"]
    assert exporting.moodle(text, 1, existing=existing) == {"failed": 50, "fine": 100, "open": None, "lost": None}
    assert exporting.moodle(text, 2, existing=existing) == {"failed": 20, "fine": 40, "open": None, "lost": None}


def test_moodle_is_given_no_grade_that_it_refuses():
    rubric = {"role.trust": Entry(points=500)}
    rich = one("rich")
    rich.result.checks[1].points = rich.result.checks[1].max_points = 500
    assert exporting.moodle(exported("moodle", [rich], rubric)["moodle.csv"], 1, existing=False) == {"rich": 100}


@pytest.mark.parametrize("name", ROWS)
def test_no_name_shifts_the_rows_that_moodle_reads(name):
    grades = exporting.moodle(exported("moodle", [FAILED, one(name), OPEN])["moodle.csv"], 1, existing=True)
    assert list(grades.values()) == [50, 100, None]


def test_the_summary_is_a_table():
    html = exporting.markdown(exported("github", CLASS)["summary.md"])
    assert html.count("<table>") == 1
    assert html.count("<tr>") == 5
    assert "<code>open</code>" in html
    assert "<code>user.no-s3: Only AWS knows.</code>" in html


@pytest.mark.parametrize("text", [*HOSTILE, "| a | b |", "`x` **y** _z_ <b>&lt;</b>", "<!--", "[x](y)"])
def test_a_students_text_is_text_in_the_summary(text):
    hostile = one(text, role_trust=(Outcome.UNDETERMINED, text))
    html = exporting.markdown(exported("github", [FINE, hostile])["summary.md"])
    shape = ET.fromstring(f"<html>{html}</html>")
    inside = {cell.tag for cell in shape.iter()} - {"html", "h3", "table", "thead", "tbody", "tr", "th", "td"}
    assert inside <= {"code"}
    row = shape.findall("table/tbody/tr")[1]
    assert len(row.findall("td")) == 9
    assert "".join(row.findall("td")[8].itertext()).startswith("role.trust:")
    assert all(code.attrib == {} and len(code) == 0 for code in row.iter("code"))


def test_no_mention_link_or_emoji_is_left_to_be_found_in_the_summary():
    text = exported("github", [one("@octocat #1 :+1: https://example.org www.example.org")])["summary.md"]
    assert not [sign for sign in ("@", "#1 ", ":+", "https:", "www.") if sign in text]


def test_a_summary_too_large_for_github_says_what_was_cut():
    names = [f"{number}{'|' * 250}" for number in range(1000)]
    text = exported("github", [one(name) for name in names])["summary.md"]
    assert len(text.encode()) <= 1024 * 1024
    shown = text.count("<code>")
    assert 100 < shown < 1000
    assert f"\n{1000 - shown} more submissions are not shown" in text


def test_hostile_names_and_reasons_leave_every_format_whole():
    graded = [one(text, role_trust=(Outcome.FAILED, text), user_no_s3=(Outcome.UNDETERMINED, text)) for text in HOSTILE]
    for name, schema in (("gradescope", exporting.GRADESCOPE), ("prairielearn", exporting.PRAIRIELEARN)):
        files = dict(EXPORTERS[name].files(graded, {}))
        assert list(files) == [f"{text}/{name}.json" for text in HOSTILE]
        for text in files.values():
            exporting.valid(text, schema)
            assert text.replace("\n", "").replace("\u200d", "").isprintable()
            assert not re.search(r"(?<!\\)(\\\\)*\\u(00[01]|d[89a-f])", text)
    exporting.valid(exported("ctrf", graded)["ctrf.json"], exporting.CTRF)
    junit = ET.fromstring(exported("junit", graded)["junit.xml"].encode())
    xmlschema.XMLSchema(exporting.SCHEMAS / "junit-10.xsd").validate(junit)
    assert len(junit) == len(HOSTILE)
    for name, header in (("canvas", 2), ("gradebook", 1), ("moodle", 1)):
        (rows,) = exported(name, graded).values()
        assert len(exporting.spreadsheet(rows)) == len(HOSTILE) + header
