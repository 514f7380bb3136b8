"""Rules of the services that decide about this lab and that moto leaves out.

They are about deploying: CloudFormation asks for an acknowledgement, and IAM refuses a trust policy that it cannot make
sense of or that names somebody who is not there.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from typing import Any

from stslab.documents import template_data
from stslab.iam import MalformedPolicy, Policy, parse_policy, require_trust_policy

NAMES = frozenset({"RoleName", "UserName", "GroupName", "ManagedPolicyName", "InstanceProfileName"})
"""Properties that give an IAM resource a name of its own. Source: CloudFormation API reference, CreateStack,
Capabilities: "If you have IAM resources with custom names, you must specify CAPABILITY_NAMED_IAM"."""

NAMEABLE = frozenset(f"AWS::IAM::{kind}" for kind in ("Role", "User", "Group", "ManagedPolicy", "InstanceProfile"))

_OWN = re.compile(r"arn:[\w-]+:iam::(?P<account>\d{12}):(?P<kind>user|role)/(?P<name>.+)")


def replacements() -> dict[tuple[Any, str], Callable[..., Any]]:
    """Give moto's methods that need a rule put before them, each with the rule in place."""
    from moto.cloudformation.responses import CloudFormationResponse
    from moto.iam.models import IAMBackend

    create_stack, create_role = CloudFormationResponse.create_stack, IAMBackend.create_role

    def acknowledged(response: Any) -> Any:
        missing = missing_capability(response._get_param("TemplateBody"), response._get_param("Capabilities", []))
        if missing:
            raise _insufficient(missing)
        return create_stack(response)

    def trusted(backend: Any, role_name: str, assume_role_policy_document: str, *rest: Any, **named: Any) -> Any:
        fault = trust_fault(assume_role_policy_document, backend)
        if fault:
            raise _malformed(fault)
        return create_role(backend, role_name, assume_role_policy_document, *rest, **named)

    return {(CloudFormationResponse, "create_stack"): acknowledged, (IAMBackend, "create_role"): trusted}


def missing_capability(template: str | None, given: list[str]) -> str:
    """Name the capability that a template needs and was not given, or give an empty string.

    Args:
        template: the template's text; without one (a TemplateURL) nothing is known to be missing.
        given: the capabilities of the call.
    """
    resources = template_data(template).get("Resources", {}) if template else {}
    ours = [r for r in resources.values() if str(r.get("Type", "")).startswith("AWS::IAM::")]
    if any(r["Type"] in NAMEABLE and NAMES & set(r.get("Properties") or {}) for r in ours):
        return "" if "CAPABILITY_NAMED_IAM" in given else "CAPABILITY_NAMED_IAM"
    return "CAPABILITY_IAM" if ours and not {"CAPABILITY_IAM", "CAPABILITY_NAMED_IAM"} & set(given) else ""


def trust_fault(document: str, backend: Any) -> str:
    """Say what IAM finds wrong with a trust policy, or give an empty string.

    Source: IAM API reference, CreateRole (MalformedPolicyDocument); IAM user guide, "AWS JSON policy elements:
    Principal": a user or role that is named has to exist when the policy is saved. Whether one of another account does
    cannot be known here.
    """
    try:
        policy = parse_policy(json.loads(document), "the trust policy")
        require_trust_policy(policy)
    except json.JSONDecodeError:
        return "Syntax errors in policy."
    except MalformedPolicy as malformed:
        return malformed.message
    missing = next((arn for arn in _named(policy) if not _exists(arn, backend)), None)
    return f'Invalid principal in policy: "AWS":"{missing}"' if missing else ""


def _named(policy: Policy) -> list[str]:
    principals: list[Mapping[str, tuple[str, ...]]] = [s.principals for s in policy.statements if s.principals]
    return [value for each in principals for value in each.get("AWS", ())]


def _exists(arn: str, backend: Any) -> bool:
    found = _OWN.fullmatch(arn)
    if found is None or found["account"] != backend.account_id:
        return True
    there = backend.users if found["kind"] == "user" else backend.roles
    return any(each.arn == arn for each in there.values())


def _insufficient(capability: str) -> Exception:
    from moto.cloudformation.exceptions import CloudFormationError

    return CloudFormationError("InsufficientCapabilitiesException", f"Requires capabilities : [{capability}]")


def _malformed(message: str) -> Exception:
    from moto.iam.exceptions import MalformedPolicyDocument

    return MalformedPolicyDocument(message)
