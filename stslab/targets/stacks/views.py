"""Operations that show a stack or a template.

Source for the whole module: CloudFormation API reference, each operation's "Request Parameters" and "Errors".
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from moto.cloudformation.responses import get_template_summary_response_from_template
from moto.core.responses import ActionResult

from stslab.targets.stacks.capabilities import ACKNOWLEDGED, missing_capabilities
from stslab.targets.stacks.requests import StackRequest
from stslab.targets.stacks.stack import shown
from stslab.targets.stacks.templates import invalid, read_template


class Views(StackRequest):
    """The operations that change nothing."""

    def describe_stack_resource(self) -> ActionResult:
        """Show one resource of a stack."""
        stack = self._existing(self._get_param("StackName"))
        named = self._get_param("LogicalResourceId")
        found = list(shown(stack, named))
        if not found:
            raise invalid(f"Resource {named} does not exist for stack {stack.name}")
        return ActionResult({"StackResourceDetail": found[0]})

    def describe_stack_resources(self) -> ActionResult:
        """Show the resources of a stack, in their own states."""
        stack = self._existing(self._get_param("StackName"))
        return ActionResult({"StackResources": list(shown(stack, self._get_param("LogicalResourceId")))})

    def list_stack_resources(self) -> ActionResult:
        """List the resources of a stack, in their own states."""
        stack = self._existing(self._get_param("StackName"))
        return ActionResult({"StackResourceSummaries": list(shown(stack))})

    def get_template_summary(self) -> ActionResult:
        """Show what a template asks for."""
        name = self._get_param("StackName")
        text = str(self._existing(name).template) if name else self._template()
        # moto reads a template with a loader that runs the Python in it; in JSON there is none.
        return ActionResult(get_template_summary_response_from_template(json.dumps(read_template(text))))

    def validate_template(self) -> ActionResult:
        """Say whether a template is well-formed, and what it asks for."""
        text = self._template()
        template = self._read(text)
        parameters = [
            {
                "ParameterKey": name,
                "DefaultValue": parameter.get("Default"),
                "NoEcho": bool(parameter.get("NoEcho", False)),
                "Description": parameter.get("Description"),
            }
            for name, parameter in (template.get("Parameters") or {}).items()
        ]
        missing = missing_capabilities(template, [])
        return ActionResult(
            {
                "Parameters": parameters,
                "Description": template.get("Description"),
                "Capabilities": missing,
                "CapabilitiesReason": f"The following resource(s) require capabilities: [{', '.join(_iam(template))}]"
                if missing
                else None,
            }
        )


def _iam(template: Mapping[str, Any]) -> list[str]:
    return list(dict.fromkeys(r["Type"] for r in template["Resources"].values() if r["Type"] in ACKNOWLEDGED))
