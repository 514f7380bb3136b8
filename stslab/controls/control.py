"""Which checks speak for which controls, how far, and what is exempted until when."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date


@dataclass(frozen=True)
class Framework:
    """A catalog of controls, in the version that is pinned.

    Args:
        id: what controls and exemptions call it.
        title: its name.
        version: the pinned version, as its publisher writes it.
        source: its address.
    """

    id: str
    title: str
    version: str
    source: str


@dataclass(frozen=True)
class Control:
    """A control, or an assessment objective of one, and the checks that speak for it.

    Args:
        framework: the id of its framework.
        id: what it is called there, in the pinned version.
        title: its title there.
        speaks: one sentence: what the checks show about it, and how far.
        checks: the ids of the checks that all have to pass; none where the lab itself breaks it.
        broken_by: the id of the check that shows, when it passes, that the lab breaks it; or empty.
        objective: the id of the objective in NIST's OSCAL catalog, or empty.
        numbers: its number by the framework's version, as far as known.
    """

    framework: str
    id: str
    title: str
    speaks: str
    checks: tuple[str, ...] = ()
    broken_by: str = ""
    objective: str = ""
    numbers: Mapping[str, str] = field(default_factory=dict)

    @property
    def key(self) -> str:
        """Framework and id, as exemptions name it: ``cis-aws-foundations/1.14``."""
        return f"{self.framework}/{self.id}"


@dataclass(frozen=True)
class Silence:
    """A control that one would look for, and that no check speaks for; ``why`` is one sentence."""

    framework: str
    id: str
    title: str
    why: str

    @property
    def key(self) -> str:
        """Framework and id."""
        return f"{self.framework}/{self.id}"


@dataclass(frozen=True)
class Exemption:
    """Leave for the lab to break controls.

    Args:
        controls: their keys.
        owner: the role that answers for it.
        reason: one sentence.
        expires: the last day on which it holds, in UTC.
    """

    controls: tuple[str, ...]
    owner: str
    reason: str
    expires: date


@dataclass(frozen=True)
class Controls:
    """The whole mapping, in the file's order.

    Args:
        frameworks: by their ids.
        controls: what checks speak for, or the lab breaks.
        silences: what no check speaks for.
        exemptions: what the lab may break.
        unmapped: why a check speaks for no control, by its id.
    """

    frameworks: Mapping[str, Framework]
    controls: tuple[Control, ...]
    silences: tuple[Silence, ...] = ()
    exemptions: tuple[Exemption, ...] = ()
    unmapped: Mapping[str, str] = field(default_factory=dict)

    @property
    def checks(self) -> tuple[str, ...]:
        """The ids of all checks that the mapping speaks of, sorted."""
        named = {check for control in self.controls for check in (*control.checks, control.broken_by) if check}
        return tuple(sorted({*named, *self.unmapped}))

    def exemption(self, control: Control) -> Exemption | None:
        """The exemption of a control, where there is one."""
        return next((each for each in self.exemptions if control.key in each.controls), None)

    def name(self, control: Control | Silence) -> str:
        """A control as people call it: framework, version, id and title."""
        framework = self.frameworks[control.framework]
        return f"{framework.title} {framework.version}, {control.id}: {control.title}"
