"""The same grading on a Dask cluster, whose workers may die."""

from __future__ import annotations

import os
import signal
from logging import CRITICAL

import handing_in as h
import pytest
from distributed import Client, LocalCluster

from stslab.cli import main
from stslab.grading.executors import executor
from stslab.grading.run import grade_all
from stslab.grading.task import Task


@pytest.fixture(scope="module")
def cluster(grading_server):
    with LocalCluster(
        n_workers=2, threads_per_worker=1, host="127.0.0.1", dashboard_address="127.0.0.1:0", silence_logs=CRITICAL
    ) as cluster:
        yield cluster


def test_the_command_grades_on_a_cluster(cluster, tmp_path):
    for name in ("a", "b", "c"):
        h.hand_in(tmp_path / "class" / name)
    arguments = ["grade", str(tmp_path / "class"), "--out", str(tmp_path / "out"), "--dask", cluster.scheduler_address]
    assert main(arguments) == 0
    assert len((tmp_path / "out" / "results.jsonl").read_text().splitlines()) == 3


def test_a_worker_that_is_killed_takes_nothing_with_it(cluster, tmp_path):
    tasks = [Task(f"s{i}", h.hand_in(tmp_path / "class" / f"s{i}"), tmp_path / "out") for i in range(8)]
    with Client(cluster.scheduler_address) as client:
        workers = client.run(os.getpid)
    killed: list[int] = []

    def kill_one(_):
        if not killed:
            killed.append(next(iter(workers.values())))
            os.kill(killed[0], signal.SIGKILL)

    with executor(0, cluster.scheduler_address) as pool:
        graded = grade_all(tasks, pool, kill_one, resume=False)
    assert killed
    assert [each.name for each in graded] == [task.name for task in tasks]
    assert [(each.problem, each.result.score) for each in graded] == [("", 150)] * 8


def test_no_cluster_is_said_in_one_sentence(tmp_path, capsys):
    arguments = ["grade", str(h.SAMPLES), "--out", str(tmp_path / "out"), "--dask", "tcp://127.0.0.1:1"]
    assert main(arguments) == 2
    said = capsys.readouterr().err
    assert "there is no scheduler at tcp://127.0.0.1:1" in said
    assert len(said.splitlines()) == 1
