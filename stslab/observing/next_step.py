"""What comes next in the lab, with the names that an account shows: pure."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from stslab.lab.stack import DEPLOYED
from stslab.observing.event import Event
from stslab.observing.history import DENIED, Named
from stslab.observing.profiles import ASSUMED, DEFAULT, STS
from stslab.observing.survey import BUCKET, GONE, SeenStack, Survey
from stslab.settings import DEFAULTS

CONFIGURE = ("aws configure --profile sts",)

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
    return _of_user(survey) or of_stack(survey) or _of_session(survey) or left(survey)[0]


def _of_user(survey: Survey) -> Next | None:
    user, name, held = survey.user, _user(survey), survey.profiles.get(STS)
    default = survey.profiles.get(DEFAULT)
    if user is None:
        return Next("create the user", (_create_user(survey),))
    if not user.keys:
        command = f"aws iam create-access-key --user-name {name} --output table"
        return _or_clean_up(survey, "create an access key for the user, and keep what is printed", command)
    if held is None:
        if default is not None and default.user == name:
            return Next("in the credentials file, change the section with the user's key from [default] to [sts]")
        return Next("write the user's key into profile sts", CONFIGURE)
    if held.access_key_id not in user.keys:
        return Next(f"profile sts has a key that is none of {name}'s; write the user's key there", CONFIGURE)
    if not held.arn:
        said = held.refusal.rstrip(".")
        return Next(f"profile sts is refused ({said}); write the user's key there once more", CONFIGURE)
    if default is not None and default.user == name:
        said = f"profile default, which aws uses where no --profile is given, is {name}"
        return Next(f"{said}: take the section [default] with the user's key out of the credentials file")
    if not _shows(survey, Named(name).by_user, denied=True):
        commands = ("aws sts get-caller-identity --profile sts", "aws s3 ls --profile sts")
        return Next("see who profile sts is, and that it has no access to S3", commands)
    return None


def of_stack(survey: Survey) -> Next | None:
    """What the stack needs to be deployed; ``None`` where it is."""
    stack, deploy = survey.stack, deploying(survey)
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
        return _or_clean_up(survey, "let the user assume the role", putting(survey))
    again = assuming(survey)
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


def _or_clean_up(survey: Survey, sentence: str, command: str) -> Next:
    """A step that somebody has to do again who has taken something away, unless that was the beginning of the end."""
    by_user = Named(_user(survey)).by_user
    assumed = [e for e in survey.calls_of_now if e.name == "AssumeRole" and by_user(e) and not e.error]
    if survey.stack is None or not assumed:
        return Next(sentence, (command,))
    return Next(f"{sentence}; or, if this is the clean-up, tear down the stack", (command, _delete_stack(survey.stack)))


def deploying(survey: Survey) -> str:
    """The command that deploys the stack."""
    name = survey.told.get("stack-name") or (survey.stack.name if survey.stack else DEFAULTS["stack-name"])
    return f"aws cloudformation deploy --template-file template.yaml --stack-name {name} --capabilities CAPABILITY_IAM"


def putting(survey: Survey) -> str:
    """The command that puts the user's policy."""
    name = survey.told.get("policy-name") or survey.policy or DEFAULTS["policy-name"]
    return (
        f"aws iam put-user-policy --user-name {_user(survey)} --policy-name {name} "
        "--policy-document file://./bin/policy.json"
    )


def assuming(survey: Survey) -> tuple[str, ...]:
    """The commands that assume the role, and write the session into profile assumed."""
    role, session = survey.role_arn or "ROLE_ARN", DEFAULTS["session-name"]
    written = (("aws_access_key_id", "ACCESS_KEY_ID"), ("aws_secret_access_key", "SECRET_ACCESS_KEY"))
    return (
        f"aws sts assume-role --role-arn {role} --role-session-name {session} --profile sts",
        *(f"aws configure set {name} {what} --profile assumed" for name, what in written),
        "aws configure set aws_session_token SESSION_TOKEN --profile assumed",
    )


def left(survey: Survey) -> list[Next]:
    """What is left to take away, in the lab's order."""
    user, stack = survey.user, survey.stack
    steps = []
    if stack is not None and stack.status == "DELETE_IN_PROGRESS":
        steps.append(Next(f"wait for stack {stack.name}, which is being torn down"))
    elif stack is not None and stack.status != GONE:
        stuck = stack.status == "DELETE_FAILED"
        empty = tuple(f"aws s3 rm s3://{bucket} --recursive" for bucket in stack.named(BUCKET) if stuck)
        hint = ", which has failed: empty its bucket first, if there is something in it" if stuck else ""
        steps.append(Next(f"clean up, tear down the stack{hint}", (*empty, _delete_stack(stack))))
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
    theirs = [event for event in survey.calls_of_now if by(event)]
    known = any(event.name == "GetCallerIdentity" and not event.error for event in theirs)
    asked = (event.error for event in theirs if event.name == "ListBuckets")
    return known and any((error in DENIED) if denied else not error for error in asked)
