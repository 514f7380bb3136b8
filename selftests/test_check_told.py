"""What has to be put right is said, in the checks and in the history, and comes before everything else."""

from __future__ import annotations

import pytest
from surveys import BY_USER, POLICY, STS_HELD, USER, all_done, event, held, lab, stack, survey, until, user, without

from stslab.errors import BadInput
from stslab.observing.history import traced
from stslab.observing.names import Named
from stslab.observing.next_step import next_step
from stslab.observing.progress import Phase
from stslab.observing.repair import OF_POLICY, OF_TEMPLATE, repair
from stslab.observing.telling import objections
from stslab.result import CheckResult, Outcome
from stslab.targets.place import observed

NAMED = Named(USER, "my-sts-fun-stack", stack().role)
DONE = all_done(until("lists"))


def result(check, outcome):
    return CheckResult(check, "t", outcome, 0, 5)


def said(events, phase, *results):
    return list(objections(results, traced(events, NAMED), phase))


def test_where_all_is_right_there_is_nothing_to_object():
    assert said(until("lists"), Phase.DOING, result("user.created", Outcome.PASSED)) == []
    assert said(list(lab().values()), Phase.CLEAN, result("cleanup.residue", Outcome.PASSED)) == []


def test_what_failed_is_named_and_what_was_blocked_is_not():
    outcomes = (Outcome.FAILED, Outcome.BLOCKED, Outcome.ERROR, Outcome.PASSED)
    found = said(until("lists"), Phase.DOING, *(result(f"check.{each.value}", each) for each in outcomes))
    assert found == ["First put right what is told above of check.failed, check.error."]


def test_a_step_that_is_wrong_in_the_history_is_told():
    by_admin = [*until("policy"), event("AssumeRole", 6, roleArn=f"arn:aws:iam::111122223333:role/{stack().role}")]
    (line,) = said(by_admin, Phase.DOING)
    assert line.startswith(f"In the history a step is wrong, assume role {stack().role}: done by ")
    assert line.endswith("; do it again as the lab says.")


def test_in_the_end_every_step_has_to_be_in_the_history():
    events = [each for each in lab().values() if each.name != "DeleteUser"]
    proof = "That the lab was done is not proved, since this is not in the history: "
    assert said(events, Phase.CLEAN) == [f"{proof}delete user {USER}."]
    assert said(events, Phase.DOING) == []
    assert list(objections([], [], Phase.CLEAN)) == [f"{proof}any of the steps."]


def commands_of(check, survey=DONE):
    return " ; ".join(repair(check, survey).commands)


@pytest.mark.parametrize("check", sorted(OF_TEMPLATE))
def test_what_is_the_templates_is_deployed_again(check):
    assert commands_of(check).startswith("aws cloudformation deploy ")
    rolled_back = without(DONE, stack=stack("ROLLBACK_COMPLETE"))
    assert commands_of(check, rolled_back).startswith("aws cloudformation delete-stack ")


@pytest.mark.parametrize("check", sorted(OF_POLICY))
def test_what_is_the_policys_is_put_again_under_its_name(check):
    mine = without(DONE, policy="Mine")
    assert f"put-user-policy --user-name {USER} --policy-name Mine " in commands_of(check, mine)


def test_a_session_that_the_policies_deny_is_not_assumed_again():
    """Where the profile is right, the two policies are not."""
    assert repair("session.assumed", DONE).commands == ()
    other = without(DONE, profiles={"sts": STS_HELD, "assumed": held("assumed", BY_USER)})
    assert commands_of("session.assumed", other).count("aws configure set aws_") == 3


@pytest.mark.parametrize(
    ("keys", "wanted"), [(("AKIAONE", "AKIATWO"), "delete-access-key"), (("AKIAONE",), "update-access-key"), ((), "")]
)
def test_keys_are_put_right(keys, wanted):
    assert wanted in commands_of("user.created", without(DONE, user=user(keys)))


@pytest.mark.parametrize("check", ["submission.secrets", "cleanup.residue"])
def test_where_there_is_no_command_the_hint_above_tells(check):
    assert repair(check, DONE).sentence == f"put right what is told above of {check}"


def test_a_user_who_has_become_the_default_is_told_of():
    """``aws configure`` without ``--profile``: nothing without it would be the admin's any more."""
    seen = survey(until("no-s3"), user(), stack(), POLICY, [STS_HELD, held("default", BY_USER)])
    assert next_step(seen).sentence.startswith(
        f"profile default, which aws uses where no --profile is given, is {USER}"
    )
    assert not next_step(without(seen, profiles={"sts": STS_HELD})).sentence.startswith("profile default")


def test_a_sandbox_that_has_ended_took_its_files_along(tmp_path):
    gone = str(tmp_path / "config")
    with pytest.raises(
        BadInput, match=r"AWS_CONFIG_FILE: there is no .*, so the sandbox that it is of has ended; start"
    ):
        observed("", "", "", {"AWS_CONFIG_FILE": gone})
