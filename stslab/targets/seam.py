"""The one place where moto's authorisation gives way to the project's own.

moto authenticates (signature, key, token) and then calls ``IAMRequestBase.check_action_permitted``. That method is
replaced while a gate is in force. Two small things of moto stand in its way and are put right meanwhile: moto's own
look at a bucket's policy, and a role's inline policy that CloudFormation leaves in a form that moto itself cannot read;
and a role is made only with a trust policy that IAM would take. Everything else stays moto's.
"""

from __future__ import annotations

import inspect
import json
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.metadata import version
from typing import Any

from stslab.errors import TargetError, Undetermined
from stslab.iam import (
    Caller,
    Decision,
    MalformedPolicy,
    Outcome,
    Policy,
    Request,
    evaluate,
    evaluate_assume_role,
    parse_policy,
)
from stslab.iam.decision import denial_message, refused_action
from stslab.iam.evaluate import Ceiling
from stslab.targets import rules

ALWAYS_ALLOWED = frozenset({"sts:GetCallerIdentity"})
"""Source: STS API reference, GetCallerIdentity: "No permissions are required to perform this operation"."""

IAM_ACTIONS = {"s3:HeadBucket": "s3:ListBucket"}
"""Operations that moto takes for an action of their own. Source: S3 API reference, HeadBucket: "you must have
permissions to perform the s3:ListBucket action"."""

SEEN_IN = "5.2.5"


class Gate:
    """Decides every request that moto authorises, and counts what it decided."""

    def __init__(self) -> None:
        self.decisions = 0

    def check(self, request: Any, resource: str) -> None:
        """Decide one of moto's ``IAMRequestBase`` objects.

        A request that is permitted may still break a rule of :mod:`stslab.targets.rules`.

        Raises:
            Undetermined: the decision depends on something that is not evaluated offline.
            werkzeug.exceptions.HTTPException, moto.core.exceptions.ServiceException: the refusal, in AWS's words.
        """
        self.decisions += 1
        action = IAM_ACTIONS.get(str(request._action), str(request._action))
        user = _user(request)
        if user is not None and _key_status(request, user) != "Active":
            request._raise_invalid_access_key("InvalidId")
        if action in ALWAYS_ALLOWED:
            return
        decision, caller = _decide(request, user, action, resource)
        if decision.outcome is Outcome.UNDETERMINED:
            raise Undetermined(f"moto cannot know what AWS answers to {action} by {caller.arn}: {decision.reason}.")
        if not decision.allowed:
            _refuse(request, caller, refused_action(action, resource, decision))
        rules.check_request(action, request._data)


@contextmanager
def in_force(gate: Gate) -> Iterator[None]:
    """Switch moto's authorisation on for every request, and let the gate decide.

    Raises:
        TargetError: the installed moto does not have the seam.
    """
    verify()
    from moto.core.authorization import enable_iam_authentication
    from moto.iam.access_control import IAMRequestBase, PermissionResult
    from moto.iam.models import Role
    from moto.s3.models import FakeBucket

    put_policy = Role.put_policy
    ours = {
        (IAMRequestBase, "check_action_permitted"): lambda request, resource: gate.check(request, resource),
        # The gate's decision includes the bucket's policy.
        (FakeBucket, "get_permission"): lambda *_: PermissionResult.NEUTRAL,
        # CloudFormation hands over an object where moto's IAM keeps, and later reads, text.
        (Role, "put_policy"): lambda role, name, document: put_policy(role, name, _text(document)),
        **rules.replacements(),
    }
    theirs = {(owner, name): getattr(owner, name) for owner, name in ours}
    with enable_iam_authentication():
        try:
            for (owner, name), replacement in ours.items():
                setattr(owner, name, replacement)
            yield
        finally:
            for (owner, name), original in theirs.items():
                setattr(owner, name, original)


def verify() -> None:
    """Make sure that the installed moto calls the seam where this module expects it.

    Raises:
        TargetError: it does not, so its verdicts would be its own.
    """
    try:
        from moto.core.authorization import ActionAuthenticatorMixin, enable_iam_authentication  # noqa: F401
        from moto.iam.access_control import AssumedRoleAccessKey, IAMRequestBase, IAMUserAccessKey  # noqa: F401
        from moto.s3.models import FakeBucket

        asked = inspect.getsource(ActionAuthenticatorMixin._authenticate_and_authorize_action)
        found = (
            list(inspect.signature(IAMRequestBase.check_action_permitted).parameters) == ["self", "resource"]
            and "check_action_permitted(resource)" in asked
            and "check_signature()" in asked
            and list(inspect.signature(FakeBucket.get_permission).parameters) == ["self", "action", "resource"]
        )
    except (ImportError, AttributeError, OSError):
        found = False
    if not found:
        raise TargetError(
            f"moto {version('moto')} does not authorise where stslab takes over (seen in moto {SEEN_IN}); "
            "install the version of the lock file."
        )


def _user(request: Any) -> Any:
    """Moto's user behind the request's key, or ``None`` for a session."""
    name = getattr(request._access_key, "_owner_user_name", None)
    return None if name is None else request._access_key.backend.users[name]


def _key_status(request: Any, user: Any) -> str:
    wanted = request._access_key._access_key_id
    return next((str(key.status) for key in user.access_keys if key.access_key_id == wanted), "Unknown")


def _decide(request: Any, user: Any, action: str, resource: str) -> tuple[Decision, Caller]:
    backend = request._access_key.backend
    if user is not None:
        caller, identity = Caller(user.arn), _policies_of_user(backend, user)
        ceilings = _boundary(backend, getattr(user, "permissions_boundary_arn", None))
    else:
        caller, identity, ceilings = _session(request, backend)
    wanted = Request(caller, action, resource)
    if action == "sts:AssumeRole":
        trust = _trust(request, resource)
        if trust is None:
            # AWS does not tell a role that is missing from one that may not be assumed.
            decision = evaluate(wanted, [], ceilings=ceilings)
        else:
            decision = evaluate_assume_role(wanted, identity, trust, ceilings=ceilings)
    else:
        decision = evaluate(wanted, identity, ceilings=ceilings, resource_policy=_bucket_policy(request, resource))
    return decision, caller


def _session(request: Any, backend: Any) -> tuple[Caller, list[Policy], list[Ceiling]]:
    """A session's caller and policies; a session whose role is gone has none, so it is refused everything."""
    from moto.sts.models import sts_backends

    key = request._access_key
    role = next((r for r in backend.roles.values() if r.name == key._owner_role_name), None)
    caller = Caller(key.arn, role.arn if role is not None else "")
    if role is None:
        return caller, [], []
    ceilings = _boundary(backend, role.permissions_boundary_arn)
    sessions = sts_backends[key.account_id][key.partition].assumed_roles
    for session in sessions:
        if session.access_key_id == key._access_key_id and session.policy:
            ceilings.append(Ceiling("session policy", (_read(session.policy, "the session policy"),)))
    inline = [_read(text, f"policy {name} of role {role.name}") for name, text in role.policies.items()]
    return caller, inline + _managed(role), ceilings


def _policies_of_user(backend: Any, user: Any) -> list[Policy]:
    found = [_read(text, f"policy {name} of user {user.name}") for name, text in user.policies.items()]
    found += _managed(user)
    for group in backend.get_groups_for_user(user.name):
        found += [_read(text, f"policy {name} of group {group.name}") for name, text in group.policies.items()]
        found += _managed(group)
    return found


def _managed(holder: Any) -> list[Policy]:
    return [_read(_default_version(p), f"managed policy {p.name}") for p in holder.managed_policies.values()]


def _default_version(policy: Any) -> str:
    return next(str(v.document) for v in policy.versions if v.is_default)


def _boundary(backend: Any, arn: str | None) -> list[Ceiling]:
    if not arn:
        return []
    policy = backend.managed_policies.get(arn)
    if policy is None:
        raise Undetermined(f"moto does not have the permissions boundary {arn}, so it cannot know what it allows.")
    return [Ceiling("permissions boundary", (_read(_default_version(policy), f"permissions boundary {arn}"),))]


def _trust(request: Any, role_arn: str) -> Policy | None:
    from moto.iam.models import iam_backends

    parts = role_arn.split(":")
    account = parts[4] if len(parts) > 4 else ""
    if not account:
        return None
    roles = iam_backends[account][request._access_key.partition].roles.values()
    role = next((r for r in roles if r.arn == role_arn), None)
    return None if role is None else _read(role.assume_role_policy_document, f"trust policy of role {role.name}")


def _bucket_policy(request: Any, resource: str) -> Policy | None:
    from moto.s3.models import s3_backends

    if request._service != "s3":
        return None
    name = resource.rpartition(":::")[2].partition("/")[0]
    bucket = s3_backends[request.account_id][request._access_key.partition].buckets.get(name)
    return None if bucket is None or bucket.policy is None else _read(bucket.policy, f"policy of bucket {name}")


def _text(document: Any) -> str:
    """A document as text; an unquoted date in YAML, as in ``Version: 2012-10-17``, arrives as a date."""
    return document if isinstance(document, str) else json.dumps(document, default=str)


def _read(document: str | bytes, source: str) -> Policy:
    try:
        return parse_policy(json.loads(document), source)
    except MalformedPolicy as malformed:
        raise Undetermined(
            f"moto holds a document that IAM would have refused, {source}: {malformed.message}."
        ) from None


def _refuse(request: Any, caller: Caller, refused: str) -> None:
    """Raise the refusal in the form that the service's protocol has for it."""
    from moto.core.exceptions import AccessDeniedError, JsonRESTError
    from moto.s3.exceptions import BucketAccessDeniedError

    if request._service == "s3":
        refusal = BucketAccessDeniedError(bucket=str(request._data.get("BucketName", "")))
        refusal.message = denial_message(caller.arn, refused)
        raise refusal
    if "X-Amz-Target" in request._headers:
        raise JsonRESTError("AccessDeniedException", denial_message(caller.arn, refused))
    # moto begins the sentence itself and ends it with the action, so the rest of AWS's sentence goes there.
    raise AccessDeniedError(user_arn=caller.arn, action=refused)
