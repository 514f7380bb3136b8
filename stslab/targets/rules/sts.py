"""STS: what AssumeRole takes, and what a session remembers of how it was made.

Source for the whole module: STS API reference, AssumeRole, "Request Parameters" and "Errors"; IAM user guide, "IAM and
AWS STS quotas" and "Roles terms and concepts", role chaining.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from stslab.iam import MalformedPolicy, read_policy, require_identity_policy
from stslab.targets.callers import Actor, default_version
from stslab.targets.context import listed, request_tags
from stslab.targets.refusals import refusal

LEAST, MOST, CHAINED = 900, 43200, 3600
POLICY_LIMIT = 2048

_CONSTRAINTS = (
    ("RoleArn", "roleArn", 20, 2048, r"[\u0009\u000A\u000D\u0020-\u007E\u0085\u00A0-\uD7FF\uE000-\uFFFD]+"),
    ("RoleSessionName", "roleSessionName", 2, 64, r"[\w+=,.@-]*"),
    ("ExternalId", "externalId", 2, 1224, r"[\w+=,.@:\/-]*"),
    ("SourceIdentity", "sourceIdentity", 2, 64, r"[\w+=,.@-]*"),
    ("SerialNumber", "serialNumber", 9, 256, r"[\w+=/:,.@-]*"),
    ("TokenCode", "tokenCode", 6, 6, r"[\d]*"),
)


def replacements() -> dict[tuple[Any, str], Callable[..., Any]]:
    """Have moto's sessions remember what they were made with."""
    from moto.sts.responses import TokenResponse

    assume_role = TokenResponse.assume_role

    def assume(call: Any) -> Any:
        answer = assume_role(call)
        result: dict[str, Any] = answer.result  # type: ignore[assignment]  # moto says object
        session = result["Credentials"]
        session.issued = datetime.now(UTC)
        session.role_id = session.user_id.partition(":")[0]
        session.tags = request_tags(call)
        session.source_identity = _one(call, "SourceIdentity")
        session.policy_documents = _documents(call)
        packed = _packed(call)
        if packed is None:
            del result["PackedPolicySize"]
        else:
            result["PackedPolicySize"] = packed
        if session.source_identity:
            result["SourceIdentity"] = session.source_identity
        return answer

    return {(TokenResponse, "assume_role"): assume}


def validate(call: Any, operation: str) -> None:
    """Refuse parameters of AssumeRole that no one may give.

    Raises:
        Exception: ValidationError, MalformedPolicyDocument or PackedPolicyTooLarge.
    """
    if operation != "AssumeRole":
        return
    for required in ("RoleArn", "RoleSessionName"):
        if not _one(call, required):
            field = required[0].lower() + required[1:]
            raise _invalid(call, f"Value null at '{field}' failed to satisfy constraint: Member must not be null")
    for name, field, least, most, pattern in _CONSTRAINTS:
        value = _one(call, name)
        if value:
            _constrain(call, value, field, least, most, pattern)
    if not re.fullmatch(r"arn:[\w-]+:iam::\d{12}:role/.+", _one(call, "RoleArn")):
        raise refusal("sts", call.headers, "ValidationError", f"{_one(call, 'RoleArn')} is invalid", 400)
    duration = _one(call, "DurationSeconds")
    if duration:
        _constrain_duration(call, duration)
    policy = _one(call, "Policy")
    if policy:
        _require_session_policy(call, policy)
    if len(request_tags(call)) > 50:
        raise _invalid(call, "Value at 'tags' failed to satisfy constraint: Member must have length at most 50")


def check(call: Any, operation: str, actor: Actor) -> None:
    """Refuse a session longer than the role, or role chaining, admits, or with a policy that is not there.

    Raises:
        Exception: ValidationError.
    """
    from moto.iam.models import iam_backends

    if operation == "GetSessionToken" and actor.session is not None:
        message = "Cannot call GetSessionToken with session credentials"
        raise refusal("sts", call.headers, "AccessDenied", message)
    if operation != "AssumeRole":
        return
    arn, duration = _one(call, "RoleArn"), int(_one(call, "DurationSeconds") or CHAINED)
    _, partition, _, _, account, _ = arn.split(":", 5)
    roles = iam_backends[account][partition].roles.values()
    longest = next((int(r.max_session_duration or CHAINED) for r in roles if r.arn == arn), CHAINED)
    if actor.session is not None and duration > CHAINED:
        message = "The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining."
        raise refusal("sts", call.headers, "ValidationError", message, 400)
    if duration > longest:
        message = "The requested DurationSeconds exceeds the MaxSessionDuration set for this role."
        raise refusal("sts", call.headers, "ValidationError", message, 400)
    for policy_arn in _policy_arns(call):
        if policy_arn not in iam_backends[account][partition].managed_policies:
            raise refusal("sts", call.headers, "ValidationError", f"Policy {policy_arn} does not exist.", 400)


def _constrain(call: Any, value: str, field: str, least: int, most: int, pattern: str) -> None:
    where = f"Value '{value}' at '{field}' failed to satisfy constraint: Member must"
    if len(value) < least:
        raise _invalid(call, f"{where} have length greater than or equal to {least}")
    if len(value) > most:
        raise _invalid(call, f"{where} have length less than or equal to {most}")
    if not re.fullmatch(pattern, value, re.ASCII if r"\w" in pattern else 0):
        raise _invalid(call, f"{where} satisfy regular expression pattern: {pattern}")


def _constrain_duration(call: Any, duration: str) -> None:
    where = f"Value '{duration}' at 'durationSeconds' failed to satisfy constraint: Member must have value"
    if not re.fullmatch(r"-?\d{1,10}", duration):
        raise refusal("sts", call.headers, "MalformedInput", "DurationSeconds is not a number.", 400)
    if int(duration) < LEAST:
        raise _invalid(call, f"{where} greater than or equal to {LEAST}")
    if int(duration) > MOST:
        raise _invalid(call, f"{where} less than or equal to {MOST}")


def _require_session_policy(call: Any, policy: str) -> None:
    if len(policy) > POLICY_LIMIT:
        where = "Value at 'policy' failed to satisfy constraint: Member must"
        raise _invalid(call, f"{where} have length less than or equal to {POLICY_LIMIT}")
    try:
        require_identity_policy(read_policy(policy, "the session policy"))
    except MalformedPolicy as malformed:
        raise refusal("sts", call.headers, "MalformedPolicyDocument", malformed.message, 400) from None


def _documents(call: Any) -> list[str]:
    """The documents of the managed policies that are given as session policies, as they are now."""
    from moto.iam.models import iam_backends

    _, partition, _, _, account, _ = _one(call, "RoleArn").split(":", 5)
    known = iam_backends[account][partition].managed_policies
    return [default_version(known[arn]) for arn in _policy_arns(call)]


def _policy_arns(call: Any) -> list[str]:
    return [v[0] for n, v in call.data.items() if re.fullmatch(r"PolicyArns\.member\.\d+\.arn", str(n))]


def _packed(call: Any) -> int | None:
    """The share, in per cent, of what a session may carry; AWS packs, so that its own figure is another."""
    tags = request_tags(call)
    size = len(_one(call, "Policy")) + sum(len(k) + len(v) for k, v in tags.items()) + 20 * len(_policy_arns(call))
    size += sum(len(key) for key in listed(call, "TransitiveTagKeys"))
    return None if size == 0 else max(1, round(100 * size / (2 * POLICY_LIMIT)))


def _one(call: Any, name: str) -> str:
    return str(call.data.get(name, [""])[0])


def _invalid(call: Any, problem: str) -> Exception:
    return refusal("sts", call.headers, "ValidationError", f"1 validation error detected: {problem}", 400)
