"""Condition operators: what a Condition element asks of the request's keys.

Source for the whole module: IAM user guide, "IAM JSON policy elements: Condition operators", "Conditions with multiple
context keys or values" and "Set operators for multivalued context keys".
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache

from stslab.iam.matching import Answer, matches, written
from stslab.iam.quantities import address, moment, network, number
from stslab.iam.request import Request, Values
from stslab.iam.variables import Unresolved, resolve

Comparison = Callable[[str, str], bool]
"""Compares a policy's value (a pattern where wildcards count) with one value of the request."""

EVERY, SOME = "ForAllValues", "ForAnyValue"


@dataclass(frozen=True)
class Operator:
    """One condition operator, read from its name.

    ``test`` compares two values, ``inverts`` says that none of the policy's values may match, ``variables`` that
    policy variables count, ``quantifier`` is ``ForAllValues``, ``ForAnyValue`` or empty.
    """

    name: str
    test: Comparison | None
    inverts: bool
    variables: bool
    quantifier: str
    if_exists: bool


@dataclass(frozen=True)
class Condition:
    """One key of one operator in a Condition element, with the policy's values."""

    operator: Operator
    key: str
    values: Values
    variables: bool

    def met(self, request: Request) -> Answer:
        """Say whether the request meets it; ``None`` where that depends on a key that the target does not know.

        A key that is absent, or has no values, meets an inverted operator, one with IfExists and ForAllValues, and no
        other; to a set operator an empty string is no value either.
        """
        actual = request.values(self.key)
        operator = self.operator
        if actual is None:
            return None
        if operator.test is None:
            return any(value.lower() == ("false" if actual else "true") for value in self.values)
        if not actual or (operator.quantifier and actual == ("",)):
            return self._met_by_absence()
        wishes, unknown = self._wishes(request)
        if len(actual) == 1:
            return self._suits(actual[0], wishes, unknown)
        answers = [self._suits(value, wishes, unknown) for value in actual]
        if operator.quantifier == EVERY:
            return _all(answers)
        # Without a set operator several values are taken as one of them: any may match, none may where it is inverted.
        return _all(answers) if operator.inverts and operator.quantifier != SOME else _any(answers)

    def _met_by_absence(self) -> bool:
        operator = self.operator
        if operator.quantifier == SOME:
            return operator.if_exists
        return operator.inverts or operator.if_exists or operator.quantifier == EVERY

    def _wishes(self, request: Request) -> tuple[Sequence[str], bool]:
        """The policy's values with variables resolved, and whether there is one that cannot be."""
        if not (self.variables and self.operator.variables):
            return self.values, False
        wishes, unknown = [], False
        for value in self.values:
            try:
                wishes.append(resolve(value, request))
            except Unresolved as unresolved:
                unknown = unknown or not unresolved.known
        return wishes, unknown

    def _suits(self, actual: str, wishes: Sequence[str], unknown: bool) -> Answer:
        test = self.operator.test
        for wish in wishes:
            if test is not None and test(wish, actual):
                return not self.operator.inverts
        return None if unknown else self.operator.inverts


def _all(answers: list[Answer]) -> Answer:
    return False if False in answers else None if None in answers else True


def _any(answers: list[Answer]) -> Answer:
    return True if True in answers else None if None in answers else False


def _equal(wish: str, actual: str) -> bool:
    return written(wish) == actual


def _equal_ignoring_case(wish: str, actual: str) -> bool:
    return written(wish).lower() == actual.lower()


def _arn_like(wish: str, actual: str) -> bool:
    """Compare ARNs by their six parts; ArnEquals and ArnLike behave identically, and ``*`` alone is any ARN.

    Source: IAM user guide, "Condition operators", ARN: "Each of the six colon-delimited components of the ARN is
    checked separately and each can include multi-character match wildcards (*) or single-character match wildcards".
    """
    theirs = actual.split(":", 5)
    if len(theirs) != 6 or theirs[0] != "arn":
        return False
    if wish == "*":
        return True
    ours = wish.split(":", 5)
    return len(ours) == 6 and all(matches(part, text) for part, text in zip(ours, theirs, strict=True))


def _ordered(read: Callable[[str], Decimal | int | None], order: Callable[[int], bool]) -> Comparison:
    """A comparison of quantities: ``order`` judges whether the request's value is below (-1), at (0) or above (1)."""

    def compare(wish: str, actual: str) -> bool:
        ours, theirs = read(wish), read(actual)
        if ours is None or theirs is None:
            return False
        return order((theirs > ours) - (theirs < ours))

    return compare


def _same_bool(wish: str, actual: str) -> bool:
    return wish.lower() == actual.lower() and wish.lower() in ("true", "false")


def _same_bytes(wish: str, actual: str) -> bool:
    try:
        return base64.b64decode(wish, validate=True) == base64.b64decode(actual, validate=True)
    except (binascii.Error, ValueError):
        return False


def _in_network(wish: str, actual: str) -> bool:
    ours, theirs = network(wish), address(actual)
    return ours is not None and theirs is not None and theirs in ours


_ORDERS: dict[str, Callable[[int], bool]] = {
    "Equals": lambda sign: sign == 0,
    "LessThan": lambda sign: sign < 0,
    "LessThanEquals": lambda sign: sign <= 0,
    "GreaterThan": lambda sign: sign > 0,
    "GreaterThanEquals": lambda sign: sign >= 0,
}

# name: (comparison, inverted, policy variables count). Variables: "IAM policy elements: Variables and tags", Condition
# element: "in any condition that involves the string operators or the ARN operators"; "Condition operators": and Bool.
_OPERATORS: dict[str, tuple[Comparison | None, bool, bool]] = {
    "StringEquals": (_equal, False, True),
    "StringNotEquals": (_equal, True, True),
    "StringEqualsIgnoreCase": (_equal_ignoring_case, False, True),
    "StringNotEqualsIgnoreCase": (_equal_ignoring_case, True, True),
    "StringLike": (matches, False, True),
    "StringNotLike": (matches, True, True),
    "ArnEquals": (_arn_like, False, True),
    "ArnLike": (_arn_like, False, True),
    "ArnNotEquals": (_arn_like, True, True),
    "ArnNotLike": (_arn_like, True, True),
    "Bool": (_same_bool, False, True),
    "BinaryEquals": (_same_bytes, False, False),
    "IpAddress": (_in_network, False, False),
    "NotIpAddress": (_in_network, True, False),
    "Null": (None, False, False),
    **{f"Numeric{name}": (_ordered(number, order), False, False) for name, order in _ORDERS.items()},
    "NumericNotEquals": (_ordered(number, _ORDERS["Equals"]), True, False),
    **{f"Date{name}": (_ordered(moment, order), False, False) for name, order in _ORDERS.items()},
    "DateNotEquals": (_ordered(moment, _ORDERS["Equals"]), True, False),
}


def is_date(text: str) -> bool:
    """Whether a text is a date that the Date operators understand; IAM refuses a policy with any other."""
    return moment(text) is not None


@lru_cache(maxsize=512)
def operator(name: str) -> Operator | None:
    """Read an operator's name, for example ``ForAnyValue:StringLikeIfExists``; ``None`` where there is no such one.

    Source: IAM user guide, "Condition operators": IfExists goes with every operator but Null. Upper and lower case
    matter: IAM answers to another one "Invalid Condition type : stringEquals".
    """
    quantifier, colon, rest = name.rpartition(":")
    if colon and quantifier not in (EVERY, SOME):
        return None
    if_exists = rest.endswith("IfExists")
    base = rest.removesuffix("IfExists")
    if base not in _OPERATORS or (base == "Null" and (if_exists or quantifier)):
        return None
    test, inverts, variables = _OPERATORS[base]
    return Operator(name, test, inverts, variables, quantifier, if_exists)
