"""``lab.toml``: what a submission says about itself where it would not be found out, or found out wrongly."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from stslab.errors import BadInput
from stslab.settings import SETTINGS

FILE = "lab.toml"

_PATHS = ("template", "policy", "deploy")
_SETTINGS = ("account", "region", "stack-name", "user-name", "policy-name", "session-name", "bucket-name")
_PATH = re.compile(r"/(?:[\x21-\x7e]+/)?")
"""Source: IAM API reference, CreateUser, Path."""

_CAPABILITIES = ("CAPABILITY_IAM", "CAPABILITY_NAMED_IAM", "CAPABILITY_AUTO_EXPAND")


@dataclass(frozen=True)
class Overrides:
    """What ``lab.toml`` says.

    Args:
        paths: paths of ``template``, ``policy`` and ``deploy`` within the submission.
        settings: values by the name of the lab's setting, for example ``stack-name``.
        user_path: the user's path, or ``None``.
        capabilities: what the deployment acknowledges, or ``None``.
        parameters: values of the template's parameters, or ``None``.
    """

    paths: Mapping[str, str] = field(default_factory=dict)
    settings: Mapping[str, str] = field(default_factory=dict)
    user_path: str | None = None
    capabilities: tuple[str, ...] | None = None
    parameters: Mapping[str, str] | None = None


def read_overrides(text: str) -> Overrides:
    """Read the text of a ``lab.toml``.

    Raises:
        BadInput: it does not parse, or says something that is not known.
    """
    try:
        data = tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise BadInput(FILE, f"it does not parse: {error}", "mend the TOML") from None
    known = (*_PATHS, *_SETTINGS, "user-path", "capabilities", "parameters")
    strange = sorted(set(data) - set(known))
    if strange:
        raise BadInput(FILE, f"{strange[0]!r} is not known", f"keep to {', '.join(known)}")
    checks = {setting.name: setting for setting in SETTINGS}
    settings = {name: checks[name].check(_text(data, name), f"{FILE}, {name}") for name in _SETTINGS if name in data}
    return Overrides(
        paths={name: _text(data, name) for name in _PATHS if name in data},
        settings=settings,
        user_path=_user_path(data),
        capabilities=_capabilities(data),
        parameters=_parameters(data),
    )


def _text(data: Mapping[str, Any], name: str) -> str:
    if not isinstance(data[name], str):
        raise BadInput(FILE, f"{name} is not text", "put it in quotes")
    return str(data[name])


def _user_path(data: Mapping[str, Any]) -> str | None:
    path = _text(data, "user-path") if "user-path" in data else None
    if path is not None and not _PATH.fullmatch(path):
        raise BadInput(FILE, f"user-path {path!r} will not do", "give one that begins and ends with a slash")
    return path


def _capabilities(data: Mapping[str, Any]) -> tuple[str, ...] | None:
    found = data.get("capabilities")
    if found is None:
        return None
    if not isinstance(found, list) or not all(each in _CAPABILITIES for each in found):
        raise BadInput(FILE, "capabilities is no list of capabilities", f"give any of {', '.join(_CAPABILITIES)}")
    return tuple(found)


def _parameters(data: Mapping[str, Any]) -> dict[str, str] | None:
    found = data.get("parameters")
    if found is None:
        return None
    if not isinstance(found, Mapping) or not all(isinstance(value, str) for value in found.values()):
        raise BadInput(FILE, "parameters is no table of texts", 'write [parameters] and lines like BucketName = "a"')
    return dict(found)
