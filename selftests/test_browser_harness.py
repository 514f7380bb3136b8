"""The look into a browser sees what it is there for: each page here has one thing wrong with it."""

from __future__ import annotations

import browser as b
import pytest

RIGHT = (
    '<!DOCTYPE html><html lang="en"><head><meta charset="utf-8"><title>A page</title>'
    '<meta name="viewport" content="width=device-width, initial-scale=1"></head>'
    '<body><main><h1>A page</h1><p>Some text</p><p><a href="#x" id="x">A link</a></p></main></body></html>'
)
WORD = "w" * 500
SMALL = '<button aria-label="a" style="all: unset; float: left; padding: 4px"></button>'

UNFIT = {
    "axe: html-has-lang": (' lang="en"', ""),
    "axe: document-title": ("<title>A page</title>", ""),
    "axe: image-alt": ("Some text", '<img src="data:image/gif;base64,R0lGODlhAQABAAAAACw=">Some text'),
    "axe: color-contrast": ("Some text", '<i style="color: #bbb">faint</i>Some text'),
    "axe: label": ("Some text", "<input>Some text"),
    # In a line of text it would be allowed.
    "axe: target-size": ("<h1>A page", f"{SMALL * 2}<h1>A page"),
    "best-practice: landmark-one-main": ("main>", "div>"),
}
"""What axe has to find, and the change to the right page that it has to find it in."""

ELSEWHERE = {
    "http://127.0.0.1:9/image": "<img src=http://127.0.0.1:9/image alt=x>",
    "http://127.0.0.1:9/script": "<script src=http://127.0.0.1:9/script></script>",
    "http://127.0.0.1:9/style": "<link rel=stylesheet href=http://127.0.0.1:9/style>",
    "http://127.0.0.1:9/beacon": "<script>navigator.sendBeacon('http://127.0.0.1:9/beacon')</script>",
    "http://127.0.0.1:9/fetch": "<script>fetch('http://127.0.0.1:9/fetch').catch(() => 0)</script>",
    "ws://127.0.0.1:9/socket": "<script>new WebSocket('ws://127.0.0.1:9/socket')</script>",
    "file:///beside": "<img src=file:///beside alt=x>",
}

WRONG = {
    "a preconnection": ("</head>", "<link rel=preconnect href=http://127.0.0.1:9></head>", "outward: link"),
    "an error": ("Some text", "<script>nothing.at.all()</script>", "complaint: exception: nothing is not defined"),
    "a word of the console": ("Some text", "<script>console.error('so')</script>", "complaint: error: so"),
    "a violated policy": (
        "<title>",
        "<meta http-equiv=Content-Security-Policy content=\"default-src 'none'\"><style>p {}</style><title>",
        "complaint: error: Applying inline style violates",
    ),
    "a script that runs": ("Some text", "<script>window.ran = 1</script>", "ran: 1"),
    "a dialog": ("Some text", "<script>alert('hello')</script>", "ran: ['hello']"),
    "a text that is too wide": ("Some text", WORD, "overflow: "),
    "a text that is cut off": ("Some text", f'<b style="display: block; overflow: hidden">{WORD}</b>', "cut off: b "),
    "a click without a key": ("<p>Some", "<p onclick='1'>Some", "unreached: p"),
    "a listener without a key": (
        "Some text",
        "<span id=s>s</span><script>s.addEventListener('click', () => 1)</script>",
        "unreached: span#s",
    ),
    "a link without a key": ('id="x"', 'id="x" tabindex="-1"', "unreached: a#x"),
    "a region without a key": (
        "Some text",
        f'<span id=r style="display: block; overflow: auto; white-space: nowrap" tabindex="-1">{WORD}</span>',
        "unreached: span#r",
    ),
    "no outline": ("</head>", "<style>a:focus { outline: none }</style></head>", "no outline: a#x"),
    "a cover": ("</main>", '<div style="position: fixed; inset: 0; background: #fff">a</div></main>', "covered: a#x"),
}
"""What else the look has to find."""


@pytest.fixture
def page(tmp_path):
    def write(text):
        path = tmp_path / "page.html"
        path.write_text(text, encoding="utf-8")
        return path.as_uri()

    return write


@pytest.mark.parametrize("script", [True, False], ids=["scripted", "unscripted"])
def test_nothing_is_wrong_with_a_right_page(chromium, page, script):
    with b.visit(chromium, page(RIGHT), width=360, script=script) as seen:
        assert seen.faults(keys=(b.FORTH, b.BACK)) == []


@pytest.mark.parametrize("script", [True, False], ids=["scripted", "unscripted"])
def test_axe_finds_what_is_unfit_for_people(chromium, page, script):
    text = RIGHT
    for old, new in UNFIT.values():
        assert old in text
        text = text.replace(old, new)
    with b.visit(chromium, page(text), script=script) as seen:
        found = seen.axe()
        assert not [rule for rule in UNFIT if not any(each.startswith(f"{rule}: ") for each in found)]


def test_the_look_at_a_dark_page_sees_what_is_faint_in_it(chromium, tmp_path):
    dark = "<style>@media (prefers-color-scheme: dark) { p, a { color: #333; background: #222 } }</style></head>"
    path = tmp_path / "page.html"
    path.write_text(RIGHT.replace("</head>", dark), encoding="utf-8")
    assert b.look(chromium, path, "1024-unscripted") == []
    found = b.look(chromium, path, "1024-dark")
    assert found
    assert all(each.startswith("axe: color-contrast: ") for each in found)


def test_the_look_sees_whatever_is_asked_for_elsewhere(chromium, page):
    with b.visit(chromium, page(RIGHT.replace("Some text", "".join(ELSEWHERE.values())))) as seen:
        seen.page.wait_for_timeout(100)
        assert set(seen.asked) == set(ELSEWHERE)


@pytest.mark.parametrize("what", WRONG)
def test_the_look_sees(chromium, page, what):
    old, new, fault = WRONG[what]
    assert old in RIGHT
    with b.visit(chromium, page(RIGHT.replace(old, new)), width=360) as seen:
        found = seen.faults(axe=None)
        assert any(each.startswith(fault) for each in found), found


@pytest.mark.parametrize("paper", [True, False], ids=["paper", "screen"])
def test_what_is_folded_or_scrolled_to_is_lost_on_paper_only(chromium, page, paper):
    folded = "<details><summary>More</summary><b>folded</b></details>"
    scrolled = f'<i style="display: block; overflow: auto" tabindex="0">{WORD}</i>'
    with b.visit(chromium, page(RIGHT.replace("<p>Some text</p>", folded + scrolled)), paper=paper) as seen:
        assert [each.partition(" ")[0] for each in seen.cut_off] == (["b", "i"] if paper else [])


def test_a_trap_of_the_keyboard_is_seen(chromium, page, monkeypatch):
    monkeypatch.setattr(b, "LIMIT", 20)
    trap = "<button id=one>1</button><button id=two>2</button><script>two.onkeydown = () => { x.focus() }</script>"
    url, trapped = page(RIGHT.replace("</main>", f"{trap}</main>")), pytest.raises(AssertionError, match="is trapped")
    with b.visit(chromium, url) as seen, trapped:
        seen.walk()


def test_a_page_under_a_policy_of_its_server_is_seen_to_break_it(chromium, tmp_path):
    path = tmp_path / "page.html"
    path.write_text(RIGHT.replace("Some text", "<script>window.ran = 1</script>"), encoding="utf-8")
    with b.served(path, "default-src 'none'") as url, b.visit(chromium, url) as seen:
        assert any("Content Security Policy" in each for each in seen.complaints)
        assert seen.ran is None


def test_without_chromium_the_tests_are_skipped_but_not_in_ci(monkeypatch):
    monkeypatch.setattr(b.shutil, "which", lambda _: None)
    monkeypatch.delenv("CI", raising=False)
    with pytest.raises(pytest.skip.Exception, match="There is no chromium here"):
        b.chromium()
    monkeypatch.setenv("CI", "true")
    with pytest.raises(pytest.fail.Exception, match="CI has to look"):
        b.chromium()
