"""The lab's stack as somebody has deployed it."""

from __future__ import annotations

from stslab.documents import LabDocuments
from stslab.lab.means import Means
from stslab.lab.stack import DEPLOYED, Deployment, LabStack
from stslab.observing.survey import SeenStack


class SeenLabStack(LabStack):
    """A stack that is there, or was; nothing of it is made or taken away.

    Args:
        means: what it is looked at with.
        seen: what was seen of it.
        documents: its template.
    """

    def __init__(self, means: Means, seen: SeenStack, documents: LabDocuments) -> None:
        super().__init__(means, seen.name, documents, Deployment({}, ()))
        self._id = seen.id
        self._seen_status = seen.status
        self.resources = list(seen.resources)

    def require_deployed(self) -> None:
        """Make sure that it is deployed.

        Raises:
            CheckFailed: it is not; the stack's events say why.
            SuiteError: that is the account's doing.
        """
        if self._seen_status not in DEPLOYED:
            raise self._fault(self._seen_status, DEPLOYED[0])
