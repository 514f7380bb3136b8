"""The class as one page: what it adds up to first, the students one by one after it."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Mapping, Sequence
from hashlib import sha256
from html import escape

from stslab.grading.graded import Graded
from stslab.report.classroom_look import STYLE
from stslab.report.classroom_matrix import REASON, Reasons, gaps, legend, link, matrix
from stslab.report.classroom_missed import missed_checks
from stslab.report.classroom_script import SCRIPT
from stslab.report.figures import distribution, percent, spread
from stslab.report.histogram import histogram
from stslab.report.visible import counted, one_line, visible
from stslab.rubric import Entry

TITLES = {
    "distribution": "Distribution of scores",
    "people": "Needs a person",
    "missed": "Most missed checks",
    "everyone": "Students and checks",
    "reasons": "Reasons, by number",
}
"""The sections of the page, by their ids."""

WIDE = frozenset({"everyone", "reasons"})

GROUPS, NAMES = 5, 10
"""How many reasons for a person's look, and how many names to each, are shown before the rest is folded away."""


def page(graded: Sequence[Graded], rubric: Mapping[str, Entry]) -> str:
    """Render a graded class.

    Args:
        graded: the class, in the order of its names.
        rubric: entries by check id.

    Returns:
        an HTML document that needs no other file, and works where scripts do not.
    """
    reasons, style = Reasons(), STYLE + gaps(graded)
    sections = [
        _section("distribution", _distribution(graded)),
        _section("people", _people(graded)),
        _section("missed", missed_checks(graded, rubric)),
        _section("everyone", _everyone(graded, reasons)),
        _section("reasons", f'<p class="note">Where the marks of the table lead to.</p>{reasons.listed()}'),
    ]
    return (
        '<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8">'
        f'<meta http-equiv="Content-Security-Policy" content="{escape(_security(style, SCRIPT))}">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{escape(_title(graded))}</title><style>{style}</style></head>\n<body>{_header(graded)}\n"
        f'<main><div class="top">{"".join(sections[:2])}</div>\n{"".join(sections[2:])}</main>'
        f"<script>{SCRIPT}</script></body></html>\n"
    )


def _security(style: str, script: str) -> str:
    """What the page may load: nothing. Its own style and script are let in by their hashes, and no others are."""
    style, script = (f"'sha256-{b64encode(sha256(text.encode()).digest()).decode()}'" for text in (style, script))
    return f"default-src 'none'; style-src {style}; script-src {script}; base-uri 'none'; form-action 'none'"


def _section(name: str, content: str) -> str:
    wide = " class=wide" if name in WIDE else ""
    return f'<section id="{name}"{wide}><h2>{TITLES[name]}</h2>\n{content}</section>\n'


def _title(graded: Sequence[Graded]) -> str:
    labs = sorted({one.result.lab for one in graded})
    return f"Class report: {visible(', '.join(labs))}" if labs else "Class report"


def _header(graded: Sequence[Graded]) -> str:
    people = sum(one.needs_person for one in graded)
    ungraded = sum(bool(one.problem) for one in graded)
    need = "needs" if people == 1 else "need"
    figures = [
        ("", "submissions", f"{len(graded):,}"),
        ("", "graded", f"{len(graded) - ungraded:,}"),
        ("person" if ungraded else "", "could not be graded", f"{ungraded:,}"),
        ("person" if people else "", f"{need} a person{', these among them' if ungraded else ''}", f"{people:,}"),
    ]
    spreading = spread(graded)
    if spreading:
        figures += [
            ("", "mean score", percent(spreading.mean)),
            ("", "median score", percent(spreading.median)),
            ("", "lower quartile", percent(spreading.lower)),
            ("", "upper quartile", percent(spreading.upper)),
        ]
    listed = "".join(f'<div class="{kind}"><dt>{what}</dt><dd>{count}</dd></div>' for kind, what, count in figures)
    ways = "".join(f'<a href="#{name}">{title}</a>' for name, title in TITLES.items())
    about = f"<h1>{escape(_title(graded))}</h1>{_when(graded)}<nav>{ways}</nav>"
    return f'<header>{about}<dl class="figures">{listed}</dl></header>'


def _when(graded: Sequence[Graded]) -> str:
    if not graded:
        return '<p class="note">No submission was graded.</p>'
    targets = ", ".join(sorted({visible(one.result.target) for one in graded}))
    first, last = min(one.result.started for one in graded), max(one.result.finished for one in graded)
    return f'<p class="note">Graded on {escape(targets)} from {_time(first)} to {_time(last)} UTC</p>'


def _time(stamp: str) -> str:
    return escape(visible(stamp[:19].replace("T", " ")))


def _distribution(graded: Sequence[Graded]) -> str:
    bins = distribution(graded)
    unscored = len(graded) - sum(column.total for column in bins)
    notes = []
    if any(column.open for column in bins):
        notes.append(f"{_key('final')} final, {_key('open')} a person is still needed, so that it may change.")
    if unscored:
        notes.append(f"Not in it: {counted(unscored, 'submission')} of which nothing could be decided.")
    return f'{histogram(bins)}<p class="note">{" ".join(notes)}</p>'


def _key(kind: str) -> str:
    return (
        f'<svg class="key" viewBox="0 0 14 14" aria-hidden="true"><rect class="{kind}" width="14" height="14"/></svg>'
    )


def _people(graded: Sequence[Graded]) -> str:
    why: dict[str, list[Graded]] = {}
    for one in graded:
        if one.needs_person:
            why.setdefault(one_line(one.why_person, 2 * REASON), []).append(one)
    if not why:
        return '<p class="note">Nobody: all could be decided.</p>'
    groups = sorted(why.items(), key=lambda group: -len(group[1]))
    items = [
        f'<li><p class="text">{escape(reason)}</p><div class="names"><b>{len(group):,}</b> {_names(group)}</div></li>'
        for reason, group in groups
    ]
    shown = f'<ul class="people">{"".join(items[:GROUPS])}</ul>'
    return shown + _folded(f'<ul class="people">{"".join(items[GROUPS:])}</ul>', len(items) - GROUPS, "more reason")


def _names(group: Sequence[Graded]) -> str:
    links = [link(one) for one in group]
    return ", ".join(links[:NAMES]) + _folded(", ".join(links[NAMES:]), len(links) - NAMES, "more submission")


def _folded(content: str, count: int, what: str) -> str:
    return f'<details class="fold"><summary>{counted(count, what)}</summary>{content}</details>' if count > 0 else ""


def _everyone(graded: Sequence[Graded], reasons: Reasons) -> str:
    controls = (
        '<div id="controls" class="controls" hidden><label>Name <input id="wanted-name" type="search"></label>'
        '<label>Show <select id="wanted-kind"><option value="all">everyone</option>'
        '<option value="missed">who failed something</option><option value="person">who needs a person</option>'
        '</select></label><output id="shown"></output></div>'
    )
    # Wider than most screens, and longer: it scrolls by itself, with its heads in view, and a keyboard can do it too.
    region = f'<div class="region" role="region" aria-label="{TITLES["everyone"]}" tabindex="0">'
    return f"{legend()}{controls}{region}{matrix(graded, reasons)}</div>"
