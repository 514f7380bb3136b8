"""How the class's page looks: on a light screen, a dark one, a narrow one, and on paper."""

from __future__ import annotations

STYLE = """
:root { color-scheme: light dark; --paper: #fff; --ink: #1d2129; --soft: #565d6b; --line: #d9dde4; --wash: #f4f5f8;
  --link: #1a56a8; --score: #3565a8; --score-open: #c9d8ee; --passed: #2c6e31;
  --failed: #b3261e; --on-failed: #fff; --blocked: #f6dc9a; --on-blocked: #503800; --bar-blocked: #b98218;
  --open: #6b3fa0; --on-open: #fff }
@media (prefers-color-scheme: dark) { :root { --paper: #16181d; --ink: #e6e8ec; --soft: #a4abb8; --line: #373c47;
  --wash: #21242b; --link: #8ab8ff; --score: #7ba7e6; --score-open: #2f4466; --passed: #7fc784;
  --failed: #f2867e; --on-failed: #2a0604; --blocked: #5c4a1a; --on-blocked: #ffe6a8; --bar-blocked: #b98f35;
  --open: #c3a1f0; --on-open: #200a3c } }
* { box-sizing: border-box }
body { margin: 0; padding: 2rem 2.5rem 4rem; background: var(--paper); color: var(--ink);
  font: 15px/1.5 system-ui, "Segoe UI", Roboto, "Helvetica Neue", "DejaVu Sans", sans-serif }
header, section:not(.wide), .top { max-width: 80rem }
.top { display: grid; grid-template-columns: minmax(0, 46rem) minmax(0, 1fr); gap: 0 3.5rem }
nav { display: flex; flex-wrap: wrap; gap: .25rem 1.5rem; margin-top: .5rem }
h1 { font-size: 1.7rem; line-height: 1.2; margin: 0 0 .25rem }
h2 { font-size: 1.2rem; margin: 2.75rem 0 .25rem }
p { margin: .25rem 0 }
a { color: var(--link) }
code { font: .92em ui-monospace, Menlo, Consolas, "DejaVu Sans Mono", monospace }
.note { color: var(--soft); max-width: 80rem }
h2 + .note { margin-bottom: .75rem }
.text, .names, .all-reasons, th.name, #matrix th { overflow-wrap: anywhere }
.text, #matrix tbody th a, .names a { unicode-bidi: isolate }

.figures { display: flex; flex-wrap: wrap; gap: 1rem 2.25rem; margin: 1.25rem 0 0; padding: 0 }
.figures div { display: flex; flex-direction: column-reverse; justify-content: flex-end }
.figures dd { margin: 0; font-size: 1.6rem; line-height: 1.2; font-weight: 650; font-variant-numeric: tabular-nums }
.figures dt { color: var(--soft); font-size: .87rem }
.figures .person dd { color: var(--open) }

.histogram { display: block; width: 100%; max-width: 46rem; margin-top: .75rem }
.histogram text { font-size: 12.5px; fill: var(--soft) }
.histogram .count { fill: var(--ink); font-weight: 650 }
.histogram .grid { stroke: var(--line) }
.histogram .axis { stroke: var(--soft) }
.histogram .final { fill: var(--score) }
.histogram .open { fill: url(#hatched); stroke: var(--score) }
.hatch-ground { fill: var(--score-open) }
.hatch-line { fill: var(--score) }
.key { display: inline-block; width: 1em; height: 1em; vertical-align: -.12em }
.key .final { fill: var(--score) }
.key .open { fill: url(#hatched); stroke: var(--score) }

.missed summary, .heads { display: grid; grid-template-columns: 1rem minmax(0, 1fr) 18rem repeat(3, 5.2rem);
  gap: 0 .75rem; align-items: center; padding: .4rem 0 }
.heads { color: var(--soft); font-size: .87rem; padding: 0 }
.heads span:nth-child(n+4), .missed .count { text-align: right; font-variant-numeric: tabular-nums }
.missed details { border-top: 1px solid var(--line) }
.missed summary { cursor: pointer; list-style: none }
.missed summary::-webkit-details-marker { display: none }
.missed summary::before { content: "\\25B8"; color: var(--soft) }
.missed [open] > summary::before { content: "\\25BE" }
.missed summary code { display: block; font-weight: 650 }
.missed .count { font-weight: 650 }
.missed .none { color: var(--soft); font-weight: 400 }
.missed .more { padding: 0 0 .75rem 1.75rem }
.bar { display: block; width: 100%; height: 14px; background: var(--wash) }
.bar .failed { fill: var(--failed) }
.bar .open { fill: var(--open) }
.bar .blocked { fill: var(--bar-blocked) }
.reasons { list-style: none; margin: .35rem 0 0; padding: 0 }
.reasons li { display: grid; grid-template-columns: 8.5rem minmax(0, 1fr); gap: .75rem; padding: .1rem 0 }
.reasons b { color: var(--soft); font-weight: 400; text-align: right; font-variant-numeric: tabular-nums }

.people { margin: .75rem 0 0; padding: 0; list-style: none }
.people li { border-top: 1px solid var(--line); padding: .5rem 0 }
.people b { color: var(--open) }
.people p { margin: 0 }
.names a { display: inline-block; max-width: 100% }
.fold > summary { cursor: pointer; color: var(--link) }

.legend { display: flex; flex-wrap: wrap; gap: .35rem 1.5rem; list-style: none; margin: 0 0 1rem; padding: 0 }
.legend b { display: inline-block; min-width: 1.6em; text-align: center; border-radius: 2px }
.controls { display: flex; flex-wrap: wrap; gap: .5rem 1.25rem; align-items: center; margin: 0 0 1rem }
.controls[hidden] { display: none }
.controls input, .controls select { font: inherit; padding: .2rem .4rem }

:focus-visible { outline: 2px solid var(--link); outline-offset: 1px }
/* The padding keeps what has the focus clear of the heads, which stay in view. */
.region { overflow: auto; max-height: 92vh; scroll-padding: 12rem 1rem 1rem 20.5rem }
#matrix { border-collapse: separate; border-spacing: 0; font-size: 13px; line-height: 1.35 }
#matrix th, #matrix td { padding: 0; border-bottom: 1px solid var(--line) }
#matrix thead { position: sticky; top: 0; z-index: 2 }
#matrix thead th { background: var(--wash); vertical-align: bottom; padding: .35rem .3rem; font-weight: 600 }
#matrix thead .step { text-align: left; border-left: 2px solid var(--paper); border-bottom: 0; padding-bottom: 0;
  white-space: nowrap }
#matrix thead .check { font-weight: 400; width: 34px; min-width: 34px; padding: .35rem 0 }
#matrix thead .first { border-left: 2px solid var(--paper) }
#matrix thead .check span { writing-mode: vertical-rl; transform: rotate(180deg); white-space: nowrap }
#matrix th.name, #matrix tbody th { position: sticky; left: 0; text-align: left; background: var(--paper);
  min-width: 10rem; max-width: 20rem; padding: .2rem .75rem .2rem .3rem; font-weight: 400; z-index: 1 }
#matrix thead th.name { background: var(--wash); font-weight: 600 }
#matrix tbody td { text-align: center; color: var(--passed) }
#matrix tbody a { display: block; min-height: 24px; line-height: 24px }
#matrix tbody th a { line-height: 1.35; padding: 3px 0 }
#matrix td a { color: inherit; text-decoration: none }
#matrix tbody .score { color: var(--ink); text-align: right; padding: .2rem .6rem; white-space: nowrap;
  font-variant-numeric: tabular-nums }
#matrix thead .score { text-align: right; padding: .35rem .6rem }
#matrix tbody .data a { color: var(--link); padding: 0 .5rem; text-decoration: underline }
#matrix tbody tr:hover > * { background-color: var(--wash) }
#matrix tbody td.failed, #matrix tbody tr:hover > .failed, .legend .failed { background: var(--failed);
  color: var(--on-failed); font-weight: 700 }
#matrix tbody td.blocked, #matrix tbody tr:hover > .blocked, .legend .blocked { background: var(--blocked);
  color: var(--on-blocked) }
#matrix tbody td.error, #matrix tbody td.undetermined, #matrix tbody tr:hover > :is(.error, .undetermined),
  .legend .error, .legend .undetermined { background: var(--open); color: var(--on-open); font-weight: 700 }
#matrix tbody td.carried, .legend .carried { background: var(--wash); color: var(--soft) }
.legend .passed { color: var(--passed) }
#matrix thead button { all: unset; cursor: pointer; min-height: 24px; min-width: 24px }
#matrix thead button:focus-visible { outline: 2px solid var(--link) }
#matrix thead [aria-sort] { text-decoration: underline }
.all-reasons { margin: 0; padding-left: 4rem; font-size: 13px; max-width: 90rem }
.all-reasons li:target { background: var(--blocked); color: var(--on-blocked) }

@media screen and (max-width: 56rem) { body { padding: 1rem }
  .top { display: block }
  .missed summary, .heads { grid-template-columns: 1rem minmax(0, 1fr) repeat(3, 4.2rem) }
  .heads span:nth-child(3), .missed .bar { display: none }
  .heads span:nth-child(n+3) { text-align: right }
  .region { scroll-padding-left: 8.5rem }
  #matrix th.name, #matrix tbody th { min-width: 5rem; max-width: 8rem } }
@media screen and (max-width: 40rem) { .missed summary { grid-template-columns: 1rem repeat(3, auto) }
  .heads { display: none }
  .missed summary > span:first-child { grid-column: 2 / -1 }
  .missed .count { text-align: left }
  .missed .count:nth-child(3) { grid-column: 2 }
  .missed .count:nth-child(3)::after { content: " failed" }
  .missed .count:nth-child(4)::after { content: " undecided" }
  .missed .count:nth-child(5)::after { content: " blocked" }
  .histogram text { font-size: 17px }
  .missed .more { padding-left: 0 }
  .reasons li { grid-template-columns: 5.5rem minmax(0, 1fr) } }
@media print { @page { size: A4 landscape; margin: 12mm }
  body { padding: 0; font-size: 11px; print-color-adjust: exact; -webkit-print-color-adjust: exact }
  nav, .controls { display: none }
  h2, .heads { break-after: avoid }
  h2 { margin-top: 1.5rem }
  .figures { gap: .5rem 1.5rem }
  .figures dd { font-size: 1.2rem }
  #everyone { break-before: page }
  .top { grid-template-columns: 60% minmax(0, 1fr) }
  .missed summary, .heads { grid-template-columns: 1rem minmax(0, 1fr) 10rem repeat(3, 4.5rem) }
  #matrix, .all-reasons { font-size: 9px }
  .region { overflow: visible; max-height: none }
  #matrix tbody a { min-height: 0; line-height: 1.35 }
  #matrix thead, #matrix th { position: static }
  #matrix tr, .missed details, .histogram { break-inside: avoid }
  details::details-content { content-visibility: visible; block-size: auto } }
"""
