"""What a run was performed with, by whom and where, as facts for people."""

from __future__ import annotations

import getpass
import platform
import subprocess
from collections.abc import Mapping
from functools import lru_cache
from importlib.metadata import version
from pathlib import Path

from stslab import __version__

ADMIN = "Admin"
"""The fact that holds the ARN of the run's own admin."""

LIBRARIES = ("pytest", "moto", "boto3", "botocore")


@lru_cache(maxsize=1)
def versions() -> Mapping[str, str]:
    """The versions of the suite, of Python, and of the libraries that a verdict rests on."""
    return {"stslab": __version__, "Python": platform.python_version(), **{name: version(name) for name in LIBRARIES}}


def in_words(told: Mapping[str, str]) -> str:
    """Versions on one line."""
    return ", ".join(f"{name} {number}" for name, number in told.items())


@lru_cache(maxsize=1)
def commit(folder: Path) -> str:
    """The commit that a clone of the suite is at, and whether it was changed since.

    Args:
        folder: the suite's folder.

    Returns:
        a sentence part; also where it is no clone, or git is not at hand.
    """
    if not (folder / ".git").exists():
        return "not known, since the suite was not run from a clone"
    try:
        head = _git(folder, "rev-parse", "HEAD").strip()
        changed = _git(folder, "status", "--porcelain", "--untracked-files=no").strip()
    except (OSError, subprocess.SubprocessError):
        return "not known, since git does not tell"
    return f"{head}, with changes that are not committed" if changed else head


def _git(folder: Path, *arguments: str) -> str:
    command = ["git", "-C", str(folder), *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=True, timeout=10).stdout  # noqa: S603


def tester(told: str, environ: Mapping[str, str]) -> str:
    """Who performs a run: the name that was given, GitHub's actor, or the name of the login.

    Args:
        told: a name that was given.
        environ: the environment's variables.

    Source: GitHub documentation, "Variables reference", default environment variables.
    """
    if told:
        return told
    if environ.get("GITHUB_ACTIONS") == "true":
        return f"{environ.get('GITHUB_ACTOR', '')} by {_job(environ)}"
    try:
        return f"the login {getpass.getuser()}"
    except (KeyError, OSError):
        return "not known"


def _job(environ: Mapping[str, str]) -> str:
    server, repository, run = (environ.get(f"GITHUB_{name}", "") for name in ("SERVER_URL", "REPOSITORY", "RUN_ID"))
    return f"{server}/{repository}/actions/runs/{run}"
