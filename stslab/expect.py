"""Claims about what a principal may do, put to the test.

A denial is proved, not assumed: the credential has to be live, and the answer exactly AccessDenied.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from contextlib import AbstractContextManager
from typing import Any

from botocore.exceptions import ClientError

from stslab.answers import CREDENTIAL_CODES, UNKNOWN_KEY, action_of, code_of, is_absence, is_denial, message_of
from stslab.calls import resource_name
from stslab.documents import Document
from stslab.errors import CheckFailed, SuiteError, Undetermined
from stslab.iam import Decision, Outcome
from stslab.iam.privilege import Excess
from stslab.iam.trust import STAND_INS
from stslab.parts import parts
from stslab.principals import Principal
from stslab.report.visible import counted
from stslab.submission.scanning import Secrets
from stslab.waiting import Waiting


class Expect:
    """Tests claims, as often and as long as the target wants to be asked.

    Args:
        waiting: asks with the patience that the target declares.
        remark: keeps a sentence that a person should know of the check under way.
        ground: keeps a sentence on what was found by reading policies, for the check under way.
    """

    parts = staticmethod(parts)

    def __init__(self, waiting: Waiting, remark: Callable[[str], None], ground: Callable[[str], None]) -> None:
        self._waiting = waiting
        self._remark = remark
        self._ground = ground

    def together(self, *, in_vain: bool) -> AbstractContextManager[None]:
        """Claim several things that became true at once: they are not waited for one after the other.

        Args:
            in_vain: something has kept them from becoming true, and they are not waited for at all.
        """
        return self._waiting.together(in_vain=in_vain)

    def usable(self, document: Document) -> None:
        """Claim that a document was handed in and can be used.

        Raises:
            CheckFailed: it was not, or cannot.
        """
        for remark in document.remarks:
            self._remark(remark)
        if document.fault:
            raise CheckFailed(document.fault)
        self._ground(f"{document.where}, {counted(len(document.raw), 'byte')}, was read.")

    def no_secrets(self, secrets: Secrets) -> None:
        """Claim that nothing secret was handed in; the id of an access key alone is no secret.

        Raises:
            CheckFailed: there is something secret.
            Undetermined: not everything could be looked through.
        """
        files = ", ".join(secrets.read) or "no file"
        self._ground(f"{counted(len(secrets.read), 'file')} looked through: {files}.")
        for where, finding in secrets.found:
            if finding.warns:
                self._remark(f"{where}: warning, there is an {finding.kind}.")
        found = "; ".join(f"{where}: {finding.kind}" for where, finding in secrets.found if not finding.warns)
        if found:
            said = f"There are secrets in what was handed in: {found}."
            raise CheckFailed(said, expected="no secret", actual="secrets")
        if secrets.unread:
            raise Undetermined(f"Not looked through for secrets: {'; '.join(secrets.unread)}.")

    def same(self, what: str, actual: str, expected: str) -> None:
        """Claim that two texts are the same.

        Raises:
            CheckFailed: they are not.
        """
        if actual != expected:
            raise CheckFailed(f"{what} is {actual!r} and should be {expected!r}.", expected=expected, actual=actual)

    def contains(self, what: str, actual: Collection[str], wanted: str) -> None:
        """Claim that something is among the answers.

        Raises:
            CheckFailed: it is not.
        """
        if wanted not in actual:
            found = ", ".join(sorted(actual)) or "nothing"
            raise CheckFailed(f"{what} shows {found}, and not {wanted}.", expected=wanted, actual=found)

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

    def permitted(self, what: str, decision: Decision) -> None:
        """Claim that policies permit something, going by what they say.

        Raises:
            CheckFailed: they do not.
            Undetermined: that cannot be known here.
        """
        self._known(what, decision)
        if not decision.allowed:
            raise CheckFailed(f"{what}: no, {decision.reason}.", expected="allowed", actual=decision.outcome.value)

    def not_permitted(self, what: str, decision: Decision) -> None:
        """Claim that policies do not permit something, going by what they say.

        Raises:
            CheckFailed: they do.
            Undetermined: that cannot be known here.
        """
        self._known(what, decision)
        if decision.allowed:
            raise CheckFailed(f"{what}: yes, {decision.reason}.", expected="not allowed", actual="allowed")

    def nothing_beyond(self, service: str, excesses: Sequence[Excess]) -> None:
        """Claim that policies permit nothing outside a service.

        Raises:
            CheckFailed: they do.
            Undetermined: they may.
        """
        found = "; ".join(f"{excess.permitted_by} reaches {excess.written}" for excess in excesses) or "none does"
        self._ground(f"Every Allow of the policies was evaluated for whether it reaches beyond {service}: {found}.")
        for excess in sorted(excesses, key=lambda e: not e.certain):
            if not excess.certain:
                raise Undetermined(f"{excess.permitted_by} may allow {excess.written}, on a condition.")
            raise CheckFailed(
                f"{excess.permitted_by} allows {excess.written}, which reaches beyond {service}.",
                expected=f"{service} only",
                actual=excess.written,
            )

    def _known(self, what: str, decision: Decision) -> None:
        self._ground(f"{what}: {grounds(decision)}.")
        if decision.outcome is Outcome.UNDETERMINED:
            raise Undetermined(f"{what}: that cannot be known here, since {decision.reason}.")

    def _try(self, who: Principal, operation: Any, *, once: bool = False, **params: Any) -> Any:
        def passes(fault: Exception) -> bool:
            denied = isinstance(fault, ClientError) and is_denial(operation, fault)
            return _is_unknown_key(fault) or (denied and who.name != "admin")

        try:
            what = _for(who, operation, "to be allowed")
            return self._waiting.until(what, lambda: operation(**params), passing=passes, once=once)
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


def grounds(decision: Decision) -> str:
    """Say what was decided, and by which statements; those that only stand for what is not asked are left out."""
    named = dict.fromkeys(matched.name for matched in decision.matched if matched.source not in STAND_INS)
    why = f"by {' and '.join(named)}" if named else decision.reason
    return f"{decision.outcome.value}, {why}"


def _for(who: Principal, operation: Any, what: str) -> str:
    return f"{action_of(operation)} by profile {who.name} {what}"


def _is_unknown_key(fault: Exception) -> bool:
    return isinstance(fault, ClientError) and code_of(fault) in UNKNOWN_KEY


def _neither(who: Principal, operation: Any, error: ClientError) -> SuiteError:
    return SuiteError(
        f"AWS answers {action_of(operation)} by profile {who.name} with {code_of(error)}: {message_of(error)} "
        "That is neither access nor a denial, so nothing is proved."
    )
