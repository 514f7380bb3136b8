"""``stslab run``: perform the lab with pytest."""

from __future__ import annotations

from collections.abc import Sequence


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
    return int(pytest.main(["-c", str(suite / "pytest.ini"), "--rootdir", str(suite), *options, str(suite / "tests")]))
