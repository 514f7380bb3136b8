"""The exact versions of what this installation of stslab stands on."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Iterator
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from stslab.errors import SuiteError


def pins(clone: Path) -> list[str]:
    """Give the distributions that stslab needs, and that those need, as ``name==version``.

    Args:
        clone: the folder with ``pyproject.toml``, where stslab is no installed distribution.

    Raises:
        SuiteError: one of them is not installed, or it is written nowhere what is needed.
    """
    found: dict[str, str] = {}
    seen: set[tuple[str, frozenset[str]]] = set()
    ahead = list(_wanted(_declared(clone), frozenset()))
    while ahead:
        requirement = ahead.pop()
        extras = frozenset(requirement.extras)
        name = canonicalize_name(requirement.name)
        if (name, extras) not in seen:
            seen.add((name, extras))
            needed = _installed(requirement.name)
            found[name] = needed.version
            ahead.extend(_wanted(needed.requires or (), extras))
    return [f"{name}=={found[name]}" for name in sorted(found)]


def _declared(clone: Path) -> Iterable[str]:
    try:
        return distribution("stslab").requires or ()
    except PackageNotFoundError:
        project = clone / "pyproject.toml"
    if not project.is_file():
        raise SuiteError("What stslab needs is written nowhere; install it, or run it from a clone.")
    return list(map(str, tomllib.loads(project.read_text(encoding="utf-8"))["project"]["dependencies"]))


def _wanted(lines: Iterable[str], extras: frozenset[str]) -> Iterator[Requirement]:
    """The requirements that hold here, for a distribution asked for with these extras."""
    for requirement in map(Requirement, lines):
        marker = requirement.marker
        if marker is None or any(marker.evaluate({"extra": extra}) for extra in ("", *extras)):
            yield requirement


def _installed(name: str) -> Distribution:
    try:
        return distribution(name)
    except PackageNotFoundError:
        raise SuiteError(f"{name} is needed and not installed; install stslab again.") from None
