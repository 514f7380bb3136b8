"""One decision as data: a request with its policies in, the decision or what is wrong with the request out.

The shape of both is the contract of ``stslab simulate --jsonl``.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
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
_ACCOUNT = re.compile(r"\d{12}")


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
        request, policies = read_request(_loads(line))
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


def read_request(data: Any) -> tuple[Request, Policies]:
    """Read a request and its policies from data of the contract's shape.

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
    caller = Caller(_string(data, "principal"))
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
    owner = data.get("resource_account") or ""
    if owner and not (isinstance(owner, str) and _ACCOUNT.fullmatch(owner)):
        raise InvalidRequest(f"resource_account {owner!r} is not 12 digits")
    request = Request(caller, action, resource, owner, Context(_context(data.get("context"))))
    return request, Policies(
        identity=_listed(data, "identity_policies"),
        boundary=_one(data.get("permissions_boundary"), "permissions_boundary"),
        session_policies=_listed(data, "session_policies"),
        resource_policy=_resource_policy(data.get("resource_policy"), request),
    )


def _loads(line: str | bytes) -> Any:
    try:
        return json.loads(line, object_pairs_hook=object_of)
    except RecursionError:
        raise InvalidRequest("the line is nested too deeply") from None
    except UnicodeDecodeError as error:
        raise InvalidRequest(f"the line is not UTF-8 (byte {error.start})") from None
    except ValueError as error:
        raise InvalidRequest(f"the line is not JSON: {error}") from None


def _string(data: Mapping[str, Any], field: str) -> str:
    value = data.get(field)
    if not isinstance(value, str) or not value:
        raise InvalidRequest(f"{field} is missing" if field not in data else f"{field} is not a string")
    return value


def _context(given: Any) -> dict[str, str | list[str]]:
    if given is None:
        return {}
    if not isinstance(given, Mapping) or isinstance(given, Repeated):
        raise InvalidRequest("context is not an object with each key once")
    if len({key.lower() for key in given}) < len(given):
        raise InvalidRequest("context has a key twice, in different case")
    return {key: _values(key, value) for key, value in given.items()}


def _values(key: str, value: Any) -> str | list[str]:
    listed = value if isinstance(value, list) else [value]
    if not all(isinstance(one, str | bool | int | float) for one in listed):
        raise InvalidRequest(f"context key {key!r} is neither a string nor a list of strings")
    return [one if isinstance(one, str) else json.dumps(one) for one in listed]


def _listed(data: Mapping[str, Any], field: str) -> list[Policy]:
    given = data.get(field)
    if given is None:
        return []
    if not isinstance(given, list):
        raise InvalidRequest(f"{field} is not a list of policies")
    return [_identity(document, f"{field}[{index}]") for index, document in enumerate(given)]


def _one(document: Any, field: str) -> Policy | None:
    return None if document is None else _identity(document, field)


def _identity(document: Any, source: str) -> Policy:
    return read_document(document, source, Layer.IDENTITY)


def _resource_policy(document: Any, request: Request) -> Policy | None:
    return None if document is None else read_document(document, "resource_policy", resource_layer(request))


_REQUIREMENTS = {Layer.TRUST: require_trust_policy, Layer.RESOURCE: require_resource_policy}


def read_document(document: Any, source: str, layer: Layer) -> Policy:
    """Read a policy and make sure that it can stand in its layer.

    Args:
        document: the decoded JSON.
        source: what to call it; a fault's message begins with it.
        layer: where it stands.

    Raises:
        MalformedPolicy: IAM would refuse it.
    """
    try:
        require_unrepeated(document)
        policy = parse_policy(document, source)
        _REQUIREMENTS.get(layer, require_identity_policy)(policy)
    except MalformedPolicy as fault:
        raise MalformedPolicy(f"{source}: {fault.message}", fault.path) from None
    except RecursionError:
        raise MalformedPolicy(f"{source}: the document is nested too deeply") from None
    return policy


def _error(code: str, message: str) -> dict[str, Any]:
    return {"error": {"code": code, "message": message}}
