"""The mapping file ``controls.toml``: read, and refused where it says what cannot be."""

from __future__ import annotations

import tomllib
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path

from stslab.controls.control import Control, Controls, Exemption, Framework, Silence
from stslab.controls.fields import Fields
from stslab.documents import read_text
from stslab.errors import BadInput

__all__ = ["FILE", "Control", "Controls", "Exemption", "Framework", "Silence", "load_controls", "read_controls"]

FILE = "controls.toml"

SCHEMA = 1


def load_controls(folder: Path, reference: Path, checks: Collection[str]) -> Controls:
    """Read ``controls.toml`` of a folder, or the reference one where the folder has none.

    Args:
        folder: the folder with the lab's documents.
        reference: the folder with the reference documents.
        checks: the ids of all the lab's checks, also of those that a run leaves out.

    Raises:
        BadInput: the file cannot be used.
    """
    return read_controls(folder / FILE if (folder / FILE).is_file() else reference / FILE, checks)


def read_controls(path: Path, checks: Collection[str]) -> Controls:
    """Read a mapping file.

    Args:
        path: the file.
        checks: the ids of all the lab's checks, also of those that a run leaves out.

    Raises:
        BadInput: it cannot be read, does not parse, or says something that cannot be.
    """
    try:
        shape = tomllib.loads(read_text(path))
    except (tomllib.TOMLDecodeError, RecursionError, ValueError) as error:
        raise BadInput(str(path), f"the mapping does not parse: {_line(error)}", "mend the TOML") from None
    if shape.get("schema") != SCHEMA or isinstance(shape.get("schema"), bool):
        raise BadInput(str(path), f"its schema is not {SCHEMA}", f"write schema = {SCHEMA}, if it is one of these")
    whole = Fields(path, "the file", shape)
    whole.only("schema", "framework", "control", "silence", "exemption", "unmapped")
    frameworks = _by_id(_framework(each) for each in _tables(path, shape, "framework"))
    controls = tuple(_control(each, frameworks, checks) for each in _tables(path, shape, "control"))
    silences = tuple(_silence(each, frameworks) for each in _tables(path, shape, "silence"))
    _require_single(path, [*(each.key for each in controls), *(each.key for each in silences)])
    exemptions = tuple(_exemption(each, controls) for each in _tables(path, shape, "exemption"))
    _require_single(path, [key for each in exemptions for key in each.controls], "exempted")
    unmapped = whole.by_name("unmapped")
    mapped = {check for control in controls for check in (*control.checks, control.broken_by)}
    for check in unmapped:
        _require_known(whole, check, checks)
        if check in mapped:
            raise whole.bad(f"has check {check} both mapped and unmapped", "decide on one")
    return Controls(frameworks, controls, silences, exemptions, unmapped)


def _line(error: Exception) -> str:
    return " ".join(str(error).split()).rstrip(".")


def _tables(path: Path, shape: Mapping[str, object], kind: str) -> Iterator[Fields]:
    tables = shape.get(kind, [])
    if not isinstance(tables, list):
        raise BadInput(str(path), f"{kind} is not a list of tables", f"write each as [[{kind}]]")
    for number, table in enumerate(tables, start=1):
        told = table.get("id") if isinstance(table, Mapping) else None
        yield Fields(path, f"{kind} {told if isinstance(told, str) and told.isprintable() else number}", table)


def _by_id(frameworks: Iterator[tuple[Fields, Framework]]) -> Mapping[str, Framework]:
    found: dict[str, Framework] = {}
    for fields, framework in frameworks:
        if framework.id in found:
            raise fields.bad("is there twice", "keep one")
        found[framework.id] = framework
    return found


def _framework(fields: Fields) -> tuple[Fields, Framework]:
    fields.only("id", "title", "version", "source")
    framework = Framework(fields.id("id"), fields.text("title"), fields.text("version"), fields.text("source"))
    if not framework.source.startswith("https://"):
        raise fields.bad("has a source that is no https address", "give its publisher's page")
    return fields, framework


def _control(fields: Fields, frameworks: Mapping[str, Framework], checks: Collection[str]) -> Control:
    fields.only("framework", "id", "title", "speaks", "checks", "broken_by", "objective", "numbers")
    control = Control(
        framework=_of(fields, frameworks).id,
        id=fields.id("id"),
        title=fields.text("title"),
        speaks=fields.text("speaks"),
        checks=fields.texts("checks"),
        broken_by=fields.text("broken_by", optional=True),
        objective=fields.objective("objective"),
        numbers=fields.by_name("numbers"),
    )
    if bool(control.checks) == bool(control.broken_by):
        raise fields.bad("has not either checks or broken_by", "give the one or the other")
    for check in (*control.checks, *filter(None, [control.broken_by])):
        _require_known(fields, check, checks)
    pinned = frameworks[control.framework].version
    if control.numbers and control.numbers.get(pinned) != control.id:
        raise fields.bad(f"has another number for {pinned}, the pinned version", f"give {control.id} for it")
    return control


def _silence(fields: Fields, frameworks: Mapping[str, Framework]) -> Silence:
    fields.only("framework", "id", "title", "why")
    return Silence(_of(fields, frameworks).id, fields.id("id"), fields.text("title"), fields.text("why"))


def _exemption(fields: Fields, controls: tuple[Control, ...]) -> Exemption:
    fields.only("controls", "owner", "reason", "expires")
    exempted = fields.texts("controls")
    if not exempted:
        raise fields.bad("names no controls", 'write controls = ["framework/id"]')
    known = {control.key: control for control in controls}
    for key in exempted:
        if key not in known:
            raise fields.bad(f"is for control {key!r}, which is unknown", "name one that is in the file")
        if not known[key].broken_by:
            raise fields.bad(f"is for control {key!r}, which the lab does not break", "take it away")
    return Exemption(exempted, fields.text("owner"), fields.text("reason"), fields.day("expires"))


def _of(fields: Fields, frameworks: Mapping[str, Framework]) -> Framework:
    name = fields.text("framework")
    if name not in frameworks:
        raise fields.bad(f"is of framework {name!r}, which is unknown", "name one that is in the file")
    return frameworks[name]


def _require_known(fields: Fields, check: str, checks: Collection[str]) -> None:
    if check not in checks:
        raise fields.bad(f"names check {check!r}, which is unknown", f"name one of {', '.join(checks)}")


def _require_single(path: Path, keys: list[str], what: str = "there") -> None:
    twice = next((key for number, key in enumerate(keys) if key in keys[:number]), None)
    if twice is not None:
        raise BadInput(str(path), f"control {twice} is {what} twice", "keep one")
