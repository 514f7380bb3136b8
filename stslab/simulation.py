"""One decision as data: a request with its policies in, the decision or what is wrong with the request out.

The shape of both is the contract of ``stslab simulate --jsonl``.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from typing import Any

from stslab.iam import Caller, Context, MalformedPolicy, Policies, Policy, Request, parse_policy
from stslab.iam.decision import Layer
from stslab.iam.evaluate import decide, resource_layer
from stslab.iam.explain import reason
from stslab.iam.grammar import (
    Repeated,
    object_of,
    require_identity_policy,
    require_resource_policy,
    require_trust_policy,
    require_unrepeated,
)

FIELDS = (
    "principal",
    "action",
    "resource",
    "resource_account",
    "context",
    "identity_policies",
    "permissions_boundary",
    "session_policies",
    "resource_policy",
)

_ACTION = re.compile(r"[A-Za-z0-9-]+:[A-Za-z0-9]+")
_RESOURCE = re.compile(r"\*|arn:[^:]+:[^:]+:[^:]*:[^:]*:.+", re.DOTALL)
_ACCOUNT = re.compile(r"[0-9]{12}")
_USER_ID = "aws:userid"


class InvalidRequest(ValueError):
    """A request that is none: the message says which field, and what it should be."""


def answer(line: str | bytes) -> dict[str, Any]:
    """Decide one line of ``stslab simulate --jsonl``.

    Args:
        line: the request, a JSON object.

    Returns:
        ``{"decision", "reason", "matched_statements"}``, or ``{"error": {"code", "message"}}`` where the request or one
        of its documents is invalid; nothing is raised.
    """
    try:
        data, repeats = _loads(line)
        request, policies = read_request(data, unrepeated=not repeats)
    except MalformedPolicy as fault:
        return _error("MalformedPolicyDocument", fault.message)
    except InvalidRequest as fault:
        return _error("ValidationError", str(fault))
    decision = decide(request, policies)
    return {
        "decision": decision.outcome.value,
        "reason": reason(request, policies, decision),
        "matched_statements": [{"source": m.source, "index": m.index, "sid": m.sid} for m in decision.matched],
    }


def read_request(data: Any, unrepeated: bool = False) -> tuple[Request, Policies]:
    """Read a request and its policies from data of the contract's shape.

    Args:
        data: the decoded JSON.
        unrepeated: whether it is known that no object of it has a key twice, so that this need not be looked for.

    Raises:
        InvalidRequest: a field is missing, unknown, or not what it should be.
        MalformedPolicy: a document is one that IAM would refuse.
    """
    if not isinstance(data, Mapping):
        raise InvalidRequest("a request is a JSON object")
    if isinstance(data, Repeated):
        raise InvalidRequest(f"the key {data.key!r} stands twice in the request")
    unknown = next((key for key in data if key not in FIELDS), None)
    if unknown is not None:
        raise InvalidRequest(f"a request has no field {unknown!r}; it has {', '.join(FIELDS)}")
    context = _context(data.get("context"))
    caller = Caller(_string(data, "principal"), user_id=_user_id(context))
    if not caller.kind:
        raise InvalidRequest(
            f"principal {caller.arn!r} is not the ARN of a user, a role, a session or an account's root, nor a service"
        )
    action = _string(data, "action")
    if not _ACTION.fullmatch(action):
        raise InvalidRequest(f"action {action!r} is not a service and a name, as in s3:GetObject")
    resource = _string(data, "resource")
    if not _RESOURCE.fullmatch(resource):
        raise InvalidRequest(f"resource {resource!r} is neither an ARN nor *")
    owner = data.get("resource_account")
    if owner not in (None, "") and not (isinstance(owner, str) and _ACCOUNT.fullmatch(owner)):
        raise InvalidRequest("resource_account is not a string of 12 digits")
    request = Request(caller, action, resource, owner or "", Context(context))
    read = _read if unrepeated else read_document
    boundary, theirs = data.get("permissions_boundary"), data.get("resource_policy")
    layer, service = resource_layer(request), action.partition(":")[0].lower()
    return request, Policies(
        identity=_listed(data, "identity_policies", read),
        boundary=None if boundary is None else read(boundary, "permissions_boundary", Layer.BOUNDARY),
        session_policies=_listed(data, "session_policies", read),
        resource_policy=None if theirs is None else read(theirs, "resource_policy", layer, service),
    )


def _user_id(context: Mapping[str, str | list[str]]) -> str:
    """The caller's unique id, by which a policy may name him, where the request tells it."""
    for key, value in context.items():
        if len(key) == len(_USER_ID) and key.lower() == _USER_ID:
            return value if isinstance(value, str) else value[0] if len(value) == 1 else ""
    return ""


def _no_number(name: str) -> Any:
    raise ValueError(f"{name} is no number in JSON")


def _loads(line: str | bytes) -> tuple[Any, list[Repeated]]:
    """Decode a line, and list the objects in it that have a key twice."""
    repeats: list[Repeated] = []

    def made(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        found = dict(pairs)
        if len(found) == len(pairs):
            return found
        repeated = object_of(pairs)
        if isinstance(repeated, Repeated):
            repeats.append(repeated)
        return repeated

    try:
        return json.loads(line, object_pairs_hook=made, parse_constant=_no_number), repeats
    except RecursionError:
        raise InvalidRequest("the line is nested too deeply") from None
    except UnicodeDecodeError as error:
        raise InvalidRequest(f"the line is not UTF-8 (byte {error.start})") from None
    except ValueError as error:
        raise InvalidRequest(f"the line is not JSON: {error}") from None


def _string(data: Mapping[str, Any], field: str) -> str:
    value = data.get(field)
    if not isinstance(value, str):
        raise InvalidRequest(f"{field} is missing" if field not in data else f"{field} is not a string")
    if not value:
        raise InvalidRequest(f"{field} is empty")
    return value


def _context(given: Any) -> dict[str, str | list[str]]:
    if given is None:
        return {}
    if not isinstance(given, dict) or isinstance(given, Repeated):
        raise InvalidRequest("context is not an object with each key once")
    if len({key.lower() for key in given}) < len(given):
        raise InvalidRequest("context has a key twice, in different case")
    return {key: _values(key, value) for key, value in given.items()}


def _values(key: str, value: Any) -> str | list[str]:
    if isinstance(value, str):
        return value
    listed = value if isinstance(value, list) else [value]
    if not all(isinstance(one, str | bool | int | float) for one in listed):
        raise InvalidRequest(f"context key {key!r} is neither a string nor a list of strings")
    return [one if isinstance(one, str) else json.dumps(one) for one in listed]


def _listed(data: Mapping[str, Any], field: str, read: Callable[[Any, str, Layer], Policy]) -> list[Policy]:
    given = data.get(field)
    if given is None:
        return []
    if not isinstance(given, list):
        raise InvalidRequest(f"{field} is not a list of policies")
    return [read(document, f"{field}[{index}]", Layer.IDENTITY) for index, document in enumerate(given)]


def read_document(document: Any, source: str, layer: Layer, service: str = "") -> Policy:
    """Read a policy and make sure that it can stand in its layer.

    Args:
        document: the decoded JSON.
        source: what to call it; a fault's message begins with it.
        layer: where it stands.
        service: the prefix of the resource's service, for the policy of a resource.

    Raises:
        MalformedPolicy: IAM would refuse it.
    """
    try:
        require_unrepeated(document)
    except MalformedPolicy as fault:
        raise MalformedPolicy(f"{source}: {fault.message}", fault.path) from None
    except RecursionError:
        raise _too_deep(source) from None
    return _read(document, source, layer, service)


def _read(document: Any, source: str, layer: Layer, service: str = "") -> Policy:
    try:
        policy = parse_policy(document, source)
        if layer is Layer.TRUST:
            require_trust_policy(policy)
        elif layer is Layer.RESOURCE:
            require_resource_policy(policy, service)
        else:
            require_identity_policy(policy)
    except MalformedPolicy as fault:
        raise MalformedPolicy(f"{source}: {fault.message}", fault.path) from None
    except RecursionError:
        raise _too_deep(source) from None
    return policy


def _too_deep(source: str) -> MalformedPolicy:
    return MalformedPolicy(f"{source}: the document is nested too deeply")


def _error(code: str, message: str) -> dict[str, Any]:
    return {"error": {"code": code, "message": message}}
