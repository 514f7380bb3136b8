"""STS: what its operations take, and from whom.

Source for the whole module: STS API reference, AssumeRole, GetSessionToken and GetFederationToken, "Request Parameters"
and "Errors"; IAM user guide, "IAM and AWS STS quotas", "Roles terms and concepts", role chaining, and "Compare AWS STS
credentials".
"""

from __future__ import annotations

import re
from typing import Any

from stslab.iam import MalformedPolicy, read_policy, require_identity_policy
from stslab.targets.authentication import UNKNOWN_KEY
from stslab.targets.case import Case
from stslab.targets.context import one, request_tags
from stslab.targets.refusals import refusal
from stslab.targets.rules.managed import provide
from stslab.targets.rules.tokens import packed, policy_arns, session_backend
from stslab.targets.sessions import UserSession

LEAST, CHAINED = 900, 3600
MOST = {"AssumeRole": 43200, "GetSessionToken": 129600, "GetFederationToken": 129600}
"""Seconds that a session may last."""

POLICY_LIMIT = 2048
POLICY_ARNS, TAGS = 10, 50

_CONSTRAINTS = (
    ("RoleArn", 20, 2048, r"[\u0009\u000A\u000D\u0020-\u007E\u0085\u00A0-\uD7FF\uE000-\uFFFD]+"),
    ("RoleSessionName", 2, 64, r"[\w+=,.@-]*"),
    ("Name", 2, 32, r"[\w+=,.@-]*"),
    ("ExternalId", 2, 1224, r"[\w+=,.@:\/-]*"),
    ("SourceIdentity", 2, 64, r"[\w+=,.@-]*"),
    ("SerialNumber", 9, 256, r"[\w+=/:,.@-]*"),
    ("TokenCode", 6, 6, r"[\d]*"),
)
_REQUIRED = {"AssumeRole": ("RoleArn", "RoleSessionName"), "GetFederationToken": ("Name",)}


def validate(case: Case) -> None:
    """Refuse parameters that no one may give.

    Raises:
        Exception: ValidationError, MalformedPolicyDocument or PackedPolicyTooLarge.
    """
    call, operation = case.call, case.operation
    if operation not in MOST:
        return
    for required in _REQUIRED.get(operation, ()):
        if not one(call, required):
            where = f"Value null at '{_field(required)}' failed to satisfy constraint: Member must"
            raise _invalid(call, f"{where} not be null")
    for name, least, most, pattern in _CONSTRAINTS:
        if one(call, name):
            _constrain(call, name, least, most, pattern)
    if operation == "AssumeRole" and not re.fullmatch(r"arn:[\w-]+:iam::\d{12}:role/.+", one(call, "RoleArn")):
        raise refusal("sts", call.headers, "ValidationError", f"{one(call, 'RoleArn')} is invalid", 400)
    _constrain_duration(call, MOST[operation])
    if one(call, "Policy"):
        _require_session_policy(call, one(call, "Policy"))
    for what, given, most in (("tags", request_tags(call), TAGS), ("policyArns", policy_arns(call), POLICY_ARNS)):
        if len(given) > most:
            where = f"Value at '{what}' failed to satisfy constraint: Member must"
            raise _invalid(call, f"{where} have length less than or equal to {most}")
    if packed(call) > 100:
        message = f"Packed size of session tags and policies consumes {packed(call)}% of allotted space."
        raise refusal("sts", call.headers, "PackedPolicyTooLarge", message, 400)


def confine(case: Case) -> None:
    """Refuse what a user's temporary credentials are never good for, whatever their policies say.

    Raises:
        Exception: InvalidClientTokenId for IAM, AccessDenied for STS.

    Source: IAM user guide, "Compare AWS STS credentials": those of GetSessionToken call no operation of IAM unless they
    were made with MFA, and of STS only AssumeRole and GetCallerIdentity; those of GetFederationToken call none of IAM,
    and of STS only GetCallerIdentity. GetSessionToken and GetFederationToken take no temporary credentials at all.
    """
    session = case.actor.session
    if session is None:
        return
    of_user = isinstance(session, UserSession)
    if case.service == "iam" and of_user and (session.name or session.mfa_at is None):
        raise case.refusal("InvalidClientTokenId", UNKNOWN_KEY)
    if case.service == "sts" and not of_user:
        refused = case.operation in ("GetSessionToken", "GetFederationToken")
    else:
        permitted = {"GetCallerIdentity"} if of_user and session.name else {"GetCallerIdentity", "AssumeRole"}
        refused = case.service == "sts" and case.operation not in permitted
    if refused:
        raise case.refusal("AccessDenied", f"Cannot call {case.operation} with session credentials")


def check(case: Case) -> None:
    """Refuse a session longer than the role, or role chaining, admits, or with what is not there or is another's.

    Raises:
        Exception: ValidationError or AccessDenied.
    """
    call, session = case.call, case.actor.session
    for arn in policy_arns(call):
        if not provide(session_backend(call), arn):
            raise case.refusal("ValidationError", f"Policy {arn} does not exist.", 400)
    if case.operation != "AssumeRole":
        return
    duration, role = int(one(call, "DurationSeconds") or CHAINED), one(call, "RoleArn")
    roles = session_backend(call).roles.values()
    longest = next((int(r.max_session_duration or CHAINED) for r in roles if r.arn == role), CHAINED)
    if session is not None and not isinstance(session, UserSession):
        if duration > CHAINED:
            message = (
                "The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining."
            )
            raise case.refusal("ValidationError", message, 400)
        before = getattr(session, "source_identity", "")
        if before and one(call, "SourceIdentity") not in ("", before):
            raise case.refusal("AccessDenied", "The source identity of a session cannot be changed")
    if duration > longest:
        message = "The requested DurationSeconds exceeds the MaxSessionDuration set for this role."
        raise case.refusal("ValidationError", message, 400)


def _field(name: str) -> str:
    return name[0].lower() + name[1:]


def _constrain(call: Any, name: str, least: int, most: int, pattern: str) -> None:
    value = one(call, name)
    where = f"Value '{value}' at '{_field(name)}' failed to satisfy constraint: Member must"
    if len(value) < least:
        raise _invalid(call, f"{where} have length greater than or equal to {least}")
    if len(value) > most:
        raise _invalid(call, f"{where} have length less than or equal to {most}")
    if not re.fullmatch(pattern, value, re.ASCII if r"\w" in pattern else 0):
        raise _invalid(call, f"{where} satisfy regular expression pattern: {pattern}")


def _constrain_duration(call: Any, most: int) -> None:
    duration = one(call, "DurationSeconds")
    if not duration:
        return
    where = f"Value '{duration}' at 'durationSeconds' failed to satisfy constraint: Member must have value"
    if not re.fullmatch(r"-?\d{1,10}", duration):
        raise refusal("sts", call.headers, "MalformedInput", "DurationSeconds is not a number.", 400)
    if int(duration) < LEAST:
        raise _invalid(call, f"{where} greater than or equal to {LEAST}")
    if int(duration) > most:
        raise _invalid(call, f"{where} less than or equal to {most}")


def _require_session_policy(call: Any, policy: str) -> None:
    if len(policy) > POLICY_LIMIT:
        where = "Value at 'policy' failed to satisfy constraint: Member must"
        raise _invalid(call, f"{where} have length less than or equal to {POLICY_LIMIT}")
    try:
        require_identity_policy(read_policy(policy, "the session policy"))
    except MalformedPolicy as malformed:
        raise refusal("sts", call.headers, "MalformedPolicyDocument", malformed.message, 400) from None


def _invalid(call: Any, problem: str) -> Exception:
    return refusal("sts", call.headers, "ValidationError", f"1 validation error detected: {problem}", 400)
