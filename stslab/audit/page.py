"""``audit.html``: one file that needs nothing else, laid out from what the other modules here have found."""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from functools import lru_cache
from itertools import groupby
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from stslab.audit.conclusion import conclude, place
from stslab.audit.evidence import Shown, answer, decided, observed
from stslab.audit.limits import limits
from stslab.audit.people import People, people_of
from stslab.audit.picture import picture
from stslab.audit.removal import removed
from stslab.audit.words import GLOSSARY
from stslab.controls.control import Controls
from stslab.controls.standing import assess
from stslab.report.text import WORDS
from stslab.report.visible import visible
from stslab.report.waits import waited
from stslab.result import CheckResult, LabResult, Outcome
from stslab.sarif.locating import places
from stslab.validation import NEVER

TEMPLATES = Path(__file__).parent / "templates"

SECURITY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'"
"""The page has no script, asks for nothing, and says so itself."""


def audit_page(result: LabResult, digest: str, controls: Controls, hidden: Collection[str] = ()) -> str:
    """Render the report for auditors.

    Args:
        result: the run; the same one always gives the same page.
        digest: the SHA-256 of its ``result.json``, in hex.
        controls: which checks speak for which controls.
        hidden: ids of checks that are not to be shown, nor their calls.

    Returns:
        an HTML document.
    """
    shown = without(result, hidden)
    people = people_of(shown)
    assessment = assess(shown, controls)
    performed = {check.id for check in result.checks}
    missing = [check for check in controls.checks if check not in performed]
    template = _environment().get_template("audit.html")
    return template.render(
        security=SECURITY,
        result=shown,
        tested=_tested(shown),
        digest=digest,
        stamp=_stamp(shown, digest),
        glossary=GLOSSARY,
        outcomes={check.id: WORDS[check.outcome] for check in shown.checks},
        place=place(shown.target),
        conclusion=conclude(shown, assessment.faults, missing),
        picture=picture(shown),
        people=people,
        decided=decided(shown, people),
        steps=_steps(shown, people),
        others=[call for call in shown.calls if call.check not in performed],
        removed=removed(shown),
        controls=controls,
        assessment=assessment,
        limits=limits(shown, len(result.checks) - len(shown.checks), missing),
        waited=waited(shown.waits),
        answer=answer,
        words=WORDS,
    )


def without(result: LabResult, hidden: Collection[str]) -> LabResult:
    """A result with some checks left out, and their calls and waits with them."""
    if not hidden:
        return result
    return replace(
        result,
        checks=[check for check in result.checks if check.id not in hidden],
        calls=[call for call in result.calls if call.check not in hidden],
        waits=[wait for wait in result.waits if wait.check not in hidden],
    )


def _tested(result: LabResult) -> str:
    """The documents that were tested, by their names."""
    names = [document.name for document in result.handed_in]
    return f"{result.submission}: {' and '.join(names) or 'nothing that could be used'}"


def _stamp(result: LabResult, digest: str) -> str:
    """What stands at the foot of every printed page, and can stand in a style sheet."""
    return f"{re.sub('[^0-9TZ:.+-]', '', result.started)}, result.json {digest[:16]}"


def _where(check: CheckResult, result: LabResult) -> str:
    """The places in the documents that a check is about which failed."""
    found = places(check, result) if check.outcome is Outcome.FAILED else []
    lines = [f"{place.file}, line {place.line}" if place.line else place.file for place in found]
    return "; ".join(dict.fromkeys(lines))


def _steps(result: LabResult, people: People) -> Sequence[tuple[str, list[Shown]]]:
    """The checks under the titles of the lab's steps."""
    calls = {call.id: call for call in result.calls}
    shown = []
    for check in result.checks:
        mine = [calls[each] for each in check.evidence if each in calls]
        waits = [wait for wait in result.waits if wait.check == check.id]
        told = str(result.validated.get(check.id, NEVER))
        shown.append(Shown(check, observed(check, mine, people), mine, waits, told, _where(check, result)))
    return [(step, list(several)) for step, several in groupby(shown, key=lambda each: each.check.step)]


@lru_cache(maxsize=1)
def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        auto_reload=False,
        optimized=False,  # The page is rendered once a run: what is constant in it is not worth finding out.
        finalize=_seen,
    )
    filters: Mapping[str, Any] = {
        "moment": _moment,
        "clock": _clock,
        "lines": _lines,
        "parted": _parted,
        "tidy": _tidy,
        "statement": _statement,
    }
    environment.filters.update(filters)
    return environment


def _seen(value: Any) -> Any:
    """Spell out what acts instead of being seen, in every text that is put into the page."""
    return visible(value) if isinstance(value, str) and not isinstance(value, Markup) else value


def _moment(time: str) -> Markup:
    """A time in UTC, for people and for machines."""
    return Markup('<time datetime="{0}">{1}</time>').format(time, visible(time.replace("T", " ").removesuffix("Z")))


def _clock(time: str) -> Markup:
    """The time of a day, which goes without its date beside others of the same day."""
    return Markup('<time datetime="{0}">{1}</time>').format(time, visible(time.partition("T")[2].removesuffix("Z")))


def _parted(name: str) -> Markup:
    """An action or an ARN, with room between its parts to break lines at."""
    return Markup("<wbr>").join(visible(part) for part in re.split(r"(?<=[:/])", name))


def _lines(text: str) -> Markup:
    """A document's lines, as they are."""
    return Markup("\n").join(visible(line) for line in text.splitlines())


def _statement(text: str) -> str:
    """A policy's statement, with room between its parts to break lines at; what is no JSON as it is."""
    try:
        return json.dumps(json.loads(text), ensure_ascii=False)
    except ValueError:
        return text


def _tidy(number: float) -> str:
    return f"{number:g}"
