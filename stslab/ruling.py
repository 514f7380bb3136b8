"""Why a request was decided as it was, in the shape that a result keeps."""

from __future__ import annotations

import json

from stslab.iam import Decision, Policies, Request
from stslab.iam.explain import reason
from stslab.result import Deciding, Ruling


def ruling_of(request: Request, policies: Policies, decision: Decision, *, told_by: str) -> Ruling:
    """Tell a decision with its explanation and the statements that decided, as they stand in their documents.

    Args:
        request: what was asked.
        policies: all policies that have a say in it.
        decision: the decision on it.
        told_by: ``target`` or ``documents``, as in :class:`~stslab.result.Ruling`.
    """
    every = [*policies.identity, *policies.session_policies, policies.boundary, policies.resource_policy]
    written = {(s.source, s.index): s.written for policy in every if policy is not None for s in policy.statements}
    return Ruling(
        decision.outcome.value,
        reason(request, policies, decision),
        told_by,
        [
            Deciding(m.source, m.index, m.sid, json.dumps(written[m.source, m.index], ensure_ascii=False))
            for m in dict.fromkeys(decision.matched)
        ],
    )
