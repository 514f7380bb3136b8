"""Where the suite lies: ``tests/``, ``fixtures/``, ``policies/`` and their set-up."""

from __future__ import annotations

from pathlib import Path

from stslab.errors import SuiteError


def suite_folder() -> Path:
    """Find the folder with the suite: inside the installed package, or around it in a clone.

    Raises:
        SuiteError: it is in neither, so the installation is not whole.
    """
    package = Path(__file__).resolve().parent
    for folder in (package / "suite", package.parent):
        if (folder / "pytest.ini").is_file() and (folder / "tests").is_dir():
            return folder
    raise SuiteError(f"The suite is neither in {package / 'suite'} nor around {package}; install stslab again.")
