"""Claims about what a principal may do, put to the test.

A denial is proved, not assumed: the credential has to be live, and the answer exactly AccessDenied.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any

from botocore.exceptions import ClientError

from stslab.answers import CREDENTIAL_CODES, UNKNOWN_KEY, action_of, code_of, is_absence, is_denial, message_of
from stslab.calls import resource_name
from stslab.claims import Claims
from stslab.errors import CheckFailed, SuiteError
from stslab.parts import parts
from stslab.principals import Principal
from stslab.waiting import Waiting


class Expect(Claims):
    """Tests claims, as often and as long as the target wants to be asked.

    Args:
        waiting: asks with the patience that the target declares.
        remark: keeps a sentence that a person should know of the check under way.
        ground: keeps a sentence on what was found by reading, for the check under way.
    """

    parts = staticmethod(parts)

    def __init__(self, waiting: Waiting, remark: Callable[[str], None], ground: Callable[[str], None]) -> None:
        super().__init__(remark, ground)
        self._waiting = waiting

    def together(self, *, in_vain: bool) -> AbstractContextManager[None]:
        """Claim several things that became true at once: they are not waited for one after the other.

        Args:
            in_vain: something has kept them from becoming true, and they are not waited for at all.
        """
        return self._waiting.together(in_vain=in_vain)

    def live(self, who: Principal) -> None:
        """Claim that a principal's credential works and is the one it should be.

        Raises:
            CheckFailed: AWS refuses the credential, or answers with another identity.
        """
        answer = self._try(who, who.sts.get_caller_identity)
        self.same(f"The identity of profile {who.name}", answer["Arn"], who.arn)

    def allowed(self, who: Principal, operation: Any, *, once: bool = False, **params: Any) -> Any:
        """Claim that a call succeeds, as often in a row as the target wants to be asked.

        Args:
            who: the principal.
            operation: a method of one of its clients, for example ``who.s3.list_buckets``.
            once: one success is enough, for a call that makes something.
            params: the call's parameters.

        Returns:
            the answer.

        Raises:
            CheckFailed: AWS denies the action or refuses the credential.
            SuiteError: AWS answers with an error that says neither.
        """
        return self._try(who, operation, once=once, **params)

    def may_ask(self, who: Principal, operation: Any, missing: str, **params: Any) -> None:
        """Claim that a principal may ask for something: that it is not there is as good an answer.

        Args:
            who: the principal.
            operation: a method of one of its clients.
            missing: the error code that says that it is not there.
            params: the call's parameters.

        Raises:
            CheckFailed: AWS denies the action or refuses the credential.
            SuiteError: AWS answers with another error.
        """
        self._try(who, operation, missing=missing, **params)

    def denied(self, who: Principal, operation: Any, **params: Any) -> None:
        """Claim that AWS denies a call to a credential that is live, as often in a row as the target wants to be asked.

        Raises:
            CheckFailed: the credential is not live, or the call succeeds.
            SuiteError: AWS answers with another error, which is no denial.
        """
        self.live(who)

        def ask() -> None:
            try:
                operation(**params)
            except ClientError as error:
                if is_denial(operation, error):
                    return
                raise
            raise CheckFailed(
                f"Profile {who.name} may {action_of(operation)} on {resource_name(params)}, and should not.",
                expected="AccessDenied",
                actual="success",
            )

        try:
            self._waiting.until(_for(who, operation, "to be denied"), ask, passing=_is_unknown_key)
        except ClientError as error:
            raise _neither(who, operation, error) from error

    def refused(self, who: Principal, operation: Any, **params: Any) -> None:
        """Claim that AWS lets a credential do nothing any more: it is unknown, expired, or denied.

        Raises:
            CheckFailed: the call succeeds, and goes on to.
            SuiteError: AWS answers with another error, which says nothing about the credential.
        """

        def refuses() -> bool:
            try:
                operation(**params)
            except ClientError as error:
                if code_of(error) in CREDENTIAL_CODES or is_denial(operation, error):
                    return True
                raise
            return False

        try:
            refused = self._waiting.until(_for(who, operation, "to be refused"), refuses, wanted=bool)
        except ClientError as error:
            raise _neither(who, operation, error) from error
        if not refused:
            raise CheckFailed(
                f"The credential of profile {who.name} still works: {action_of(operation)} succeeds.",
                expected="a refused credential",
                actual="success",
            )

    def found(self, operation: Any, **params: Any) -> Any:
        """Ask for something that has been made, which may not be known everywhere yet.

        Returns:
            the answer.

        Raises:
            ClientError: what AWS answers in its place.
        """
        return self._waiting.until(
            f"{action_of(operation)} to know {resource_name(params)}",
            lambda: operation(**params),
            passing=lambda fault: isinstance(fault, ClientError) and is_absence(operation, fault),
        )

    def absent(self, what: str, operation: Any, **params: Any) -> None:
        """Claim that something is not there, asking for it by name.

        Raises:
            CheckFailed: it is, and stays.
            SuiteError: AWS answers with an error that does not say so.
        """

        def is_absent() -> bool:
            try:
                operation(**params)
            except ClientError as error:
                if is_absence(operation, error):
                    return True
                raise
            return False

        try:
            absent = self._waiting.until(f"{what} to be gone", is_absent, wanted=bool)
        except ClientError as error:
            raise SuiteError(f"Asked for {what}, AWS answers {code_of(error)}: {message_of(error)}") from error
        if not absent:
            raise CheckFailed(f"{what} is still there.", expected="not found", actual="found")

    def _try(self, who: Principal, operation: Any, *, once: bool = False, missing: str = "", **params: Any) -> Any:
        def ask() -> Any:
            try:
                return operation(**params)
            except ClientError as error:
                if not missing or code_of(error) != missing:
                    raise
            return None

        def passes(fault: Exception) -> bool:
            denied = isinstance(fault, ClientError) and is_denial(operation, fault)
            return _is_unknown_key(fault) or (denied and who.name != "admin")

        try:
            what = _for(who, operation, "to be allowed")
            return self._waiting.until(what, ask, passing=passes, once=once)
        except ClientError as error:
            denied = is_denial(operation, error)
            if denied or code_of(error) in CREDENTIAL_CODES:
                raise CheckFailed(
                    f"Profile {who.name} cannot {action_of(operation)} on {resource_name(params)}: "
                    f"{code_of(error)}, {message_of(error)}",
                    expected="success",
                    actual=code_of(error),
                ) from error
            raise _neither(who, operation, error) from error


def _for(who: Principal, operation: Any, what: str) -> str:
    return f"{action_of(operation)} by profile {who.name} {what}"


def _is_unknown_key(fault: Exception) -> bool:
    return isinstance(fault, ClientError) and code_of(fault) in UNKNOWN_KEY


def _neither(who: Principal, operation: Any, error: ClientError) -> SuiteError:
    return SuiteError(
        f"AWS answers {action_of(operation)} by profile {who.name} with {code_of(error)}: {message_of(error)} "
        "That is neither access nor a denial, so nothing is proved."
    )
