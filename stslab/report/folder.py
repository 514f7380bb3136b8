"""What lies beside ``result.json`` in a folder of reports, all of it made from the result alone."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from stslab.audit.page import audit_page, without
from stslab.controls.control import Controls
from stslab.controls.standing import assess
from stslab.exporters.ctrf import Ctrf
from stslab.grading.graded import Graded
from stslab.oscal.assessment_results import assessment_results
from stslab.result import LabResult
from stslab.sarif.log import sarif


def reports_of(
    result: LabResult, digest: str, controls: Controls, hidden: Collection[str] = ()
) -> Iterator[tuple[str, str]]:
    """Render what goes with every run: the documents, the findings in them as SARIF, and the page for auditors.

    Args:
        result: the run; the same one always gives the same files.
        digest: the SHA-256 of its ``result.json``, in hex.
        controls: which checks speak for which controls.
        hidden: ids of checks that are not to be shown.

    Yields:
        a path within the folder, with slashes, and the text of the file.
    """
    for document in result.handed_in:
        yield document.path, document.text
    yield "findings.sarif", sarif(without(result, hidden))
    yield "audit.html", audit_page(result, digest, controls, hidden)


def more_of(result: LabResult, controls: Controls, hidden: Collection[str] = ()) -> Iterator[tuple[str, str]]:
    """Render what goes with a run of one's own: OSCAL and CTRF.

    Args:
        result: the run; the same one always gives the same files.
        controls: which checks speak for which controls.
        hidden: ids of checks that are not to be shown.

    Yields:
        a path within the folder, and the text of the file.
    """
    shown = without(result, hidden)
    yield "assessment-results.json", assessment_results(shown, assess(shown, controls))
    yield from Ctrf().files([Graded(result.submission, shown)], {})
