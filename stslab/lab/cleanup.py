"""The lab's clean-up, in the lab's order, and the proof that nothing is left."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

from stslab.errors import CheckFailed, SuiteError
from stslab.expect import Expect
from stslab.lab.bucket import InBucket, LabObject
from stslab.lab.policy import UserPolicy
from stslab.lab.stack import LabStack
from stslab.lab.steps import Step, attempt
from stslab.lab.user import LabUser
from stslab.principals import Principal

KEYS, POLICY = "delete the access keys", "delete the policy"


@dataclass
class Estate:
    """What a run has begun to make, whether or not it got anywhere."""

    user: LabUser | None = None
    sts: Principal | None = None
    stack: LabStack | None = None
    object: InBucket | None = None
    policy: UserPolicy | None = None
    assumed: Principal | None = None


def clean_up(estate: Estate) -> list[Step]:
    """Tear down the stack, delete the access keys, the policy and the user, each step whatever became of the last.

    The object that the suite itself has put into the bucket goes first: a bucket has to be empty to go.
    """
    steps = []
    if isinstance(estate.object, LabObject):
        steps.append(attempt("delete the object that the admin put", estate.object.remove))
    if estate.stack:
        steps.append(attempt("tear down the stack", estate.stack.delete))
    if estate.user:
        steps.append(attempt(KEYS, estate.user.delete_access_keys))
    if estate.policy:
        steps.append(attempt(POLICY, estate.policy.remove))
    if estate.user:
        # IAM refuses to delete a user who still has a key or a policy, however often it is asked.
        hindered = any(step.fault for step in steps if step.name in (KEYS, POLICY))
        steps.append(attempt("delete the user", partial(estate.user.delete, in_vain=hindered)))
    return steps


def prove_no_residue(estate: Estate, admin: Principal, expect: Expect, steps: Sequence[Step]) -> None:
    """Ask for everything by name, and try the old credentials.

    Args:
        estate: what was made.
        admin: who asks.
        expect: puts claims to the test.
        steps: the steps of the clean-up.

    Raises:
        CheckFailed: something is still there, or a credential still works.
        Undetermined: there is something that cannot be asked for.
        SuiteError: the clean-up could not do its work for a reason that is not the lab's.
    """
    try:
        with expect.together(in_vain=any(step.fault for step in steps)):
            _prove(estate, admin, expect)
    except CheckFailed as fault:
        hindered = next((step for step in steps if step.fault and not step.is_the_labs), None)
        if hindered is None:
            raise
        raise SuiteError(f"{fault.reason} The clean-up could not {hindered.name}: {hindered.problem}") from fault


def _prove(estate: Estate, admin: Principal, expect: Expect) -> None:
    if estate.stack:
        expect.absent(
            f"The stack {estate.stack.name}", admin.cloudformation.describe_stacks, StackName=estate.stack.name
        )
        left = dict.fromkeys([*estate.stack.still_there(), *estate.stack.kept()])
        stayed = ", ".join(str(resource) for resource in left)
        if stayed:
            raise CheckFailed(f"{stayed} is still there.", expected="not found", actual=stayed)
    if estate.policy and estate.user:
        expect.absent(
            f"The policy {estate.policy.name}",
            admin.iam.get_user_policy,
            UserName=estate.user.name,
            PolicyName=estate.policy.name,
        )
    if estate.user:
        expect.absent(f"The user {estate.user.name}", admin.iam.get_user, UserName=estate.user.name)
    if estate.sts:
        expect.refused(estate.sts, estate.sts.sts.get_caller_identity)
    if estate.assumed:
        expect.refused(estate.assumed, estate.assumed.s3.list_buckets)
