"""The elements of a lab's documents: where a policy, a statement or a role stands in them."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import yaml

from stslab.documents import line_of, template_data
from stslab.result import ShownDocument

Keys = tuple[str | int, ...]
"""The way to an element: keys of mappings, and indexes of lists."""

ROLE = "AWS::IAM::Role"
TRUST = "AssumeRolePolicyDocument"

_SOURCE = re.compile(
    r"(?P<kind>trust policy|managed policy|policy)(?: of)? (?P<name>.+?)(?: of (?:user|role|group) .+)?"
)
"""What an explanation calls a policy, as ``policy StsAssumePolicy of user a``."""

_INLINE = ("AWS::IAM::Policy", "AWS::IAM::RolePolicy", "AWS::IAM::UserPolicy")


class Elements:
    """One document, read; what cannot be read has no elements.

    Args:
        document: the document.
    """

    def __init__(self, document: ShownDocument) -> None:
        self.name = document.name
        self._text = "" if document.redacted else document.text
        self._data = _data(self._text, json_only=document.kind == "policy")

    @property
    def resources(self) -> Mapping[str, Mapping[str, Any]]:
        """The resources of a template by their logical ids."""
        found = self._data.get("Resources")
        named = found.items() if isinstance(found, Mapping) else ()
        return {str(name): resource for name, resource in named if isinstance(resource, Mapping)}

    def line(self, keys: Keys) -> int | None:
        """The line of an element, or of what it would stand in; nothing where that cannot be told."""
        try:
            place, _, line = line_of(Path("document"), self._text, keys).rpartition(":")
        except (IndexError, RecursionError):
            return None
        return int(line) if place else None

    def of_type(self, *types: str) -> list[str]:
        """The logical ids of the resources of some types."""
        return [name for name, resource in self.resources.items() if resource.get("Type") in types]

    def role(self, hint: str = "") -> Keys:
        """The way to the lab's role: the only one, or the only one that a name of IAM's may be of; or nowhere."""
        roles = self.of_type(ROLE)
        if len(roles) > 1:
            roles = [name for name in roles if f"-{name}-" in hint]
        return ("Resources", roles[0]) if len(roles) == 1 else ()

    def statement(self, source: str, index: int) -> Keys:
        """The way to a statement of a template's, given what an explanation calls its policy; or nowhere."""
        told = _SOURCE.fullmatch(source)
        if told is None or source.startswith("policy of bucket "):
            return self._of_only(("AWS::S3::BucketPolicy",), ("PolicyDocument", "Statement", index))
        if told["kind"] == "trust policy":
            role = self.role(source)
            return (*role, "Properties", TRUST, "Statement", index) if role else ()
        if told["kind"] == "managed policy":
            return self._of_only(("AWS::IAM::ManagedPolicy",), ("PolicyDocument", "Statement", index))
        return next(((*keys, "Statement", index) for name, keys in self._named() if name == told["name"]), ())

    def _of_only(self, types: tuple[str, ...], keys: Keys) -> Keys:
        found = self.of_type(*types)
        return ("Resources", found[0], "Properties", *keys) if len(found) == 1 else ()

    def _named(self) -> Iterator[tuple[str, Keys]]:
        """The inline policies of a template by name, with the way to their documents."""
        for name, resource in self.resources.items():
            properties = resource.get("Properties")
            if not isinstance(properties, Mapping):
                continue
            listed = properties.get("Policies")
            for number, policy in enumerate(listed if isinstance(listed, list) else ()):
                if isinstance(policy, Mapping):
                    way: Keys = ("Resources", name, "Properties", "Policies", number, "PolicyDocument")
                    yield str(policy.get("PolicyName")), way
            if resource.get("Type") in _INLINE:
                yield str(properties.get("PolicyName")), ("Resources", name, "Properties", "PolicyDocument")


def _data(text: str, *, json_only: bool) -> Mapping[str, Any]:
    try:
        data = json.loads(text) if json_only else template_data(text)
    except (yaml.YAMLError, ValueError, RecursionError):
        return {}
    return data if isinstance(data, Mapping) else {}
