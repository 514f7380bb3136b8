"""Names that CloudFormation is known to have chosen, where an account is made to be like somebody's own."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

_CHOSEN: dict[tuple[str, str], str] = {}


@contextmanager
def choosing(stack_name: str, names: Mapping[str, str]) -> Iterator[None]:
    """Have CloudFormation choose these names for the resources of a stack that its template leaves unnamed.

    Args:
        stack_name: the stack.
        names: names by logical id.
    """
    ours = {(stack_name, logical_id): name for logical_id, name in names.items()}
    _CHOSEN.update(ours)
    try:
        yield
    finally:
        for key in ours:
            _CHOSEN.pop(key, None)


def chosen(stack_name: str, logical_id: str) -> str | None:
    """The name that is known, or ``None``."""
    return _CHOSEN.get((stack_name, logical_id))
