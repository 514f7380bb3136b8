"""In what account, as whom and under which names somebody did the lab, as far as the documents tell."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from stslab.submission.intrinsics import ACCOUNT, texts_of

_IDENTITY = re.compile(
    r"(?P<service>arn:aws[\w-]*:(?:iam|sts))::"
    r"(?P<account>[^:]*):(?P<kind>[\w-]+)(?P<path>/(?:.*/)?)(?P<name>[^/]+)"
)
_ROOT = re.compile(r"(?:arn:aws[\w-]*:iam::)?(?P<account>[0-9]{12})(?::root)?")
_NAME = re.compile(r"[\w+=,.@-]{1,64}", re.ASCII)
_ACCOUNT = re.compile(r"[0-9]{12}")
_STACK = re.compile(r"[a-zA-Z][-a-zA-Z0-9]{0,127}")

_SUFFIX = r"(?!(.)\1*$)[A-Za-z0-9]{6,}"
"""What CloudFormation puts behind a name, 12 or 13 letters and digits in AWS's own examples; a row of one character is
a placeholder. Source: CloudFormation user guide, "Name type"."""

_LONGEST_ROLE = 64
"""Characters. Source: IAM user guide, "IAM and AWS STS quotas"."""


@dataclass(frozen=True)
class Circumstances:
    """What the emulated account has to be like for the documents to mean there what they meant in the person's own.

    Args:
        account: the account's id, or empty where no document names one.
        user: name of the user, or empty where the trust policy names none.
        user_path: the user's path.
        stack_name: the stack's name that the policy tells, or empty.
        role_names: the names that CloudFormation chose for roles, by logical id.
        others: ARNs of other users and roles of the account that the trust policies name and the stack does not make.
        remarks: what was decided on the way, one sentence each.
    """

    account: str = ""
    user: str = ""
    user_path: str = "/"
    stack_name: str = ""
    role_names: Mapping[str, str] = field(default_factory=dict)
    others: tuple[str, ...] = ()
    remarks: tuple[str, ...] = ()


def circumstances_of(
    template: Mapping[str, Any],
    policy: Mapping[str, Any],
    values: Mapping[str, str],
    *,
    default_user: str,
    stack_name: str | None,
    any_role: bool = False,
) -> Circumstances:
    """Find out the circumstances.

    The account is the one that the trust policy names, else the policy's; the user the one that the trust names. A role
    that the policy names by account, stack, logical id and a suffix has that very name, since CloudFormation chose it.

    Args:
        template: the stack's template; empty where there is none.
        policy: the user's policy; empty where there is none.
        values: texts of the template's parameters and pseudo parameters.
        default_user: the user's name where the trust policy leaves it open.
        stack_name: the stack's name, or ``None`` where nothing but the policy can tell.
        any_role: whether the role has whatever name the policy gives it, as where the template is not the person's own.
    """
    roles = _roles(template)
    trusted = list(dict.fromkeys(arn for role in roles.values() for arn in _trusted(role, values)))
    targets = list(_targets(policy))
    accounts = [account for arn in trusted if (account := _account_of(arn))]
    named = [account for arn in targets if (account := _account_of(arn))]
    users = [found for arn in trusted if (found := _IDENTITY.fullmatch(arn)) and _is_user(found)]
    # Of several users the one that the lab speaks of, and one of the account that the policy is for.
    users.sort(key=lambda u: (u["account"] not in (*named, ACCOUNT), u["name"] != default_user))
    account = _first([*(u["account"] for u in users if u["account"] != ACCOUNT), *accounts, *named])
    user = users[0] if users else None
    # CloudFormation chooses the names of those roles only that the template leaves unnamed.
    unnamed = [name for name, role in roles.items() if "RoleName" not in _properties(role)]
    stack = stack_name or _stack_told(targets, unnamed, account)
    chosen = {logical: name for logical in unnamed if (name := _name_told(targets, stack, logical, account))}
    if any_role:
        chosen = dict(zip(unnamed, _role_names(targets, account), strict=False))
    several = len({u["name"] for u in users}) > 1
    return Circumstances(
        account=account,
        user=user["name"] if user else "",
        user_path=user["path"] if user else "/",
        stack_name=stack,
        role_names=chosen,
        others=tuple(_others(trusted, user.string if user else "", account, template)),
        remarks=(f"The trust policy names several users; the lab is done by {users[0]['name']}.",) if several else (),
    )


def _others(trusted: Sequence[str], user: str, account: str, template: Mapping[str, Any]) -> Iterator[str]:
    resources = template.get("Resources")
    every = resources.values() if isinstance(resources, Mapping) else ()
    made = {str(_properties(r).get(n)) for r in every if isinstance(r, Mapping) for n in ("RoleName", "UserName")}
    for arn in trusted:
        found = _IDENTITY.fullmatch(arn.replace(ACCOUNT, account)) if account else None
        mine = found and found["account"] == account and found["service"].endswith(":iam")
        if found and mine and arn != user and found["kind"] in ("user", "role") and found["name"] not in made:
            yield found.string


def _roles(template: Mapping[str, Any]) -> dict[str, Mapping[str, Any]]:
    """The template's roles, the one that the lab means first: as the stack's role is chosen, by the name of StsRole."""
    resources = template.get("Resources")
    every = resources.items() if isinstance(resources, Mapping) else ()
    roles = {str(n): r for n, r in every if isinstance(r, Mapping) and r.get("Type") == "AWS::IAM::Role"}
    return dict(sorted(roles.items(), key=lambda role: "sts" not in role[0].lower()))


def _properties(role: Mapping[str, Any]) -> Mapping[str, Any]:
    properties = role.get("Properties")
    return properties if isinstance(properties, Mapping) else {}


def _statements(document: Any) -> Iterator[Mapping[str, Any]]:
    statements = document.get("Statement") if isinstance(document, Mapping) else None
    for statement in statements if isinstance(statements, list) else [statements]:
        if isinstance(statement, Mapping) and statement.get("Effect") == "Allow":
            yield statement


def _trusted(role: Mapping[str, Any], values: Mapping[str, str]) -> Iterator[str]:
    """Whom a role's trust policy lets in: its AWS principals, and users that its conditions narrow an account to."""
    for statement in _statements(_properties(role).get("AssumeRolePolicyDocument")):
        principal, conditions = statement.get("Principal"), statement.get("Condition")
        principals = list(texts_of(principal.get("AWS"), values)) if isinstance(principal, Mapping) else []
        for condition in conditions.values() if isinstance(conditions, Mapping) else ():
            for key, wanted in condition.items() if isinstance(condition, Mapping) else ():
                if str(key).lower() == "aws:principalarn":
                    yield from (text for text in texts_of(wanted, values) if not set("*?") & set(text))
                elif str(key).lower() == "aws:username":
                    account = _first([_account_of(each) for each in principals]) or ACCOUNT
                    for text in texts_of(wanted, values):
                        if _NAME.fullmatch(text):
                            yield f"arn:aws:iam::{account}:user/{text}"
        yield from principals


def _targets(policy: Mapping[str, Any]) -> Iterator[str]:
    """What the policy's statements are about."""
    for statement in _statements(policy):
        yield from texts_of(statement.get("Resource"), {})


def _account_of(arn: str) -> str:
    found = _ROOT.fullmatch(arn) or _IDENTITY.fullmatch(arn)
    return found["account"] if found and _ACCOUNT.fullmatch(found["account"]) else ""


def _is_user(found: re.Match[str]) -> bool:
    known_account = found["account"] == ACCOUNT or _ACCOUNT.fullmatch(found["account"])
    return found["kind"] == "user" and bool(known_account and _NAME.fullmatch(found["name"]))


def _first(texts: Sequence[str]) -> str:
    return next((text for text in texts if text), "")


def _role_names(targets: Sequence[str], account: str) -> Iterator[str]:
    """The names of the roles of the account that a policy is about."""
    for arn in targets:
        found = _IDENTITY.fullmatch(arn)
        if found and found["kind"] == "role" and found["account"] in (account, "*"):
            yield found["name"]


def _stack_told(targets: Sequence[str], logical_ids: Sequence[str], account: str) -> str:
    for name in _role_names(targets, account):
        for logical in logical_ids:
            found = re.fullmatch(rf"(?P<stack>{_STACK.pattern})-{re.escape(logical)}-(?P<s>[A-Za-z0-9]{{6,}})", name)
            if found and re.fullmatch(_SUFFIX, found["s"]):
                return found["stack"]
    return ""


def _name_told(targets: Sequence[str], stack_name: str, logical_id: str, account: str) -> str:
    """The name that CloudFormation chose for a role, if the policy names one that it can have chosen."""
    for name in _role_names(targets, account):
        head, _, suffix = name.rpartition("-")
        if not re.fullmatch(_SUFFIX, suffix) or len(name) > _LONGEST_ROLE:
            continue
        whole = f"{stack_name}-{logical_id}"
        if head == whole or (len(f"{whole}-{suffix}") > _LONGEST_ROLE and _cut(head, stack_name, logical_id)):
            return name
    return ""


def _cut(head: str, stack_name: str, logical_id: str) -> bool:
    """Whether a name begins with the beginnings of stack name and logical id, as where CloudFormation cuts them."""
    return any(
        head[at] == "-" and stack_name.startswith(head[:at]) and logical_id.startswith(head[at + 1 :])
        for at in range(1, len(head) - 1)
    )
