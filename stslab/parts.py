"""A claim of several parts, each of which is put to the test whatever became of the others."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager

from stslab.errors import CheckFailed, Undetermined

Part = Callable[[], AbstractContextManager[None]]


@contextmanager
def parts() -> Iterator[Part]:
    """Test a claim in parts, each in a ``with part():`` within this one.

    Raises:
        CheckFailed: a part does not hold; it carries how large a share does.
        Undetermined: all that can be known hold, and one cannot be known.
    """
    tried = 0
    failed: list[CheckFailed] = []
    unknown: list[Undetermined] = []

    @contextmanager
    def part() -> Iterator[None]:
        nonlocal tried
        tried += 1
        try:
            yield
        except CheckFailed as fault:
            failed.append(fault)
        except Undetermined as fault:
            unknown.append(fault)

    yield part
    if failed:
        first = failed[0]
        reason = " ".join(dict.fromkeys(fault.reason for fault in failed))
        credit = (tried - len(failed) - len(unknown)) / tried
        raise CheckFailed(reason, expected=first.expected, actual=first.actual, credit=credit) from first
    if unknown:
        raise unknown[0]
