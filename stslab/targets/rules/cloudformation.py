"""CloudFormation: the project's own operations on stacks in the place of moto's.

They are in :mod:`stslab.targets.stacks`, which is imported when one of them is asked for: moto's CloudFormation takes
long to import.
"""

from __future__ import annotations

from stslab.errors import Undetermined
from stslab.targets.case import Case

STACK_SETS = frozenset({"CreateStackInstances", "UpdateStackInstances", "UpdateStackSet", "DeleteStackInstances"})
"""Operations that make or change stacks with the roles of a stack set, about which nothing is known here."""


def check(case: Case) -> None:
    """Have a permitted request answered by the project's own operations on stacks.

    The request's object becomes one of a subclass of its class, so that nothing of moto's is replaced for longer than
    the request, and nothing is imported that the request does not need.

    Raises:
        Undetermined: the operation is one on the stacks of a stack set.
    """
    if case.operation in STACK_SETS:
        raise Undetermined("moto cannot know what the roles of a stack set may do.")
    from stslab.targets.stacks.operations import StackOperations

    case.call.__class__ = StackOperations
    case.call.case = case
