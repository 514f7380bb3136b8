"""Manners of the run's clients that boto3 does not have."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from botocore.exceptions import ClientError
from botocore.parsers import ResponseParserError

from stslab.calls import action_name, denial_code, resource_name
from stslab.errors import NotPermitted, SuiteError, UnreadableAnswer

READING = ("Get", "List", "Describe", "Head")
"""How the names of operations begin that change nothing, and may be repeated."""


class Discreet:
    """Part of every client: an answer that cannot be read is asked for again where that changes nothing.

    botocore puts the text of such an answer into its exception, a new secret key with it, and does not ask again.
    """

    def _make_api_call(self, operation_name: str, api_params: Mapping[str, Any]) -> Any:
        tries = 3 if operation_name.startswith(READING) else 1
        for left in reversed(range(tries)):
            try:
                return super()._make_api_call(operation_name, api_params)  # type: ignore[misc]
            except ResponseParserError:
                if not left:
                    raise UnreadableAnswer(f"The answer to {operation_name} cannot be read.") from None
        return None


class OfTheAdmin:
    """Part of the clients of an admin who may not do everything: a denial is the account's doing, not the lab's.

    It is the lab's where the lab's own bucket denies it. Source: IAM user guide, "Troubleshoot access denied error
    messages", explicit denial by a resource-based policy.
    """

    REMEDY = "policies/sandbox/bootstrap.yaml lists what it takes"

    def _make_api_call(self, operation_name: str, api_params: Mapping[str, Any]) -> Any:
        try:
            return super()._make_api_call(operation_name, api_params)  # type: ignore[misc]
        except ClientError as error:
            service = str(self.meta.service_model.service_name)  # type: ignore[attr-defined]
            said = error.response["Error"]
            # An answer to a HEAD request has no room for a code.
            if said.get("Code") not in (denial_code(service), "403") or "resource-based policy" in said["Message"]:
                raise
            action, resource = action_name(service, operation_name), resource_name(api_params)
            raise NotPermitted(
                f"The run's own admin may not {action} on {resource} ({said['Message'].rstrip('.')}); {self.REMEDY}."
            ) from error


class OfAnObserver(OfTheAdmin):
    """Part of the clients of who looks at an account, the admin or somebody who may only read."""

    REMEDY = "AWS's managed policy ReadOnlyAccess is enough to look at a lab"


class OnlyReading:
    """Part of every client of a run that changes nothing: it calls nothing else, and assumes the role to try it."""

    def _make_api_call(self, operation_name: str, api_params: Mapping[str, Any]) -> Any:
        if not operation_name.startswith((*READING, "Lookup")) and operation_name != "AssumeRole":
            raise SuiteError(f"{operation_name} would change something, and this run only looks.")
        return super()._make_api_call(operation_name, api_params)  # type: ignore[misc]


def part_of_clients(part: type) -> Callable[..., None]:
    """A handler of boto3's event ``creating-client-class`` that makes a class part of every client.

    Source: boto3 documentation, "Extensibility guide".
    """

    def insert(base_classes: list[type], **_: Any) -> None:
        base_classes.insert(0, part)

    return insert
