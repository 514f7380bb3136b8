"""The decision on every request that moto is about to answer."""

from __future__ import annotations

import threading
from dataclasses import replace
from typing import Any

from stslab.errors import Undetermined
from stslab.iam import Decision, Outcome, Policy, Request
from stslab.iam.decision import denial_message, refused_action
from stslab.iam.evaluate import TRUSTED, decide
from stslab.targets import rules
from stslab.targets.authentication import Signature, authenticate, read_signature
from stslab.targets.callers import NOBODY, Actor, actor_of, provide_aws_policy, read_stored
from stslab.targets.context import context_of
from stslab.targets.refusals import refusal
from stslab.targets.resources import Wish, bucket_of, wishes_of

SERVICES = frozenset({"iam", "sts", "s3", "cloudformation"})
"""Services whose requests have to be signed for them."""

FEDERATED = frozenset({"AssumeRoleWithSAML", "AssumeRoleWithWebIdentity"})
"""Operations that carry an identity provider's token and no signature. Source: STS API reference."""


class Gate:
    """Authenticates and decides every request, and counts what it decided."""

    def __init__(self) -> None:
        self.decisions = 0
        self._lock = threading.Lock()

    def check(self, call: Any, resource: str) -> None:
        """Decide one request.

        Args:
            call: moto's response object of the request.
            resource: the resource as moto sees it.

        Raises:
            Undetermined: the decision depends on something that cannot be known here.
            Exception: what :func:`stslab.targets.refusals.refusal` makes of a refusal, in AWS's words.
        """
        with self._lock:
            self.decisions += 1
        operation = str(call._get_action())
        signature, actor = identify(call, operation)
        service = signature.service if signature else str(call.service_name)
        rules.validate(call, service, operation)
        if service == "iam":
            for name in ("PolicyArn", "PermissionsBoundary"):
                mentioned = str(call.data.get(name, [""])[0])
                if ":iam::aws:policy/" in mentioned:
                    provide_aws_policy(call.backend, mentioned)
        for wish in wishes_of(call, service, operation, actor.caller.arn, resource):
            decision = decide_wish(call, service, actor, signature, wish)
            if decision.outcome is Outcome.UNDETERMINED:
                raise Undetermined(
                    f"moto cannot know what AWS answers to {wish.action} by {actor.caller.arn}: {decision.reason}."
                )
            if not decision.allowed and signature is None:
                raise refusal(service, call.headers, "AccessDenied", "Access Denied")
            if not decision.allowed:
                message = denial_message(actor.caller.arn, refused_action(wish.action, wish.resource, decision))
                raise refusal(service, call.headers, "AccessDenied", message)
        rules.check(call, service, operation, actor)


def identify(call: Any, operation: str) -> tuple[Signature | None, Actor]:
    """Find out who makes a request, and have moto answer it in that account.

    Raises:
        Undetermined: it carries an identity provider's token, which cannot be verified here.
        Exception: what :func:`stslab.targets.refusals.refusal` makes of credentials that will not do.
    """
    service = str(call.service_name)
    signature = read_signature(service, call.headers, call.uri)
    if signature is None:
        if service == "sts" and operation in FEDERATED:
            raise Undetermined(f"moto cannot verify the token of sts:{operation}.")
        if service != "s3":
            message = "Request is missing Authentication Token"
            raise refusal(service, call.headers, "MissingAuthenticationToken", message)
        return None, NOBODY
    if service in SERVICES and signature.service != service:
        message = f"Credential should be scoped to correct service: '{service}'."
        raise refusal(service, call.headers, "SignatureDoesNotMatch", message)
    holder = authenticate(signature, call)
    call.current_account = holder.account
    return signature, actor_of(holder)


def decide_wish(call: Any, service: str, actor: Actor, signature: Signature | None, wish: Wish) -> Decision:
    """Decide one action on one resource for who calls."""
    theirs, more = _resource_policy(service, wish)
    owner = wish.account or _account_in(wish.resource) or actor.caller.account
    context = context_of(call, service, actor, signature, {"aws:ResourceAccount": owner, **more})
    request = Request(actor.caller, wish.action, wish.resource, owner, context)
    return decide(request, replace(actor.policies, resource_policy=theirs))


def _account_in(arn: str) -> str:
    parts = arn.split(":", 5)
    return parts[4] if len(parts) == 6 else ""


def _resource_policy(service: str, wish: Wish) -> tuple[Policy | None, dict[str, str]]:
    """The policy of a bucket or a role, and the condition keys that the resource brings: its tags."""
    from moto.iam.models import iam_backends
    from moto.s3.models import s3_backends

    if service == "s3":
        name = bucket_of(wish.resource)
        partition, account = s3_backends.bucket_accounts.get(name, ("", ""))
        bucket = s3_backends[account][partition].buckets.get(name) if account else None
        policy = None if bucket is None or wish.action == "s3:CreateBucket" else bucket.policy
        text = policy.decode() if isinstance(policy, bytes) else policy
        return (None if text is None else read_stored(text, f"policy of bucket {name}")), {}
    if service not in ("iam", "sts") or not wish.resource.startswith("arn:"):
        return None, {}
    _, partition, _, _, account, path = wish.resource.split(":", 5)
    if not (account.isdigit() and len(account) == 12):
        return None, {}
    backend = iam_backends[account][partition]
    if path.startswith("role/"):
        role = next((r for r in backend.roles.values() if r.arn == wish.resource), None)
        if role is None:
            return None, {}
        tags = {tag["Key"]: tag["Value"] for tag in role.tags or []}
        trust = rules.trust_policy(role) if wish.action.lower() in TRUSTED else None
        return trust, _resource_tags(tags)
    user = next((u for u in backend.users.values() if u.arn == wish.resource), None)
    if user is None:
        return None, {}
    return None, _resource_tags({tag["Key"]: tag["Value"] for tag in backend.list_user_tags(user.name)})


def _resource_tags(tags: dict[str, str]) -> dict[str, str]:
    return {f"{prefix}:ResourceTag/{key}": value for key, value in tags.items() for prefix in ("aws", "iam")}
