from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import performing
import pytest

Perform = Callable[..., performing.Performance]


@pytest.fixture
def perform(tmp_path: Path) -> Perform:
    """Perform the lab in a process of its own and give what came of it."""

    def run(*options: str, sabotage: performing.Sabotage | None = None) -> performing.Performance:
        return performing.perform(tmp_path, *options, sabotage=sabotage)

    return run
