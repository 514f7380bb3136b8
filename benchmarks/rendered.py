"""How long the reports take, as a share of the run that they are of; and the page of a large class."""

from __future__ import annotations

import contextlib
import gc
import io
import json
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, replace
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


@dataclass(frozen=True)
class Share:
    """Seconds of a run, of all its reports for auditors and programs within it, and of the page of a class."""

    lab: float
    reports: float
    page: float
    megabytes: float


def share(size: int) -> Share:
    """Measure in a process of its own, after the imports.

    Args:
        size: the submissions of the class.
    """
    command = [sys.executable, "-m", "benchmarks.rendered", str(size)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    return Share(**json.loads(done.stdout.splitlines()[-1]))


def opened(size: int) -> float | None:
    """Milliseconds until the page of a class is laid out in Chromium; ``None`` where that is not at hand."""
    try:
        from playwright.sync_api import sync_playwright
    except ImportError:
        return None
    chromium = Path("/usr/bin/chromium")
    if not chromium.exists():
        return None
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        page_at = Path(folder) / "class.html"
        page_at.write_text(_page(_performed(Path(folder))[1], size), encoding="utf-8")
        browser = playwright.chromium.launch(executable_path=str(chromium), args=["--no-sandbox", "--disable-gpu"])
        page = browser.new_page()
        page.goto(page_at.as_uri())
        taken = page.evaluate("document.body.offsetHeight, performance.getEntriesByType('navigation')[0].loadEventEnd")
        browser.close()
    return float(taken)


def shares(runs: int, size: int) -> None:
    """Measure several times, and print the ratios."""
    found = [share(size) for _ in range(runs)]
    ratios = sorted(each.reports / each.lab for each in found)
    median = statistics.median(ratios)
    print("audit.html, OSCAL, SARIF, CTRF and documents, against the lab that they are of")
    print(
        f"  ratio {median:.3f} ({ratios[0]:.3f} to {ratios[-1]:.3f}) over {runs} runs, goal at most 0.1: "
        f"{'met' if median <= 0.1 else 'MISSED'}"
    )
    seconds = sorted(each.page for each in found)
    labs = statistics.median(each.page / each.lab for each in found)
    print(f"class.html of {size}")
    print(
        f"  {statistics.median(seconds):.2f} s ({seconds[0]:.2f} to {seconds[-1]:.2f}), as long as {labs:.2f} labs, "
        f"{found[0].megabytes:.1f} MB, goal at most 5 s: {'met' if seconds[-1] <= 5 else 'MISSED'}"
    )
    laid_out = opened(size)
    print("  no Chromium to open it in" if laid_out is None else f"  laid out in Chromium after {laid_out:.0f} ms")


def _performed(folder: Path) -> tuple[float, str]:
    from stslab.cli import main as stslab

    with contextlib.redirect_stdout(io.StringIO()) as said:
        begun = time.perf_counter()
        code = stslab(["run", "--reports", str(folder)])
        seconds = time.perf_counter() - begun
    if code:
        sys.exit(said.getvalue())
    return seconds, (folder / "result.json").read_text(encoding="utf-8")


def _page(text: str, size: int) -> str:
    from stslab.grading.graded import Graded
    from stslab.report.classroom import page
    from stslab.result import LabResult, Outcome

    result = LabResult.from_dict({**json.loads(text), "calls": []})
    kinds = list(Outcome)
    graded = []
    for number in range(size):
        checks = [
            replace(check, outcome=kinds[(number * 7 + at) % 11 % 5], reason=f"The reason of {check.id}.")
            if (number + at) % 6 == 0
            else check
            for at, check in enumerate(result.checks)
        ]
        graded.append(Graded(f"student-{number:05}", replace(result, checks=checks)))
    return page(graded, {})


def main(size: int) -> None:
    """Print the figures of one process as JSON."""
    from benchmarks.measured import import_all
    from stslab.audit import page
    from stslab.controls.reference import reference_controls
    from stslab.report.folder import more_of, reports_of
    from stslab.result import LabResult

    import_all()
    with tempfile.TemporaryDirectory() as folder:
        lab, text = _performed(Path(folder))
    result, controls = LabResult.from_dict(json.loads(text)), reference_controls()
    page._environment.cache_clear()  # The run has paid for reading the templates, too.
    gc.set_threshold(100_000, 20, 100)  # As it is while the run renders.
    begun = time.perf_counter()
    for _ in (*reports_of(result, "0" * 64, controls), *more_of(result, controls)):
        pass
    reports = time.perf_counter() - begun
    begun = time.perf_counter()
    whole = _page(text, size)
    figures = {"lab": lab, "reports": reports, "page": time.perf_counter() - begun, "megabytes": len(whole) / 1e6}
    print(json.dumps(figures))


if __name__ == "__main__":
    main(int(sys.argv[1]))
