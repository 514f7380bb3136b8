"""What a frozen account may name: the classes that moto and this project keep state in, and nothing else.

A pickle names what is called when it is read, so that a state file from elsewhere could run anything. Source: Python
documentation, pickle, "Restricting Globals": an ``Unpickler`` whose ``find_class`` admits what is known to be safe.
"""

from __future__ import annotations

import io
import pickle
import re
from functools import cache
from typing import Any

from stslab.errors import StslabError

KEPT = frozenset({"cloudformation", "dynamodb", "iam", "s3", "secretsmanager", "sts"})
"""moto's services whose state is kept: those that the sandbox serves and that have any."""

_PLAIN = frozenset(
    {
        ("builtins", "bytearray"),
        ("builtins", "dict"),
        ("builtins", "frozenset"),
        ("builtins", "int"),
        ("builtins", "list"),
        ("builtins", "set"),
        ("builtins", "str"),
        ("collections", "OrderedDict"),
        ("collections", "defaultdict"),
        ("collections", "deque"),
        ("datetime", "date"),
        ("datetime", "datetime"),
        ("datetime", "time"),
        ("datetime", "timedelta"),
        ("datetime", "timezone"),
        ("decimal", "Decimal"),
        ("requests.structures", "CaseInsensitiveDict"),
        ("uuid", "UUID"),
    }
)
"""Classes of the libraries, of which moto's models are made up."""

_FUNCTIONS = frozenset(
    {
        ("re", "_compile"),
        ("stslab.sandbox.state.standing", "aws_policy"),
        ("stslab.sandbox.state.standing", "put_items"),
    }
)
"""The only functions: how a regular expression and a policy of AWS's are made, and moto's dictionaries filled."""

_SHARED = frozenset(
    {
        "moto.moto_api._internal.managed_state_model",
        "moto.utilities.tagging_service",
        "moto.utilities.utils",
        "stslab.sandbox.state.standing",
        "stslab.targets.made",
        "stslab.targets.sessions",
        "stslab.targets.stacks.stack",
    }
)
"""Modules whose own classes may be named, beside those of the services' models."""


class NotOurs(StslabError):
    """A frozen account that this sandbox cannot have written."""


def thawed(frozen: bytes) -> Any:
    """Read a pickle that may name nothing but what is admitted.

    Raises:
        NotOurs: it names something else, or is no pickle of these classes.
    """
    try:
        return _Reader(io.BytesIO(frozen)).load()
    except NotOurs:
        raise
    except Exception as fault:  # a pickle that somebody else has written may raise whatever it likes
        raise NotOurs(f"it cannot be read ({type(fault).__name__})") from None


def is_admitted(module: str, name: str) -> bool:
    """Whether a frozen account may name something.

    Args:
        module: the module's name.
        name: the qualified name in it, as pickle writes it. It has to be a class that the module defines: a module that
            imports ``os`` has an ``os.system``, too.
    """
    if (module, name) in _PLAIN | _FUNCTIONS:
        return True
    return (module in _SHARED or _models().fullmatch(module) is not None) and _is_class_of(module, name)


@cache
def _models() -> re.Pattern[str]:
    """The modules in which moto keeps the state of the services that are served."""
    services = "|".join(sorted(KEPT))
    return re.compile(rf"moto\.(?:{services})\.(?:custom_model|models|parsing|notifications|utils)(?:\.\w+)*")


@cache
def _is_class_of(module: str, name: str) -> bool:
    try:
        found: Any = __import__(module, fromlist=["*"])
        for part in name.split("."):
            found = getattr(found, part)
    except (ImportError, AttributeError):
        return False
    return isinstance(found, type) and (found.__module__, found.__qualname__) == (module, name)


class _Reader(pickle.Unpickler):
    def find_class(self, module: str, name: str) -> Any:
        if not is_admitted(module, name):
            raise NotOurs(f"it names {module}.{name}")
        return super().find_class(module, name)
