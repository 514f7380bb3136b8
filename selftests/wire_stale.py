"""An eventually consistent AWS in front of a strongly consistent one: for a while, readers do not see a change."""

from __future__ import annotations

import random
import re
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from wire import Answer, Call, Meddler
from wire_faults import refused

SUBJECTS = {
    "GetUser": ("user", "UserName"),
    "GetRole": ("role", "RoleName"),
    "DescribeStacks": ("stack", "StackName"),
    "HeadBucket": ("bucket", "Bucket"),
    "GetCallerIdentity": ("key", ""),
    "ListBuckets": ("key", ""),
}
"""What still answers as it did when its subject is gone: a thing by a parameter's value, or the key that signs."""

NEW_KEY = {
    "s3": ("InvalidAccessKeyId", "The AWS Access Key Id you provided does not exist in our records."),
    "dynamodb": ("UnrecognizedClientException", "The security token included in the request is invalid."),
    "secretsmanager": ("UnrecognizedClientException", "The security token included in the request is invalid."),
}
UNKNOWN_KEY = ("InvalidClientTokenId", "The security token included in the request is invalid.")


@dataclass(frozen=True)
class Withheld:
    """What a reader was not shown: the change, for example ``new key``, and the answer that it got for it."""

    number: int
    service: str
    operation: str
    change: str
    subject: str
    status: int


class _Change:
    """One change, and when each reader sees it: the draws depend on nothing but the seed and the change's number."""

    def __init__(self, seed: str, most_seconds: float, at: float) -> None:
        self.at = at
        self._seed = seed
        self._most = most_seconds
        self._readers: dict[str, tuple[float, random.Random]] = {}

    def is_hidden(self, reader: str, now: float, *, flapping: bool) -> bool:
        if reader not in self._readers:
            drawn = random.Random(f"{self._seed}/{reader}")
            self._readers[reader] = (drawn.uniform(0, self._most), drawn)
        delay, coin = self._readers[reader]
        return now < self.at + delay and (not flapping or coin.random() < 0.5)


class Stale(Meddler):
    """Withholds changes from readers, each for a time of its own.

    Args:
        seed: of all that is drawn.
        most_seconds: the longest that a change stays unseen; each reading service has its own delay for each change.
        flapping: until the delay is over each read is a coin toss between old and new; else (steady) it reads the old,
            and afterwards the new for good.
        deletions_too: whether deleting a thing that is not to be seen yet gets NoSuchEntity, too.
        clock: what time it is, in seconds.
    """

    def __init__(
        self,
        seed: int,
        most_seconds: float,
        *,
        flapping: bool = False,
        deletions_too: bool = False,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.withheld: list[Withheld] = []
        self._seed, self._most, self._flapping = seed, most_seconds, flapping
        self._deletions_too, self._clock = deletions_too, clock
        self._lock = threading.Lock()
        self._drawn = 0
        # By what has happened and to what: ("new user", "ana"), ("gone key", "AKIA...").
        self._changes: dict[tuple[str, str], _Change] = {}
        self._answered: dict[tuple[str, str, str, str], Answer] = {}
        self._owners: dict[str, str] = {}  # of access keys
        self._arns: dict[str, str] = {}  # of users
        self._policies: set[str] = set()  # of users, as user/policy
        self._roles: set[str] = set()  # that a call was answered on
        self._sessions: dict[str, str] = {}  # a session's key: its role's name
        self._stacked: _Change | None = None  # the last stack's creation

    def seconds_left(self) -> float:
        """After so many seconds everybody is sure to see everything that has happened until now."""
        with self._lock:
            latest = max((change.at for change in self._changes.values()), default=0.0)
        return max(0.0, latest + self._most - self._clock())

    def before(self, call: Call) -> Answer | None:
        with self._lock:
            self._notice_role(call)
            for change, subject, answer in self._withholdings(call):
                made = self._changes.get((change, subject))
                if made and answer and made.is_hidden(call.service, self._clock(), flapping=self._flapping):
                    self.withheld.append(
                        Withheld(call.number, call.service, call.operation, change, subject, answer.status)
                    )
                    return answer
        return None

    def after(self, call: Call, answer: Answer) -> Answer:
        if 200 <= answer.status < 300:
            with self._lock:
                if call.operation in SUBJECTS:
                    kind, subject = _subject(call)
                    self._answered[call.operation, call.access_key_id, kind, subject] = answer
                self._note(call, answer)
        return answer

    def _withholdings(self, call: Call) -> Iterator[tuple[str, str, Answer | None]]:
        """Each change that the call might not see, on what, and the answer as of before the change."""
        key, service, operation = call.access_key_id, call.service, call.operation
        user, role = str(call.parameters.get("UserName", "")), _role(call)
        policy = f"{user}/{call.parameters.get('PolicyName', '')}"
        yield (
            "new key",
            key,
            refused(
                call, 400 if service in ("dynamodb", "secretsmanager") else 403, *NEW_KEY.get(service, UNKNOWN_KEY)
            ),
        )
        if service == "s3":
            yield "new session", key, refused(call, 403, "AccessDenied", "Access Denied")
        if service == "iam" and (self._deletions_too or not operation.startswith(("Delete", "Detach", "Remove"))):
            absent = f"The user with name {user} cannot be found."
            yield "new user", user, refused(call, 404, "NoSuchEntity", absent)
            absent = f"The role with name {role} cannot be found."
            yield "new role", role, refused(call, 404, "NoSuchEntity", absent)
        if operation == "GetUserPolicy":
            absent = f"The user policy with name {call.parameters.get('PolicyName')} cannot be found."
            yield "new policy", policy, refused(call, 404, "NoSuchEntity", absent)
        if operation == "AssumeRole":
            owner = self._owners.get(key, "")
            arn = call.parameters.get("RoleArn")
            who = self._arns.get(owner, owner or key)
            message = f"User: {who} is not authorized to perform: sts:AssumeRole on resource: {arn}"
            denied = refused(call, 403, "AccessDenied", message)
            yield "new role", _role(call), denied
            for change, subject in list(self._changes):
                if change in ("new policy", "changed policy") and subject.partition("/")[0] == owner:
                    yield change, subject, denied
        if operation == "DeleteUser":
            for change, subject in list(self._changes):
                if change == "gone policy" and subject.partition("/")[0] == user:
                    message = "Cannot delete entity, must delete policies first."
                    yield change, subject, refused(call, 409, "DeleteConflict", message)
                if change == "gone key" and self._owners.get(subject) == user:
                    message = "Cannot delete entity, must delete access keys first."
                    yield change, subject, refused(call, 409, "DeleteConflict", message)
        if operation in SUBJECTS:
            kind, subject = _subject(call)
            yield f"gone {kind}", subject, self._answered.get((operation, key, kind, subject))

    def _note(self, call: Call, answer: Answer) -> None:
        """Remember what a call has changed."""
        named = {name: str(value) for name, value in call.parameters.items()}
        user, policy = named.get("UserName", ""), f"{named.get('UserName')}/{named.get('PolicyName')}"
        if role := _role(call):
            self._roles.add(role)
        match call.operation:
            case "CreateUser":
                self._arns[user] = _element(answer, "Arn")
                self._change("new user", user)
            case "DeleteUser":
                self._change("gone user", user)
            case "CreateAccessKey":
                key = _element(answer, "AccessKeyId")
                self._owners[key] = _element(answer, "UserName")
                self._change("new key", key)
            case "DeleteAccessKey":
                self._change("gone key", named["AccessKeyId"])
            case "PutUserPolicy":
                self._change("changed policy" if policy in self._policies else "new policy", policy)
                self._policies.add(policy)
            case "DeleteUserPolicy":
                self._policies.discard(policy)
                self._change("gone policy", policy)
            case "CreateRole":
                self._change("new role", named["RoleName"])
            case "DeleteRole":
                self._lose_role(named["RoleName"])
            case "AssumeRole":
                key = _element(answer, "AccessKeyId")
                self._sessions[key] = _role(call)
                self._change("new session", key)
            case "CreateStack":
                self._change("new stack", _stack_name(named["StackName"]))
                self._stacked = self._changes["new stack", _stack_name(named["StackName"])]
            case "DeleteStack":
                # Which roles and buckets were the stack's is not known here; to replay what one that is still there
                # has answered does no harm.
                self._change("gone stack", _stack_name(named["StackName"]))
                for role in list(self._roles):
                    self._lose_role(role)
                for bucket in {subject for _, _, kind, subject in self._answered if kind == "bucket"}:
                    self._change("gone bucket", bucket)
            case "CreateBucket":
                self._change("new bucket", named["Bucket"])
            case "DeleteBucket":
                self._change("gone bucket", named["Bucket"])

    def _lose_role(self, role: str) -> None:
        self._change("gone role", role)
        for key, assumed in self._sessions.items():
            if assumed == role:
                self._change("gone key", key)

    def _notice_role(self, call: Call) -> None:
        """Take a role that is named for the first time since a stack was made for the stack's: no answer tells."""
        role, stack = _role(call), self._stacked
        gone = self._changes.get(("gone role", role))
        is_known = role in self._roles or ("new role", role) in self._changes or gone
        if role and stack and (not is_known or (gone and gone.at < stack.at)):
            self._change("new role", role, stack.at)

    def _change(self, change: str, subject: str, at: float | None = None) -> None:
        state, _, kind = change.partition(" ")
        for other in {"new", "changed", "gone"} - {state}:
            self._changes.pop((f"{other} {kind}", subject), None)
        self._drawn += 1
        seed = f"{self._seed}/{self._drawn}"
        self._changes[change, subject] = _Change(seed, self._most, self._clock() if at is None else at)


def _subject(call: Call) -> tuple[str, str]:
    kind, parameter = SUBJECTS[call.operation]
    if not parameter:
        return kind, call.access_key_id
    name = str(call.parameters.get(parameter, ""))
    return kind, _stack_name(name) if kind == "stack" else name


def _role(call: Call) -> str:
    return str(call.parameters.get("RoleName") or str(call.parameters.get("RoleArn", "")).rpartition("/")[2])


def _stack_name(name_or_id: str) -> str:
    return name_or_id.split("/")[1] if name_or_id.startswith("arn:") else name_or_id


def _element(answer: Answer, name: str) -> str:
    found = re.search(rf"<{name}>([^<]*)</{name}>".encode(), answer.body)
    return found[1].decode() if found else ""
