"""What to do where a check has failed: pure."""

from __future__ import annotations

from stslab.observing.next_step import CONFIGURE, Next, assuming, deploying, of_stack, putting
from stslab.observing.profiles import ASSUMED, STS
from stslab.observing.survey import Survey

OF_TEMPLATE = frozenset(
    {
        "submission.template",
        "stack.deploys",
        "stack.bucket",
        "role.trust",
        "session.lists-buckets",
        "session.reads-bucket",
        "session.least-privilege",
    }
)
OF_POLICY = frozenset({"submission.policy", "policy.attached", "policy.targets-role"})


def repair(check: str, survey: Survey) -> Next:
    """How to put right what a failed check has found.

    Args:
        check: the check's id.
        survey: what the account shows.
    """
    if check in OF_TEMPLATE:
        return of_stack(survey) or Next("mend the template, and deploy it again", (deploying(survey),))
    if check in OF_POLICY:
        return Next("mend the policy, and put it again", (putting(survey),))
    if check == "user.created":
        return _of_keys(survey)
    if check == "user.identity":
        return Next("write the user's key into profile sts", CONFIGURE)
    if check == "session.identity" or (check == "session.assumed" and _is_no_session(survey)):
        return Next(
            "assume the role, and write all three values that are printed into profile assumed", assuming(survey)
        )
    if check in ("user.no-s3", "user.still-no-s3") and survey.user is not None:
        me = f"--user-name {survey.user.name}"
        commands = tuple(f"aws iam list-{what} {me}" for what in ("user-policies", "attached-user-policies"))
        commands += (f"aws iam list-groups-for-user {me}",)
        return Next("look for what gives the user access, and take it away", commands)
    return Next(f"put right what is told above of {check}")


def _of_keys(survey: Survey) -> Next:
    user, held = survey.user, survey.profiles.get(STS)
    if user is None or not user.keys:
        return Next("put right what is told above of user.created")
    me = f"--user-name {user.name}"
    listing = f"aws iam list-access-keys {me}"
    if len(user.keys) > 1:
        which = "that is not in profile sts" if held is not None else "that you do not use"
        command = f"aws iam delete-access-key --access-key-id ACCESS_KEY_ID {me}"
        return Next(f"delete the access key {which}", (listing, command))
    command = f"aws iam update-access-key --access-key-id ACCESS_KEY_ID --status Active {me}"
    return Next("make the access key active again", (listing, command))


def _is_no_session(survey: Survey) -> bool:
    """Whether it is for the profile that the session cannot be had, and not for what the policies say."""
    held = survey.profiles.get(ASSUMED)
    return held is not None and held.role != (survey.stack.role if survey.stack else "")
