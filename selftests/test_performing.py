"""The lab's processes come from a server that has performed the lab, and nothing but what it has read is there."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

import performing


def _note() -> None:
    seen = {
        "modules": [name for name in ("moto.s3.urls", "test_5_cleanup", "stslab.sweep.command") if name in sys.modules],
        "left": performing.inventory("123456789012"),
        "placeholders": [name for name, value in os.environ.items() if value == "FOOBARKEY"],
        "folder": [path.name for path in Path().iterdir()],
    }
    Path("seen").write_text(json.dumps(seen), encoding="utf-8")


def test_the_server_has_performed_the_lab_and_nothing_of_that_is_left(tmp_path: Path) -> None:
    lab = performing.perform(tmp_path, sabotage=_note)
    assert lab.exit_code == 0, lab.output
    assert json.loads((tmp_path / "seen").read_text(encoding="utf-8")) == {
        "modules": ["moto.s3.urls", "test_5_cleanup", "stslab.sweep.command"],
        "left": {},
        "placeholders": [],
        "folder": ["output"],
    }
