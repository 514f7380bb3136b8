"""A process that grades reaches no network, no program and no folder but its own, and takes no more than it may."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pytest

from stslab.grading.supervision import supervised
from stslab.grading.task import Limits, Task
from stslab.grading.worker import confined_in

pytestmark = pytest.mark.usefixtures("grading_server")


def tried(tmp_path, deed, **limits):
    """The exit code of a confined process that does something, and what it said."""
    folder = tmp_path / "folder"
    folder.mkdir()
    code = supervised(deed, Task("x", tmp_path, tmp_path, limits=Limits(**limits)), folder)
    return code, (folder / "output.txt").read_text()


def confined(task, folder):
    confined_in(folder, task.limits)


def write_inside(task, folder):
    confined(task, folder)
    (folder / "sub").mkdir()
    (folder / "sub" / "file").write_text("x")
    Path(os.devnull).write_text("x")
    with tempfile.NamedTemporaryFile() as file:
        file.write(b"x")
    (folder / "sub" / "file").rename(folder / "sub" / "other")
    shutil.rmtree(folder / "sub")


def connect(task, folder):
    confined(task, folder)
    socket.create_connection(("127.0.0.1", 9))


def look_up(task, folder):
    confined(task, folder)
    socket.getaddrinfo("example.com", 80)


def run_a_program(task, folder):
    confined(task, folder)
    subprocess.run([sys.executable, "-c", "pass"], check=False)


def run_a_shell(task, folder):
    confined(task, folder)
    os.system("true")


def fork(task, folder):
    confined(task, folder)
    os.fork()


def replace_itself(task, folder):
    confined(task, folder)
    os.execv(sys.executable, [sys.executable, "-c", "pass"])


def write_outside(task, folder):
    confined(task, folder)
    (folder.parent / "outside").write_text("x")


def append_outside(task, folder):
    confined(task, folder)
    os.open(folder.parent / "outside", os.O_WRONLY | os.O_CREAT)


def write_up(task, folder):
    confined(task, folder)
    Path("../outside").write_text("x")


def make_a_folder_outside(task, folder):
    confined(task, folder)
    (folder.parent / "outside").mkdir()


def delete_outside(task, folder):
    (folder.parent / "there").write_text("x")
    confined(task, folder)
    (folder.parent / "there").unlink()


def move_outside(task, folder):
    confined(task, folder)
    (folder / "output.txt").rename(folder.parent / "outside")


def link_and_write(task, folder):
    confined(task, folder)
    (folder / "link").symlink_to(folder.parent)
    (folder / "link" / "outside").write_text("x")


DEEDS = (connect, look_up, run_a_program, run_a_shell, fork, replace_itself, write_outside, append_outside, write_up)
MORE = (make_a_folder_outside, delete_outside, move_outside, link_and_write)


def test_what_a_lab_needs_is_allowed(tmp_path):
    assert tried(tmp_path, write_inside) == (0, "")


@pytest.mark.parametrize("deed", [*DEEDS, *MORE], ids=lambda deed: deed.__name__)
def test_what_a_lab_has_no_need_of_is_not(tmp_path, deed):
    code, said = tried(tmp_path, deed)
    assert code == 1
    assert "PermissionError: A graded lab may not " in said
    assert not (tmp_path / "outside").exists()
    assert (tmp_path / "there").exists() == (deed is delete_outside)


def eat(task, folder):
    confined(task, folder)
    print(len([bytes(1_000_000) for _ in range(400)]))


def print_for_ever(task, folder):
    confined(task, folder)
    while True:
        print("x" * 10_000)


def sleep(task, folder):
    confined(task, folder)
    print("asleep", flush=True)
    time.sleep(600)


def spin(task, folder):
    confined(task, folder)
    while True:
        pass


def test_memory_is_limited(tmp_path):
    code, said = tried(tmp_path, eat, memory=100_000_000)
    assert code == 1
    assert "MemoryError" in said
    shutil.rmtree(tmp_path / "folder")
    assert tried(tmp_path, eat, memory=600_000_000) == (0, "400\n")


def test_output_is_limited(tmp_path):
    code, said = tried(tmp_path, print_for_ever, output=1_000_000)
    assert code != 0
    assert len(said) <= 1_000_000


@pytest.mark.parametrize("deed", [sleep, spin])
def test_time_is_limited(tmp_path, deed):
    begun = time.monotonic()
    code, _ = tried(tmp_path, deed, seconds=1)
    assert code is None
    assert time.monotonic() - begun < 30
