"""The decision on every request that moto is about to answer."""

from __future__ import annotations

import threading
from typing import Any

from stslab.result import Ruling
from stslab.targets import federation, rules
from stslab.targets.authentication import authenticate
from stslab.targets.callers import ACTING, NOBODY, Actor, actor_of
from stslab.targets.case import Case
from stslab.targets.forwarding import forwarded
from stslab.targets.heard import Heard
from stslab.targets.refusals import refusal
from stslab.targets.resources import wishes_of
from stslab.targets.signatures import Signature, read_signature

SERVICES = frozenset({"iam", "sts", "s3", "cloudformation"})
"""Services whose requests have to be signed for them."""


class Gate:
    """Authenticates and decides every request, counts what it decided, and tells what it has found out of the last."""

    def __init__(self) -> None:
        self.decisions = 0
        self._lock = threading.Lock()
        self._mine = threading.local()

    @property
    def heard(self) -> Heard | None:
        """What was found out of the last request in this thread."""
        return getattr(self._mine, "heard", None)

    def forget(self) -> None:
        """Know of no request in this thread, so that the next that is heard is one that came after this."""
        self._mine.heard = None

    def ruling(self) -> Ruling | None:
        """Why the last request was decided as it was; ``None`` where no policy had a say in it."""
        return None if self.heard is None else self.heard.ruling

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
        operation = str(call._get_action())
        hearing = {}
        if within is None:
            with self._lock:
                self.decisions += 1
            self._mine.heard = heard = Heard.of(call, operation, resource)
            hearing = {"hear": heard.hear}
            signature, actor = identify(call, heard)
        else:  # what a service forwards belongs to the request that it answers
            signature, actor = within
        ACTING.set(actor)
        service = signature.service if signature else str(call.service_name)
        case = Case(call, service, operation, actor, signature, **hearing)
        rules.validate(case)
        for wish in wishes_of(case, resource):
            case.demand(wish)
        rules.check(case)


def identify(call: Any, heard: Heard) -> tuple[Signature | None, Actor]:
    """Find out who makes a request, and have moto answer it in that account.

    Args:
        call: moto's response object of the request.
        heard: is told of who it is, as far as that is found out.

    Raises:
        Undetermined: it carries an identity provider's token that may be good, which cannot be verified here.
        Exception: what :func:`stslab.targets.refusals.refusal` makes of credentials that will not do.
    """
    service = str(call.service_name)
    signature = read_signature(service, call.headers, call.uri)
    if signature is None:
        if service == "sts" and heard.operation in federation.OPERATIONS:
            raise federation.refuse(call, heard.operation)
        if service != "s3":
            message = "Request is missing Authentication Token"
            raise refusal(service, call.headers, "MissingAuthenticationToken", message)
        heard.actor = NOBODY
        return None, NOBODY
    heard.region, heard.access_key_id = signature.region, signature.access_key_id
    if service in SERVICES and signature.service != service:
        message = f"Credential should be scoped to correct service: '{service}'."
        raise refusal(service, call.headers, "SignatureDoesNotMatch", message)
    holder = authenticate(signature, call)
    call.current_account = holder.account
    heard.actor = actor_of(holder)
    return signature, heard.actor
