"""How fast a class is graded: against one fresh pytest a submission, against a bare script, and as it grows."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
SAMPLES = ROOT / "selftests" / "submissions"


@dataclass(frozen=True)
class Cost:
    """Seconds a submission, and the most memory of the grading process, in megabytes."""

    seconds: float
    megabytes: float


@contextmanager
def class_of(size: int) -> Iterator[Path]:
    """A class: the sample submissions over and over."""
    samples = sorted(path for path in SAMPLES.iterdir() if path.is_dir())
    with tempfile.TemporaryDirectory() as folder:
        for number in range(size):
            shutil.copytree(samples[number % len(samples)], Path(folder) / f"student-{number:05}")
        yield Path(folder)


def graded(size: int) -> Cost:
    """The cost of ``stslab grade`` on a class, everything included."""
    with class_of(size) as folder, tempfile.TemporaryDirectory() as out:
        command = [sys.executable, "-m", "stslab", "grade", str(folder), "--out", out]
        begun = time.perf_counter()
        process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        _, status, usage = os.wait4(process.pid, 0)
        seconds = time.perf_counter() - begun
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode != 0:
            raise RuntimeError(f"stslab grade ended with {process.returncode}")
    return Cost(seconds / size, usage.ru_maxrss / 1024)


def fresh(size: int) -> float:
    """Seconds a submission of a loop that starts pytest afresh for each."""
    with class_of(size) as folder, tempfile.TemporaryDirectory() as out:
        begun = time.perf_counter()
        for path in sorted(folder.iterdir()):
            command = [sys.executable, "-m", "pytest", "-q", f"--submission={path}", f"--reports={out}"]
            subprocess.run(command, cwd=ROOT, stdout=subprocess.DEVNULL, check=False)
        return (time.perf_counter() - begun) / size
