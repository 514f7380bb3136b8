"""The process of one submission: the lab's suite, with the submission's documents, confined."""

from __future__ import annotations

import gc
import json
import os
import sys
import tempfile
from collections.abc import Sequence
from hashlib import sha256
from importlib import import_module
from pathlib import Path

from stslab.controls.reference import reference_controls
from stslab.files import write_whole
from stslab.grading.carrying_on import carried_on, to_replace
from stslab.grading.confinement import confine
from stslab.grading.task import Limits, Task
from stslab.report.folder import reports_of
from stslab.report.writing import write_reports
from stslab.result import LabResult
from stslab.rubric import FILE, hidden_by, read_rubric
from stslab.suite import suite_folder

OUTPUT, REPORTS, RESULT = "output.txt", "reports", "result.json"
"""What a process leaves in its folder: what it printed, and the reports with the result among them."""

PLUGINS = ("pytest_html.plugin", "pytest_metadata.plugin", "pytest_order.plugin", "pytest_dependency")
"""The plugins that the suite needs; no other that happens to be installed is loaded."""

SPARED = (
    *("doctest", "faulthandler", "junitxml", "legacypath", "logging", "monkeypatch", "pastebin", "recwarn"),
    *("setuponly", "setupplan", "stepwise", "subtests", "threadexception", "tmpdir", "unittest"),
)
"""pytest's own plugins that the suite has no use for here: they take a seventh of a submission's time."""


def work(task: Task, folder: Path) -> None:
    """Grade a submission in this process, and end the process.

    Args:
        task: what to grade.
        folder: the folder to work in, which exists; the reports come to be in it.
    """
    # The process is gone before there is garbage worth the search.
    gc.disable()
    confined_in(folder, task.limits)
    reports = folder / REPORTS
    # With an equals sign: a name may begin with a dash, and pytest takes a folder on its own for one with tests in it.
    graded = [f"--submission={task.path}", f"--submission-name={task.name}", *options_of(task)]
    code = perform([f"--reports={reports}", *graded])
    if task.carry_on and (reports / RESULT).is_file():
        _carry_on(reports, folder / "second", graded, task.rubric)
    leave(code)


def confined_in(folder: Path, limits: Limits) -> None:
    """Confine this process to a folder, where its output goes, too."""
    output = os.open(folder / OUTPUT, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o644)
    os.dup2(output, 1)
    os.dup2(output, 2)
    os.chdir(folder)
    tempfile.tempdir = str(folder)
    sys.dont_write_bytecode = True
    confine(folder, limits)


def perform(options: Sequence[str], plugins: Sequence[object] = ()) -> int:
    """Perform the lab with pytest.

    Args:
        options: options for pytest.
        plugins: more plugins for it.

    Returns:
        pytest's exit code.
    """
    import pytest

    for name in [name for name in os.environ if name.startswith("PYTEST_")]:
        del os.environ[name]
    os.environ["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"
    suite = suite_folder()
    spared = [part for name in SPARED for part in ("-p", f"no:{name}")]
    fixed = ["-c", str(suite / "pytest.ini"), "--rootdir", str(suite), "-q", "--target=moto", *spared]
    # As modules: told their names, pytest would look through all that is installed for each.
    needed = [import_module(name) for name in PLUGINS]
    return int(pytest.main([*fixed, *options, str(suite / "tests")], plugins=[*needed, *plugins]))


def options_of(task: Task) -> list[str]:
    """The options that tell the suite what a task asks for."""
    options = [f"--rubric={task.rubric}"] if task.rubric else []
    return [*options, f"--only={','.join(task.only)}"] if task.only else options


def leave(code: int) -> None:
    """End this process at once: there is nothing to take down that the operating system does not take down sooner."""
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)


def _carry_on(reports: Path, second: Path, graded: Sequence[str], rubric: Path | None) -> None:
    first = _read(reports / RESULT)
    replaced = to_replace(first)
    if not replaced:
        return
    perform([f"--reports={second}", f"--reference-for={','.join(replaced)}", *graded])
    whole = carried_on(first, _read(second / RESULT), replaced)
    (second / "lab.html").replace(reports / "lab-carried-on.html")
    hidden = hidden_by(read_rubric(rubric or suite_folder() / "policies" / FILE))
    text = whole.text
    digest = sha256(text.encode()).hexdigest()
    write_whole(reports / RESULT, text)
    write_reports(reports, [*reports_of(whole, digest, reference_controls(), hidden)])


def _read(path: Path) -> LabResult:
    return LabResult.from_dict(json.loads(path.read_text(encoding="utf-8")))
