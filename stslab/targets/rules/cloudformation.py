"""CloudFormation: what a template needs leave for, asked before anything is made."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import yaml

from stslab.documents import template_data
from stslab.targets.refusals import refusal

NAMES = frozenset({"RoleName", "UserName", "GroupName", "ManagedPolicyName", "InstanceProfileName"})
"""Properties that give an IAM resource a name of its own. Source: CloudFormation API reference, CreateStack,
Capabilities: "If you have IAM resources with custom names, you must specify CAPABILITY_NAMED_IAM"."""

NAMEABLE = frozenset(f"AWS::IAM::{kind}" for kind in ("Role", "User", "Group", "ManagedPolicy", "InstanceProfile"))

DEPLOYING = frozenset({"CreateStack", "UpdateStack", "CreateChangeSet"})


def check(call: Any, operation: str) -> None:
    """Refuse a deployment whose template needs a capability that the caller does not acknowledge.

    Raises:
        Exception: InsufficientCapabilitiesException.

    Source: CloudFormation API reference, CreateStack, Capabilities.
    """
    if operation in DEPLOYING:
        given = [values[0] for name, values in call.data.items() if str(name).startswith("Capabilities.member.")]
        missing = missing_capability(str(call.data.get("TemplateBody", [""])[0]), given)
        if missing:
            message = f"Requires capabilities : [{missing}]"
            raise refusal("cloudformation", call.headers, "InsufficientCapabilitiesException", message, 400)


def missing_capability(template: str, given: list[str]) -> str:
    """Name the capability that a template needs and was not given, or give an empty string.

    Args:
        template: the template's text; where there is none (a TemplateURL) nothing is known to be missing.
        given: the capabilities of the call.
    """
    resources = _resources(template)
    ours = [r for r in resources if str(r.get("Type", "")).startswith("AWS::IAM::")]
    if any(r["Type"] in NAMEABLE and NAMES & set(r.get("Properties") or {}) for r in ours):
        return "" if "CAPABILITY_NAMED_IAM" in given else "CAPABILITY_NAMED_IAM"
    return "CAPABILITY_IAM" if ours and not {"CAPABILITY_IAM", "CAPABILITY_NAMED_IAM"} & set(given) else ""


def _resources(template: str) -> list[Mapping[str, Any]]:
    """The resources of a template; of one that does not parse none, since moto itself refuses that."""
    try:
        data = template_data(template)
    except (yaml.YAMLError, ValueError):
        return []
    found = data.get("Resources") if isinstance(data, Mapping) else None
    return [r for r in found.values() if isinstance(r, Mapping)] if isinstance(found, Mapping) else []
