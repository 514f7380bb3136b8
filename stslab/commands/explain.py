"""``stslab explain``: one decision, and why, for a person."""

from __future__ import annotations

import argparse
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

from stslab.documents import line_of, read_json, read_text
from stslab.errors import BadInput
from stslab.iam import MalformedPolicy, Policy
from stslab.iam.decision import Layer
from stslab.iam.evaluate import resource_layer
from stslab.iam.explain import explain_all
from stslab.report.explanation import rendered
from stslab.simulation import InvalidRequest, read_document, read_request

ABOUT = """\
Decide one request and say why: the decision in a sentence, then every statement of every policy and what of it
matched.

  stslab explain --principal arn:aws:iam::111122223333:user/ana --action sts:AssumeRole \\
      --resource arn:aws:iam::111122223333:role/Reader --identity policy.json --resource-policy trust.json

The exit code is 0 for allowed, 1 for denied, 2 for input that will not do."""


def add(commands: Any) -> None:
    """Add the command's parser."""
    parser = commands.add_parser(
        "explain",
        help="decide one request and say why, statement by statement",
        description=ABOUT,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--request", metavar="FILE", help="the request as JSON, in the shape of stslab simulate")
    parser.add_argument("--principal", metavar="ARN", help="who calls")
    parser.add_argument("--action", help="what is asked for, as s3:GetObject")
    parser.add_argument("--resource", metavar="ARN", help="of what; * for an action without a resource")
    parser.add_argument("--resource-account", metavar="ID", help="whose it is, where its ARN does not say so")
    parser.add_argument(
        "--context", metavar="KEY=VALUE", action="append", default=[], help="a condition key; again for more values"
    )
    parser.add_argument("--identity", metavar="FILE", action="append", default=[], help="a policy of the principal")
    parser.add_argument("--boundary", metavar="FILE", help="the principal's permissions boundary")
    parser.add_argument("--session-policy", metavar="FILE", action="append", default=[], help="a session policy")
    parser.add_argument(
        "--resource-policy", metavar="FILE", help="the resource's policy; for sts:AssumeRole the role's trust policy"
    )
    parser.set_defaults(command=explain_request)


def explain_request(options: argparse.Namespace) -> int:
    """Print the decision and what led to it.

    Returns:
        0 for allowed, 1 for denied.

    Raises:
        BadInput: an option, a file or a document is not usable.
    """
    data = _data(options)
    try:
        request, policies = read_request(data)
    except (InvalidRequest, MalformedPolicy) as fault:
        raise BadInput(options.request or "the request", str(fault), "see stslab explain --help") from None
    policies = replace(policies, **_given(options, resource_layer(request)))
    explanation = explain_all(request, policies)
    print(rendered(request, explanation, shutil.get_terminal_size((100, 24)).columns))
    return 0 if explanation.decision.allowed else 1


def _data(options: argparse.Namespace) -> dict[str, Any]:
    data: dict[str, Any] = {}
    if options.request:
        given = read_json(Path(options.request), read_text(Path(options.request)))
        if not isinstance(given, dict):
            raise BadInput(options.request, "the request is not a JSON object", "see stslab simulate --help")
        data = dict(given)
    for field in ("principal", "action", "resource", "resource_account"):
        if getattr(options, field):
            data[field] = getattr(options, field)
    context: dict[str, list[str]] = {}
    for pair in options.context:
        key, equals, value = pair.partition("=")
        if not (key and equals):
            raise BadInput("--context", f"{pair!r} is not KEY=VALUE", "write it as aws:SourceIp=192.0.2.1")
        context.setdefault(key, []).append(value)
    if context:
        given_context = data.get("context") or {}
        if not isinstance(given_context, dict):
            raise BadInput(options.request, "its context is not an object", "write it as {KEY: VALUE}")
        data["context"] = {**given_context, **context}
    return data


def _given(options: argparse.Namespace, theirs: Layer) -> dict[str, Any]:
    """The policies that have files of their own, by the field of :class:`Policies` that they are for."""
    given = {
        "identity": [_document(path, Layer.IDENTITY) for path in options.identity],
        "boundary": options.boundary and _document(options.boundary, Layer.IDENTITY),
        "session_policies": [_document(path, Layer.IDENTITY) for path in options.session_policy],
        "resource_policy": options.resource_policy and _document(options.resource_policy, theirs),
    }
    return {field: policies for field, policies in given.items() if policies}


def _document(name: str, layer: Layer) -> Policy:
    path = Path(name)
    text = read_text(path)
    data = read_json(path, text)
    try:
        return read_document(data, path.name, layer)
    except MalformedPolicy as fault:
        problem = fault.message.removeprefix(f"{path.name}: ")
        raise BadInput(line_of(path, text, fault.path), problem, "mend the policy") from None
