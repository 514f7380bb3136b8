"""Imported by the server that the processes of submissions are forked from: what they all need is paid for once.

The lab is performed once on the reference documents, so that everything that is read at first use has been read.
"""

from __future__ import annotations

import contextlib
import gc
import os
import tempfile
from pathlib import Path

from stslab.grading.worker import perform
from stslab.suite import suite_folder


def warm() -> None:
    """Perform the lab on the reference documents, silently, and keep what came of it out of sight."""
    with tempfile.TemporaryDirectory(prefix="stslab-") as folder, Path(os.devnull).open("w") as nowhere:
        kept = os.dup(1), os.dup(2)
        try:
            os.dup2(nowhere.fileno(), 1)
            os.dup2(nowhere.fileno(), 2)
            perform([f"--submission={suite_folder() / 'policies'}", f"--reports={folder}"])
        finally:
            for handle, original in zip(kept, (1, 2), strict=True):
                os.dup2(handle, original)
                os.close(handle)
    # What is there now stays: a child that looks through it for garbage would only copy its pages.
    gc.collect()
    gc.freeze()


with contextlib.suppress(Exception):
    # A server that cannot be warmed is slow and not wrong: the process of a submission says what is the matter.
    warm()
