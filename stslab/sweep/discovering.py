"""Leftovers of runs whose ledger is nowhere to be had, found by name and proved by their tags."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import partial
from typing import Any

from stslab.errors import NotPermitted
from stslab.lab.means import Means
from stslab.lab.resources import destroy, tags_of
from stslab.lab.standing import Stack
from stslab.lab.steps import Step, attempt, unless_absent
from stslab.lab.user import LabUser
from stslab.marks import CANARY, EXPIRES, OWNER, RUN, Marks, is_expired, read
from stslab.sweep.ledgers import Swept

LONG_AGO = float("-inf")


@dataclass(frozen=True)
class Found:
    """One thing with the name of a run's things.

    Args:
        kind: ``user``, ``stack``, ``role`` or ``bucket``.
        name: what it is called.
        tags: its tags by key.
        hidden: why its tags cannot be seen, where they cannot.
    """

    kind: str
    name: str
    tags: Mapping[str, str]
    hidden: str = ""

    def __str__(self) -> str:
        return f"{self.kind} {self.name}"


def discover(means: Means, user_name: str, stack_name: str, *, delete: bool) -> Iterator[Swept]:
    """Look through the account for what runs have left, and take it away; the access keys of all go first.

    A thing is a run's if it has that run's three tags, and left over if the time on it has passed. All else stays.

    Args:
        means: the hands in the account.
        user_name: how the names of users begin.
        stack_name: how the names of stacks begin, and so those of their roles and buckets.
        delete: take away, and not only say what would be.
    """
    now = datetime.now(UTC)
    all_found = [*_users(means, user_name), *_stacks(means, stack_name)]
    all_found += [*_roles(means, stack_name), *_buckets(means, stack_name)]
    left = [found for found in all_found if is_expired(found.tags, now)]
    runs = {found.tags[RUN]: _marks(found) for found in left}
    swept = {run: Swept(run, " without a ledger", done=delete) for run in runs}
    for found in left:
        swept[found.tags[RUN]].things.append(str(found))
    if delete:
        for found, action in _actions(left, means, runs):
            step: Step = attempt(str(found), action)
            if step.problem:
                swept[found.tags[RUN]].problems.append(means.scrubber.clean(f"{step.name}: {step.problem}"))
    yield from swept.values()
    yield from (Swept("of an unknown id", problems=[f"{each}: {each.hidden}"]) for each in all_found if each.hidden)
    yield from _left_alone(all_found, now)


def _marks(found: Found) -> Marks:
    return Marks(found.tags[RUN], found.tags[OWNER], found.tags[EXPIRES])


def _left_alone(all_found: list[Found], now: datetime) -> Iterator[Swept]:
    """Runs whose things have not expired yet: they may be going on."""
    fresh = {found.tags[RUN] for found in all_found if RUN in found.tags and not is_expired(found.tags, now)}
    for run in sorted(fresh):
        yield Swept(run, alive=True)


def _actions(left: list[Found], means: Means, runs: Mapping[str, Marks]) -> Iterator[tuple[Found, Callable[[], None]]]:
    def hands(found: Found) -> Means:
        return replace(means, marks=runs[found.tags[RUN]])

    users = [(f, LabUser(hands(f), f.name).claimed("", LONG_AGO)) for f in left if f.kind == "user"]
    yield from ((found, user.delete_access_keys) for found, user in users)
    yield from ((f, Stack(hands(f), f.name).claimed("", [], LONG_AGO).remove) for f in left if f.kind == "stack")
    for kind, resource_type in (("bucket", "AWS::S3::Bucket"), ("role", "AWS::IAM::Role")):
        yield from ((f, partial(destroy, means.admin, resource_type, f.name)) for f in left if f.kind == kind)
    yield from ((found, user.remove) for found, user in users)


def _is_named(name: str, prefix: str) -> bool:
    return name == prefix or name.startswith(f"{prefix}-")


def _pages(operation: Any, key: str) -> Iterator[Mapping[str, Any]]:
    client = operation.__self__
    for page in client.get_paginator(operation.__name__).paginate():
        yield from page.get(key, ())


def _found(kind: str, name: str, prefix: str, tags: Callable[[], Any]) -> Found:
    """One thing with the tags that it has, which may be none, and may not be for this run's eyes."""
    try:
        return Found(kind, name, read(tags() or ()))
    except NotPermitted as fault:
        # A name without an id is nobody's whom a sweep has to do with.
        return Found(kind, name, {}, hidden="" if name in (prefix, CANARY) else str(fault))


def _users(means: Means, prefix: str) -> Iterator[Found]:
    iam = means.admin.iam
    for user in _pages(iam.list_users, "Users"):
        name = str(user["UserName"])
        if _is_named(name, prefix) or _is_named(name, CANARY):
            yield _found("user", name, prefix, partial(_listed, iam.list_user_tags, UserName=name))


def _roles(means: Means, prefix: str) -> Iterator[Found]:
    iam = means.admin.iam
    for role in _pages(iam.list_roles, "Roles"):
        name = str(role["RoleName"])
        if _is_named(name, prefix):
            yield _found("role", name, prefix, partial(_listed, iam.list_role_tags, RoleName=name))


def _stacks(means: Means, prefix: str) -> Iterator[Found]:
    cloudformation = means.admin.cloudformation
    for summary in _pages(cloudformation.list_stacks, "StackSummaries"):
        name = str(summary["StackName"])
        if _is_named(name, prefix) and summary["StackStatus"] != "DELETE_COMPLETE":
            yield _found("stack", name, prefix, partial(_tags_of_stack, cloudformation, name))


def _buckets(means: Means, prefix: str) -> Iterator[Found]:
    s3 = means.admin.s3
    for bucket in s3.list_buckets()["Buckets"]:
        name = str(bucket["Name"])
        if _is_named(name, prefix):
            yield _found("bucket", name, prefix, partial(tags_of, means.admin, "AWS::S3::Bucket", name))


def _tags_of_stack(cloudformation: Any, name: str) -> Any:
    answer = unless_absent(cloudformation.describe_stacks, StackName=name)
    return answer["Stacks"][0].get("Tags") if answer else None


def _listed(operation: Any, **params: str) -> Any:
    answer = unless_absent(operation, **params)
    return answer["Tags"] if answer else None
