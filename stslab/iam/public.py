"""Whether a bucket policy is public, as S3's Block Public Access understands the word.

Source: Amazon S3 user guide, "Blocking public access to your Amazon S3 storage", "The meaning of 'public'".
"""

from __future__ import annotations

from stslab.iam.document import Policy, Statement

FIXING = frozenset(
    {
        "aws:principalaccount",
        "aws:principalarn",
        "aws:principalorgid",
        "aws:principalorgpaths",
        "aws:sourceaccount",
        "aws:sourcearn",
        "aws:sourceip",
        "aws:sourceowner",
        "aws:sourcevpc",
        "aws:sourcevpce",
        "aws:userid",
        "s3:dataaccesspointaccount",
        "s3:dataaccesspointarn",
        "s3:x-amz-server-side-encryption-aws-kms-key-id",
    }
)
"""Condition keys, in lower case, whose fixed value leaves a statement open to a known few."""

_OPERATORS = frozenset({"StringEquals", "StringEqualsIgnoreCase", "StringLike", "ArnEquals", "ArnLike", "IpAddress"})

_EVERYWHERE = ("0.0.0.0/0", "::/0")


def is_public(policy: Policy) -> bool:
    """Whether a bucket policy grants something to everybody.

    Args:
        policy: the bucket's policy.
    """
    return any(statement.allows and _is_open(statement) for statement in policy.statements)


def _is_open(statement: Statement) -> bool:
    named = [value for values in (statement.principals or {}).values() for value in values]
    if not statement.not_principal and "*" not in named:
        return False
    return not any(
        condition.operator.name in _OPERATORS
        and not condition.operator.if_exists
        and condition.key.lower() in FIXING
        and all(_is_fixed(value) for value in condition.values)
        for condition in statement.conditions
    )


def _is_fixed(value: str) -> bool:
    return not set("*?") & set(value) and "${" not in value and value not in _EVERYWHERE
