"""Rules of the services that decide about this lab and that moto leaves out.

They are about deploying: CloudFormation asks for an acknowledgement, and IAM refuses a trust policy that it cannot make
sense of or that names somebody who is not there.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from typing import Any

import yaml

from stslab.documents import template_data
from stslab.iam import MalformedPolicy, Policy, parse_policy, require_trust_policy

NAMES = frozenset({"RoleName", "UserName", "GroupName", "ManagedPolicyName", "InstanceProfileName"})
"""Properties that give an IAM resource a name of its own. Source: CloudFormation API reference, CreateStack,
Capabilities: "If you have IAM resources with custom names, you must specify CAPABILITY_NAMED_IAM"."""

NAMEABLE = frozenset(f"AWS::IAM::{kind}" for kind in ("Role", "User", "Group", "ManagedPolicy", "InstanceProfile"))

_OWN = re.compile(r"arn:[\w-]+:iam::(?P<account>\d{12}):(?P<kind>user|role)/(?P<name>.+)")


def replacements() -> dict[tuple[Any, str], Callable[..., Any]]:
    """Give moto's method that needs a rule put before it, with the rule in place."""
    from moto.iam.models import IAMBackend

    create_role = IAMBackend.create_role

    def trusted(backend: Any, role_name: str, assume_role_policy_document: str, *rest: Any, **named: Any) -> Any:
        fault = trust_fault(assume_role_policy_document, backend)
        if fault:
            raise _malformed(fault)
        return create_role(backend, role_name, assume_role_policy_document, *rest, **named)

    return {(IAMBackend, "create_role"): trusted}


def check_request(action: str, data: Mapping[str, list[str]]) -> None:
    """Refuse a permitted request that breaks a rule.

    Args:
        action: what is asked for, for example ``cloudformation:CreateStack``.
        data: the parameters as they came, a list of values by name.

    Raises:
        werkzeug.exceptions.HTTPException: the refusal, in the service's words.
    """
    if action == "cloudformation:CreateStack":
        given = [values[0] for name, values in data.items() if name.startswith("Capabilities.member.")]
        missing = missing_capability(data.get("TemplateBody", [""])[0], given)
        if missing:
            raise _insufficient(missing)


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
    from werkzeug.exceptions import BadRequest

    error = "<Code>InsufficientCapabilitiesException</Code>"
    error += f"<Message>Requires capabilities : [{capability}]</Message>"
    return BadRequest(f"<ErrorResponse><Error><Type>Sender</Type>{error}</Error></ErrorResponse>")


def _malformed(message: str) -> Exception:
    from moto.iam.exceptions import MalformedPolicyDocument

    return MalformedPolicyDocument(message)
