"""``stslab run``: perform the lab with pytest."""

from __future__ import annotations

from collections.abc import Sequence

from stslab.settings import SETTINGS


def run(options: Sequence[str]) -> int:
    """Perform the lab.

    Args:
        options: options for pytest.

    Returns:
        pytest's exit code.

    Raises:
        SuiteError: the installation is not whole.
    """
    # Only now: the other commands start without pytest.
    import pytest

    from stslab.suite import suite_folder

    suite = suite_folder()
    fixed = ["-c", str(suite / "pytest.ini"), "--rootdir", str(suite)]
    return int(pytest.main([*fixed, *_joined(options), str(suite / "tests")]))


def _joined(options: Sequence[str]) -> list[str]:
    """The options with an equals sign before their value.

    Without one pytest takes a folder behind an option that it does not know yet for one with tests in it, and executes
    the ``conftest.py`` there, which somebody may have handed in.
    """
    ours = {setting.option for setting in SETTINGS if not setting.flag}
    joined: list[str] = []
    for option in options:
        if joined and joined[-1] in ours:
            joined[-1] += f"={option}"
        else:
            joined.append(option)
    return joined
