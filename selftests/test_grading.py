"""A class is graded as AWS would say, to its end, whatever is among it."""

from __future__ import annotations

import csv
import json
import os
import re
import signal
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import handing_in as h
import pytest
from performing import ROOT

from stslab.cli import main
from stslab.grading import supervision
from stslab.grading.classroom import submissions_in
from stslab.grading.graded import Graded
from stslab.grading.process import WORK, grade
from stslab.grading.run import grade_all
from stslab.grading.task import Limits, Task
from stslab.result import Outcome

pytestmark = pytest.mark.usefixtures("grading_server")

ALL = 19


def not_passed(result):
    """The checks that did not pass as ``expected.json`` has them."""
    checks = result["checks"] if isinstance(result, dict) else result.as_dict()["checks"]
    return {
        c["id"]: {"outcome": c["outcome"]} | ({"blocked_by": c["blocked_by"]} if c["blocked_by"] else {})
        for c in checks
        if c["outcome"] != "passed"
    }


def task(tmp_path, name="student", path=None, **more):
    return Task(name, path or h.hand_in(tmp_path / "class" / name), tmp_path / "out", **more)


def rows_of(path):
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def check(graded, check_id):
    return next(c for c in graded.result.checks if c.id == check_id)


@pytest.fixture(scope="module")
def samples(grading_server, tmp_path_factory):
    """The sample submissions, graded by the command."""
    out = tmp_path_factory.mktemp("samples")
    code = main(["grade", str(h.SAMPLES), "--out", str(out)])
    return code, out


def test_the_samples_are_all_graded(samples):
    code, out = samples
    assert code == 0
    results = [json.loads(line) for line in (out / "results.jsonl").read_text(encoding="utf-8").splitlines()]
    assert [result["submission"] for result in results] == sorted(h.EXPECTED)
    for result in results:
        assert len(result["checks"]) == ALL
        assert result == json.loads((out / result["submission"] / "result.json").read_text(encoding="utf-8"))
        assert (out / result["submission"] / "lab.html").stat().st_size > 10_000
    assert {path.name for path in out.iterdir()} == {*h.EXPECTED, "results.jsonl", "gradebook.csv", "class.html"}


@pytest.mark.parametrize("name", h.EXPECTED)
def test_a_sample_grades_as_expected(samples, name):
    result = json.loads((samples[1] / name / "result.json").read_text(encoding="utf-8"))
    assert not_passed(result) == h.EXPECTED[name]
    for check_result in result["checks"]:
        if check_result["outcome"] == "failed":
            assert check_result["reason"]
            assert check_result["hint"]
    lost = sum(c["max_points"] for c in result["checks"] if c["outcome"] in ("failed", "blocked"))
    assert result["score"] == result["max_score"] - lost
    assert not re.search(r"/(tmp|root|home|work)/", json.dumps(result))


def test_the_gradebook_has_a_row_a_submission(samples):
    rows = rows_of(samples[1] / "gradebook.csv")
    assert [row["submission"] for row in rows] == sorted(h.EXPECTED)
    scores = {row["submission"]: row["score"] for row in rows}
    assert scores["good-user-trust"] == "150"
    assert scores["service-trust"] == "95"


def test_two_runs_are_the_same_but_for_times_and_ids(tmp_path):
    texts = []
    for out in (tmp_path / "a", tmp_path / "b"):
        assert main(["grade", str(h.SAMPLES / "policy-names-the-user"), "--out", str(out)]) == 0
        texts.append((out / "policy-names-the-user" / "result.json").read_text(encoding="utf-8"))
    ids = (
        r"\d{4}-\d\d-\d\dT[\d:.]+Z",
        r"[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}",
        r"stslab-canary-[0-9a-f]{8}",
        r'"request_id": "\w+"',
        r"-StsRole-\w+",
    )
    first, second = (re.sub("|".join(ids), "ID", text) for text in texts)
    assert first == second


def test_one_folder_or_zip_is_a_class_of_one(tmp_path):
    archive = h.zipped(tmp_path / "student.zip")
    for path, name in ((h.SAMPLES / "good-root-trust", "good-root-trust"), (archive, "student")):
        assert main(["grade", str(path), "--out", str(tmp_path / "out")]) == 0
        result = json.loads((tmp_path / "out" / name / "result.json").read_text())
        assert (not_passed(result), result["submission"]) == ({}, name)


def test_a_submission_whose_name_is_one_of_ours(tmp_path):
    for name in ("class.html", "gradebook.csv", "results.jsonl", "n" * 250, "-x"):
        h.hand_in(tmp_path / "class" / name)
    assert main(["grade", str(tmp_path / "class"), "--out", str(tmp_path / "out"), "--only", "submission.policy"]) == 0
    results = {path.parent.name: json.loads(path.read_text()) for path in (tmp_path / "out").glob("*/result.json")}
    assert set(results) == {"class.html_", "gradebook.csv_", "results.jsonl_", "n" * 250, "-x"}
    assert all(result["submission"] == name for name, result in results.items())


def test_an_executor_that_fails_is_no_end_of_the_class(tmp_path):
    class Failing(ThreadPoolExecutor):
        def submit(self, fn, /, *args, **kwargs):
            return super().submit(fn if args[0].name == "b" else self.fail, *args, **kwargs)

        def fail(self, task):
            raise OSError("no space left")

    tasks = [task(tmp_path, "a"), task(tmp_path, "b")]
    with Failing(1) as pool:
        first, second = grade_all(tasks, pool, lambda _: None, resume=False)
    assert first.problem == "It could not be graded here: OSError, no space left."
    assert len(first.result.checks) == ALL
    assert second.problem == ""


def test_what_is_a_submission(tmp_path):
    class_ = tmp_path / "class"
    for name in ("b", "a"):
        h.hand_in(class_ / name)
    h.zipped(class_ / "a.zip")
    h.zipped(class_ / "c.ZIP")
    (class_ / "README.md").write_text("x")
    (class_ / ".git").mkdir()
    (class_ / "__MACOSX").mkdir()
    (class_ / "out").mkdir()
    (class_ / "linked").symlink_to(class_ / "a", target_is_directory=True)
    found = submissions_in(class_, class_ / "out")
    assert {name: path.name for name, path in found.items()} == {
        "a": "a",
        "a_": "a.zip",
        "b": "b",
        "c": "c.ZIP",
        "linked": "linked",
    }


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["nowhere"], "there is no such folder or zip"),
        (["empty"], "there is nothing in it"),
        ([str(h.SAMPLES), "--only", "nothing.at-all"], "there is no check 'nothing.at-all'"),
        ([str(h.SAMPLES), "--format", "junit,xls"], "there is no format 'xls'"),
        ([str(h.SAMPLES), "--rubric", "nowhere.toml"], "nowhere.toml: it cannot be read"),
        ([str(h.SAMPLES), "--out", "file/out"], "cannot be written"),
    ],
)
def test_what_will_not_do_is_said_in_one_sentence(tmp_path, monkeypatch, capsys, arguments, message):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "empty").mkdir()
    (tmp_path / "file").write_text("")
    assert main(["grade", *arguments]) == 2
    said = capsys.readouterr().err
    assert message in said
    assert len(said.splitlines()) == 1


def test_only_one_check_and_what_it_needs(tmp_path):
    graded = grade(task(tmp_path, only=("policy.targets-role",)))
    assert [c.id for c in graded.result.checks] == ["policy.targets-role"]
    assert graded.result.score == graded.result.max_score == 10
    broken = h.hand_in(tmp_path / "class" / "broken", template="Resources: [")
    graded = grade(task(tmp_path, "broken", broken, only=("session.assumed", "cleanup.complete")))
    assert not_passed(graded.result) == {"session.assumed": {"outcome": "blocked", "blocked_by": "submission.template"}}


def test_a_rubric_gives_points_hints_and_what_is_shown(tmp_path):
    rubric = tmp_path / "rubric.toml"
    rubric.write_text(
        '[checks."policy.targets-role"]\npoints = 50\nhint = "Look again."\nvisibility = "hidden"\n'
        '[checks."session.reads-bucket"]\npartial = true\n'
    )
    template = h.changed(h.TEMPLATE, "'s3:*'", "[s3:ListAllMyBuckets, s3:ListBucket]")
    policy = h.changed(h.POLICY, "AssumeRole", "AssumRole")
    path = h.hand_in(tmp_path / "class" / "student", template=template, policy=policy)
    graded = grade(task(tmp_path, path=path, rubric=rubric))
    target, reads = check(graded, "policy.targets-role"), check(graded, "session.reads-bucket")
    assert (target.outcome, target.points, target.max_points, target.hint) == (Outcome.FAILED, 0, 50, "Look again.")
    assert (reads.outcome, reads.points, reads.max_points) == (Outcome.FAILED, 5, 10)
    page = (tmp_path / "out" / "student" / "lab.html").read_text(encoding="utf-8")
    assert "session.reads-bucket" in page
    assert "policy.targets-role" not in page


def test_one_that_hangs_is_ended_and_the_others_are_graded(tmp_path):
    hung = task(tmp_path, "a-hung", limits=Limits(seconds=0.01))
    tasks = [hung, task(tmp_path, "b-right")]
    with ThreadPoolExecutor(2) as pool:
        first, second = grade_all(tasks, pool, lambda _: None, resume=False)
    assert first.problem == "It took longer than 0.01 seconds and was ended."
    assert [c.outcome for c in first.result.checks] == [Outcome.ERROR] * ALL
    assert {c.reason for c in first.result.checks} == {first.problem}
    assert (first.result.score, first.result.max_score) == (0, 0)
    assert json.loads((tmp_path / "out" / "a-hung" / "result.json").read_text())["checks"][0]["outcome"] == "error"
    assert second.problem == ""
    assert not_passed(second.result) == {}


@pytest.mark.parametrize(("limit", "problem"), [(1_000, "Its process left no result."), (200_000, "")])
def test_what_is_written_is_limited(tmp_path, limit, problem):
    assert grade(task(tmp_path, limits=Limits(output=limit))).problem == problem


def test_a_submission_without_a_result_says_what_its_process_said_last(tmp_path):
    graded = grade(task(tmp_path, rubric=tmp_path / "nowhere.toml"))
    assert graded.problem.startswith("Its process ended with exit code 4: ERROR: ")
    assert "nowhere.toml: it cannot be read" in graded.problem


def test_without_a_fork_server_every_process_is_a_new_interpreter(tmp_path, monkeypatch):
    monkeypatch.setattr("multiprocessing.get_all_start_methods", lambda: ["spawn"])
    supervision.context.cache_clear()
    try:
        assert supervision.context().get_start_method() == "spawn"
        assert not_passed(grade(task(tmp_path)).result) == {}
    finally:
        monkeypatch.undo()
        supervision.context.cache_clear()


def test_one_that_is_killed_is_listed(tmp_path):

    def kill():
        for _ in range(600):
            live = [each.pid for each in list(supervision._LIVE)]
            if live:
                os.kill(live[0], signal.SIGKILL)
                return
            time.sleep(0.005)

    killer = threading.Thread(target=kill)
    killer.start()
    graded = grade(task(tmp_path))
    killer.join()
    assert graded.problem == "Its process was killed by SIGKILL."
    assert not (tmp_path / "out" / WORK / "student").exists()
    assert [path.name for path in (tmp_path / "out" / "student").iterdir()] == ["result.json"]


@pytest.mark.parametrize("command", ["grade", "run"])
def test_nothing_of_a_submission_is_executed_even_where_it_lies(tmp_path, command):
    folder = h.hand_in(tmp_path / "class" / "student")
    names = ("conftest.py", "pytest.py", "yaml.py", "boto3.py", "sitecustomize.py", "test_x.py", "bin/deploy.py")
    for name in (*names, "pytest.ini", "deploy.sh", "Makefile"):
        (folder / name).write_text(f"open({str(tmp_path / 'executed')!r}, 'a').write({name!r})\n")
    (folder / "deploy").write_text(f"#!/bin/sh\ntouch {tmp_path / 'executed'}\n{h.DEPLOY}")
    (folder / "deploy").chmod(0o755)
    start = f"import sys; sys.path[0] = {str(ROOT)!r}; from stslab.cli import main; sys.exit(main(sys.argv[1:]))"
    arguments = ["grade", ".", "--out", "../../out"] if command == "grade" else ["run", "--submission", "."]
    done = subprocess.run(
        [sys.executable, "-c", start, *arguments], cwd=folder, check=False, capture_output=True, text=True
    )
    assert not (tmp_path / "executed").exists()
    assert done.returncode == 0, done.stdout + done.stderr


def test_reports_of_an_earlier_run_do_not_outlive_it(tmp_path):
    right = task(tmp_path)
    grade(right)
    assert (right.folder / "lab.html").exists()
    grade(replace(right, limits=Limits(seconds=0.01)))
    assert not (right.folder / "lab.html").exists()


def test_hostile_names_are_text_everywhere(tmp_path):
    bucket = "<script>alert(1)</script>"
    folder = tmp_path / "class" / "=cmd|'<img src=x>"
    h.hand_in(folder, template=h.changed(h.TEMPLATE, "sts-lab-bucket-7f3a", f'"{bucket}"'))
    out = tmp_path / "out"
    assert main(["grade", str(tmp_path / "class"), "--out", str(out)]) == 0
    pages = [*out.rglob("*.html")]
    assert sorted(page.name for page in pages) == ["audit.html", "class.html", "lab.html"]
    for page in pages:
        assert "<script>alert" not in page.read_text(encoding="utf-8")
        assert "<img src=x>" not in page.read_text(encoding="utf-8")
    (row,) = rows_of(out / "gradebook.csv")
    assert not row["submission"].startswith("=")


def test_resume_grades_only_what_is_missing(tmp_path):
    first, second = task(tmp_path, "a"), task(tmp_path, "b")
    seen: list[str] = []

    class Counting(ThreadPoolExecutor):
        def submit(self, fn, /, *args, **kwargs):
            seen.append(args[0].name)
            return super().submit(fn, *args, **kwargs)

    def go(*tasks, resume=True):
        seen.clear()
        with Counting(1) as pool:
            return grade_all(tasks, pool, lambda _: None, resume=resume)

    go(first)
    again = go(first, second)
    assert seen == ["b"]
    assert [type(each) for each in again] == [Graded, Graded]
    assert [len(each.result.checks) for each in again] == [ALL, ALL]
    (first.path / "policy.json").write_text(h.changed(h.POLICY, "AssumeRole", "AssumRole"))
    (changed, _) = go(first, second)
    assert seen == ["a"]
    assert not_passed(changed.result) == {"policy.targets-role": {"outcome": "failed"}}
    rubric = tmp_path / "rubric.toml"
    rubric.write_text('[checks."user.created"]\npoints = 7\n')
    go(replace(first, rubric=rubric), second)
    assert seen == ["a"]
    go(first, second, resume=False)
    assert seen == ["a", "b"]
    go(replace(first, limits=Limits(seconds=0.01)), resume=False)
    go(first, second)
    assert seen == ["a"]


@pytest.mark.parametrize("stopping", [signal.SIGINT, signal.SIGKILL])
def test_a_class_that_is_stopped_goes_on_with_resume(tmp_path, stopping):
    for i in range(12):
        h.hand_in(tmp_path / "class" / f"student-{i:02}")
    command = [sys.executable, "-m", "stslab", "grade", str(tmp_path / "class"), "--out", str(tmp_path / "out")]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    process = subprocess.Popen([*command, "--workers", "1"], env=environment, cwd=tmp_path, stderr=subprocess.PIPE)
    for _ in range(1_200):
        done = list((tmp_path / "out").glob("*/graded.json"))
        if done:
            break
        time.sleep(0.05)
    process.send_signal(stopping)
    _, said = process.communicate(timeout=60)
    assert process.returncode == (130 if stopping == signal.SIGINT else -9)
    assert (b"--resume goes on from there" in said) == (stopping == signal.SIGINT)
    assert b"Traceback" not in said
    kept = {path: path.stat().st_mtime_ns for path in (tmp_path / "out").glob("*/graded.json")}
    assert 0 < len(kept) < 12
    assert not (tmp_path / "out" / "results.jsonl").exists()
    done_again = subprocess.run([*command, "--resume"], env=environment, cwd=tmp_path, check=True, capture_output=True)
    assert b"Traceback" not in done_again.stderr
    assert {path: path.stat().st_mtime_ns for path in kept} == kept
    lines = (tmp_path / "out" / "results.jsonl").read_text().splitlines()
    assert [json.loads(line)["score"] for line in lines] == [150] * 12
    assert not (tmp_path / "out" / WORK).exists()


def test_nothing_is_left_but_the_reports(samples):
    names = {path.name for path in Path(samples[1]).rglob("*") if path.is_file()}
    assert names == {
        "results.jsonl",
        "gradebook.csv",
        "class.html",
        "result.json",
        "lab.html",
        "audit.html",
        "findings.sarif",
        "template.yaml",
        "policy.json",
        "graded.json",
    }
