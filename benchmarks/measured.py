"""One measured run in a process of its own: everything imported first, then the clock."""

from __future__ import annotations

import contextlib
import io
import json
import sys
import tempfile
import time
from importlib import import_module
from pathlib import Path

IMPORTS = (
    "pytest",
    "_pytest.junitxml",
    "pytest_html.plugin",
    "pytest_metadata.plugin",
    "pytest_dependency",
    "pytest_order",
    "moto",
    *(f"moto.{service}.responses" for service in ("cloudformation", "dynamodb", "iam", "s3", "secretsmanager", "sts")),
    *(f"moto.{service}.urls" for service in ("cloudformation", "dynamodb", "iam", "s3", "secretsmanager", "sts")),
    "benchmarks.bare",
)


def import_all() -> None:
    """Import whatever a run needs, so that no measured time has it in it."""
    for name in IMPORTS:
        import_module(name)


def main(kind: str) -> None:
    """Print seconds and calls of one run as JSON."""
    import_all()
    from benchmarks import bare
    from stslab.cli import main as stslab

    with tempfile.TemporaryDirectory() as folder, contextlib.redirect_stdout(io.StringIO()) as said:
        begun = time.perf_counter()
        if kind == "lab":
            code = stslab(["run", "--reports", folder])
            seconds = time.perf_counter() - begun
            if code:
                sys.exit(said.getvalue())
            calls = len(json.loads((Path(folder) / "result.json").read_text())["calls"])
        else:
            calls = bare.perform(bare.one_session if kind == "one-session" else bare.session_each)
            seconds = time.perf_counter() - begun
    print(json.dumps({"seconds": seconds, "calls": calls}))


if __name__ == "__main__":
    main(sys.argv[1])
