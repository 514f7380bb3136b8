"""What comes next, and how it is told."""

from __future__ import annotations

from datetime import timedelta

import pytest
from surveys import (
    BY_USER,
    NAMED,
    POLICY,
    ROLE,
    SECOND_KEY,
    SECOND_ROLE,
    SSO,
    STACK,
    STS_HELD,
    USER,
    all_done,
    event,
    held,
    lab,
    role_arn,
    session,
    stack,
    survey,
    until,
    user,
    without,
)

from stslab.observing.history import Trace, traced
from stslab.observing.next_step import Next, left, next_step, once_more
from stslab.observing.progress import Phase
from stslab.observing.survey import GONE
from stslab.observing.telling import history_lines, next_lines, summary
from stslab.result import CheckResult, Outcome

SILENT = "CloudTrail cannot be asked."
DONE = all_done(until("lists"))
REFUSED = "ExpiredToken, The security token included in the request is expired."


def after(**parts):
    return next_step(without(DONE, **parts))


def test_the_lab_is_led_through_step_by_step():
    steps = [
        (survey(), "create the user"),
        (survey(user=user(keys=(), policies=())), "create an access key"),
        (survey(user=user()), "write the user's key into profile sts"),
        (survey(user=user(), profiles=[STS_HELD]), "see who profile sts is"),
        (survey(until("no-s3"), user(), profiles=[STS_HELD]), "deploy the stack"),
        (survey(until("stack"), user(), stack(), profiles=[STS_HELD]), "let the user assume the role"),
        (survey(until("policy"), user(), stack(), POLICY, [STS_HELD]), "assume the role"),
        (all_done(until("assume")), "see who profile assumed is"),
        (DONE, "clean up, tear down the stack"),
    ]
    for seen, sentence in steps:
        assert next_step(seen).sentence.startswith(sentence)


def test_commands_have_the_names_of_what_is_there():
    named = {"told": {"user-name": "ana", "stack-name": "mine", "policy-name": "Mine"}}
    assert next_step(survey(**named)).commands == ("aws iam create-user --user-name ana",)
    assert next_step(survey()).commands == once_more(survey()).commands == (f"aws iam create-user --user-name {USER}",)
    assert "--stack-name mine " in after(stack=None, **named).commands[0]
    assert f"--stack-name {STACK} " in after(stack=None).commands[0]
    assert "--policy-name Mine " in after(policy="", **named).commands[0]
    assert f"--role-arn {role_arn()} " in after(profiles={"sts": STS_HELD}).commands[0]
    assert "--role-arn ROLE_ARN " in after(profiles={"sts": STS_HELD}, role_arn="").commands[0]


def test_a_key_in_the_wrong_place_is_noticed():
    default = {"default": held("default", BY_USER)}
    assert "from [default] to [sts]" in after(profiles=default).sentence
    assert after(profiles={"default": held("default", SSO)}).sentence.startswith("write the user's key into")
    others = {"sts": held("sts", BY_USER, SECOND_KEY)}
    assert after(profiles=others).sentence.startswith(f"profile sts has a key that is none of {USER}'s")
    assert not after(
        user=user(keys=("AKIAFIRST", SECOND_KEY)), profiles={**DONE.profiles, **others}
    ).sentence.startswith("profile sts")


def test_a_refused_profile_is_not_asked_who_it_is():
    refused = {"sts": held("sts", refusal="SignatureDoesNotMatch, The signature does not match.")}
    assert after(profiles=refused).sentence == (
        "profile sts is refused (SignatureDoesNotMatch, The signature does not match); "
        "write the user's key there once more"
    )
    expired = {"sts": STS_HELD, "assumed": held("assumed", refusal=REFUSED)}
    assert after(profiles=expired).sentence.startswith("profile assumed is refused (ExpiredToken")


@pytest.mark.parametrize("arn", [session("another"), session(SECOND_ROLE), BY_USER, session("x" + ROLE)])
def test_a_session_of_another_role_is_none_of_the_stacks(arn):
    step = after(profiles={"sts": STS_HELD, "assumed": held("assumed", arn)})
    assert step.sentence == f"profile assumed is {arn}, and no session of {ROLE}; assume the role"
    assert step.commands[0].startswith(f"aws sts assume-role --role-arn {role_arn()} ")


def test_a_look_counts_only_as_it_should_come_out():
    steps = lab()
    shown = [each for step, each in steps.items() if step not in ("no-s3", "no-stack")]
    assert after(events=shown).sentence.startswith("see who profile sts is")
    listed = [*shown, event("ListBuckets", 3, BY_USER)]
    assert after(events=listed).sentence.startswith("see who profile sts is")
    denied = [*until("session"), event("ListBuckets", 8, session(), "AccessDenied")]
    assert after(events=denied).sentence.startswith("see who profile assumed is")
    assert after(events=SILENT).sentence.startswith("clean up")


def test_looks_of_an_earlier_time_or_of_others_do_not_count():
    late = user(created=event("x").time + timedelta(minutes=30))
    assert after(user=late).sentence.startswith("see who profile sts is")
    alike = SSO.rpartition("/")[0] + f"/{USER}"
    by_others = [event("GetCallerIdentity", 2, alike), event("ListBuckets", 3, alike, "AccessDenied")]
    assert after(events=by_others).sentence.startswith("see who profile sts is")
    of_another = [event("GetCallerIdentity", 7, session("other")), event("ListBuckets", 8, session("other"))]
    assert after(events=[*until("assume"), *of_another]).sentence.startswith("see who profile assumed is")


@pytest.mark.parametrize(
    ("status", "sentence", "commands"),
    [
        (GONE, "deploy the stack", ["cloudformation deploy"]),
        ("REVIEW_IN_PROGRESS", "deploy the stack", ["cloudformation deploy"]),
        ("CREATE_IN_PROGRESS", f"wait for stack {STACK}, which is CREATE_IN_PROGRESS", []),
        ("ROLLBACK_COMPLETE", f"stack {STACK} is ROLLBACK_COMPLETE: delete it", ["delete-stack", "deploy"]),
        ("UPDATE_ROLLBACK_COMPLETE", f"stack {STACK} is as it was before: mend", ["deploy"]),
        ("UPDATE_COMPLETE", "clean up, tear down the stack", ["delete-stack"]),
    ],
)
def test_a_stack_is_waited_for_mended_or_deployed(status, sentence, commands):
    step = after(stack=stack(status))
    assert step.sentence.startswith(sentence)
    assert len(step.commands) == len(commands)
    assert all(part in command for part, command in zip(commands, step.commands, strict=True))


def test_what_is_left_is_taken_away_in_the_labs_order():
    seen = without(DONE, user=user(keys=("AKIAFIRST", SECOND_KEY), policies=("A", "B")))
    assert [step.sentence.rpartition(", ")[2] for step in left(seen)] == [
        *("tear down the stack", "delete the access key", "delete the access key"),
        *("delete the policy", "delete the policy", "delete the user"),
    ]
    commands = "\n".join(command for step in left(seen) for command in step.commands)
    assert "--policy-name A" in commands
    assert "--policy-name B" in commands
    assert not [key for key in seen.user.keys if key in commands]
    assert left(survey(stack=stack(GONE))) == []
    assert [step.sentence.partition(",")[0] for step in left(survey(stack=stack("DELETE_IN_PROGRESS")))] == [
        f"wait for stack {STACK}"
    ]
    assert "empty its bucket first" in left(survey(stack=stack("DELETE_FAILED")))[0].sentence


def lines(events, phase, named=NAMED):
    return list(history_lines(traced(events, named), phase))


def told(events, phase):
    return [line for line, _ in lines(events, phase)]


def test_a_history_is_told_line_by_line():
    shown = lines(lab().values(), Phase.CLEAN)
    assert len(shown) == 13
    assert not any(is_wrong for _, is_wrong in shown)
    assert shown[0][0] == f"  done         09:00:00Z  create user {USER}, by {SSO.partition('role/')[2]}"
    assert all(line.startswith("  done  ") for line, _ in shown)


def test_what_is_to_come_is_not_told_and_what_was_left_out_is():
    assert len(told(until("no-s3"), Phase.DOING)) == 4
    assert told([], Phase.DOING) == told([], Phase.CLEANING) == []
    assert len(told([], Phase.CLEAN)) == 13
    skipped = [lab()[step] for step in ("user", "key", "no-s3")]
    assert told(skipped, Phase.DOING)[2] == f"  not found    be recognised as {USER}"
    assert [is_wrong for _, is_wrong in lines(skipped, Phase.DOING)] == [False] * 4
    absent = [(line, is_wrong) for line, is_wrong in lines(skipped, Phase.CLEAN) if "not found" in line]
    assert len(absent) == 10
    assert all(is_wrong for _, is_wrong in absent)


def test_what_was_taken_away_to_be_replaced_is_no_clean_up():
    replaced = [*until("stack"), event("DeleteAccessKey", 5, userName=USER, accessKeyId="AKIAFIRST")]
    assert [line for line in told(replaced, Phase.DOING) if "delete" in line or "not found" in line] == []
    assert [line for line in told(replaced, Phase.CLEANING) if "delete the access key" in line and "done" in line]


def test_wrong_is_told_in_every_phase_with_the_reason():
    early = [*until("lists"), event("DeleteUserPolicy", 6.5, userName=USER, policyName=POLICY)]
    for phase in Phase:
        wrong = [line for line, is_wrong in lines(early, phase) if is_wrong and "WRONG" in line]
        assert len(wrong) == 1
        assert wrong[0].startswith("  WRONG        09:06:30Z  delete the policy, by AWSReservedSSO_")
        assert wrong[0].endswith(': done too early: it comes after "list the buckets as the session"')


def test_days_are_told_where_there_are_several():
    night = told(lab(start=15 * 60 - 5).values(), Phase.CLEAN)
    assert night[0].startswith("  done         2026-03-02 23:55:00Z  create user")
    assert night[-1].startswith("  done         2026-03-03 00:07:00Z  delete user")


def test_nothing_in_a_history_acts_on_the_terminal():
    evil = event("CreateUser", 0, "arn:aws:iam::111122223333:user/\x1b[2J\nana\ud800", userName=USER)
    shown = told([evil], Phase.DOING)
    assert len(shown) == 1
    assert shown[0].isprintable()
    assert shown[0].encode()
    absent = list(history_lines([Trace("user", "create user \x1b[2J")], Phase.CLEAN))
    assert absent[0][0].isprintable()


def test_commands_stand_on_lines_of_their_own():
    assert list(next_lines(Next("do this", ("aws a", "aws b")))) == ["Next: do this:", "    aws a", "    aws b"]
    assert list(next_lines(Next("wait"))) == ["Next: wait."]


def test_the_summary_counts():
    def result(outcome):
        return CheckResult("user.created", "t", outcome, 0, 5)

    mixed = [result(Outcome.PASSED), result(Outcome.FAILED)]
    assert summary(mixed, 3, Phase.DOING) == "1 of 2 checks passed; 3 to come."
    assert summary(mixed, 0, Phase.DOING) == "1 of 2 checks passed."
    # What nobody can see any more is not said to be right.
    done = "1 of 2 checks of the clean-up passed. Whether the role and the policies were right went with them: only"
    assert summary(mixed, 0, Phase.CLEAN).startswith(done)
    assert summary([], 19, Phase.DOING) == "Nothing can be checked yet."
    assert summary([], 0, Phase.CLEANING).startswith("The clean-up has begun")
