"""Every mistake fails the check that it is a mistake of, and no other; what is no mistake passes."""

from __future__ import annotations

import json
import re

import handing_in as h
import pytest
from mistakes import MISTAKES, Mistake

from stslab.cli import main

pytestmark = pytest.mark.usefixtures("grading_server")


def folder(mistake: Mistake) -> str:
    return re.sub(r"\W+", "-", mistake.name)


@pytest.fixture(scope="module")
def results(grading_server, tmp_path_factory):
    """What came of all of them, graded as a class."""
    class_, out = tmp_path_factory.mktemp("class"), tmp_path_factory.mktemp("out")
    for mistake in MISTAKES:
        h.hand_in(class_ / folder(mistake), **mistake.changes)
    assert main(["grade", str(class_), "--out", str(out)]) == 0
    lines = (out / "results.jsonl").read_text(encoding="utf-8").splitlines()
    return {result["submission"]: result for result in map(json.loads, lines)}


@pytest.mark.parametrize("mistake", MISTAKES, ids=lambda mistake: mistake.name)
def test_a_mistake(results, mistake):
    checks = results[folder(mistake)]["checks"]
    assert {c["id"] for c in checks if c["outcome"] == "failed"} == mistake.failed
    assert {c["outcome"] for c in checks} <= {"passed", "failed", "blocked"}
    reason = next((c["reason"] for c in checks if c["outcome"] == "failed"), "")
    assert mistake.reason in reason
