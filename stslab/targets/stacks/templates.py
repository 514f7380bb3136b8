"""A template as CloudFormation takes it, and everything for which it refuses one before it makes anything.

Source for the whole module: CloudFormation user guide, "Template anatomy", "Resources", "Troubleshooting
CloudFormation"; the sentences are those that CloudFormation answers, as people have reported them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Any

import yaml
from moto.cloudformation.exceptions import ValidationError

from stslab.documents import template_data
from stslab.targets.stacks.references import attributes, circle, conditions, dependencies, references
from stslab.targets.stacks.schemas import attributes_of, is_known

RESOURCES = 500
"""Source: CloudFormation user guide, "Quotas", resources declared in a template."""

BODY_LIMIT, URL_LIMIT = 51_200, 1_048_576
"""Bytes of a template in the request and of one in S3. Source: CloudFormation user guide, "Quotas"."""

_SECTIONS = frozenset(
    {
        "AWSTemplateFormatVersion",
        "Conditions",
        "Description",
        "Hooks",
        "Mappings",
        "Metadata",
        "Outputs",
        "Parameters",
        "Resources",
        "Rules",
        "Transform",
    }
)
_MEMBERS = frozenset(
    {
        "Condition",
        "CreationPolicy",
        "DeletionPolicy",
        "DependsOn",
        "Metadata",
        "Properties",
        "Type",
        "UpdatePolicy",
        "UpdateReplacePolicy",
    }
)
_POLICIES = ("Delete", "Retain", "RetainExceptOnCreate", "Snapshot")
_PSEUDO = frozenset(
    f"AWS::{name}"
    for name in ("AccountId", "NotificationARNs", "NoValue", "Partition", "Region", "StackId", "StackName", "URLSuffix")
)


def read_template(text: str) -> dict[str, Any]:
    """Read a template's text, JSON or YAML, with the short forms of the intrinsic functions written out.

    Raises:
        ValidationError: it is not well-formed, or no template.
    """
    try:
        data = _written_out(_parsed(text))
    except yaml.MarkedYAMLError as fault:
        mark = fault.problem_mark or fault.context_mark
        where = f" (line {mark.line + 1}, column {mark.column + 1})" if mark else ""
        kind = "JSON" if text.lstrip().startswith("{") else "YAML"
        raise invalid(f"Template format error: {kind} not well-formed.{where}") from None
    except (yaml.YAMLError, ValueError, RecursionError):
        raise invalid("Template format error: YAML not well-formed.") from None
    if not isinstance(data, dict):
        raise invalid("Template format error: unsupported structure.")
    return data


def require_template(template: Mapping[str, Any]) -> None:
    """Refuse a template that CloudFormation would not begin to deploy.

    Raises:
        ValidationError: with the first thing that is wrong in it.
    """
    fault = next(_faults(template), None)
    if fault is not None:
        raise invalid(fault)


def invalid(message: str) -> Exception:
    """The error by which CloudFormation refuses a request."""
    return ValidationError(message=message)


@lru_cache(maxsize=32)
def _parsed(text: str) -> Any:
    """What a template's text says, which one request asks for more than once; nobody may change it."""
    if _has_alias(text):
        raise invalid("Template error: YAML aliases are not allowed in CloudFormation templates")
    return template_data(text)


def _written_out(value: Any) -> Any:
    """Have ``Fn::GetAtt`` be a list wherever it is written with a dot, and every key a text."""
    if isinstance(value, dict):
        return {
            str(key): inner.split(".", 1)
            if key == "Fn::GetAtt" and isinstance(inner, str) and "." in inner
            else _written_out(inner)
            for key, inner in value.items()
        }
    return [_written_out(each) for each in value] if isinstance(value, list) else value


def _has_alias(text: str) -> bool:
    """Whether there is an alias; an anchor that nothing refers to is none.

    Source: CloudFormation user guide, "Template format"; seeebiii/aws-cloudformation-templates issue 1 has the answer.
    """
    if "*" not in text or text.lstrip().startswith("{"):
        return False
    return any(isinstance(event, yaml.AliasEvent) for event in yaml.parse(text, Loader=yaml.SafeLoader))


def _faults(template: Mapping[str, Any]) -> Iterator[str]:
    strange = [name for name in template if name not in _SECTIONS]
    if strange:
        yield f"Invalid template property or properties [{', '.join(strange)}]"
    version = template.get("AWSTemplateFormatVersion", "2010-09-09")
    if version != "2010-09-09":
        yield f"Template format error: {version} is not a supported value for AWSTemplateFormatVersion."
    resources = template.get("Resources")
    if not isinstance(resources, Mapping) or not resources:
        yield "Template format error: At least one Resources member must be defined."
        return
    if len(resources) > RESOURCES:
        too_many = f"Number of resources, {len(resources)}, is greater than maximum allowed, {RESOURCES}"
        yield f"Template format error: {too_many}"
    for section in ("Parameters", "Mappings", "Conditions", "Outputs"):
        members = template.get(section, {})
        if not isinstance(members, Mapping) or not all(
            isinstance(member, Mapping) or section == "Conditions" for member in members.values()
        ):
            yield f"Template format error: [/{section}] is not an object of objects."
    yield from _faults_of_parameters(template)
    for name, resource in resources.items():
        yield from _faults_of_resource(name, resource)
    unknown = list(dict.fromkeys(r["Type"] for r in resources.values() if not is_known(r["Type"])))
    if unknown:
        yield f"Template format error: Unrecognized resource types: [{', '.join(unknown)}]"
    yield from _faults_of_names(template, resources)


def _faults_of_parameters(template: Mapping[str, Any]) -> Iterator[str]:
    for name, parameter in template.get("Parameters", {}).items():
        if not isinstance(parameter.get("Type"), str):
            yield f"Template format error: [/Parameters/{name}] Every Parameters object must contain a Type member."
        if not str(name).isalnum():
            yield f"Template format error: Parameter name {name} is non alphanumeric."


def _faults_of_resource(name: str, resource: Any) -> Iterator[str]:
    if not isinstance(resource, Mapping):
        yield f"Template format error: [/Resources/{name}] resource definition is malformed"
        return
    if not isinstance(resource.get("Type"), str):
        yield f"Template format error: [/Resources/{name}] Every Resources object must contain a Type member."
        return
    if not re.fullmatch(r"[A-Za-z0-9]+", name):
        yield f"Template format error: Resource name {name} is non alphanumeric."
    yield from (f"Invalid template resource property '{member}'" for member in resource if member not in _MEMBERS)
    if not isinstance(resource.get("Condition", ""), str):
        yield f"Template format error: [/Resources/{name}] Every Condition member must be a string."
    if not isinstance(resource.get("Properties", {}), Mapping):
        yield f"Template format error: [/Resources/{name}/Properties] is not an object."
    empty = next(_nulls(resource, f"/Resources/{name}"), None)
    if empty:
        yield f"[{empty}] 'null' values are not allowed in templates"
    for attribute in ("DeletionPolicy", "UpdateReplacePolicy"):
        policy = resource.get(attribute, "Delete")
        if isinstance(policy, str) and policy not in _POLICIES:
            yield f"Template format error: Unrecognized {attribute} {policy} for resource {name}"


def _faults_of_names(template: Mapping[str, Any], resources: Mapping[str, Any]) -> Iterator[str]:
    known = {*resources, *template.get("Parameters", {})} | _PSEUDO
    for name, resource in resources.items():
        waits = dependencies({k: v for k, v in resource.items() if k != "Metadata"})
        yield from _faults_of_attributes(resource, resources)
        yield from _unresolved(waits, known, "Resources")
        if name in waits:
            yield f"Circular dependency between resources: [{name}]"
    outputs = template.get("Outputs", {})
    yield from _faults_of_attributes(outputs, resources)
    yield from _unresolved(references(outputs), known, "Outputs")
    for section, members in (("Resources", resources), ("Outputs", outputs)):
        for condition in conditions([_without_documents(member) for member in members.values()]):
            if condition not in template.get("Conditions", {}):
                yield (
                    f"Template format error: Unresolved condition dependency {condition} "
                    f"in the {section} block of the template"
                )
    if round_ := circle(resources):
        yield f"Circular dependency between resources: [{', '.join(round_)}]"


def _unresolved(named: Any, known: Any, section: str) -> Iterator[str]:
    missing = list(dict.fromkeys(name for name in named if name not in known))
    if missing:
        yield (
            f"Template format error: Unresolved resource dependencies [{', '.join(missing)}] "
            f"in the {section} block of the template"
        )


def _faults_of_attributes(value: Any, resources: Mapping[str, Any]) -> Iterator[str]:
    for name, attribute in attributes(value):
        if name not in resources:
            yield f"Template error: instance of Fn::GetAtt references undefined resource {name}"
            continue
        known = attributes_of(resources[name]["Type"])
        if known and attribute.partition(".")[0] not in known:
            yield f"Template error: resource {name} does not support attribute type {attribute} in Fn::GetAtt"


def _without_documents(value: Any) -> Any:
    """Leave out policy documents, in whose statements ``Condition`` is IAM's own element."""
    if isinstance(value, Mapping):
        return {k: _without_documents(v) for k, v in value.items() if k != "Statement"}
    return [_without_documents(each) for each in value] if isinstance(value, list) else value


def _nulls(value: Any, where: str) -> Iterator[str]:
    if value is None:
        yield where
    elif isinstance(value, Mapping):
        for key, inner in value.items():
            yield from _nulls(inner, f"{where}/{key}")
    elif isinstance(value, list):
        for index, each in enumerate(value):
            yield from _nulls(each, f"{where}/{index}")
