"""Run a function in a process of its own, and end the process when its time is up or when it is not wanted any more."""

from __future__ import annotations

import multiprocessing
import os
from collections.abc import Callable
from functools import lru_cache
from multiprocessing.context import BaseContext
from pathlib import Path
from typing import Any

from stslab.grading.task import Task

_LIVE: set[Any] = set()


def supervised(target: Callable[..., None], task: Task, folder: Path) -> int | None:
    """Run a function in a process of its own.

    Args:
        target: the function.
        task: its first argument, with the limits that it is held to.
        folder: its second.

    Returns:
        the exit code, negative for a signal; ``None`` where time ran out and the process was killed.
    """
    # multiprocessing lets a daemon start no process, since that might outlive it. A worker of Dask's is a daemon.
    vars(multiprocessing.current_process())["_config"]["daemon"] = False
    process = context().Process(target=target, args=(task, folder))  # type: ignore[attr-defined]
    process.start()
    _LIVE.add(process)
    try:
        process.join(task.limits.seconds)
        if process.is_alive():
            process.kill()
            process.join()
            return None
        return int(process.exitcode)
    finally:
        _LIVE.discard(process)
        # An interrupt, too, leaves no process behind.
        if process.is_alive():
            process.kill()
            process.join()
        process.close()


def end_all() -> None:
    """End every process that is still grading."""
    for process in list(_LIVE):
        process.kill()


@lru_cache(maxsize=1)
def context() -> BaseContext:
    """Where processes come from: a server that has the imports behind it, or a new interpreter where there is none."""
    _keep_out_of_the_working_folder()
    if "forkserver" not in multiprocessing.get_all_start_methods():
        return multiprocessing.get_context("spawn")
    found = multiprocessing.get_context("forkserver")
    found.set_forkserver_preload(["stslab.grading.preload"])
    return found


def _keep_out_of_the_working_folder() -> None:
    """Have new interpreters import nothing from the folder that they are started in, which may be a submission.

    Source: Python documentation, "Command line and environment", ``PYTHONSAFEPATH``.
    """
    ours = str(Path(__file__).resolve().parent.parent.parent)
    told = [path for path in os.environ.get("PYTHONPATH", "").split(os.pathsep) if Path(path).is_absolute()]
    os.environ["PYTHONPATH"] = os.pathsep.join(dict.fromkeys([ours, *told]))
    os.environ["PYTHONSAFEPATH"] = "1"
