"""Credentials that cannot be printed by accident."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, final

REDACTED = "[redacted]"


@final
class Secret:
    """A string whose ``repr`` and ``str`` never show it; :meth:`reveal` is the one way to it."""

    __slots__ = ("_value",)

    def __init__(self, value: str) -> None:
        self._value = value

    def reveal(self) -> str:
        """Give the value, to hand it to a client or to a credentials file and to nothing else."""
        return self._value

    def __repr__(self) -> str:
        return REDACTED

    __str__ = __repr__

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and other._value == self._value

    def __hash__(self) -> int:
        return hash(self._value)

    def __reduce__(self) -> Any:
        raise TypeError("a Secret is not pickled")


@dataclass(frozen=True)
class Credentials:
    """An access key id with its secret, and a session token where the key is a temporary one."""

    access_key_id: str
    secret_access_key: Secret
    session_token: Secret | None = None

    @classmethod
    def from_answer(cls, answer: Mapping[str, Any]) -> Credentials:
        """Take the credentials out of an answer of CreateAccessKey or AssumeRole.

        Args:
            answer: the ``AccessKey`` or ``Credentials`` structure, which should not be kept afterwards.
        """
        token = answer.get("SessionToken")
        return cls(answer["AccessKeyId"], Secret(answer["SecretAccessKey"]), Secret(token) if token else None)

    @property
    def secrets(self) -> tuple[Secret, ...]:
        """What must never leave the process."""
        return (self.secret_access_key,) if self.session_token is None else (self.secret_access_key, self.session_token)
