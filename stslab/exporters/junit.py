"""``junit.xml``: the class as one JUnit report."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from collections import Counter
from collections.abc import Mapping, Sequence

from stslab.exporters import Files
from stslab.exporters.worth import total
from stslab.grading.graded import Graded
from stslab.report.text import plain
from stslab.report.visible import one_line, visible
from stslab.result import UNDECIDED, CheckResult, Outcome
from stslab.rubric import Entry

_ELEMENTS = {Outcome.FAILED: "failure", Outcome.BLOCKED: "skipped", **dict.fromkeys(UNDECIDED, "error")}


class Junit:
    """A suite a submission, a case a check."""

    name = "junit"
    about = "junit.xml: a suite a submission, for what reads JUnit reports"

    def files(self, graded: Sequence[Graded], rubric: Mapping[str, Entry]) -> Files:  # noqa: ARG002
        """Give the report.

        Args:
            graded: the class.
            rubric: not needed.

        Source: Jenkins xUnit plugin, ``junit-10.xsd``.
        """
        root = ET.Element("testsuites", name="stslab")
        sums: Counter[str] = Counter()
        for one in graded:
            counts = _counts(one)
            sums.update(counts)
            root.append(_suite(one, counts))
        for name in ("tests", "failures", "errors"):
            root.set(name, str(sums[name]))
        ET.indent(root)
        yield "junit.xml", '<?xml version="1.0" encoding="utf-8"?>\n' + ET.tostring(root, encoding="unicode") + "\n"


def _counts(one: Graded) -> Counter[str]:
    found = Counter(_ELEMENTS.get(check.outcome) for check in one.result.checks)
    return Counter(tests=found.total(), failures=found["failure"], errors=found["error"], skipped=found["skipped"])


def _suite(one: Graded, counts: Counter[str]) -> ET.Element:
    name = one_line(one.name)
    numbers = {what: str(count) for what, count in counts.items()}
    suite = ET.Element("testsuite", {"name": name, **numbers, "timestamp": one.result.started})
    properties = ET.SubElement(suite, "properties")
    for what, value in {
        "score": total([one.result.score]),
        "max_score": total([one.result.max_score]),
        "why_person": one_line(one.why_person),
    }.items():
        ET.SubElement(properties, "property", name=what, value=str(value))
    for check in one.result.checks:
        suite.append(_case(name, check))
    return suite


def _case(submission: str, check: CheckResult) -> ET.Element:
    case = ET.Element("testcase", classname=submission, name=f"{check.id}: {check.title}")
    if check.outcome in _ELEMENTS:
        message = one_line(check.reason)
        said = ET.SubElement(case, _ELEMENTS[check.outcome], type=check.outcome.value, message=message)
        said.text = "\n".join(visible(line) for line in plain(check).splitlines())
    return case
