"""One run of the lab: what it was told, what it has found out, and what it must never say."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from stslab.calls import Recorder
from stslab.controls.control import Controls
from stslab.controls.standing import assess
from stslab.documents import LabDocuments
from stslab.environment import ADMIN
from stslab.errors import TargetError
from stslab.explaining import explained
from stslab.finalizers import Finalizers
from stslab.result import UNDECIDED, Call, CheckResult, LabResult, Outcome, Validation, now
from stslab.rubric import Entry, credited
from stslab.scrub import Scrubber
from stslab.settings import LabSettings
from stslab.shown import documents_of
from stslab.submission.contents import shown
from stslab.submission.submission import Submission
from stslab.targets.base import Target
from stslab.verdict import Judgement, root_of_block
from stslab.waiting import Watch
from stslab.workplace import Workplace, enter

LAB = "sts-assume-role"


@dataclass(frozen=True)
class Check:
    """One check as its test declares it; ``expects`` tells the answer that it should get."""

    id: str
    title: str
    step: str
    points: float
    expects: str
    needs: tuple[str, ...]


@dataclass
class Run:
    """The state of a run, from the first option read to the last report written."""

    settings: LabSettings
    submission: Submission
    rubric: Mapping[str, Entry]
    controls: Controls
    target: Target
    scrubber: Scrubber = field(default_factory=Scrubber)
    workplace: Workplace | None = None
    notes: list[str] = field(default_factory=list)
    validations: Path = Path()
    validated: Mapping[str, Validation] = field(default_factory=dict)
    say: Callable[[str], None] = field(default=lambda _: None)
    checks: dict[str, Check] = field(default_factory=dict)
    results: dict[str, CheckResult] = field(default_factory=dict)
    remarks: dict[str, list[str]] = field(default_factory=dict)
    grounds: dict[str, list[str]] = field(default_factory=dict)
    leftovers: list[str] = field(default_factory=list)
    environment: dict[str, str] = field(default_factory=dict)
    ended: str = ""
    started: str = field(default_factory=now)

    def __post_init__(self) -> None:
        self.recorder = Recorder(self.target.decisions, self.target.ruling, _unchecked)
        self.watch = Watch(lambda what: self.say(f"waiting for {what}"), self.recorder.waited)
        self.finalizers = Finalizers(say=lambda what: self.say(self.scrubber.clean(what)), done=self._taken_away)

    def enter(self) -> Workplace:
        """The workplace in the target, opened at the first call.

        Raises:
            TargetError: the target cannot be had, or cannot be trusted.
        """
        if self.workplace is None:
            self.workplace = enter(self.target, self.recorder, self.scrubber, self.watch)
        return self.workplace

    def _taken_away(self, left: list[str]) -> None:
        """Write down what stayed, and close the workplace; the ledger stays as long as something does."""
        self.leftovers += [self.scrubber.clean(each) for each in left]
        if self.workplace is None:
            return
        ledger = self.workplace.means.ledger
        try:
            self.workplace.close()
            if not self.leftovers:
                ledger.finish()
        finally:
            ledger.close()

    @property
    def documents(self) -> LabDocuments:
        """Template and policy."""
        return self.submission.documents

    @property
    def documents_name(self) -> str:
        """What the reports call them: by the folder or zip that they are in, unless told."""
        settings = self.settings
        return settings.submission_name or shown((settings.submission or settings.policies).resolve().name)

    def remark(self, sentence: str) -> None:
        """Keep something that a person should know of the check under way, whatever becomes of it."""
        self.remarks.setdefault(self.recorder.check or "", []).append(sentence)

    def ground(self, sentence: str) -> None:
        """Keep what was found by reading policies, for the check under way."""
        self.grounds.setdefault(self.recorder.check or "", []).append(sentence)

    def declare(self, check: Check) -> None:
        """Take a check into the run; the order of these calls is the order of the contract."""
        self.checks[check.id] = check

    def conclude(self, check_id: str, judgement: Judgement) -> CheckResult:
        """Write down what became of a check."""
        check = self.checks[check_id]
        entry = self.rubric.get(check_id, Entry())
        worth = check.points if entry.points is None else entry.points
        reason = judgement.reason or " ".join(self.remarks.get(check_id, ()))
        points, max_points = credited(judgement.outcome, worth, judgement.credit if entry.partial else 0)
        clean = self.scrubber.clean
        result = CheckResult(
            id=check_id,
            title=check.title,
            step=check.step,
            outcome=judgement.outcome,
            points=points,
            max_points=max_points,
            worth=worth,
            reason=clean(reason),
            hint=entry.hint if judgement.outcome is Outcome.FAILED else "",
            expected=clean(judgement.expected or check.expects),
            actual=clean(judgement.actual),
            evidence=[call.id for call in self.recorder.calls if call.check == check_id],
            grounds=[clean(ground) for ground in self.grounds.get(check_id, ())],
        )
        self.results[check_id] = result
        return result

    def asked_for(self, check_id: str) -> bool:
        """Whether a check is wanted for its own sake, and not only done because another needs it."""
        return not self.settings.only or check_id in self.settings.only

    def shown(self, check_id: str) -> bool:
        """Whether a check is in the report that the person who did the lab gets."""
        return self.asked_for(check_id) and self.rubric.get(check_id, Entry()).visibility != "hidden"

    def block(self, check_id: str, why: str) -> CheckResult:
        """Write down that a check was not tried.

        Args:
            check_id: the check.
            why: the reason to give where no prerequisite explains it.
        """
        needs = {check.id: check.needs for check in self.checks.values()}
        outcomes = {result.id: result.outcome for result in self.results.values()}
        root = root_of_block(check_id, needs, outcomes, list(self.checks))
        if root is None:
            return self.conclude(check_id, Judgement(Outcome.UNDETERMINED, why))
        result = self.conclude(check_id, Judgement(Outcome.BLOCKED, f"blocked by {root}"))
        result.blocked_by = root
        if outcomes[root] in UNDECIDED:
            # Who knows what it would have earned.
            result.max_points = 0
        return result

    def finish(self) -> LabResult:
        """Give the result; a check that was never reached is an error, not a gap."""
        for check_id in self.checks:
            if check_id not in self.results:
                reason = f"Not run: {self.ended or 'the run ended before.'}"
                self.conclude(check_id, Judgement(Outcome.ERROR, reason))
        admin = {ADMIN: self.workplace.means.admin.arn} if self.workplace else {}
        checks = [self.results[check_id] for check_id in self.checks if self.asked_for(check_id)]
        result = LabResult(
            lab=LAB,
            submission=self.documents_name,
            target=self.target.name,
            account=self.target.account,
            started=self.started,
            finished=now(),
            checks=checks,
            calls=self._calls(),
            waits=self.recorder.waits,
            documents=list(documents_of(self.documents, self.recorder.stored, self.scrubber.clean)),
            left_behind=self.leftovers,
            validated={check.id: self.validated[check.id] for check in checks if check.id in self.validated},
            environment=self.environment | admin,
        )
        return replace(result, faults=assess(result, self.controls).faults)

    def _calls(self) -> Sequence[Call]:
        """The calls, with a reason also where the target does not give one."""
        calls = self.recorder.calls
        if self.target.decisions() is not None or self.settings.permissions_boundary:
            return calls
        return explained(calls, self.recorder.stored, self.settings.user_name)


def _unchecked(call: Call) -> None:
    raise TargetError(
        f"{call.action} by {call.principal} succeeded although nobody decided whether it may: authorisation is off, "
        "and no verdict can rest on this target."
    )
