"""Claims about what was read: documents, answers, and what policies say."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence

from stslab.documents import Document
from stslab.errors import CheckFailed, Undetermined
from stslab.iam import Decision, Outcome
from stslab.iam.privilege import Excess
from stslab.iam.trust import STAND_INS
from stslab.report.visible import counted
from stslab.submission.scanning import Secrets


class Claims:
    """Puts claims to the test for which nobody has to be asked.

    Args:
        remark: keeps a sentence that a person should know of the check under way.
        ground: keeps a sentence on what was found by reading, for the check under way.
    """

    def __init__(self, remark: Callable[[str], None], ground: Callable[[str], None]) -> None:
        self._remark = remark
        self._ground = ground

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

    def one_of(self, what: str, actual: str, wanted: Sequence[str]) -> None:
        """Claim that a text is one of several, the first of which is the usual one.

        Raises:
            CheckFailed: it is not.
        """
        if actual not in wanted:
            self.same(what, actual, wanted[0])

    def contains(self, what: str, actual: Collection[str], wanted: str) -> None:
        """Claim that something is among the answers.

        Raises:
            CheckFailed: it is not.
        """
        if wanted not in actual:
            found = ", ".join(sorted(actual)) or "nothing"
            raise CheckFailed(f"{what} shows {found}, and not {wanted}.", expected=wanted, actual=found)

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


def grounds(decision: Decision) -> str:
    """Say what was decided, and by which statements; those that only stand for what is not asked are left out."""
    named = dict.fromkeys(matched.name for matched in decision.matched if matched.source not in STAND_INS)
    why = f"by {' and '.join(named)}" if named else decision.reason
    return f"{decision.outcome.value}, {why}"
