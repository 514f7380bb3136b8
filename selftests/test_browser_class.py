"""The page of a class in a real browser."""

from __future__ import annotations

import browser as b
import browser_pages as pages
import pytest

CLASSES = {"class": pages.classroom, "hostile-class": pages.hostile_classroom}


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    root = tmp_path_factory.mktemp("classes")
    folders = {name: root / name for name in CLASSES}
    for folder in folders.values():
        folder.mkdir()
    return {name: make(folders[name]) for name, make in CLASSES.items()}


@pytest.mark.parametrize("view", b.VIEWS)
def test_the_page_of_a_class_can_be_read_and_used_by_anybody(chromium, made, view):
    assert b.look(chromium, made["class"], view) == []


@pytest.mark.parametrize("view", ["360", "1024-unscripted", "print"])
def test_hostile_names_and_reasons_are_shown_and_do_nothing(chromium, made, view):
    assert b.look(chromium, made["hostile-class"], view, walk=False) == []


def test_a_keyboard_sorts_filters_and_unfolds(chromium, made):
    with b.visit(chromium, made["class"].as_uri()) as seen:
        page = seen.page
        rows = page.locator("#matrix tbody th:visible")
        everyone = rows.all_inner_texts()
        page.locator("#matrix thead .score button").last.focus()
        page.keyboard.press("Enter")
        assert page.locator("#matrix thead .score[aria-sort=ascending]").inner_text() == "Score"
        assert rows.all_inner_texts() != everyone
        assert sorted(rows.all_inner_texts()) == sorted(everyone)
        page.locator("#wanted-name").focus()
        page.keyboard.type("STUDENT-003")
        assert rows.all_inner_texts() == ["student-003"]
        assert page.get_by_role("status").inner_text() == f"1 of {len(everyone)} shown"
        unfolded = page.locator(".missed details[open]")
        before = unfolded.count()
        page.locator(".missed details:not([open]) summary").first.focus()
        page.keyboard.press("Space")
        assert unfolded.count() == before + 1


def test_without_a_script_all_of_a_class_is_there_and_nothing_that_needs_one(chromium, made):
    with (
        b.visit(chromium, made["class"].as_uri()) as seen,
        b.visit(chromium, made["class"].as_uri(), script=False) as plain,
    ):
        assert seen.page.locator("#controls").is_visible()
        assert not plain.page.locator("#controls").is_visible()
        assert not plain.page.locator("button").count()
        tables = [each.page.locator("#matrix tbody").inner_text() for each in (seen, plain)]
        assert tables[0] == tables[1] != ""


def test_a_class_prints(chromium, made):
    with b.visit(chromium, made["class"].as_uri(), paper=True) as seen:
        assert seen.page.pdf(prefer_css_page_size=True).startswith(b"%PDF")
        assert seen.page.locator("details:not([open])").count() == 0
