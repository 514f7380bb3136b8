"""Who acts in a run, by the names that the report has for them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from stslab.environment import ADMIN
from stslab.marks import CANARY
from stslab.result import LabResult


@dataclass(frozen=True)
class Person:
    """A principal: what the report calls it, its ARN, and what it is."""

    name: str
    arn: str
    about: str


@dataclass(frozen=True)
class People:
    """Everybody who made a call, in the order in which they come up."""

    by_arn: Mapping[str, Person]

    @property
    def listed(self) -> Sequence[Person]:
        """Each once."""
        return list(self.by_arn.values())

    def name(self, principal: str) -> str:
        """What the report calls a principal."""
        return self.by_arn[principal].name


def people_of(result: LabResult) -> People:
    """Find out who made the calls of a run."""
    facts = result.environment
    return People({call.principal: _person(call.principal, facts) for call in result.calls})


def _person(principal: str, facts: Mapping[str, str]) -> Person:
    name = principal.rpartition("/")[2]
    if principal == facts.get(ADMIN):
        return Person("admin", principal, "makes and takes away; its permissions are not what is tested")
    if not principal.startswith("arn:"):
        return Person("admin's key", principal, "the admin, before it had asked who it is")
    if name.startswith(CANARY):
        return Person("canary", principal, "a user made and deleted first, to prove that the target denies at all")
    if ":assumed-role/" in principal:
        return Person("session", principal, "the role's session: profile assumed of the lab")
    if name == facts.get("User"):
        return Person("user", principal, "the lab's user: profile sts")
    return Person(name, principal, "another principal")
