"""The pages that a browser is shown, each made in a folder of its own."""

from __future__ import annotations

import json
from pathlib import Path

import classes as c
import documents as d
import handing_in as h
from performing import perform

from stslab.report.classroom import page
from stslab.rubric import Entry

NAMES = (
    '"><img src=x onerror=window.ran=1>',
    "' autofocus onfocus=window.ran=2 tabindex=0 x='",
    "javascript:window.ran=3",
    "&lt;img src=x onerror=window.ran=4&gt;",
    "\u202egnp.tnedive\u202c \u05d0\u05d1\u05d2",
    "\x1b[31mred\x07 \x9b2J",
    "w" * 200,
)
"""Names for a folder that a page may only show."""

TEXTS = (
    *NAMES,
    "<script>window.ran=5</script>",
    '"><script>window.ran=6</script>',
    "</style><script>window.ran=7</script>",
    "</title></textarea></script><svg onload=window.ran=8>",
    "<a href='javascript:window.ran=9'>x</a><iframe srcdoc='<script>parent.ran=10</script>'></iframe>",
    "<img src='http://127.0.0.1:9/asked'><link rel=stylesheet href='//127.0.0.1:9/asked'>",
    "w" * 5000,
)
"""Texts of people who mean harm, with signs that none of them ran."""


def classroom(folder: Path) -> Path:
    """The page of a class with all that can befall a submission."""
    return _written(folder, page([*c.MIXED, *c.drawn(9)], {"role.trust": Entry(hint="Trust the user.")}))


def hostile_classroom(folder: Path) -> Path:
    """The page of a class in which each text is a name, a hint and a reason."""
    return _written(folder, page(c.saying([*c.HOSTILE, *TEXTS]), {"role.trust": Entry(hint=" ".join(TEXTS))}))


def reports(folder: Path) -> Path:
    """The reports of a run in which all is right."""
    return perform(folder).reports


def failed_reports(folder: Path) -> Path:
    """The reports of a run in which a check failed and blocks others."""
    template = d.template(trust=[d.trusting({"Service": "ec2.amazonaws.com"})])
    return perform(folder, "--policies", str(d.write(folder, template))).reports


def hostile_reports(folder: Path) -> Path:
    """The reports of a submission whose name, template and files are hostile."""
    # With these the stack still deploys, and a check says them all.
    actions = [f"ec2:{text}" for text in TEXTS if text.isprintable() and ":" not in text]
    template = d.template(may=[d.LIST_ALL, d.LIST, d.READ, {"Effect": "Allow", "Action": actions, "Resource": "*"}])
    files = {"<img src=x onerror=window.ran=11>.txt": "AKIA" + "QYLPMN5HFIQR7XYA"}
    submission = h.hand_in(folder / "handed-in" / NAMES[0], template=json.dumps(template), files=files)
    return perform(folder, "--submission", str(submission)).reports


def _written(folder: Path, text: str) -> Path:
    path = folder / "class.html"
    path.write_text(text, encoding="utf-8")
    return path
