"""The live log: each call in words."""

from __future__ import annotations

from stslab.iam.principal import ANONYMOUS
from stslab.report.visible import visible
from stslab.sandbox.answer import Answer
from stslab.sandbox.trail.naming import event_name
from stslab.targets.heard import Heard


def line_of(heard: Heard, answer: Answer, at: str, of_several: bool = False) -> str:
    """Who called what, what became of it and why, on one line.

    Args:
        heard: what the gate has found out.
        answer: what was answered.
        at: the time of day.
        of_several: whether there are several accounts, so that it has to be said whose it is.
    """
    whose = f"{heard.account or '(no account)'}  " if of_several else ""
    return visible(f"{at}  {whose}{who(heard)}  {what(heard)}: {became(heard, answer)}")


def who(heard: Heard) -> str:
    """Who calls: the user's name, or the role's and the session's; the key's id, where it is nobody's."""
    arn = heard.actor.caller.arn if heard.actor is not None else ""
    if arn and arn != ANONYMOUS:
        return arn.rpartition(":")[2].partition("/")[2] or "root"
    return f"key {heard.access_key_id}" if heard.access_key_id else "somebody who does not sign"


def what(heard: Heard) -> str:
    """The operation, and what it is about."""
    told = heard.parameters
    about = "/".join(told[name] for name in ("Bucket", "Key") if name in told)
    if not about:
        named = (told[name] for name in ("RoleArn", "PolicyName", "StackName", "RoleName", "UserName") if name in told)
        about = next(named, "")
    return f"{event_name(heard)} {about}".rstrip()


def became(heard: Heard, answer: Answer) -> str:
    """Whether it was allowed, denied, or refused for what it is, and why."""
    decided = heard.weighed.decision if heard.weighed is not None else None
    if answer.refused and (decided is None or decided.allowed):
        why = ": ".join(text for text in (answer.error_code, answer.message) if text)
        return f"allowed, and answered with {why}" if decided is not None else f"refused, {why}"
    if decided is None:
        return "allowed, no policy governs it"
    by = " and ".join(dict.fromkeys(matched.name for matched in decided.matched))
    if decided.allowed:
        return f"allowed, by {by}" if by else decided.reason
    ruling = heard.ruling
    return f"DENIED: {ruling.sentence if ruling is not None else decided.reason}"
