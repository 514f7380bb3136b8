"""The pages of a run in a real browser: lab.html for developers, audit.html for everybody."""

from __future__ import annotations

import browser as b
import browser_pages as pages
import pytest

RUNS = {"green": pages.reports, "failed": pages.failed_reports, "hostile": pages.hostile_reports}
PAGES = ("lab.html", "audit.html")


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    root = tmp_path_factory.mktemp("runs")
    for name in RUNS:
        (root / name).mkdir()
        (RUNS[name](root / name)).rename(root / f"{name}-run")
    return {name: root / f"{name}-run" for name in RUNS}


@pytest.mark.parametrize("view", b.VIEWS)
@pytest.mark.parametrize("page", PAGES)
def test_the_pages_of_a_run_can_be_read_and_used_by_anybody(chromium, made, page, view):
    assert b.look(chromium, made["failed"] / page, view) == []


@pytest.mark.parametrize("page", PAGES)
def test_the_pages_of_a_run_in_which_all_is_right_can_too(chromium, made, page):
    assert b.look(chromium, made["green"] / page, "360", walk=False) == []


@pytest.mark.parametrize("view", ["360", "1024-unscripted", "print"])
@pytest.mark.parametrize("page", PAGES)
def test_hostile_names_and_documents_are_shown_and_do_nothing(chromium, made, page, view):
    assert b.look(chromium, made["hostile"] / page, view, walk=False) == []


def test_a_keyboard_does_what_a_mouse_does_in_lab_html(chromium, made):
    with b.visit(chromium, (made["failed"] / "lab.html").as_uri()) as seen:
        page = seen.page
        details, focused = page.locator(".extras-row:not(.hidden)"), page.locator(":focus")

        def press(key: str, selector: str) -> None:
            page.locator(selector).first.focus()
            page.keyboard.press(key)

        failed = details.count()
        press("Enter", ".collapsible button[aria-expanded=false]")
        assert details.count() == failed + 1
        assert focused.get_attribute("aria-expanded") == "true", "drawing anew took the focus away"
        page.keyboard.press("Space")
        assert details.count() == failed
        press("Enter", "#show_all_details")
        assert details.count() == page.locator(".collapsible").count() == 19
        press("Enter", ".logexpander")
        assert focused.get_attribute("aria-expanded") == "true"
        assert page.locator(".logwrapper.expanded").count() == 1
        press("Enter", "#hide_all_details")
        assert details.count() == 0
        press("Enter", "th button[data-column-type=check]")
        names = page.locator(".col-check").all_inner_texts()
        assert names == sorted(names)
        assert page.locator("th[aria-sort=ascending]").inner_text() == "Check"
        assert focused.inner_text() == "Check", "drawing anew took the focus away"
        page.keyboard.press("Enter")
        assert page.locator(".col-check").all_inner_texts() == sorted(names, reverse=True)
        press("Space", ".filters input:checked:enabled")
        shown = page.locator(".collapsible").count()
        assert 0 < shown < 19
        assert page.get_by_role("status").inner_text() == f"{shown} shown"
        press("Enter", "#environment-header button")
        assert not page.locator("#environment").is_visible()
        assert focused.get_attribute("aria-expanded") == "false"


def test_a_mouse_still_unfolds_a_row_wherever_it_hits_it(chromium, made):
    with b.visit(chromium, (made["green"] / "lab.html").as_uri()) as seen:
        for place, cell in enumerate(("code", ".col-claim", ".lab-outcome")):
            seen.page.locator(f".collapsible {cell}").nth(place).scroll_into_view_if_needed()
            box = seen.page.locator(f".collapsible {cell}").nth(place).bounding_box()
            seen.page.mouse.click(box["x"] + 5, box["y"] + 5)
            assert seen.page.locator(".extras-row:not(.hidden)").count() == place + 1


def test_what_finds_its_way_into_lab_html_still_does_not_run(chromium, made, tmp_path):
    text = (made["green"] / "lab.html").read_text(encoding="utf-8")
    planted = "<script>window.ran = 1</script><img src=x onerror='window.ran = 2'><h2>Summary</h2>"
    path = tmp_path / "lab.html"
    path.write_text(text.replace("<h2>Summary</h2>", planted), encoding="utf-8")
    with b.visit(chromium, path.as_uri()) as seen:
        assert seen.page.locator("main script").count() == 1
        assert seen.ran is None
        assert seen.page.locator(".collapsible").count() == 19


def test_without_a_script_lab_html_leads_to_audit_html(chromium, made):
    with b.visit(chromium, (made["green"] / "lab.html").as_uri(), script=False) as seen:
        assert "This page needs JavaScript; audit.html says the same without." in seen.text
        assert seen.page.get_by_role("link", name="audit.html").get_attribute("href") == "audit.html"
        assert "19 of 19 checks passed" in seen.text
        assert not seen.page.locator("button:visible, input:visible").count()


def test_audit_html_needs_nothing_but_its_own_style(chromium, made):
    path = made["hostile"] / "audit.html"
    policy = "default-src 'none'; style-src 'unsafe-inline'; img-src data:"
    with b.served(path, policy) as url, b.visit(chromium, url) as strict, b.visit(chromium, path.as_uri()) as free:
        assert strict.faults(axe=None) == []
        assert strict.text == free.text != ""


@pytest.mark.parametrize("page", PAGES)
def test_a_page_of_a_run_prints(chromium, made, page):
    with b.visit(chromium, (made["failed"] / page).as_uri(), paper=True) as seen:
        assert seen.page.pdf(prefer_css_page_size=True).startswith(b"%PDF")
