"""Waiting: exact codes, several in a row, a cap, and nothing at all where a target declares no patience."""

from __future__ import annotations

import pytest
from botocore.exceptions import ClientError

from stslab.answers import THROTTLES, UNKNOWN_KEY, is_missing
from stslab.targets.base import Patience
from stslab.targets.remote import OF_AN_EMULATOR, OF_AWS
from stslab.waiting import FIRST, LONGEST, Waiting, Watch


def error(code: str) -> ClientError:
    return ClientError({"Error": {"Code": code, "Message": code}, "ResponseMetadata": {"HTTPStatusCode": 400}}, "Ask")


class Answers:
    """Answers one after the other, the last one for ever; time passes only in pauses."""

    def __init__(self, *answers: object) -> None:
        self.answers = list(answers)
        self.asked = 0
        self.pauses: list[float] = []
        self.begun: list[str] = []
        self.ended: list[tuple[str, str, float, int]] = []

    def __call__(self) -> object:
        answer = self.answers[min(self.asked, len(self.answers) - 1)]
        self.asked += 1
        if isinstance(answer, Exception):
            raise answer
        return answer

    def waiting(self, patience: Patience) -> Waiting:
        watch = Watch(self.begun.append, lambda *told: self.ended.append(told))
        return Waiting(patience, watch, self.pauses.append, lambda: sum(self.pauses))


PATIENT = Patience(in_a_row=3, between_seconds=0, longest_wait=20)


def is_unknown(fault: Exception) -> bool:
    return isinstance(fault, ClientError) and fault.response["Error"]["Code"] in UNKNOWN_KEY


def test_without_patience_everything_is_asked_once():
    answers = Answers(error("InvalidClientTokenId"), "yes")
    with pytest.raises(ClientError):
        answers.waiting(Patience()).until("it", answers, passing=is_unknown)
    assert (answers.asked, answers.pauses, answers.begun) == (1, [], [])


def test_what_is_right_at_once_costs_calls_and_no_time():
    answers = Answers("yes")
    assert answers.waiting(PATIENT).until("it", answers) == "yes"
    assert (answers.asked, answers.pauses, answers.begun, answers.ended) == (3, [], [], [])


def test_successes_have_to_come_in_a_row():
    late = error("InvalidAccessKeyId")
    answers = Answers("yes", "yes", late, "yes", late, "yes", "yes", "yes")
    assert answers.waiting(PATIENT).until("the key", answers, passing=is_unknown) == "yes"
    assert answers.asked == 8
    assert len(answers.pauses) == 2
    assert answers.begun == ["the key (InvalidAccessKeyId)"]
    ((what, why, seconds, attempts),) = answers.ended
    assert (what, why, attempts) == ("the key", "InvalidAccessKeyId", 8)
    assert seconds == pytest.approx(sum(answers.pauses), abs=0.001)


def test_on_aws_there_is_a_pause_between_successes():
    answers = Answers("yes")
    answers.waiting(OF_AWS).until("it", answers)
    assert (answers.asked, answers.pauses) == (4, [0.5, 0.5, 0.5])


def test_pauses_grow_with_some_chance_in_them_and_end_at_the_cap():
    answers = Answers(error("NoSuchEntity"))
    with pytest.raises(ClientError, match="NoSuchEntity"):
        answers.waiting(PATIENT).until("it", answers, passing=is_missing)
    assert 20 <= sum(answers.pauses) <= 20 + LONGEST + FIRST
    assert answers.pauses[0] < 3 * FIRST
    assert max(answers.pauses) <= LONGEST + FIRST
    assert answers.pauses[3] > 2 * answers.pauses[0]
    assert len({round(pause / FIRST, 6) % 1 for pause in answers.pauses}) > 1


@pytest.mark.parametrize("target", [OF_AWS, OF_AN_EMULATOR])
def test_no_wait_is_longer_than_two_minutes(target):
    answers = Answers(error("NoSuchEntity"))
    with pytest.raises(ClientError):
        answers.waiting(target).until("it", answers, passing=is_missing)
    assert sum(answers.pauses) <= 120 + LONGEST + FIRST


@pytest.mark.parametrize("code", ["AccessDenied", "SignatureDoesNotMatch", "ExpiredToken", "ValidationError"])
def test_a_code_that_does_not_pass_is_not_waited_for(code):
    answers = Answers(error(code), "yes")
    with pytest.raises(ClientError, match=code):
        answers.waiting(PATIENT).until("it", answers, passing=is_unknown)
    assert (answers.asked, answers.pauses) == (1, [])


@pytest.mark.parametrize("code", sorted(THROTTLES))
def test_a_throttle_always_passes(code):
    answers = Answers(error(code), "yes")
    assert answers.waiting(PATIENT).until("it", answers, once=True) == "yes"
    assert answers.asked == 2


def test_an_answer_that_is_not_wanted_is_given_at_the_end():
    answers = Answers("CREATE_IN_PROGRESS")
    got = answers.waiting(PATIENT).until("the stack", answers, wanted=lambda status: status == "done", longest=1)
    assert got == "CREATE_IN_PROGRESS"
    assert answers.begun == ["the stack (CREATE_IN_PROGRESS)"]
    assert 1 <= sum(answers.pauses) <= 1 + LONGEST


def test_what_was_done_at_once_is_not_waited_for_one_after_the_other():
    answers = Answers(False)
    waiting = answers.waiting(PATIENT)
    with waiting.together():
        assert waiting.until("the user to be gone", answers, wanted=bool) is False
        before = answers.asked
        assert waiting.until("the stack to be gone", answers, wanted=bool) is False
    assert answers.asked == before + 1
    assert sum(answers.pauses) <= 20 + LONGEST + FIRST
    waiting.until("the role to be gone", answers, wanted=bool)
    assert sum(answers.pauses) >= 40


def test_an_exception_that_is_none_of_awss_is_not_waited_for():
    answers = Answers(KeyError("Arn"), "yes")
    with pytest.raises(KeyError):
        answers.waiting(PATIENT).until("it", answers, passing=is_unknown)
    assert answers.asked == 1
