"""pytest-html's page as text: what is amended in it is there, and what is added leads where it should."""

from __future__ import annotations

from importlib.resources import files

import pytest

from stslab.report.html import HEADER
from stslab.report.html import STYLE as TABLE_STYLE
from stslab.report.lab_page import _REPLACED, SCRIPT, STYLE, UNSCRIPTED, _hash, accessible

TEMPLATE = files("pytest_html").joinpath("resources/index.jinja2").read_text(encoding="utf-8")


@pytest.mark.parametrize("old", [old for old, _ in _REPLACED])
def test_what_is_amended_is_in_the_template_of_pytest_html_once(old):
    assert TEMPLATE.count(old) == 1


def test_the_headings_of_the_table_sort_by_a_button_and_say_that_they_are_of_a_column():
    for heading in HEADER:
        assert heading.count('scope="col"') == 1
        shown = "hidden" not in heading
        assert ("sortable" in heading and shown) == ("<button" in heading)


def page(summary=""):
    return (
        '<html><head><style type="text/css">p {}</style><title id="t">T</title></head><body><h1>T</h1>'
        f"{TABLE_STYLE}{summary}<footer><script>draw()</script></footer></body></html>"
    )


def test_it_leads_to_the_page_for_auditors_only_where_there_is_one():
    with_one, without = accessible(page(), audit='a"b.html'), accessible(page(), audit=None)
    assert '<a href="a&quot;b.html">a&quot;b.html</a>' in with_one
    assert "<a " not in without
    assert "This page needs JavaScript." in without


def test_its_own_style_and_scripts_are_let_in_and_no_others():
    policy = accessible(page("<script>window.ran = 1</script><style>b {}</style>"), audit=None).partition('content="')[
        2
    ]
    policy = policy.partition('"')[0].replace("&#x27;", "'")
    own = TABLE_STYLE.removeprefix("<style>").removesuffix("</style>")
    assert policy == (
        f"default-src 'none'; style-src {' '.join(map(_hash, ('p {}', own, STYLE, UNSCRIPTED)))}; "
        f"script-src {_hash('draw()')} {_hash(SCRIPT)}; img-src data:; media-src data:; "
        "base-uri 'none'; form-action 'none'"
    )
