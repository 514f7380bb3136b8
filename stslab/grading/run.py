"""Grade a class: every submission by an executor, as they come, each result kept as soon as it is there."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Executor, Future, as_completed
from pathlib import Path

from stslab.files import write_lines
from stslab.grading.graded import Graded
from stslab.grading.process import grade, not_graded
from stslab.grading.resume import forget, key_of, remember, remembered
from stslab.grading.supervision import end_all
from stslab.grading.task import Task
from stslab.grading.worker import RESULT

RESULTS = "results.jsonl"

Advance = Callable[[Graded], None]


def grade_all(tasks: Sequence[Task], executor: Executor, advance: Advance, *, resume: bool) -> list[Graded]:
    """Grade submissions.

    Args:
        tasks: the submissions.
        executor: runs :func:`stslab.grading.process.grade`, here or on another machine with the same folders.
        advance: called with each as soon as it is done.
        resume: whether those that have been graded already are left as they are.

    Returns:
        what became of each, in the order of the tasks.
    """
    done: dict[str, Graded] = {}
    keys = {task.name: key_of(task) for task in tasks}
    waiting: dict[Future[Graded], Task] = {}
    try:
        for task in tasks:
            known = remembered(task, keys[task.name]) if resume else None
            if known is not None:
                done[task.name] = known
                advance(known)
            else:
                forget(task)
                waiting[executor.submit(grade, task)] = task
        for future in as_completed(waiting):
            task = waiting[future]
            try:
                graded = future.result()
            except Exception as fault:
                # A full disk, a cluster's worker that dies again and again: the others are graded all the same.
                graded = not_graded(task, f"It could not be graded here: {type(fault).__name__}, {fault}.")
            if not graded.problem:
                remember(task, keys[task.name])
            done[task.name] = graded
            advance(graded)
    except BaseException:
        for future in waiting:
            future.cancel()
        end_all()
        raise
    return [done[task.name] for task in tasks]


def write_results(out: Path, graded: Sequence[Graded]) -> None:
    """Write every result into one file, one a line, in the order of the class.

    Args:
        out: the output folder.
        graded: the class; the results come from their own files, with all calls.
    """
    write_lines(out / RESULTS, _lines(out, graded))


def _lines(out: Path, graded: Sequence[Graded]) -> Iterator[str]:
    for each in graded:
        shape = json.loads((out / each.name / RESULT).read_text(encoding="utf-8"))
        yield json.dumps(shape, ensure_ascii=False) + "\n"
