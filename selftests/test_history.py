"""The lab's steps in an account's history: no right lab is called wrong, and nothing done that was not."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from itertools import combinations

import pytest
from surveys import (
    BY_USER,
    KEY,
    NAMED,
    POLICY,
    ROLE,
    SECOND_KEY,
    SECOND_ROLE,
    SSO,
    STACK,
    STACK_ID,
    USER,
    event,
    found,
    lab,
    role_arn,
    session,
    until,
    wrong,
)

from stslab.observing.history import STEPS, Named, traced

DONE = {step.id: "done" for step in STEPS}
ADMINS = [SSO, "arn:aws:iam::111122223333:root", "arn:aws-cn:iam::111122223333:user/staff/teacher"]


def everything(**more):
    return list(lab(**more).values())


def test_the_lab_as_it_is_written_is_done_whoever_administers_the_account():
    assert list(lab()) == [step.id for step in STEPS]
    for admin in ADMINS:
        events = [replace(each, arn=admin) if each.arn == SSO else each for each in everything()]
        assert found(events) == DONE


def test_the_order_in_which_events_are_given_does_not_matter_nor_whole_seconds():
    assert found(everything()[::-1]) == DONE
    of_one_second = [replace(each, time=everything()[0].time) for each in everything()]
    assert found(of_one_second) == DONE
    assert found(of_one_second[::-1]) == DONE


@pytest.mark.parametrize("step", [step.id for step in STEPS])
def test_a_step_that_was_not_done_is_absent_and_nothing_else_is_wrong(step):
    events = lab()
    del events[step]
    # Of a key, a policy or a user that was never made, the deletion alone shows; that is no fault either.
    assert found(events.values()) == {**DONE, step: "absent"}


def test_a_half_done_lab_shows_what_is_done():
    for step in lab():
        shown = found(until(step))
        done = list(lab())[: list(lab()).index(step) + 1]
        assert shown == {each: "done" if each in done else "absent" for each in lab()}


@pytest.mark.parametrize(
    ("step", "before"),
    [
        *(("identity", "key"), ("no-s3", "key"), ("assume", "no-s3"), ("assume", "policy")),
        *(("session", "assume"), ("lists", "assume")),
        *(("no-stack", "lists"), ("no-key", "lists"), ("no-policy", "lists")),
        *(("no-user", "no-key"), ("no-user", "no-policy")),
    ],
)
def test_a_step_before_what_it_comes_after_is_wrong_and_no_other_with_it(step, before):
    events = lab()
    events[step] = replace(events[step], time=events[before].time - timedelta(seconds=30))
    assert list(wrong(events.values())) == [step]
    assert wrong(events.values())[step].startswith("done too early: it comes after")


@pytest.mark.parametrize("step", ["no-stack", "no-key", "no-policy"])
def test_what_is_taken_away_for_good_before_the_buckets_were_listed_is_too_early(step):
    events = lab()
    events[step] = replace(events[step], time=events["assume"].time)
    assert wrong(events.values()) == {step: 'done too early: it comes after "list the buckets as the session"'}


def test_once_too_early_and_once_more_in_time_is_done():
    early = event("AssumeRole", 2.5, BY_USER, roleArn=role_arn())
    assert found([early, *everything()]) == DONE


def test_one_step_too_early_does_not_make_those_that_follow_it_wrong():
    events = lab()
    events["policy"] = event("PutUserPolicy", 8.7, userName=USER, policyName=POLICY)
    again = event("AssumeRole", 8.5, BY_USER, roleArn=role_arn())
    assert list(wrong([*events.values(), again])) == ["assume"]


def test_wrong_principals_are_named():
    events = lab()
    events["assume"] = replace(events["assume"], arn=SSO)
    assert wrong(events.values()) == {
        "assume": f"done by {SSO.rpartition(':')[2].partition('/')[2]}, and not by the user itself"
    }
    events = lab() | {"no-key": replace(lab()["no-key"], arn=BY_USER)}
    assert wrong(events.values()) == {"no-key": f"done by {USER}, and not by somebody who administers the account"}
    # Forgetting the profile once is mended by doing it with it.
    assert wrong([*everything(), event("AssumeRole", 5.5, SSO, roleArn=role_arn())]) == {}


def test_only_the_right_ones_identity_and_buckets_count():
    events = lab()
    for step in ("identity", "no-s3", "session", "lists"):
        events[step] = replace(events[step], arn=SSO)
    assert [step for step, what in found(events.values()).items() if what == "absent"] == [
        *("identity", "no-s3", "session", "lists")
    ]
    assert wrong(events.values()) == {}


@pytest.mark.parametrize(
    "arn",
    [
        session("another-role"),
        session(f"{ROLE}-2"),
        f"arn:aws:sts::111122223333:assumed-role/another/{USER}",
        f"arn:aws:sts::111122223333:federated-user/{USER}",
        f"arn:aws:iam::111122223333:user/{USER}-2",
        "",
    ],
)
def test_strangers_with_names_alike_are_neither_the_user_nor_its_session(arn):
    assert not NAMED.by_user(event("x", arn=arn))
    assert not NAMED.by_session(event("x", arn=arn))
    assert NAMED.by_admin(event("x", arn=arn))


def test_a_users_path_is_no_part_of_its_name():
    assert NAMED.by_user(event("x", arn=f"arn:aws:iam::111122223333:user/staff/{USER}"))


def test_access_that_was_not_denied_is_wrong_and_another_error_is_no_denial():
    events = lab()
    events["no-s3"] = replace(events["no-s3"], error="")
    assert wrong(events.values()) == {"no-s3": "it was not denied"}
    for error in ("InvalidAccessKeyId", "SlowDown", "ExpiredToken"):
        events["no-s3"] = replace(events["no-s3"], error=error)
        assert found(events.values())["no-s3"] == "absent"


def test_a_user_that_could_not_be_created_again_begins_nothing_anew():
    failed = event("CreateUser", 6.5, userName=USER, error="EntityAlreadyExistsException")
    assert found([*everything(), failed]) == DONE


def test_what_failed_was_not_done():
    for step in lab():
        if step != "no-s3":
            events = lab()
            events[step] = replace(events[step], error="AccessDenied")
            assert found(events.values())[step] == "absent"


def test_calls_of_stslab_check_count_for_nobody():
    agents = ("Boto3/1.40 md/Botocore#1.40 stslab-check", "[Boto3/1.40 stslab-check]")
    for agent in agents:
        checks = [replace(each, user_agent=agent) for each in everything()]
        assert set(found(checks).values()) == {"absent"}
        # The check's AssumeRole before the student's own is not taken for it.
        early = replace(event("AssumeRole", 1, BY_USER, roleArn=role_arn()), user_agent=agent)
        without_assume = {step: each for step, each in lab().items() if step != "assume"}
        assert found([early, *without_assume.values()])["assume"] == "absent"


def test_practising_twice_is_the_last_time_only():
    first = everything(start=-60)
    assert found([*first, *everything()]) == DONE
    assert found([*first, *until("key", key=SECOND_KEY)]) == {
        step: "done" if step in ("user", "key") else "absent" for step in lab()
    }
    # A script deletes the first user and creates the second within one second.
    first[-1] = replace(first[-1], time=everything()[0].time)
    assert found([*first, *until("user")])["no-user"] == "absent"
    assert found([*first, *everything()]) == DONE


@pytest.mark.parametrize("name", ["CreateStack", "ExecuteChangeSet"])
def test_a_stack_from_before_the_user_counts_as_long_as_it_stays(name):
    steps = lab()
    del steps["stack"]
    before = event(name, -30, stackName=STACK_ID)
    assert found([before, *steps.values()]) == DONE
    gone = event("DeleteStack", -20, stackName=STACK)
    assert found([before, gone, *steps.values()])["stack"] == "absent"
    again = event(name, -10, stackName=STACK)
    assert found([before, gone, again, *steps.values()]) == DONE


def test_a_stack_that_is_deployed_once_more_is_neither_torn_down_nor_too_late():
    mended = [event("DeleteStack", 4.2, stackName=STACK), event("CreateStack", 4.4, stackName=STACK)]
    assert found([*until("lists"), *mended])["no-stack"] == "absent"
    assert found([*everything(), *mended]) == DONE
    # An update after the role was assumed, of a stack that is older than the history.
    steps = lab()
    steps["stack"] = event("ExecuteChangeSet", 7.5, stackName=STACK)
    assert found(steps.values()) == DONE


def test_a_key_or_a_policy_that_is_replaced_is_not_cleaned_up():
    key = [
        event("CreateAccessKey", 1.2, userName=USER, accessKeyId=SECOND_KEY),
        event("DeleteAccessKey", 1.4, userName=USER, accessKeyId=SECOND_KEY),
    ]
    assert found([*until("lists"), *key])["no-key"] == "absent"
    assert found([*everything(), *key]) == DONE
    # The new one is made first, and the old one deleted then.
    rotated = [key[0], event("DeleteAccessKey", 1.4, userName=USER, accessKeyId=KEY)]
    assert found([*until("lists"), *rotated])["no-key"] == "absent"
    last = event("DeleteAccessKey", 10, userName=USER, accessKeyId=SECOND_KEY)
    assert found([*until("lists"), *rotated, last])["no-key"] == "done"
    policy = [
        event("PutUserPolicy", 5.2, userName=USER, policyName="Mended"),
        event("DeleteUserPolicy", 5.4, userName=USER, policyName=POLICY),
    ]
    assert found([*until("lists"), *policy])["no-policy"] == "absent"
    gone = event("DeleteUserPolicy", 11, userName=USER, policyName="Mended")
    assert found([*until("lists"), *policy, gone])["no-policy"] == "done"


def test_the_last_deletion_is_the_one_that_is_told():
    replaced = [
        event("DeleteAccessKey", 1.2, userName=USER, accessKeyId=KEY),
        event("CreateAccessKey", 1.4, userName=USER, accessKeyId=SECOND_KEY),
    ]
    last = event("DeleteAccessKey", 10, userName=USER, accessKeyId=SECOND_KEY)
    traces = {trace.id: trace for trace in traced([*until("session"), *replaced, last], NAMED)}
    assert traces["no-key"].event == last


def test_of_two_keys_both_have_to_go():
    second = event("CreateAccessKey", 1.5, userName=USER, accessKeyId=SECOND_KEY)
    assert found([*everything(), second])["no-key"] == "absent"
    gone = event("DeleteAccessKey", 10.5, userName=USER, accessKeyId=SECOND_KEY)
    assert found([*everything(), second, gone]) == DONE


def test_a_key_whose_making_does_not_tell_its_id_is_gone_with_any_deletion():
    steps = lab()
    steps["key"] = event("CreateAccessKey", 1, userName=USER)
    assert found(steps.values()) == DONE
    assert found([*steps.values(), event("CreateAccessKey", 10.5, userName=USER)])["no-key"] == "absent"


def test_things_of_others_are_not_the_labs():
    others = [
        event("CreateUser", 20, userName="ben"),
        event("DeleteUser", 21, userName="ben"),
        event("DeleteStack", 3, stackName="another-stack"),
        event("CreateStack", 20, stackName=f"{STACK}-2"),
        event("AssumeRole", 2, BY_USER, roleArn=role_arn("another")),
        event("PutUserPolicy", 30, userName="ben", policyName=POLICY),
        event("GetCallerIdentity", 1.5, session("another")),
    ]
    assert found([*others, *everything()]) == DONE
    assert set(found(others).values()) == {"absent"}


def test_nothing_is_taken_for_a_thing_without_a_name():
    nameless = [event(step.names[0]) for step in STEPS] + [event("ExecuteChangeSet")]
    assert set(found(nameless, Named()).values()) == {"absent"}
    assert set(found([], Named()).values()) == {"absent"}


def test_a_history_that_begins_in_the_middle_proves_no_disorder():
    """A lookup goes some days back; the first key, policy or denial may be older, and the second is no fault."""
    steps = list(lab().items())
    for cut in range(1, len(steps)):
        assert wrong([each for _, each in steps[cut:]]) == {}
    again = [event("PutUserPolicy", 7.5, userName=USER, policyName=POLICY)]
    shown = found([*(each for step, each in steps[6:]), *again])
    assert shown["assume"].startswith('before "put the policy on')
    assert wrong([*(each for step, each in steps[6:]), *again]) == {}


def test_no_selection_of_a_right_labs_events_is_called_wrong():
    steps = lab()
    optional = ["key", "identity", "no-s3", "stack", "policy", "assume", "session", "lists"]
    for gone in (set(some) for count in range(5) for some in combinations(optional, count)):
        assert wrong([each for step, each in steps.items() if step not in gone]) == {}


def test_a_second_role_of_the_stack_is_another():
    assert found(everything(role=SECOND_ROLE))["assume"] == "absent"
