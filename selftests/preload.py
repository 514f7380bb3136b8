"""Imported by the fork server that the lab's processes come from: the lab is performed there once.

What a run imports, compiles and reads at first use is paid for once a worker then, and not at every performance, of
which there are more than a thousand. Runs without all this behind them are those in an interpreter of their own.
"""

from __future__ import annotations

import contextlib
import gc
import os
import signal
import sys
import tempfile
from importlib import import_module
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

import performing

COMMANDS = ("stslab.cli", "stslab.commands.sweep", "stslab.sweep.command")
"""What ``performing.command`` needs beyond what a run does."""


def warm() -> None:
    """Perform the lab, silently, and keep what came of it out of sight."""
    import pytest

    # It is nobody's job, whose summary it would be added to.
    os.environ.pop("GITHUB_STEP_SUMMARY", None)
    before, kept = Path.cwd(), (os.dup(1), os.dup(2))
    with tempfile.TemporaryDirectory(prefix="preload-") as folder, Path(os.devnull).open("w") as nowhere:
        os.chdir(folder)
        try:
            os.dup2(nowhere.fileno(), 1)
            os.dup2(nowhere.fileno(), 2)
            pytest.main([*performing.FIXED, f"--reports={folder}"])
            for name in COMMANDS:
                import_module(name)
        finally:
            for handle, original in zip(kept, (1, 2), strict=True):
                os.dup2(handle, original)
                os.close(handle)
            os.chdir(before)
    # The selftests have one of that name, too.
    sys.modules.pop("conftest", None)
    # What is there now stays: a child that looks through it for garbage would only copy its pages.
    gc.collect()
    gc.freeze()


# A lab that hangs is to hang where somebody waits for it, and not here.
signal.alarm(performing.LIMIT)
with contextlib.suppress(Exception):
    # A lab that is broken says so where it is performed.
    warm()
signal.alarm(0)
