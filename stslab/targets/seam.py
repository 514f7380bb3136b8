"""The one place where moto's authorisation gives way to the project's own.

moto calls ``ActionAuthenticatorMixin._authenticate_and_authorize_action`` before it answers. That method is replaced
while a gate is in force, so nothing of moto's own checks is left; the rules of :mod:`stslab.targets.rules` are put in
place beside it. Everything else stays moto's.
"""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.metadata import version

from stslab.errors import TargetError
from stslab.targets import rules
from stslab.targets.gate import Gate

SEEN_IN = "5.2.5"


@contextmanager
def in_force(gate: Gate) -> Iterator[None]:
    """Let a gate decide every request, and the rules of the services apply.

    Raises:
        TargetError: the installed moto does not have the seam.
    """
    verify()
    from moto.core.authorization import ActionAuthenticatorMixin

    try:
        its_rules = rules.replacements()
    except (ImportError, AttributeError):
        raise _unfit() from None
    ours = {
        (ActionAuthenticatorMixin, "_authenticate_and_authorize_action"): (
            lambda call, _, resource="*": gate.check(call, resource)
        ),
        **its_rules,
    }
    # An operation that joins moto's has no predecessor; it is taken away again.
    theirs = {(owner, name): vars(owner).get(name) for owner, name in ours}
    try:
        for (owner, name), replacement in ours.items():
            setattr(owner, name, replacement)
        yield
    finally:
        for (owner, name), original in theirs.items():
            if original is None:
                delattr(owner, name)
            else:
                setattr(owner, name, original)


def verify() -> None:
    """Make sure that the installed moto calls the seam where this module expects it.

    Raises:
        TargetError: it does not, so its verdicts would be its own.
    """
    try:
        from moto.core.authorization import ActionAuthenticatorMixin
        from moto.core.responses import BaseResponse
        from moto.s3.models import FakeBucket

        seam = inspect.signature(ActionAuthenticatorMixin._authenticate_and_authorize_action)
        calling = inspect.getsource(BaseResponse.call_action)
        # The gate comes first, and may have the request answered by another class, as that of CloudFormation is.
        asked, answered = calling.find("_authorize_normal_action(resource)"), calling.find("getattr(self, action)")
        found = (
            list(seam.parameters) == ["self", "iam_request_cls", "resource"]
            and 0 < asked < answered
            and list(inspect.signature(FakeBucket.get_permission).parameters) == ["self", "action", "resource"]
        )
    except (ImportError, AttributeError, OSError):
        found = False
    if not found:
        raise _unfit()


def _unfit() -> TargetError:
    return TargetError(
        f"moto {version('moto')} does not authorise where stslab takes over (seen in moto {SEEN_IN}); "
        "install the version of the lock file."
    )
