"""What a request asks for, in IAM's terms."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Wish:
    """One action on one resource; ``account`` is whose it is, or empty where the ARN tells."""

    action: str
    resource: str
    account: str = ""
