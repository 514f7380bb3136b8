"""What the page of a class says."""

from __future__ import annotations

import re

import classes as c
import pytest
from markup import Element, parsed

from stslab.exporters.classroom import ClassPage
from stslab.grading.graded import Graded
from stslab.report.classroom import GROUPS, NAMES, page
from stslab.report.classroom_look import STYLE
from stslab.report.classroom_matrix import REASON
from stslab.result import Outcome
from stslab.rubric import Entry

FAILED, BLOCKED, ERROR = Outcome.FAILED, Outcome.BLOCKED, Outcome.ERROR
HINT = 'Trust the <user>, & "nobody" else'
RUBRIC = {"role.trust": Entry(hint=HINT)}


def read(graded: list[Graded]) -> Element:
    return parsed(page(graded, RUBRIC))


def test_the_head_counts():
    root = read(c.MIXED)
    head = {group.one("dt").text: group.one("dd").text for group in root.one("dl").children}
    assert head == {
        "submissions": "7",
        "graded": "6",
        "could not be graded": "1",
        "need a person, these among them": "3",
        "mean score": "93.8 %",
        "median score": "91.9 %",
        "lower quartile": "89.4 %",
        "upper quartile": "98.6 %",
    }


def test_the_picture_shows_the_distribution():
    picture = read([*c.MIXED, c.graded("h", dict.fromkeys(list(c.CHECKS)[:10], (FAILED, "no")))]).one(
        "svg", "histogram"
    )
    assert picture.attributes["role"] == "img"
    named = [picture.by_id(name) for name in (picture.attributes["aria-labelledby"] or "").split()]
    assert [one.tag for one in named] == ["title", "desc"]
    assert named[1].text == "40\u201349 %: 1; 80\u201389 %: 3; 90\u201399 %: 1; 100 %: 2"
    assert [one.text for one in picture.all("text", "count")] == ["1", "3", "1", "2"]
    assert [one.text for one in picture.all("text", "axis-name")] == [
        "Score, in percent of what could be earned",
        "Submissions",
    ]
    tall = {
        kind: sum(float(one.attributes["height"] or 0) for one in picture.all("rect", kind))
        for kind in ("final", "open")
    }
    assert tall["final"] / tall["open"] == pytest.approx(5 / 2, rel=0.01)
    notes = [one.text for one in read(c.MIXED).by_id("distribution").all("p")]
    assert "Not in it: 1 submission of which nothing could be decided." in notes[0]


# The most missed checks, and those who need a person


def test_the_most_missed_checks_come_first_and_ungraded_ones_do_not_count():
    missed = read(c.MIXED).by_id("missed")
    found = {
        one.one("code").text: [int(count.text) for count in one.all("span", "count")] for one in missed.all("details")
    }
    assert list(found.items()) == [
        ("role.trust", [3, 0, 0]),
        ("user.created", [2, 0, 0]),
        ("stack.bucket", [0, 2, 0]),
        ("session.assumed", [0, 0, 2]),
    ]
    assert "of 6 graded" in missed.text
    assert ["open" in one.attributes for one in missed.all("details")] == [True, True, True, False]
    nobody = set(c.CHECKS) - set(found)
    assert f"Missed by nobody: {', '.join(check for check in c.CHECKS if check in nobody)}." in missed.text


def test_a_mistake_comes_before_what_is_undecided_and_that_before_what_is_blocked():
    graded = [
        *[c.graded(f"a{each}", {"stack.deploys": (BLOCKED, "by another")}) for each in range(3)],
        *[c.graded(f"b{each}", {"stack.bucket": (ERROR, "broken pipe")}) for each in range(2)],
        c.graded("c", {"role.trust": (FAILED, "no")}),
    ]
    found = [one.text for one in read(graded).by_id("missed").all("code")]
    assert found == ["role.trust", "stack.bucket", "stack.deploys"]


def test_a_missed_check_says_what_it_is_and_why():
    first = read(c.MIXED).by_id("missed").all("details")[0]
    assert c.CHECKS["role.trust"] in first.one("summary").text
    assert f"Hint: {HINT}" in first.text
    assert [one.text for one in first.all("li")] == ["2 failedno", "1 failedeveryone"]
    bar = first.one("svg")
    assert bar.attributes["aria-label"] == "3 failed, 0 undecided, 0 blocked, of 6"
    assert bar.attributes["viewbox"] == "0 0 6 1"
    assert [one.attributes["width"] for one in bar.all("rect")] == ["3", "0", "0"]


def test_blocks_come_last_among_the_reasons_and_the_rest_is_counted():
    blocked = [c.graded(f"b{each}", {"role.trust": (BLOCKED, "blocked by stack.deploys")}) for each in range(9)]
    said = ["rare", *(f"reason {each % 4}" for each in range(9))]
    failed = [c.graded(f"f{each}", {"role.trust": (FAILED, reason)}) for each, reason in enumerate(said)]
    first = read([*blocked, *failed]).by_id("missed").all("details")[0]
    assert [one.text for one in first.all("li")] == [
        *("3 failedreason 0", "2 failedreason 1", "2 failedreason 2"),
        "and 3 other reasons",
    ]


def test_who_needs_a_person_is_listed_by_reason_the_most_common_first():
    people = read([*c.MIXED, c.graded("h", problem="It did not end within 60 seconds.")]).by_id("people")
    assert [(item.one("p").text, [one.text for one in item.all("a")]) for item in people.all("li")] == [
        ("It did not end within 60 seconds.", ["f", "h"]),
        ("stack.bucket: who knows", ["c"]),
        ("stack.bucket: broken pipe", ["e"]),
    ]
    assert "Nobody" in read([c.graded("g")]).by_id("people").text


def test_a_long_list_of_people_is_folded_and_whole():
    many = [c.graded(f"a{each}", problem="same") for each in range(NAMES + 5)]
    many += [c.graded(f"b{each}", problem=f"other {each}") for each in range(GROUPS + 3)]
    people = read(many).by_id("people")
    folds = [one.one("summary").text for one in people.all("details", "fold")]
    assert folds == ["5 more submissions", "4 more reasons"]
    assert sorted(one.text for one in people.all("a")) == sorted(one.name for one in many)


# The matrix


def test_the_matrix_has_a_row_a_submission_and_a_column_a_check():
    root = read(c.MIXED)
    steps, checks = root.by_id("matrix").one("thead").children
    assert [(one.text, one.attributes["colspan"]) for one in steps.all("th", "step")] == [
        *(("submission", "3"), ("user", "3"), ("stack", "2"), ("role", "1"), ("policy", "2")),
        *(("session", "5"), ("user", "1"), ("cleanup", "2")),
    ]
    assert [one.attributes["title"] for one in checks.children] == [
        f"{check}: {title}" for check, title in c.CHECKS.items()
    ]
    assert [cells[0].text for cells in root.by_id("matrix").rows] == list("abcdefg")
    firsts = re.findall(r"td:nth-child\((\d+)\)", root.one("style").text.removeprefix(STYLE))
    assert [int(first) for first in firsts] == [4, 7, 10, 12, 13, 15, 20, 21], "where a step begins there is a gap"
    assert {len(cells) for cells in root.by_id("matrix").rows} == {len(c.CHECKS) + 4}


def test_a_cell_has_a_mark_a_colour_and_a_way_to_its_reason():
    root = read(c.MIXED)
    reasons = {f"#{one.attributes['id']}": one.text for one in root.by_id("reasons").all("li")}

    def cell(row: int, check: str) -> tuple[str, list[str], str]:
        found = root.by_id("matrix").rows[row][list(c.CHECKS).index(check) + 3]
        return found.text.strip(), found.classes, "".join(reasons[one.attributes["href"]] for one in found.all("a"))

    assert cell(0, "user.created") == ("✓", [], "")
    assert cell(0, "role.trust") == ("F", ["failed"], "no")
    assert cell(0, "session.assumed") == ("B", ["blocked"], "blocked by role.trust")
    assert cell(2, "stack.bucket") == ("?", ["undetermined"], "who knows")
    assert cell(4, "stack.bucket") == ("E", ["error"], "broken pipe")
    assert cell(5, "cleanup.residue") == ("E", ["error"], "It did not end within 60 seconds.")
    assert [cells[1].text for cells in root.by_id("matrix").rows][:2] == ["170 / 190", "170 / 190"]
    assert [cells[2].text for cells in root.by_id("matrix").rows] == [
        "89.4 %",
        "89.4 %",
        "94.4 %",
        "89.4 %",
        "100 %",
        "none",
        "100 %",
    ]
    assert len(set(reasons.values())) == len(reasons), "each reason stands there once"


def test_what_was_carried_on_or_has_a_remark_is_marked():
    carried = c.graded(
        "a", {"role.trust": (FAILED, "no")}, carried={"role.trust": "policy", "stack.bucket": "template"}
    )
    remarked = c.graded("b", {"user.created": (Outcome.PASSED, "It has a tag.")})
    root = read([carried, remarked])
    first, second = root.by_id("matrix").rows
    place = list(c.CHECKS).index
    assert [first[place(check) + 3].text for check in ("role.trust", "stack.bucket", "user.created")] == [
        "F*",
        "✓*",
        "✓",
    ]
    assert [first[place(check) + 3].classes for check in ("role.trust", "stack.bucket")] == [["failed"], ["carried"]]
    assert second[place("user.created") + 3].text == "✓+"
    assert [one.text for one in root.by_id("reasons").all("li")] == [
        *("Tried with the reference template.", "no", "It has a tag.")
    ]


def test_a_check_that_a_result_does_not_have_is_an_error_only_where_nothing_was_graded():
    few = list(c.CHECKS)[:2]
    graded = [c.graded("a"), c.graded("b", checks=few), c.graded("c", problem="It broke.", checks=[])]
    cells = read(graded).by_id("matrix").rows
    assert {len(row) for row in cells} == {len(c.CHECKS) + 4}
    assert [one.text for one in cells[1][3:-1]] == ["✓", "✓", *[""] * 17]
    assert {one.text for one in cells[2][3:-1]} == {"E"}


def test_a_mark_without_a_reason_leads_to_its_outcome():
    root = read([c.graded("a", {"role.trust": (FAILED, "")})])
    assert [one.text for one in root.by_id("reasons").all("li")] == ["failed"]


def test_a_long_reason_is_cut():
    root = read([c.graded("a", {"role.trust": (FAILED, "long " * 1000)})])
    (reason,) = root.by_id("reasons").all("li")
    assert len(reason.text) == REASON
    assert reason.text.endswith("…")


# The whole


def test_an_empty_class_has_a_page_too():
    root = read([])
    assert "No submission was graded." in root.one("header").text
    assert root.by_id("matrix").rows == []
    assert root.one("style").text == STYLE


def test_a_large_class_has_a_small_page_and_each_submission_adds_as_much_as_the_last():
    sizes = [len(page(c.drawn(count), RUBRIC).encode()) for count in (1000, 2000, 3000)]
    assert sizes[2] < 3_000_000
    assert sizes[2] - sizes[1] == pytest.approx(sizes[1] - sizes[0], rel=0.1)


def test_the_exporter_writes_the_page():
    exporter = ClassPage()
    assert exporter.name == "class"
    assert list(exporter.files(c.MIXED, RUBRIC)) == [("class.html", page(c.MIXED, RUBRIC))]
