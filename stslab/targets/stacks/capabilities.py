"""What a template needs leave for.

Source for the whole module: CloudFormation API reference, CreateStack, Capabilities.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

NAMES = frozenset({"RoleName", "UserName", "GroupName", "ManagedPolicyName", "InstanceProfileName"})
"""Properties that give an IAM resource a name of its own. Source: CloudFormation API reference, CreateStack,
Capabilities: "If you have IAM resources with custom names, you must specify CAPABILITY_NAMED_IAM"."""

NAMEABLE = frozenset(f"AWS::IAM::{kind}" for kind in ("Role", "User", "Group", "ManagedPolicy", "InstanceProfile"))

ACKNOWLEDGED = NAMEABLE | frozenset(
    f"AWS::IAM::{kind}"
    for kind in ("AccessKey", "GroupPolicy", "Policy", "RolePolicy", "UserPolicy", "UserToGroupAddition")
)
"""Types that a caller has to acknowledge. Source: CloudFormation API reference, CreateStack, Capabilities, which does
not list GroupPolicy, RolePolicy and UserPolicy, that are younger than the list."""


def missing_capabilities(template: Mapping[str, Any], given: Sequence[str]) -> list[str]:
    """Name the capabilities that a template needs and was not given.

    Args:
        template: the template, read.
        given: the capabilities of the call.
    """
    found = template.get("Resources")
    resources = [r for r in found.values() if isinstance(r, Mapping)] if isinstance(found, Mapping) else []
    ours = [r for r in resources if r.get("Type") in ACKNOWLEDGED]
    named = any(r["Type"] in NAMEABLE and NAMES & set(r.get("Properties") or {}) for r in ours)
    missing = []
    if named and "CAPABILITY_NAMED_IAM" not in given:
        missing.append("CAPABILITY_NAMED_IAM")
    elif ours and not {"CAPABILITY_IAM", "CAPABILITY_NAMED_IAM"} & set(given):
        missing.append("CAPABILITY_IAM")
    if "Transform" in template and "CAPABILITY_AUTO_EXPAND" not in given:
        missing.append("CAPABILITY_AUTO_EXPAND")
    return missing
