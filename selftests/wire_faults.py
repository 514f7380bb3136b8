"""What can go wrong on the way to one call: meddlers that hit the call of a number, on its first attempts or on all."""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from xml.sax.saxutils import escape

from wire import Answer, Call, Cut, Deed, Delayed, Hold, Meddler, Reset

NAMESPACES = {
    "iam": "https://iam.amazonaws.com/doc/2010-05-08/",
    "sts": "https://sts.amazonaws.com/doc/2011-06-15/",
    "cloudformation": "http://cloudformation.amazonaws.com/doc/2010-05-15/",
}
"""The query APIs' XML namespaces. Source: botocore's service models, xmlNamespace."""


def refused(call: Call, status: int, code: str, message: str) -> Answer:
    """An error in the form in which the call's service gives one."""
    request_id = str(uuid.uuid4())
    said = f"<Code>{code}</Code><Message>{escape(message)}</Message>"
    if call.service == "s3":
        ids = f"<RequestId>{request_id[:16].upper()}</RequestId><HostId>{request_id}</HostId>"
        body = f'<?xml version="1.0" encoding="UTF-8"?>\n<Error>{said}{ids}</Error>'
        headers = (("Content-Type", "application/xml"), ("x-amz-request-id", request_id[:16].upper()))
    elif call.headers.get("X-Amz-Target"):
        body = json.dumps({"__type": code, "message": message})
        kind = call.headers.get("Content-Type", "application/x-amz-json-1.1")
        headers = (("Content-Type", kind), ("x-amzn-RequestId", request_id))
    else:
        at_fault = "Sender" if status < 500 else "Receiver"
        body = (
            f'<ErrorResponse xmlns="{NAMESPACES.get(call.service, "")}">'
            f"<Error><Type>{at_fault}</Type>{said}</Error><RequestId>{request_id}</RequestId></ErrorResponse>"
        )
        headers = (("Content-Type", "text/xml"), ("x-amzn-RequestId", request_id))
    return Answer(status, headers, body.encode())


@dataclass
class Fault(Meddler):
    """One fault.

    Args:
        number: of the call that is hit, from 0; ``None`` for every call.
        times: how many attempts of it are hit; ``None`` for all.
        instead: what comes of the request, which is not forwarded.
        afterwards: what comes of the upstream's answer.
    """

    number: int | None
    times: int | None
    instead: Callable[[Call], Answer | Deed | None] = lambda call: None
    afterwards: Callable[[Call, Answer], Answer | Deed] = lambda call, answer: answer
    hits: list[Call] = field(default_factory=list)

    def before(self, call: Call) -> Answer | Deed | None:
        if self.number not in (None, call.number) or (self.times is not None and call.attempt >= self.times):
            return None
        self.hits.append(call)
        return self.instead(call)

    def after(self, call: Call, answer: Answer) -> Answer | Deed:
        return self.afterwards(call, answer) if call in self.hits else answer


def throttled(call: Call) -> Answer:
    if call.service == "s3":
        return refused(call, 503, "SlowDown", "Please reduce your request rate.")
    code = "ThrottlingException" if call.headers.get("X-Amz-Target") else "Throttling"
    return refused(call, 400, code, "Rate exceeded")


def broken(call: Call) -> Answer:
    code = "InternalError" if call.service == "s3" else "InternalFailure"  # S3 has a name of its own for it
    return refused(call, 500, code, "We encountered an internal error. Please try again.")


def unavailable(call: Call) -> Answer:
    return refused(call, 503, "ServiceUnavailable", "Service is unable to handle request.")


def truncated(call: Call, answer: Answer) -> Cut:
    return Cut(answer, sent=len(answer.body) // 2, declared=len(answer.body))


def shortened(call: Call, answer: Answer) -> Cut:
    return Cut(answer, sent=len(answer.body) // 2, declared=len(answer.body) // 2)


def slow(number: int | None, times: int | None = 1, seconds: float = 0.3) -> Fault:
    """The upstream acts at once, and its answer takes its time."""
    return Fault(number, times, afterwards=lambda call, answer: Delayed(seconds, answer))


FAULTS: Mapping[str, Callable[..., Fault]] = {
    "throttled": lambda n, times=1: Fault(n, times, throttled),
    "internal failure": lambda n, times=1: Fault(n, times, broken),
    "unavailable": lambda n, times=1: Fault(n, times, unavailable),
    "reset before": lambda n, times=1: Fault(n, times, lambda call: Reset()),
    "reset after": lambda n, times=1: Fault(n, times, afterwards=lambda call, answer: Reset()),
    "time-out before": lambda n, times=1: Fault(n, times, lambda call: Hold()),
    "time-out after": lambda n, times=1: Fault(n, times, afterwards=lambda call, answer: Hold()),
    "slow": slow,
    "truncated": lambda n, times=1: Fault(n, times, afterwards=truncated),
    "shortened": lambda n, times=1: Fault(n, times, afterwards=shortened),
}
"""Each fault's factory by name: which call (``None``: every one), and how many attempts of it (``None``: all).

A HEAD request's answer has no body: an error's code is lost there, as on AWS, and there is nothing to truncate.
"""
