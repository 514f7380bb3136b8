"""The decision on every request that moto is about to answer."""

from __future__ import annotations

import threading
from typing import Any

from stslab.result import Ruling
from stslab.ruling import ruling_of
from stslab.targets import federation, rules
from stslab.targets.authentication import authenticate
from stslab.targets.callers import ACTING, NOBODY, Actor, actor_of
from stslab.targets.case import Case, Weighed
from stslab.targets.forwarding import forwarded
from stslab.targets.refusals import refusal
from stslab.targets.resources import wishes_of
from stslab.targets.signatures import Signature, read_signature

SERVICES = frozenset({"iam", "sts", "s3", "cloudformation"})
"""Services whose requests have to be signed for them."""


class Gate:
    """Authenticates and decides every request, counts what it decided, and tells why it decided the last one so."""

    def __init__(self) -> None:
        self.decisions = 0
        self._lock = threading.Lock()
        self._last: Weighed | None = None

    def ruling(self) -> Ruling | None:
        """Why the last request was decided as it was; ``None`` where no policy had a say in it."""
        last = self._last
        return None if last is None else ruling_of(last.request, last.policies, last.decision, told_by="target")

    def _hear(self, weighed: Weighed) -> None:
        """Of several wishes of one request, the one that is refused is the one that decides."""
        if self._last is None or not weighed.decision.allowed:
            self._last = weighed

    def check(self, call: Any, resource: str) -> None:
        """Decide one request.

        Args:
            call: moto's response object of the request.
            resource: the resource as moto sees it.

        Raises:
            Undetermined: the decision depends on something that cannot be known here.
            Exception: what :func:`stslab.targets.refusals.refusal` makes of a refusal, in AWS's words.
        """
        within = forwarded(call)
        if within is None:  # what a service forwards belongs to the request that it answers
            with self._lock:
                self.decisions += 1
                self._last = None
        operation = str(call._get_action())
        signature, actor = within or identify(call, operation)
        ACTING.set(actor)
        service = signature.service if signature else str(call.service_name)
        hearing = {"hear": self._hear} if within is None else {}
        case = Case(call, service, operation, actor, signature, **hearing)
        rules.validate(case)
        for wish in wishes_of(case, resource):
            case.demand(wish)
        rules.check(case)


def identify(call: Any, operation: str) -> tuple[Signature | None, Actor]:
    """Find out who makes a request, and have moto answer it in that account.

    Raises:
        Undetermined: it carries an identity provider's token that may be good, which cannot be verified here.
        Exception: what :func:`stslab.targets.refusals.refusal` makes of credentials that will not do.
    """
    service = str(call.service_name)
    signature = read_signature(service, call.headers, call.uri)
    if signature is None:
        if service == "sts" and operation in federation.OPERATIONS:
            raise federation.refuse(call, operation)
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
