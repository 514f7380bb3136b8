"""The lab's documents, read from a folder: the stack's template and the user's policy.

Both are used as they stand; reading them here only makes sure that a person hears at once, with file and line, what
is wrong with them.
"""

from __future__ import annotations

import contextlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

import yaml

from stslab.errors import BadInput
from stslab.iam import MalformedPolicy, parse_policy, require_identity_policy
from stslab.iam.grammar import object_of, require_unrepeated

TEMPLATES = ("template.yaml", "template.yml", "template.json")
POLICIES = ("policy.json", "bin/policy.json")

KEPT = frozenset({"Retain", "RetainExceptOnCreate"})
"""Source: CloudFormation user guide, "DeletionPolicy attribute"."""


@dataclass(frozen=True)
class Document:
    """One file: its path, its text as it stands, and what the text says.

    ``fault`` is a sentence where it cannot be used, and text and data are empty then; ``remarks`` are what a person
    should know about it all the same; ``raw`` are the bytes that the text was read from.
    """

    path: Path
    text: str
    data: Mapping[str, Any]
    fault: str = ""
    remarks: tuple[str, ...] = ()
    raw: bytes = b""

    @property
    def where(self) -> str:
        """What to call the file in a sentence."""
        return self.path.name


@dataclass(frozen=True)
class LabDocuments:
    """The template of the stack and the policy of the user."""

    template: Document
    policy: Document

    @property
    def parameters(self) -> frozenset[str]:
        """The names of the template's parameters."""
        declared = self.template.data.get("Parameters")
        return frozenset(declared if isinstance(declared, Mapping) else ())

    @property
    def retained(self) -> frozenset[str]:
        """The logical ids of the resources that the template has CloudFormation leave behind."""
        resources = self.template.data.get("Resources")
        return frozenset(
            str(name)
            for name, resource in (resources.items() if isinstance(resources, Mapping) else ())
            if isinstance(resource, Mapping) and str(resource.get("DeletionPolicy")) in KEPT
        )


def load_documents(folder: Path) -> LabDocuments:
    """Read ``template.yaml`` (``.yml``, ``.json``) and ``policy.json`` (or ``bin/policy.json``) of a folder.

    Raises:
        BadInput: one is missing, there twice, does not parse, or is no such document.
    """
    if not folder.is_dir():
        raise BadInput(str(folder), "there is no such folder", "give the folder that holds the lab's documents")
    return LabDocuments(_template(_only(folder, TEMPLATES)), _policy(_only(folder, POLICIES)))


def _only(folder: Path, names: tuple[str, ...]) -> Path:
    found = [folder / name for name in names if (folder / name).is_file()]
    if not found:
        raise BadInput(str(folder), f"there is no {names[0]}", f"put one there ({' or '.join(names)})")
    if len(found) > 1:
        both = " and ".join(path.relative_to(folder).as_posix() for path in found)
        raise BadInput(str(folder), f"there are {both}", "keep the one that counts")
    return found[0]


def read_text(path: Path) -> str:
    """Read a file of a person's, with or without a byte order mark.

    Raises:
        BadInput: it is not there, or not UTF-8.
    """
    return _decoded(path, _read(path))


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise BadInput(str(path), f"it cannot be read ({error.strerror})", "make it readable") from None


def _decoded(path: Path, raw: bytes) -> str:
    try:
        return raw.decode("utf-8-sig").replace("\r\n", "\n")
    except UnicodeDecodeError as error:
        raise BadInput(str(path), f"byte {error.start} is not UTF-8", "save the file as UTF-8") from None


class _TemplateLoader(yaml.SafeLoader):
    """YAML with CloudFormation's short intrinsics; a date stays the text that it is, and a merge the key ``<<``.

    CloudFormation admits neither aliases nor merges, and merges of merges grow without bound.
    """

    def flatten_mapping(self, node: yaml.MappingNode) -> None:
        """Leave a merge as it is written."""


_TemplateLoader.yaml_implicit_resolvers = {
    first: [(tag, regexp) for tag, regexp in resolvers if tag != "tag:yaml.org,2002:timestamp"]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


def _intrinsic(loader: _TemplateLoader, suffix: str, node: yaml.Node) -> dict[str, Any]:
    value: Any
    if isinstance(node, yaml.ScalarNode):
        value = loader.construct_scalar(node)
    elif isinstance(node, yaml.SequenceNode):
        value = loader.construct_sequence(node, deep=True)
    elif isinstance(node, yaml.MappingNode):
        value = loader.construct_mapping(node, deep=True)
    else:
        raise yaml.YAMLError(f"!{suffix} stands before nothing")
    return {suffix if suffix in ("Ref", "Condition") else f"Fn::{suffix}": value}


_TemplateLoader.add_multi_constructor("!", _intrinsic)


def _text_of_digits(loader: _TemplateLoader, node: yaml.ScalarNode) -> str:
    """An account that begins with a zero, without quotes: no octal number for its 8 or 9, and so read as a float.

    CloudFormation writes it as Java does. Source: skyarch.net, "CloudFormation YAML", which shows 012345678901 become
    1.2345678901E10.
    """
    return f"{Decimal(loader.construct_scalar(node)).normalize():E}".replace("E+", "E")


_TemplateLoader.add_implicit_resolver("!digits", re.compile(r"0(?=[0-9]*[89])[0-9]{8,}$"), ["0"])
_TemplateLoader.yaml_constructors = {
    **_TemplateLoader.yaml_constructors,
    "tag:yaml.org,2002:merge": yaml.SafeLoader.construct_yaml_str,
    "!digits": _text_of_digits,
}


def template_data(text: str) -> Any:
    """Read a template, JSON or YAML with CloudFormation's short intrinsics.

    Raises:
        yaml.YAMLError, ValueError, RecursionError: it does not parse.
    """
    if text.lstrip().startswith("{"):
        # JSON may be indented with tabs, which YAML does not admit.
        with contextlib.suppress(ValueError):
            return json.loads(text)
    return yaml.load(text, Loader=_TemplateLoader)  # noqa: S506 (a SafeLoader)


def read_template(path: Path, text: str) -> Mapping[str, Any]:
    """Read the text of a template.

    Raises:
        BadInput: it does not parse, or is no mapping.
    """
    if path.suffix == ".json":
        data = read_json(path, text)
    else:
        try:
            data = template_data(text)
        except yaml.MarkedYAMLError as error:
            mark = error.problem_mark or error.context_mark
            raise BadInput(
                f"{path}:{mark.line + 1 if mark else 1}",
                f"the template does not parse: {error.problem}",
                "mend the YAML",
            ) from None
        except RecursionError:
            raise BadInput(str(path), "the template is nested too deeply", "flatten it") from None
        except (yaml.YAMLError, ValueError) as error:
            raise BadInput(str(path), f"the template does not parse: {error}", "mend the YAML") from None
    if not isinstance(data, Mapping):
        raise BadInput(str(path), "the template is not a mapping with Resources", "give a CloudFormation template")
    return data


def _template(path: Path) -> Document:
    raw = _read(path)
    text = _decoded(path, raw)
    data = read_template(path, text)
    resources = data.get("Resources")
    if not isinstance(resources, Mapping) or not resources:
        raise BadInput(
            line_of(path, text, ("Resources",)), "the template has no Resources", "name the bucket and the role"
        )
    for name, resource in resources.items():
        if not isinstance(resource, Mapping) or not isinstance(resource.get("Type"), str):
            raise BadInput(
                line_of(path, text, ("Resources", name)),
                f"resource {name} has no Type",
                "give it one, as AWS::S3::Bucket",
            )
    return Document(path, text, data, raw=raw)


def _policy(path: Path) -> Document:
    raw = _read(path)
    text = _decoded(path, raw)
    data = read_json(path, text)
    try:
        require_unrepeated(data)
        require_identity_policy(parse_policy(data, path.name))
    except MalformedPolicy as fault:
        raise BadInput(line_of(path, text, fault.path), fault.message, "mend the policy") from None
    return Document(path, text, data, raw=raw)


def read_json(path: Path, text: str) -> Any:
    """Read the JSON of a file, in which a key that stands twice is kept in mind.

    Raises:
        BadInput: it is not JSON.
    """
    try:
        return json.loads(text, object_pairs_hook=object_of)
    except json.JSONDecodeError as error:
        raise BadInput(f"{path}:{error.lineno}", f"this is not JSON: {error.msg}", "mend the JSON") from None
    except (RecursionError, ValueError):
        raise BadInput(str(path), "the JSON is nested too deeply, or has a number too long", "flatten it") from None


def line_of(path: Path, text: str, keys: tuple[str | int, ...]) -> str:
    """The file with the line where an element begins, as far as the way to it exists."""
    try:
        # JSON is YAML but for tabs, which only ever stand between its tokens.
        node = yaml.compose(text.replace("\t", " "), Loader=yaml.SafeLoader)
    except yaml.YAMLError:
        return str(path)
    if node is None:
        return str(path)
    line = node.start_mark.line
    for key in keys:
        if isinstance(node, yaml.MappingNode):
            pair = next(((k, v) for k, v in node.value if k.value == key), None)
            if pair is None:
                break
            line, node = pair[0].start_mark.line, pair[1]
        elif isinstance(node, yaml.SequenceNode) and isinstance(key, int):
            node = node.value[key]
            line = node.start_mark.line
        elif not isinstance(key, int):
            break
    return f"{path}:{line + 1}"
