"""How far the lab has been done, and by which names, decided from what an account shows; and what ``check`` takes."""

from __future__ import annotations

import argparse
from dataclasses import replace
from datetime import timedelta

import pytest
from surveys import (
    ASSUMED_HELD,
    BY_USER,
    POLICY,
    ROLE,
    SECOND_ROLE,
    SSO,
    STACK,
    START,
    STS_HELD,
    USER,
    all_done,
    at,
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

from stslab.commands import check
from stslab.errors import BadInput
from stslab.lab.standing import StackResource
from stslab.observing.history import Named
from stslab.observing.names import named_in
from stslab.observing.progress import CLEANUP, OF_SESSION, Phase, progress
from stslab.observing.survey import GONE
from stslab.settings import SETTINGS

NEEDS = {
    "session.lists-buckets": ["session.assumed"],
    "session.assumed": ["user.identity", "role.trust"],
    "user.identity": ["user.created"],
}
SILENT = "CloudTrail cannot be asked."
NOTHING_LEFT = survey(list(lab().values()), None, stack(GONE, deleted=at(9)))


def phase(seen):
    return progress(seen, NEEDS).phase


@pytest.mark.parametrize("events", [[], SILENT])
def test_an_empty_account_is_at_the_beginning(events):
    begun = progress(survey(events), NEEDS)
    assert (begun.phase, begun.reached, begun.next.sentence) == (Phase.DOING, frozenset(), "create the user")


def test_checks_are_reached_as_their_subjects_come():
    def reached(**parts):
        return progress(survey([], **parts), {}).reached

    assert reached(user=user(keys=())) == set()
    assert reached(user=user()) == {"user.created"}
    mine = {"user.created", "user.identity", "user.no-s3"}
    assert reached(user=user(), profiles=[STS_HELD]) == mine
    assert reached(stack=stack("CREATE_IN_PROGRESS")) == reached(stack=stack("REVIEW_IN_PROGRESS")) == set()
    of_stack = {"submission.template", "submission.secrets", "stack.deploys", "stack.bucket", "role.trust"}
    assert reached(stack=stack("ROLLBACK_COMPLETE")) == reached(stack=stack()) == of_stack
    of_policy = {"submission.policy", "submission.secrets", "policy.attached"}
    assert reached(user=user(), policy=POLICY) == {"user.created"} | of_policy
    everything = mine | of_stack | of_policy | {"policy.targets-role"} | OF_SESSION
    assert progress(all_done([]), {}).reached == everything


def test_a_check_that_needs_another_is_not_reached_before_it():
    seen = survey([], user(), stack(), "", [ASSUMED_HELD])
    assert "session.lists-buckets" in progress(seen, {}).reached
    assert "session.lists-buckets" not in progress(seen, NEEDS).reached


@pytest.mark.parametrize("last", list(lab())[:9])
@pytest.mark.parametrize("silent", [False, True])
def test_a_lab_on_its_way_is_being_done(last, silent):
    steps = list(lab())
    has = steps[: steps.index(last) + 1]
    seen = survey(
        SILENT if silent else until(last),
        user(("AKIAFIRST",) if "key" in has else (), (POLICY,) if "policy" in has else ()),
        stack() if "stack" in has else None,
        POLICY if "policy" in has else "",
        [STS_HELD, ASSUMED_HELD][: ("key" in has) + ("assume" in has)],
    )
    assert phase(seen) is Phase.DOING


@pytest.mark.parametrize(
    "parts",
    [
        {"stack": stack("DELETE_IN_PROGRESS")},
        {"stack": stack("DELETE_FAILED")},
        {"stack": stack(GONE, deleted=at(9))},
        {"stack": stack(GONE)},
        {"user": user(keys=(), policies=()), "policy": ""},
        {"user": None, "policy": ""},
    ],
    ids=["going", "stuck", "gone", "gone, undated", "neither key nor policy", "no user"],
)
def test_the_clean_up_may_begin_with_any_of_its_steps(parts):
    seen = without(all_done(list(lab().values())), **parts)
    assert phase(seen) is Phase.CLEANING
    assert progress(seen, NEEDS).reached == frozenset()


@pytest.mark.parametrize(
    ("parts", "again"),
    [
        ({"user": user(keys=())}, "create an access key for the user, and keep what is printed"),
        ({"user": user(policies=()), "policy": ""}, "let the user assume the role"),
    ],
    ids=["no key", "no policy"],
)
def test_a_key_or_a_policy_may_be_taken_away_to_be_made_anew(parts, again):
    """Nothing tells whether that was the beginning of the clean-up, so both ways are shown."""
    seen = without(all_done(list(lab().values())), **parts)
    assert phase(seen) is Phase.DOING
    what = progress(seen, NEEDS).next
    assert what.sentence == f"{again}; or, if this is the clean-up, tear down the stack"
    assert what.commands[-1] == f"aws cloudformation delete-stack --stack-name {STACK}"
    # What was assumed in an earlier round is no beginning of an end.
    earlier = [*lab(start=-60).values(), *until("stack")]
    assert progress(without(seen, events=earlier), NEEDS).next.sentence == again


def test_a_session_from_another_time_is_not_yet_written():
    """The stack is new, and its role has not been assumed; where it has, the profile is wrong and is told so."""
    old = replace(ASSUMED_HELD, arn=ASSUMED_HELD.arn.replace("StsRole", "OldRole"))
    seen = survey(until("policy"), user(), stack(), POLICY, [STS_HELD, old])
    assert not progress(seen, NEEDS).reached & OF_SESSION
    assert progress(without(seen, events=until("assume")), NEEDS).reached >= OF_SESSION
    assert progress(without(seen, events=SILENT), NEEDS).reached >= OF_SESSION
    assert progress(without(seen, profiles={"sts": STS_HELD, "assumed": ASSUMED_HELD}), NEEDS).reached >= OF_SESSION


def test_without_a_stack_nothing_of_a_session_can_be_checked():
    seen = without(all_done(list(lab().values())), stack=None, events=SILENT)
    assert not progress(seen, NEEDS).reached & OF_SESSION


def test_all_gone_is_clean():
    done = progress(NOTHING_LEFT, NEEDS)
    assert (done.phase, done.reached) == (Phase.CLEAN, CLEANUP)
    assert phase(without(NOTHING_LEFT, events=SILENT)) is Phase.CLEAN
    assert phase(without(NOTHING_LEFT, events=[])) is Phase.CLEAN
    assert phase(survey(list(lab().values()))) is Phase.CLEAN


def test_without_a_history_a_session_tells_that_the_lab_was_done():
    gone = {"stack": stack(GONE, deleted=at(9)), "events": SILENT}
    assert phase(without(all_done([]), **gone)) is Phase.CLEANING
    assert phase(without(all_done([]), **gone, profiles={"sts": STS_HELD})) is Phase.DOING


def test_who_deletes_a_stack_that_would_not_do_is_still_at_work():
    broken = event("CreateStack", 4, stackName=STACK), event("DeleteStack", 5, stackName=STACK)
    seen = survey([*until("no-s3"), *broken], user(policies=()), stack(GONE, deleted=at(5)), "", [STS_HELD])
    assert phase(seen) is Phase.DOING
    assert progress(seen, NEEDS).next.sentence == "deploy the stack with the bucket and the role"


def test_who_replaces_a_key_or_a_policy_before_the_role_is_assumed_is_still_at_work():
    no_key = [*until("stack"), event("DeleteAccessKey", 6, userName=USER)]
    assert phase(survey(no_key, user(keys=()), stack(), "", [])) is Phase.DOING
    no_policy = [*until("policy"), event("DeleteUserPolicy", 6, userName=USER, policyName=POLICY)]
    assert phase(survey(no_policy, user(policies=()), stack(), "", [STS_HELD])) is Phase.DOING


def test_a_stack_from_before_the_user_is_of_an_earlier_time():
    earlier = list(lab(start=-60).values())
    seen = survey([*earlier, *until("key")], user(), stack(GONE, deleted=START - timedelta(minutes=51)), "", [STS_HELD])
    assert phase(seen) is Phase.DOING
    assert "user.created" in progress(seen, NEEDS).reached
    assert phase(without(seen, events=[*earlier, *until("assume")])) is Phase.DOING


def test_who_begins_once_more_with_the_stack_is_not_cleaning_up():
    first = list(lab(start=-60).values())
    again = event("CreateStack", 1, stackName=STACK)
    assert phase(survey([*first, again], None, stack())) is Phase.DOING
    assert phase(survey(first, None, stack())) is Phase.CLEANING
    assert phase(survey([again], None, stack())) is Phase.DOING
    assert phase(survey(SILENT, None, stack())) is Phase.DOING
    assert phase(survey(SILENT, None, stack("DELETE_FAILED"))) is Phase.CLEANING


def test_a_stack_that_was_tried_out_before_all_else_is_no_lab_that_is_over():
    tried = [event("CreateStack", 0, stackName=STACK), event("DeleteStack", 1, stackName=STACK)]
    gone = survey(tried, None, stack(GONE, deleted=at(1)))
    assert phase(gone) is Phase.DOING
    # What AWS's own services assume says nothing.
    assert phase(without(gone, events=[*tried, event("AssumeRole", 2, "")])) is Phase.DOING
    assert phase(without(gone, events=[*tried, event("AssumeRole", 0.5, BY_USER)])) is Phase.CLEAN
    assert phase(without(gone, events=[*tried, event("CreateUser", 0.5, userName=USER)])) is Phase.CLEAN


def test_users_of_others_that_went_say_nothing():
    gone = [event("DeleteUser", 1, userName="ben")]
    assert phase(survey(gone)) is Phase.DOING
    assert phase(survey([event("DeleteUser", 1, userName="ana")], told={"user-name": "ana"})) is Phase.CLEAN
    refused = [event("DeleteUser", 1, userName=USER, error="DeleteConflict")]
    assert phase(survey([event("CreateUser", 0, userName=USER), *refused])) is Phase.DOING


def test_a_check_that_assumes_the_role_has_not_done_the_lab():
    agent = "Boto3/1.40 stslab-check"
    tried = replace(event("AssumeRole", 6, BY_USER, roleArn=role_arn()), user_agent=agent)
    no_key = event("DeleteAccessKey", 7, userName=USER)
    seen = survey([*until("policy"), tried, no_key], user(keys=()), stack(), POLICY, [STS_HELD])
    assert phase(seen) is Phase.DOING


def test_names_are_those_of_what_is_there():
    assert named_in(all_done([])) == Named(USER, STACK, ROLE)
    assert named_in(survey([], None, stack(name="mine"))) == Named(USER, "mine", ROLE)


def test_names_of_what_is_gone_are_in_the_history():
    assert named_in(survey(list(lab().values()))) == Named(USER, STACK, ROLE)
    assert named_in(survey(SILENT)) == Named(USER, "", "")
    assert named_in(survey([], told={"user-name": "ana", "stack-name": "s"})) == Named("ana", "s", "")
    assert named_in(survey([], profiles=[held("sts", BY_USER.replace(USER, "ben"))])).user == "ben"
    assert named_in(survey([], profiles=[ASSUMED_HELD])).role == ROLE
    assert named_in(survey([], profiles=[held("assumed", BY_USER), STS_HELD])).role == ""


def test_other_users_and_stacks_of_the_account_are_not_the_labs():
    others = [event("CreateUser", 30, userName="ben"), event("CreateStack", 31, stackName="another")]
    assert named_in(survey([*lab().values(), *others])) == Named(USER, STACK, ROLE)
    ana = [event("CreateUser", 0, userName="ana"), event("AssumeRole", 2, BY_USER.replace(USER, "ana"), roleArn="r/R")]
    assert named_in(survey([*ana, *others])) == Named("ana", "another", "R")


def test_somebody_elses_session_of_the_users_name_tells_no_role():
    like = SSO.rpartition("/")[0] + f"/{USER}"
    assert named_in(survey([event("AssumeRole", 1, like, roleArn=role_arn("power"))])).role == ""


def test_a_role_that_a_check_has_tried_is_not_the_one_that_was_assumed():
    tried = replace(event("AssumeRole", 9, BY_USER, roleArn=role_arn("another")), user_agent="stslab-check")
    assert named_in(survey([*until("assume"), tried])).role == ROLE


def test_the_role_is_the_stacks_whatever_else_was_assumed():
    other = event("AssumeRole", 9, BY_USER, roleArn=role_arn("another"))
    assert named_in(survey([*until("assume"), other], user(), stack())).role == ROLE
    # Deployed once more: the new role is the one to assume, and the old one only where all is over.
    assert named_in(survey(until("lists"), user(), stack(role=SECOND_ROLE))).role == SECOND_ROLE
    assert named_in(survey([*lab().values(), other], None, stack(GONE, role=SECOND_ROLE))).role == ROLE
    assert named_in(survey([], None, stack(GONE, role=SECOND_ROLE))).role == SECOND_ROLE
    assert named_in(survey(until("assume"), None, stack(GONE, role=""))).role == ROLE


def test_a_stack_without_the_role_has_none_by_a_name_alike():
    assert named_in(survey([*until("assume")], user(), stack(role=""))).role == ""
    two = [StackResource(name, "AWS::IAM::Role", name) for name in ("Reader", "Writer")]
    several = replace(stack(), resources=two)
    assumed = event("AssumeRole", 6, BY_USER, roleArn=role_arn("Reader"))
    assert named_in(survey([assumed], user(), several)).role == "Reader"
    assert named_in(survey([event("AssumeRole", 6, BY_USER, roleArn=session())], user(), several)).role == ""


def parsed(*words):
    parser = argparse.ArgumentParser()
    check.add(parser.add_subparsers())
    return parser.parse_args(["check", *words])


def test_check_takes_the_options_that_it_shares_with_a_run():
    options = [setting.option for setting in SETTINGS if setting.name in check.SHARED]
    assert len(options) == len(check.SHARED)
    assert parsed().command is check.check
    given = parsed(*(f"{option}=x" for option in options), "--watch", "--every", "0.5")
    assert [getattr(given, option[2:].replace("-", "_")) for option in options] == ["x"] * len(options)
    assert (given.watch, given.every) == (True, 0.5)


@pytest.mark.parametrize(
    ("words", "where"),
    [
        (["--user-name", "a b"], "--user-name"),
        (["--stack-name", "1st"], "--stack-name"),
        (["--account", "123"], "--account"),
        (["--region", "Frankfurt"], "--region"),
        (["--watch", "--every", "nan"], "--every"),
        (["--watch", "--every", "0"], "--every"),
        (["--watch", "--every", "-1"], "--every"),
        (["--watch", "--every", "3601"], "--every"),
    ],
)
def test_options_that_will_not_do_are_refused_before_anything_is_looked_at(words, where):
    with pytest.raises(BadInput) as refusal:
        check.check(parsed(*words))
    assert refusal.value.where == where


def test_what_is_told_is_handed_on_and_its_outcome_is_the_exit_code(monkeypatch):
    handed = []
    for code, exit_code in ((0, 0), (1, 1), (2, 2), (4, 2), (5, 2)):
        monkeypatch.setattr("stslab.commands.run.run", lambda told, code=code: handed.append(told) or code)
        assert check.check(parsed("--user-name=-ana", "--account", "")) == exit_code
    assert handed[0] == ["--observe", "-q", "--no-header", "--user-name=-ana"]
