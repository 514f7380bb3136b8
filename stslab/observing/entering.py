"""Into an account to look at it: guarded as for a run that changes something, and with nothing but eyes."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from pathlib import PurePosixPath
from typing import Any

import botocore.session
from botocore.exceptions import BotoCoreError, ClientError

from stslab.documents import LabDocuments
from stslab.errors import BadInput, NotPermitted, TargetError
from stslab.lab.permissions import policies_of_user, settled
from stslab.observing.cloudtrail import look_up, read_events
from stslab.observing.enforcement import require_enforcement
from stslab.observing.event import Event
from stslab.observing.profiles import ASSUMED, DEFAULT, STS, Held, held, with_keys
from stslab.observing.survey import Survey, Surveyor
from stslab.principals import Principal
from stslab.run import Run
from stslab.settings import DEFAULTS
from stslab.submission.contents import Contents, File
from stslab.submission.finding import find_policy, find_template
from stslab.submission.submission import Submission
from stslab.targets.guards import account_of, require_account
from stslab.targets.place import Place, every_profile
from stslab.workplace import Workplace, enter

TEMPLATE, POLICY = "template.yaml", "policy.json"

NONE = "CloudTrail shows no call at all; it takes some minutes to, and an emulator may keep no history."
"""Said where not even who looked before is in the history. Source: CloudTrail user guide, "How CloudTrail works"."""


def look_at_account(run: Run, place: Place, told: Mapping[str, str]) -> Survey:
    """Look at the account of a run; its settings and its documents become what is found there.

    Args:
        run: the run, whose target is this place.
        place: where it looks.
        told: names that the person has told, by the setting's name.

    Raises:
        BadInput: the account is refused, a profile or a file will not do, or nothing tells what is the lab's.
        NotPermitted: who looks may not.
        TargetError: the account cannot be had, or nobody says no in it.
    """
    run.workplace = enter(run.target, run.recorder, run.scrubber, run.watch, only_reading=True)
    try:
        with run.recorder.on_own_business():
            return _look(run, run.workplace, place, told)
    except (BotoCoreError, ClientError) as fault:
        raise TargetError(f"{place.name} cannot be looked at: {str(fault).rstrip('.')}.") from fault


def _look(run: Run, workplace: Workplace, place: Place, told: Mapping[str, str]) -> Survey:
    lab, admin = run.settings, workplace.means.admin
    if ":user/" in admin.arn and admin.arn.rpartition("/")[2] == (told.get("user-name") or DEFAULTS["user-name"]):
        raise _own_user(admin, place)
    account = account_of(run.target.account, admin, strictly=place.is_guarded)
    require_account(account, lab.account, lab.deny_accounts, guarded=place.is_guarded)
    where = f"{place.name}, account {account.shown}, region {run.target.region}"
    run.notes.append(f"{where}, looked at as {admin.arn}; nothing is changed.")
    profiles = _held(workplace, place, account.id)
    events = read_events(lab.cloudtrail, account.id) if lab.cloudtrail else _looked_up(run, admin) or NONE
    surveyor = Surveyor(admin, told)
    try:
        survey = surveyor.survey(profiles, events)
    except NotPermitted:
        if STS in profiles and profiles[STS].arn == admin.arn:
            # The lab's user by another name.
            raise _own_user(admin, place) from None
        raise
    if survey.user is None:
        # Where no user is there whose key it should be, a profile of the admin's says nothing of the student.
        others = {name: each for name, each in survey.profiles.items() if each.arn != admin.arn}
        survey = replace(survey, profiles=others)
    user, stack = survey.user, survey.stack
    found: dict[str, Any] = {
        "user_name": user.name if user else "",
        "stack_name": stack.name if stack else "",
        "policy_name": survey.policy,
    }
    session = profiles[ASSUMED].session if ASSUMED in profiles else ""
    named = {name: value for name, value in {**found, "session_name": session}.items() if value}
    run.settings = replace(lab, **named, user_path=user.path if user else "/").placed(account.id, run.target.region)
    run.submission = _submission(surveyor.template(stack) if stack else "", survey.document)
    if user and STS in profiles and profiles[STS].arn == run.settings.user_arn:
        ask = partial(policies_of_user, admin, user.name)
        its_policies = settled(workplace.means.waiting, f"the policies of user {user.name}", ask)
        require_enforcement(profiles[STS].principal, its_policies)
    return survey


def _looked_up(run: Run, admin: Principal) -> list[Event] | str:
    pause = run.target.patience.between_seconds
    return look_up(admin, run.target.region, partial(time.sleep, pause) if pause else lambda: None)


def _own_user(admin: Principal, place: Place) -> BadInput:
    problem = f"profile {place.profile or DEFAULT} is the lab's own user, {admin.arn}"
    return BadInput(
        "--aws-profile", problem, "name the profile of the account's admin, or put the admin's key back there"
    )


def _held(workplace: Workplace, place: Place, account: str) -> dict[str, Held]:
    """The student's profiles that have a key, and the default one where that is not the admin's."""
    keys = with_keys(every_profile(botocore.session.Session()))

    def principal_of(name: str) -> Principal:
        return workplace.sessions.of_person(name, botocore.session.Session(profile=name))

    found = {
        name: held(name, keys[name], account, principal_of)
        for name in (STS, ASSUMED, DEFAULT)
        if name in keys and name != (place.profile or DEFAULT)
    }
    # A default that is the admin's says nothing of the student.
    mine = workplace.means.admin.arn
    return {name: each for name, each in found.items() if name != DEFAULT or each.arn != mine}


def _submission(template: str, policy: str) -> Submission:
    """What AWS shows of the documents, as if it had been handed in."""
    contents = Contents()
    for name, text in ((TEMPLATE, template), (POLICY, policy)):
        if text:
            raw = text.encode()
            contents.add(File(PurePosixPath(name), len(raw), partial(_part, raw)), "the account")
    return Submission(LabDocuments(find_template(contents, None), find_policy(contents, None)), contents)


def _part(raw: bytes, limit: int) -> bytes:
    return raw[:limit]
