"""What comes next in the lab, with the names that an account shows: pure."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from stslab.lab.stack import DEPLOYED
from stslab.observing.event import Event
from stslab.observing.history import DENIED, Named
from stslab.observing.profiles import ASSUMED, DEFAULT, STS
from stslab.observing.survey import GONE, SeenStack, Survey
from stslab.settings import DEFAULTS

REVIEWED = "REVIEW_IN_PROGRESS"
"""A stack that is nothing but a change set, for which nobody need wait.

Source: CloudFormation API reference, CreateChangeSet; aws cloudformation deploy takes such a stack for none.
"""


@dataclass(frozen=True)
class Next:
    """What to do next: a sentence without its full stop, and the commands for it."""

    sentence: str
    commands: tuple[str, ...] = ()


def once_more(survey: Survey) -> Next:
    """What to do when all has been done."""
    return Next("the account is clean; to do the lab once more, begin with the user", (_create_user(survey),))


def next_step(survey: Survey) -> Next:
    """The first step of the lab that has not been done; the clean-up, where all of the others have."""
    return _of_user(survey) or _of_stack(survey) or _of_session(survey) or left(survey)[0]


def _of_user(survey: Survey) -> Next | None:
    user, name, held = survey.user, _user(survey), survey.profiles.get(STS)
    if user is None:
        return Next("create the user", (_create_user(survey),))
    if not user.keys:
        command = f"aws iam create-access-key --user-name {name} --output table"
        return Next("create an access key for the user, and keep what is printed", (command,))
    configure = ("aws configure --profile sts",)
    if held is None:
        default = survey.profiles.get(DEFAULT)
        if default is not None and default.user == name:
            return Next("in the credentials file, change the section with the user's key from [default] to [sts]")
        return Next("write the user's key into profile sts", configure)
    if held.access_key_id not in user.keys:
        return Next(f"profile sts has a key that is none of {name}'s; write the user's key there", configure)
    if not held.arn:
        said = held.refusal.rstrip(".")
        return Next(f"profile sts is refused ({said}); write the user's key there once more", configure)
    if not _shows(survey, Named(name).by_user, denied=True):
        commands = ("aws sts get-caller-identity --profile sts", "aws s3 ls --profile sts")
        return Next("see who profile sts is, and that it has no access to S3", commands)
    return None


def _of_stack(survey: Survey) -> Next | None:
    stack = survey.stack
    name = survey.told.get("stack-name") or (stack.name if stack else DEFAULTS["stack-name"])
    deploy = f"aws cloudformation deploy --template-file template.yaml --stack-name {name}"
    deploy += " --capabilities CAPABILITY_IAM"
    if stack is None or stack.status in (GONE, REVIEWED):
        return Next("deploy the stack with the bucket and the role", (deploy,))
    if stack.status.endswith("_IN_PROGRESS"):
        return Next(f"wait for stack {stack.name}, which is {stack.status}")
    if stack.status == "UPDATE_ROLLBACK_COMPLETE":
        return Next(f"stack {stack.name} is as it was before: mend the template, and deploy it again", (deploy,))
    if stack.status not in DEPLOYED:
        again = (_delete_stack(stack), deploy)
        return Next(f"stack {stack.name} is {stack.status}: delete it, mend the template, and deploy it again", again)
    return None


def _of_session(survey: Survey) -> Next | None:
    held = survey.profiles.get(ASSUMED)
    if not survey.policy:
        policy = survey.told.get("policy-name") or DEFAULTS["policy-name"]
        command = f"aws iam put-user-policy --user-name {_user(survey)} --policy-name {policy}"
        return Next("let the user assume the role", (f"{command} --policy-document file://./bin/policy.json",))
    assume = f"aws sts assume-role --role-arn {survey.role_arn or 'ROLE_ARN'} --role-session-name"
    again = (f"{assume} {DEFAULTS['session-name']} --profile sts",)
    if held is None:
        return Next("assume the role, and write what is printed into profile assumed", again)
    if not held.arn:
        return Next(f"profile assumed is refused ({held.refusal.rstrip('.')}); assume the role again", again)
    role = survey.role_arn.rpartition("/")[2]
    if role and f":assumed-role/{role}/" not in held.arn:
        return Next(f"profile assumed is {held.arn}, and no session of {role}; assume the role", again)
    if not _shows(survey, lambda event: event.arn == held.arn):
        commands = ("aws sts get-caller-identity --profile assumed", "aws s3 ls --profile assumed")
        return Next("see who profile assumed is, and that it lists the buckets", commands)
    return None


def left(survey: Survey) -> list[Next]:
    """What is left to take away, in the lab's order."""
    user, stack = survey.user, survey.stack
    steps = []
    if stack is not None and stack.status == "DELETE_IN_PROGRESS":
        steps.append(Next(f"wait for stack {stack.name}, which is being torn down"))
    elif stack is not None and stack.status != GONE:
        hint = "; empty its bucket first, if there is something in it" if stack.status == "DELETE_FAILED" else ""
        steps.append(Next(f"clean up, tear down the stack{hint}", (_delete_stack(stack),)))
    if user is not None:
        me = f"--user-name {user.name}"
        # The id is asked for where it is needed, since no report shows one whole.
        key = f"aws iam list-access-keys {me} --query 'AccessKeyMetadata[0].AccessKeyId' --output text"
        for _ in user.keys:
            command = f'aws iam delete-access-key --access-key-id "$({key})" {me}'
            steps.append(Next("clean up, delete the access key", (command,)))
        for policy in user.policies:
            command = f"aws iam delete-user-policy {me} --policy-name {policy}"
            steps.append(Next("clean up, delete the policy", (command,)))
        steps.append(Next("clean up, delete the user", (f"aws iam delete-user {me}",)))
    return steps


def _create_user(survey: Survey) -> str:
    return f"aws iam create-user --user-name {_user(survey)}"


def _user(survey: Survey) -> str:
    return survey.user.name if survey.user else survey.told.get("user-name") or DEFAULTS["user-name"]


def _delete_stack(stack: SeenStack) -> str:
    return f"aws cloudformation delete-stack --stack-name {stack.name}"


def _shows(survey: Survey, by: Callable[[Event], bool], *, denied: bool = False) -> bool:
    """Whether the history shows that somebody asked who he is, and for the buckets, or there is no history to ask.

    Args:
        survey: what the account shows.
        by: whether a call is by whom it should be.
        denied: whether the buckets have to be denied, and not listed.
    """
    if isinstance(survey.events, str):
        return True
    since = survey.user.created.replace(microsecond=0) if survey.user else None
    theirs = [e for e in survey.events if by(e) and not e.is_a_check and (since is None or e.time >= since)]
    known = any(event.name == "GetCallerIdentity" and not event.error for event in theirs)
    asked = (event.error for event in theirs if event.name == "ListBuckets")
    return known and any((error in DENIED) if denied else not error for error in asked)
