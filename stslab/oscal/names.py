"""Names and texts as OSCAL takes them."""

from __future__ import annotations

import re
from uuid import NAMESPACE_URL, UUID, uuid5

from stslab import __version__
from stslab.controls.control import Control
from stslab.report.visible import one_line

NAMESPACE = "urn:stslab:oscal"
"""The namespace of properties that are stslab's own."""

_OURS = uuid5(NAMESPACE_URL, NAMESPACE)


class Names:
    """The identifiers of one document: the same content gets the same ones, and no two documents share those of a run.

    Args:
        content: all that the document is made of.
    """

    def __init__(self, content: str) -> None:
        self._run = uuid5(_OURS, content)

    def of_run(self, what: str) -> str:
        """The identifier of something of this run."""
        return str(uuid5(self._run, _encodable(what)))

    def of_tool(self, what: str) -> str:
        """The identifier of something of this version of the suite."""
        return str(uuid5(_tool(), what))


def line(text: str) -> str:
    """A text on one line with nothing invisible in it, and never empty.

    Source: OSCAL data types: a ``string`` neither begins nor ends with white space, and a ``markup-line`` has one line.
    """
    return one_line(text) or "(nothing)"


def token(*parts: str) -> str:
    """An identifier out of any text, a different one for a different text.

    Source: OSCAL data types, ``token``: a letter or ``_``, then letters, digits, ``.``, ``-`` and ``_``.
    """
    spelled = "_".join(re.sub(r"[^A-Za-z0-9.-]", lambda found: f"_{ord(found[0]):x}_", part) for part in parts)
    return spelled if re.match(r"[A-Za-z_]", spelled) else f"_{spelled}"


def control_id(control: Control) -> str:
    """The identifier of a control: NIST's own, or one out of framework and id."""
    return control.objective.partition("_")[0] or token(control.framework, control.id)


def objective_id(control: Control) -> str:
    """The identifier of the objective that a finding is about: NIST's own, or one of this document's."""
    return control.objective or f"{control_id(control)}_obj"


def prop(name: str, value: str) -> dict[str, str]:
    """A property of stslab's own."""
    return {"name": name, "ns": NAMESPACE, "value": line(value)}


def origins(names: Names) -> list[dict[str, object]]:
    """Who found something out: the suite."""
    return [{"actors": [{"type": "tool", "actor-uuid": names.of_tool("component")}]}]


def _tool() -> UUID:
    return uuid5(_OURS, f"stslab {__version__}")


def _encodable(text: str) -> str:
    return text.encode("utf-8", "backslashreplace").decode()
