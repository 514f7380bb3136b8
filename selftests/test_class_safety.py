"""The page of a class as a document: no student's text acts in it, nothing is loaded, and it can be read by anybody."""

from __future__ import annotations

import os
import re
from base64 import b64encode
from hashlib import sha256
from urllib.parse import unquote_to_bytes, urljoin, urlsplit

import classes as c
import pytest
from markup import Element, parsed

from stslab.grading.graded import Graded
from stslab.report.classroom import page
from stslab.report.classroom_look import STYLE
from stslab.report.classroom_script import SCRIPT
from stslab.result import Outcome
from stslab.rubric import Entry

FAILED = Outcome.FAILED


def read(graded: list[Graded]) -> Element:
    return parsed(page(graded, {}))


def test_no_students_text_opens_an_element_or_an_attribute():
    names = [name for name in c.HOSTILE if name.strip()]
    root = read(c.saying(names))
    assert root.shape == read(c.saying([f"student-{place}" for place in range(len(names))])).shape
    assert root.one("script").text == SCRIPT
    assert root.one("style").text.startswith(STYLE)
    shown = [cells[0].text for cells in root.by_id("matrix").rows]
    assert {"<script>alert(1)</script>", 'student\'s "quoted" & ampersand; 100%'} <= set(shown)


def test_whatever_else_a_result_or_a_rubric_says_is_escaped_too():
    ugly = "<b>x</b> \" ' &amp;"

    def of(text: str) -> Element:
        odd = [c.graded("a", problem=text), c.graded("b", {text: (FAILED, "no")}, checks=[text])]
        odd[0].result.lab = odd[0].result.target = odd[0].result.started = text
        return parsed(page(odd, {text: Entry(hint=text)}))

    root = of(ugly)
    assert root.shape == of("x").shape
    assert root.one("h1").text == f"Class report: {ugly}, sts-assume-role"
    assert f"Hint: {ugly}" in root.by_id("missed").text
    assert ugly in root.by_id("people").text


def test_every_character_of_a_hostile_page_can_be_seen():
    text = page(c.saying(c.HOSTILE), {})
    assert {char for char in text if not char.isprintable()} == {"\n", "\u200d"}
    shown = [cells[0].text for cells in parsed(text).by_id("matrix").rows]
    assert {r"line\nbreak\r\nand\ttab", r"\x1b[31mred\x1b[0m\x07\x9b2J", r"not utf-8 \udcff\udc80", "' '"} <= set(shown)
    assert any(name.startswith(r"\u202egnp.tnedive\u202c") for name in shown)


def test_nothing_is_loaded_from_anywhere():
    text = page(c.drawn(30), {})
    root = parsed(text)
    assert not {one.tag for one in root.descendants()} & {"link", "img", "iframe", "object", "embed", "base", "form"}
    loading = {"src", "srcset", "action", "data", "style", "background", "poster", "xlink:href"}
    assert not loading & {name for one in root.descendants() for name in one.attributes}
    addresses = [one.attributes["href"] or "" for one in root.all("a")]
    assert addresses
    assert all(address.startswith(("./", "#")) for address in addresses)
    assert not re.search(r"https?:|url\((?!#)|@import|//\w", text)


def test_the_page_lets_in_its_own_style_and_script_and_nothing_else():
    root = read(c.MIXED)
    said = [one.attributes["content"] for one in root.all("meta") if "http-equiv" in one.attributes]
    digests = {tag: b64encode(sha256(root.one(tag).text.encode()).digest()).decode() for tag in ("style", "script")}
    assert said == [
        f"default-src 'none'; style-src 'sha256-{digests['style']}'; script-src 'sha256-{digests['script']}'; "
        "base-uri 'none'; form-action 'none'"
    ]


@pytest.mark.parametrize("name", c.HOSTILE)
def test_links_lead_to_the_submissions_own_files(name):
    (cells,) = read([c.graded(name)]).by_id("matrix").rows
    for cell, file in ((cells[0], "lab.html"), (cells[-1], "result.json")):
        address = cell.one("a").attributes["href"] or ""
        whole = urlsplit(urljoin("file:///out/class.html", address))
        assert re.fullmatch(r"\./[\w.~%/-]+", address, re.ASCII)
        assert unquote_to_bytes(address) == b"./" + os.fsencode(name) + b"/" + file.encode()
        assert (whole.scheme, whole.netloc, whole.query, whole.fragment) == ("file", "", "", "")


def test_a_lab_that_did_not_end_has_no_report_to_lead_to():
    names = {cells[0].text: cells[0].one("a").attributes["href"] for cells in read(c.MIXED).by_id("matrix").rows}
    assert (names["f"], names["g"]) == ("./f/result.json", "./g/lab.html")


def test_without_a_script_nothing_is_offered_that_needs_one():
    assert "hidden" in read(c.MIXED).by_id("controls").attributes
    assert not read(c.MIXED).all("button")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_text_stands_out_from_its_ground(scheme):
    colours = dict(re.findall(r"--([\w-]+): (#\w+)", STYLE.split("@media")[0]))
    if scheme == "dark":
        colours |= dict(re.findall(r"--([\w-]+): (#\w+)", STYLE.split("@media")[1]))
    texts = [(text, ground) for text in ("ink", "soft", "link", "passed", "open") for ground in ("paper", "wash")]
    marks = [(f"on-{mark}", mark) for mark in ("failed", "blocked", "open")]
    faint = {pair for pair in [*texts, *marks] if contrast(*(colours[name] for name in pair)) < 4.5}
    assert not faint, "less than WCAG 2.2 asks for at level AA (success criterion 1.4.3)"


def contrast(one: str, other: str) -> float:
    """The contrast ratio of two colours. Source: WCAG 2.2, definitions of contrast ratio and relative luminance."""
    lighter, darker = sorted((luminance(one), luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def luminance(colour: str) -> float:
    digits = colour[1:] if len(colour) == 7 else "".join(digit * 2 for digit in colour[1:])
    parts = [int(digits[at : at + 2], 16) / 255 for at in (0, 2, 4)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return sum(weight * part for weight, part in zip((0.2126, 0.7152, 0.0722), linear, strict=True))
