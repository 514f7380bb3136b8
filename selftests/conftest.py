from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import count
from multiprocessing import forkserver
from pathlib import Path
from typing import TYPE_CHECKING

import attesting
import browser
import emulators
import performing
import pytest
from accounts import Account, in_process
from practising import Student

from stslab.grading import supervision

if TYPE_CHECKING:
    from playwright.sync_api import Browser

STUDENTS = count(1)

Perform = Callable[..., performing.Performance]

LONGEST = (
    *("lab_faults", "lab_staleness", "killed", "crashes", "runner", "interrupted", "grading", "browser_reports"),
    *("faults", "wheel", "graded_mistakes", "secrets_everywhere", "microburst", "cluster", "endpoint", "three_ways"),
    *("check", "check_trouble", "lab_text", "practice_guide", "sandbox_people"),
    *("browser_harness", "guards", "browser_class", "gradescope_zip"),
)
"""The files of twenty seconds and more, the longest first."""


def pytest_configure(config: pytest.Config) -> None:
    # xdist would begin with the files that have the most tests. Those that take the longest have few.
    config.option.loadscopereorder = False


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with the files that take the longest, so that no worker waits for the other one to end them."""
    ranks = {f"test_{name}.py": rank for rank, name in enumerate(LONGEST)}
    items.sort(key=lambda item: ranks.get(item.path.name, len(ranks)))


@pytest.fixture
def perform(tmp_path: Path) -> Perform:
    """Perform the lab in a process of its own and give what came of it."""

    def run(*options: str, sabotage: performing.Sabotage | None = None) -> performing.Performance:
        return performing.perform(tmp_path, *options, sabotage=sabotage)

    return run


@pytest.fixture
def account() -> Iterator[Account]:
    """A fresh account of moto's in this process, with the gate in force."""
    with in_process() as account:
        yield account


@pytest.fixture(scope="module")
def grading_server() -> Iterator[None]:
    """A fork server of the grading's own: the one that performs the lab has other imports behind it."""
    forkserver._forkserver._stop()
    supervision.context.cache_clear()
    yield
    forkserver._forkserver._stop()
    forkserver.set_forkserver_preload(performing.PRELOAD)


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """Chromium, without a window; the tests of a file share it."""
    with browser.browsing() as running:
        yield running


@pytest.fixture
def reports(tmp_path: Path) -> Path:
    """A folder as a run leaves it."""
    return attesting.a_folder(tmp_path / "reports")


@pytest.fixture
def key(tmp_path: Path) -> Path:
    """A private key of somebody who signs."""
    return attesting.a_key(tmp_path)[0]


@pytest.fixture
def signed(tmp_path: Path) -> attesting.Signed:
    """A folder that has been signed."""
    return attesting.Signed(tmp_path)


@pytest.fixture(scope="module")
def sandbox() -> Iterator[emulators.Emulated]:
    """``stslab sandbox``, which the tests of a file share."""
    with emulators.sandbox() as account:
        yield account


@pytest.fixture
def student(sandbox: emulators.Emulated, tmp_path: Path) -> Student:
    """Somebody in a fresh account of the sandbox's."""
    return Student(sandbox.another(f"3333{next(STUDENTS):08}"), tmp_path)
