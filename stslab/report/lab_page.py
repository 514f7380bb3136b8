"""pytest-html's page, made fit for a keyboard, a screen reader, a narrow screen and paper.

pytest-html draws its rows with its own script, anew at each click. So what stands in its template is amended in the
text, and what its script makes is amended by a small script after it.
"""

from __future__ import annotations

import re
from base64 import b64encode
from hashlib import sha256
from html import escape

from stslab.report.html import STYLE as TABLE_STYLE

STYLE = """
body { min-width: 0; margin: 1rem auto; max-width: 100rem; padding: 0 1rem; color: #222;
  font: 14px/1.45 system-ui, "Segoe UI", Roboto, "Helvetica Neue", "DejaVu Sans", sans-serif }
a { color: #1a56a8; display: inline-block; min-height: 24px }
h2 { margin: 1.5rem 0 .5rem }
p, #environment td { overflow-wrap: anywhere }
#environment td:first-child { overflow-wrap: normal; font-weight: 600 }
#results-table, .filters button, .collapse button, .logwrapper .logexpander { color: #222; font-size: 13px }
#environment button, #results-table th button, #results-table .collapsible button, #environment-header button {
  font: inherit; font-weight: 600; color: inherit; background: none; border: 0; padding: 2px 0; min-height: 24px;
  text-align: left; cursor: pointer; overflow-wrap: anywhere }
button[aria-expanded]::before { content: "\\25B8\\A0" / "" }
button[aria-expanded=true]::before { content: "\\25BE\\A0" / "" }
#results-table th button { overflow-wrap: normal }
/* pytest-html takes what was hit for the cell of a row. */
.collapsible td:not(.col-links) * { pointer-events: none }
:focus-visible { outline: 2px solid #1a56a8; outline-offset: 2px }
.lab-scroll { overflow-x: auto; padding: 3px }
/* Wide calls scroll by themselves, and do not widen the table. */
.extraHTML { width: 0; min-width: 100%; overflow-x: auto }
.extraHTML:empty { display: none }
.col-claim, .logwrapper .log { overflow-wrap: anywhere; min-width: 10em }
.lab-calls td:nth-child(3), .lab-calls td:nth-child(5), .lab-calls td:nth-child(8) { min-width: 16em }
.logwrapper .logexpander { margin: 6px; min-height: 24px; top: 6px }
.logwrapper .logexpander::after, .logwrapper.expanded .logexpander::after { content: none }
.logwrapper .log { position: static; height: auto; padding: 5px; background: #fff }
.controls, .filters { flex-wrap: wrap; gap: 4px 12px }
.filters label { display: inline-flex; align-items: center; min-height: 24px }
.filters input { width: 18px; height: 18px }
.collapse button { min-height: 24px }
.filters button:hover, .collapse button:hover { color: #000 }
span.passed, .passed .col-result { color: #0a6b0a }
span.skipped, span.xfailed, span.rerun, .skipped .col-result, .xfailed .col-result, .rerun .col-result {
  color: #8a5a00 }
span.error, span.failed, span.xpassed, .error .col-result, .failed .col-result, .xpassed .col-result { color: #b00020 }
#environment-header h2:hover::after, #environment-header.collapsed h2:hover::after, .col-result:hover::after,
  .col-result.collapsed:hover::after { content: none }
@media (max-width: 40rem) { #results-table td, #results-table th { padding: 4px 3px }
  #results-table .col-check { white-space: normal; min-width: 6.5em; font-size: 12px }
  .col-claim { min-width: 7em } }
@media print { @page { size: A4 landscape; margin: 12mm }
  body { margin: 0; padding: 0; max-width: none; font-size: 11px }
  .filter, .controls, .logwrapper .logexpander { display: none }
  .lab-scroll, .extraHTML, .logwrapper { overflow: visible; max-height: none }
  #results-table, #results-table .lab-calls, .lab-waits, .lab-validation { font-size: 9px }
  #results-table .collapsible button, #results-table th button { min-height: 0; padding: 0 }
  .lab-calls th, .lab-calls td { white-space: normal; overflow-wrap: anywhere }
  .lab-calls td:nth-child(3), .lab-calls td:nth-child(5), .lab-calls td:nth-child(8) { min-width: 0 }
  #results-table .collapsible { break-inside: avoid } }
"""

UNSCRIPTED = "#environment-header, #environment, .filter, .controls, #lab-checks, .lab-scroll { display: none }"
"""The style where no script runs: what only a script fills or moves is not shown."""

SCRIPT = """
"use strict";
(() => {
const place = document.getElementById("lab-table"), said = document.getElementById("lab-shown");
const header = document.getElementById("environment-header"), facts = header.querySelector("button");
let used = "";

function amend() {
  const rows = [...place.querySelectorAll("tr.collapsible")];
  for (const row of rows) {
    const id = row.dataset.id, more = row.nextElementSibling, button = document.createElement("button");
    const told = [...row.cells].filter(cell => !cell.hidden && cell.textContent.trim());
    const cell = told.find(each => each.matches(".col-check")) || told[0];
    button.type = "button";
    button.id = `lab-${id}`;
    more.id = `lab-more-${id}`;
    button.setAttribute("aria-controls", more.id);
    button.ariaExpanded = String(!more.classList.contains("hidden"));
    button.append(...cell.childNodes);
    cell.append(button);
    for (const each of row.cells) each.dataset.id = id;
  }
  for (const head of place.querySelectorAll("th.sortable")) {
    if (head.matches(".asc, .desc")) head.ariaSort = head.matches(".asc") ? "ascending" : "descending";
    else head.removeAttribute("aria-sort");
  }
  said.textContent = `${rows.length} shown`;
  if (used && document.activeElement === document.body) place.querySelector(used)?.focus();
}

place.addEventListener("click", event => {
  const button = event.target.closest("button");
  used = !button ? "" : button.id ? `#${button.id}` : `button[data-column-type="${button.dataset.columnType}"]`;
}, true);
place.addEventListener("click", event => {
  if (event.target.matches(".logexpander"))
    event.target.ariaExpanded = String(event.target.parentNode.matches(".expanded"));
});
header.addEventListener("click", () => { facts.ariaExpanded = String(!header.matches(".collapsed")); });
new MutationObserver(amend).observe(place, { childList: true });
amend();
})();
"""


def accessible(html: str, *, audit: str | None) -> str:
    """Amend a finished page of pytest-html, so that it can be read and used by anybody.

    It gets a language, landmarks, names, contrast and buttons for all that can be clicked, and says where to go if no
    script runs. A policy in its head lets its own style and scripts run and nothing else, whatever a document or a
    name made its way into it; so nothing may be changed in it afterwards.

    Args:
        html: the page, with ``stslab.report.html.STYLE`` and ``HEADER`` in it.
        audit: address of the page for auditors, from where this one lies; ``None`` if there is none.

    Returns:
        the page, one file as before.

    Source: WCAG 2.2, level AA: success criteria 1.3.1, 1.4.3, 1.4.10, 2.1.1, 2.4.7, 2.5.8, 3.1.1, 4.1.2 and 4.1.3.
    """
    for old, new in (*_REPLACED, ("</h1>", f"</h1>{_way(audit)}")):
        html = html.replace(old, new, 1)
    html = re.sub(
        r'(<input [^<>]*class="filter"[^<>]*>)\s*(<span class="\w+">[^<>]*</span>)', r"<label>\1 \2</label>", html
    )
    policy = f'<meta http-equiv="Content-Security-Policy" content="{escape(_security(html))}">'
    return html.replace("<head>", f"<head>{policy}", 1).replace("</footer>", f"<script>{SCRIPT}</script></footer>", 1)


_REPLACED = (
    ("<html>", '<html lang="en">'),
    ("</head>", f"<style>{STYLE}</style><noscript><style>{UNSCRIPTED}</style></noscript></head>"),
    ("<title ", '<meta name="viewport" content="width=device-width, initial-scale=1"><title '),
    ("<body>", "<body><main>"),
    (
        "<h2>Environment</h2>",
        '<h2 id="lab-facts"><button type="button" aria-expanded="true" aria-controls="environment">Environment</button>'
        "</h2>",
    ),
    ('<table id="environment">', '<table id="environment" aria-labelledby="lab-facts">'),
    ("<tr>\n        <td></td>", '<tr>\n        <td role="rowheader"></td>'),
    ('<div class="extraHTML">', '<div class="extraHTML" role="group" aria-label="Calls" tabindex="0">'),
    (
        '<div class="logexpander"></div>',
        '<button type="button" class="logexpander" aria-expanded="false">Whole text</button>',
    ),
    # Of the button to load a page anew that is still being written; this one is finished.
    (' onclick="location.reload()"', ""),
    ('<img src="" />', '<img src="" alt="" />'),
    ('<div class="filters">', '<div class="filters" role="group" aria-label="Filter by result">'),
    ('<div class="controls">', '<p id="lab-shown" class="filter" role="status"></p><div class="controls">'),
    (
        '<table id="results-table">',
        '<h2 id="lab-checks">Checks</h2>'
        '<div id="lab-table" class="lab-scroll" role="region" aria-labelledby="lab-checks" tabindex="0">'
        '<table id="results-table">',
    ),
    ("<footer>", "</div></main><footer>"),
)
"""Text of pytest-html's template, and what stands there instead; each of it once."""


def _way(audit: str | None) -> str:
    if audit is None:
        return "<noscript><p>This page needs JavaScript.</p></noscript>"
    address = escape(audit)
    return (
        f"<noscript><p>This page needs JavaScript; {address} says the same without.</p></noscript>"
        f'<p>For developers; <a href="{address}">{address}</a> is the page to hand on.</p>'
    )


def _security(html: str) -> str:
    """What the page may load: images in itself, and its own style and scripts, which are let in by their hashes."""
    of_pytest_html = re.findall(r'<style type="text/css">(.*?)</style>', html, re.DOTALL)[:1]
    of_lab = TABLE_STYLE.removeprefix("<style>").removesuffix("</style>")
    drawing = re.findall(r"<script>(.*?)</script>", html.rpartition("<footer>")[2], re.DOTALL)[:1]
    styles = " ".join(_hash(text) for text in (*of_pytest_html, of_lab, STYLE, UNSCRIPTED))
    scripts = " ".join(_hash(text) for text in (*drawing, SCRIPT))
    return (
        f"default-src 'none'; style-src {styles}; script-src {scripts}; img-src data:; media-src data:; "
        "base-uri 'none'; form-action 'none'"
    )


def _hash(text: str) -> str:
    return f"'sha256-{b64encode(sha256(text.encode()).digest()).decode()}'"
