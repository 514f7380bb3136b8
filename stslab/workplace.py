"""What a run works with in its account, from the first look at it until the last thing is taken away."""

from __future__ import annotations

from dataclasses import dataclass

from stslab.calls import Recorder
from stslab.lab.means import Means
from stslab.ledger.ledger import Ledger
from stslab.marks import Marks
from stslab.principals import Sessions
from stslab.profiles import ProfileFile
from stslab.scrub import Scrubber
from stslab.targets.base import Target
from stslab.waiting import Waiting, Watch


@dataclass
class Workplace:
    """An open target, with the admin's hands in it and the run's own credentials file."""

    target: Target
    profiles: ProfileFile
    sessions: Sessions
    means: Means

    def close(self) -> None:
        """Remove the credentials file, and give everything back; harmless when called twice."""
        self.profiles.remove()
        self.means.ledger.note("gone", "file", str(self.profiles.folder))
        self.target.close()


def enter(
    target: Target,
    recorder: Recorder,
    scrubber: Scrubber,
    watch: Watch,
    *,
    boundary: str = "",
    only_reading: bool = False,
) -> Workplace:
    """Open a target, and work in it with nothing written down yet.

    Args:
        target: the target.
        recorder: what keeps the calls.
        scrubber: learns the secrets.
        watch: is told of waits.
        boundary: the ARN of a permissions boundary for what is made.
        only_reading: whether nothing may be changed.

    Raises:
        TargetError: the target cannot be had, or cannot be trusted.
    """
    try:
        target.open()
        profiles = ProfileFile()
        sessions = Sessions(
            profiles, target.region, target.account, recorder, scrubber, target.wiring, only_reading=only_reading
        )
        means = Means(
            target.admin(sessions),
            scrubber,
            Ledger(),
            Marks(),
            Waiting(target.patience, watch),
            boundary,
            target.almighty,
        )
    except BaseException:
        target.close()
        raise
    return Workplace(target, profiles, sessions, means)
