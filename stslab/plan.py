"""What a run is about to make, and where: said before it is done."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from stslab.canary import canary_name
from stslab.documents import LabDocuments
from stslab.marks import Marks
from stslab.settings import LabSettings


def plan(
    target: str, account: str, who: str, settings: LabSettings, documents: LabDocuments, marks: Marks
) -> Iterator[str]:
    """Say what a run makes, a line a thing.

    Args:
        target: what the target is called.
        account: the account, with its names.
        who: the ARN of the admin.
        settings: the settings, with the names that the run gives.
        documents: template and policy.
        marks: the tags.
    """
    yield f"plan: in account {account} on {target}, region {settings.region}, as {who}:"
    boundary = f", with boundary {settings.permissions_boundary}" if settings.permissions_boundary else ""
    yield f"  user    {canary_name(marks)} and its access key, gone before the lab begins{boundary}"
    yield f"  user    {settings.user_name} and its access key{boundary}"
    yield f"  stack   {settings.stack_name}: {_resources(documents.template.data)}"
    yield "  object  in the stack's bucket"
    yield f"  policy  {settings.policy_name} of the user"
    yield f"  session {settings.session_name} of the stack's role"
    if marks.run:
        yield f"  tagged  {', '.join('='.join(tag.values()) for tag in marks.tags)}"
    yield "  and all of it is taken away again"


def _resources(template: Mapping[str, object]) -> str:
    resources = template.get("Resources")
    if not isinstance(resources, Mapping):
        return "nothing that can be read"
    types = {name: body.get("Type") if isinstance(body, Mapping) else None for name, body in resources.items()}
    return ", ".join(f"{name} ({kind})" for name, kind in types.items())
