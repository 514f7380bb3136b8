"""Where in the documents a finding stands: the file, and the line as far as it can be told."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from stslab.result import Call, CheckResult, LabResult, ShownDocument
from stslab.sarif.elements import TRUST, Elements, Keys

TEMPLATE, POLICY = "template", "policy"

_BLAMED = {
    "submission.template": TEMPLATE,
    "submission.policy": POLICY,
    "stack.deploys": TEMPLATE,
    "stack.bucket": TEMPLATE,
    "role.trust": TEMPLATE,
    "policy.attached": POLICY,
    "policy.targets-role": POLICY,
    # The trust policy has admitted the user by then: else this check would be blocked.
    "session.assumed": POLICY,
    "session.lists-buckets": TEMPLATE,
    "session.reads-bucket": TEMPLATE,
    "session.least-privilege": TEMPLATE,
    "user.still-no-s3": POLICY,
    "cleanup.complete": TEMPLATE,
    "cleanup.residue": TEMPLATE,
}
"""The document that a check is about. A check that is not here is about none."""

_UNREAD = {TEMPLATE: "template.yaml", POLICY: "policy.json"}

_AT = re.compile(r"(?P<file>[^\s:]+\.[A-Za-z]+)(?::(?P<line>[0-9]+))?: (?P<rest>.+)", re.DOTALL)
_SECRET = re.compile(
    r"(?:^There are secrets in what was handed in: |; )(?P<file>.+?):(?P<line>[0-9]+): (?P<rest>[^;]+)"
)
_LINTED = re.compile(r"does not deploy \S+: line (?P<line>[0-9]+): ")
_POINTER = re.compile(r"\[/(?P<way>Resources/[^\]\s]+)\]")
_READ = re.compile(r"Statement (?P<number>[0-9]+) of (?P<source>.+?) (?:allows|may allow) ")
_STAYED = re.compile(r"(?P<type>AWS::\w+::\w+) \S+ is still there")


@dataclass(frozen=True)
class Place:
    """A place in what was handed in.

    Args:
        file: its path.
        line: from 1; nothing where only the file can be told.
        element: what stands there, whatever line it is moved to.
    """

    file: str
    line: int | None = None
    element: str = ""


def places(check: CheckResult, result: LabResult) -> list[Place]:
    """Give the places that a check's reason is about; none where no document is to blame.

    Args:
        check: one that failed, or is undetermined.
        result: the run that it is of.
    """
    if check.id == "submission.secrets":
        return [
            Place(told["file"], int(told["line"]), told["rest"].rstrip(".")) for told in _SECRET.finditer(check.reason)
        ]
    kind = _BLAMED.get(check.id)
    if kind is None or kind == check.carried_on:
        # No document is to blame, or one that the reference stood for.
        return []
    at = _AT.match(check.reason)
    if at:
        return [Place(at["file"], int(at["line"]) if at["line"] else None, at["rest"])]
    handed_in: dict[str, ShownDocument] = {document.kind: document for document in result.handed_in}
    return [_place(check, kind, result.calls, handed_in)]


def _place(check: CheckResult, kind: str, calls: Sequence[Call], documents: Mapping[str, ShownDocument]) -> Place:
    linted = _LINTED.search(check.reason)
    if linted and TEMPLATE in documents:
        return Place(documents[TEMPLATE].name, int(linted["line"]), check.reason.partition(": ")[2])
    elements = {kind: Elements(document) for kind, document in documents.items()}
    for whose, keys in _elements(check, kind, calls, elements):
        if keys and whose in elements:
            return Place(elements[whose].name, elements[whose].line(keys), "/".join(map(str, keys)))
    # What decided stands in no document that was handed in as the policy; the template makes all the rest.
    kind = TEMPLATE if [*_statements(check, calls)] else kind
    return Place(documents[kind].name if kind in documents else _UNREAD[kind])


def _elements(
    check: CheckResult, kind: str, calls: Sequence[Call], elements: Mapping[str, Elements]
) -> Iterator[tuple[str, Keys]]:
    """The elements that may be to blame, the surest first."""
    template = elements.get(TEMPLATE)
    deciding = [*_statements(check, calls)]
    for source, index in deciding:
        if template:
            yield TEMPLATE, template.statement(source, index)
        if " of user " in source:
            yield POLICY, ("Statement", index)
    if template and kind == TEMPLATE:
        yield from ((TEMPLATE, keys) for keys in _in_template(check, template))
    if kind == POLICY and not deciding:
        yield POLICY, ("Statement",)


def _statements(check: CheckResult, calls: Sequence[Call]) -> Iterator[tuple[str, int]]:
    """The statements that decided: the one that a reason names, or those of the last call."""
    read = _READ.search(check.reason)
    if read:
        yield read["source"], int(read["number"]) - 1
    if not check.id.startswith(("user.", "session.")):
        # The others judge what documents say; their calls only fetch these.
        return
    mine = [call for call in calls if call.id in check.evidence and call.action != "sts:GetCallerIdentity"]
    ruling = mine[-1].ruling if mine else None
    yield from ((each.source, each.index) for each in (ruling.statements if ruling else ()))


def _in_template(check: CheckResult, template: Elements) -> Iterator[Keys]:
    pointer = _POINTER.search(check.reason)
    if pointer:
        yield tuple(int(step) if step.isdigit() else step for step in pointer["way"].split("/"))
    stayed = _STAYED.search(check.reason)
    for name in template.of_type(stayed["type"]) if stayed else ():
        if "DeletionPolicy" in template.resources[name]:
            yield "Resources", name, "DeletionPolicy"
    if check.id.startswith(("stack.", "cleanup.")):
        named = [
            name for name in template.resources if re.search(rf"(?<![\w-]){re.escape(name)}(?![\w-])", check.reason)
        ]
        yield from (("Resources", name) for name in named[:1])
    elif check.id.startswith(("role.", "session.")):
        role = template.role(check.reason)
        if role:
            yield (*role, "Properties", TRUST if check.id == "role.trust" else "Policies")
