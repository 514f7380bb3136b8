"""What a run can be told: names, account, region, folders. One table serves options, ini file and help."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from stslab.errors import BadInput


@dataclass(frozen=True)
class Setting:
    """One thing that can be set: ``--name`` on the command line, ``lab_name`` in an ini file; a flag takes no value."""

    name: str
    default: str
    help: str
    pattern: str = ""
    shape: str = ""
    flag: bool = False

    @property
    def option(self) -> str:
        """The command-line option."""
        return f"--{self.name}"

    @property
    def ini(self) -> str:
        """The key in an ini file."""
        return "lab_" + self.name.replace("-", "_")

    def check(self, value: str, where: str = "") -> str:
        """Return the value.

        Args:
            value: what was given.
            where: what to call the place where it was given, other than the option.

        Raises:
            BadInput: it does not have the shape that AWS demands.
        """
        if self.pattern and not re.fullmatch(self.pattern, value):
            raise BadInput(where or self.option, f"{value!r} will not do", f"give {self.shape}")
        return value


_NAME = r"[\w+=,.@-]"
REGION = r"[a-z]{2}(-[a-z]+)+-[0-9]"
ACCOUNT, REGION_TOLD = "123456789012", "us-east-1"
"""Account and region where nothing tells another."""

# Patterns: the IAM, STS, CloudFormation and S3 API references, for the parameters of these names.
SETTINGS = (
    Setting("policies", "", "folder with template.yaml and policy.json (default: the reference documents)"),
    Setting("submission", "", "somebody's lab, a folder or a zip, to be judged in place of --policies"),
    Setting("submission-name", "", "what the reports call it (default: the name of its folder or zip)"),
    Setting("reports", "reports", "folder for lab.html, junit.xml and result.json"),
    Setting("rubric", "", "file with points, hints and visibility (default: rubric.toml beside the documents)"),
    Setting("controls", "", "file that maps checks to controls (default: controls.toml beside the documents)"),
    Setting("tester", "", "who performs the run, for the reports (default: GitHub's actor, or the login's name)"),
    Setting("only", "", "ids of the checks to perform, with commas between; what they need is done, too"),
    Setting("reference-for", "", "template, policy or both: put the reference in place of the submission's"),
    Setting(
        "user-name",
        "sts-machine-user",
        "the user that gets no permissions",
        _NAME + "{1,64}",
        "1 to 64 letters, digits or any of _+=,.@-",
    ),
    Setting(
        "policy-name",
        "StsAssumePolicy",
        "the user's inline policy",
        _NAME + "{1,128}",
        "1 to 128 letters, digits or any of _+=,.@-",
    ),
    Setting(
        "stack-name",
        "my-sts-fun-stack",
        "the stack with bucket and role",
        r"[a-zA-Z][-a-zA-Z0-9]{0,127}",
        "a letter, then up to 127 letters, digits and hyphens",
    ),
    Setting(
        "session-name",
        "s3-sts-fun",
        "the role session",
        _NAME + "{2,64}",
        "2 to 64 letters, digits or any of _+=,.@-",
    ),
    Setting(
        "bucket-name",
        "",
        "value of the template's parameter BucketName (default: the template's own)",
        r"|(?!xn--)[a-z0-9](?:[a-z0-9-]|\.(?!\.)){1,61}[a-z0-9]",
        "3 to 63 lower-case letters, digits, hyphens and dots",
    ),
    Setting(
        "account",
        "",
        f"the account that is made on moto (default: {ACCOUNT}); elsewhere the one that it has to be",
        r"|[0-9]{12}",
        "12 digits",
    ),
    Setting(
        "region",
        "",
        f"the region of the stack (default: that of AWS's own settings where moto is not the target, or {REGION_TOLD})",
        "|" + REGION,
        "a region such as us-east-1",
    ),
    Setting(
        "target",
        "",
        "moto; endpoint, at --endpoint-url or AWS_ENDPOINT_URL; or aws, a real account (default: moto)",
        "|moto|endpoint|aws",
        "moto, endpoint or aws",
    ),
    Setting("endpoint-url", "", "where an emulator answers; --target=endpoint goes without saying"),
    Setting("aws-profile", "", "the profile of the run's own admin (default: as boto3 finds credentials)"),
    Setting(
        "answer-timeout", "30", "seconds to wait for an answer, not on moto", "[1-9][0-9]{0,2}", "1 to 999 seconds"
    ),
    Setting(
        "permissions-boundary",
        "",
        "ARN of the boundary of the user, and of the role by the template's parameter PermissionsBoundary",
        r"|arn:[\w-]+:iam::(\d{12}|aws):policy/[\x21-\x7e]+",
        "the ARN of a managed policy",
    ),
    Setting(
        "deny-accounts",
        "",
        "accounts that no run ever touches, with commas between",
        r"|\d{12}(\s*,\s*\d{12})*",
        "ids of 12 digits",
    ),
    Setting("ledger", "", "folder of the ledgers of what runs make, not on moto (default: stslab in XDG_STATE_HOME)"),
    Setting("mask-accounts", "", "show of account ids, wherever they are shown, the last four digits only", flag=True),
    Setting("exact-names", "", "the lab's own names, with no run id behind them", flag=True),
    Setting("plan", "", "say what would be made where, and make nothing", flag=True),
    Setting("observe", "", "look at an account as somebody has left it, and change nothing (stslab check)", flag=True),
    Setting(
        "cloudtrail", "", "file of aws cloudtrail lookup-events, as the account's history (default: CloudTrail itself)"
    ),
    Setting("record-validation", "", "write down in docs/validated.json what has passed on AWS", flag=True),
)

DEFAULTS = {setting.name: setting.default for setting in SETTINGS}


@dataclass(frozen=True)
class LabSettings:
    """The settings of one run, every one of them checked."""

    policies: Path
    submission: Path | None
    submission_name: str
    reports: Path
    rubric: Path | None
    controls: Path | None
    tester: str
    only: frozenset[str]
    reference_for: frozenset[str]
    user_name: str
    policy_name: str
    stack_name: str
    session_name: str
    bucket_name: str
    account: str
    region: str
    target: str
    endpoint_url: str
    aws_profile: str
    answer_timeout: str
    permissions_boundary: str
    deny_accounts: frozenset[str]
    ledger: Path | None
    mask_accounts: bool
    exact_names: bool
    plan: bool
    observe: bool
    cloudtrail: Path | None
    record_validation: bool

    user_path: str = "/"

    @classmethod
    def of(cls, values: Mapping[str, str], flagged: Collection[str], root: Path, here: Path) -> LabSettings:
        """Take the settings from values by name.

        Args:
            values: what was given, by :attr:`Setting.name`.
            flagged: the names of the flags that are set.
            root: the suite's folder, where the reference documents are.
            here: the folder that relative paths start from.

        Raises:
            BadInput: a value will not do.
        """
        checked: dict[str, Any] = {s.name.replace("-", "_"): s.check(values[s.name]) for s in SETTINGS if not s.flag}
        flags: dict[str, Any] = {s.name.replace("-", "_"): s.name in flagged for s in SETTINGS if s.flag}
        policies, submission, reports = (checked.pop(name) for name in ("policies", "submission", "reports"))
        rubric, controls, only = (checked.pop(name) for name in ("rubric", "controls", "only"))
        reference = checked.pop("reference_for")
        denied, ledger = _listed(checked.pop("deny_accounts")), checked.pop("ledger")
        cloudtrail = checked.pop("cloudtrail")
        strange = _listed(reference) - {"template", "policy"}
        if strange:
            raise BadInput("--reference-for", f"there is no document {min(strange)!r}", "give template, policy or both")
        if policies and submission:
            raise BadInput("--submission", "--policies is given, too", "leave one of them out")
        return cls(
            policies=here / policies if policies else root / "policies",
            submission=here / submission if submission else None,
            reports=here / reports,
            rubric=here / rubric if rubric else None,
            controls=here / controls if controls else None,
            only=_listed(only),
            reference_for=_listed(reference),
            deny_accounts=denied,
            ledger=here / ledger if ledger else None,
            cloudtrail=here / cloudtrail if cloudtrail else None,
            **checked,
            **flags,
        )

    def named_after(self, run_id: str) -> LabSettings:
        """These settings with names that no other run has.

        Args:
            run_id: what is put behind each name.

        Raises:
            BadInput: a name becomes longer than AWS takes.
        """
        names = ("user-name", "policy-name", "stack-name", "session-name", "bucket-name")
        changed: dict[str, Any] = {}
        for setting in (setting for setting in SETTINGS if setting.name in names):
            field = setting.name.replace("-", "_")
            if getattr(self, field):
                changed[field] = setting.check(
                    f"{getattr(self, field)}-{run_id}", f"{setting.option} with the run's id"
                )
        return replace(self, **changed)

    def placed(self, account: str, region: str) -> LabSettings:
        """These settings, with the account and the region that they are for."""
        return replace(self, account=account, region=region)

    def told(self, told: Mapping[str, str], user_path: str) -> LabSettings:
        """These settings with what a submission tells of itself, which AWS has to judge and nobody here.

        Args:
            told: values by :attr:`Setting.name`.
            user_path: the user's path.
        """
        changed: dict[str, Any] = {name.replace("-", "_"): value for name, value in told.items()}
        return replace(self, user_path=user_path, **changed)

    @property
    def user_arn(self) -> str:
        """The ARN that the user has, or would have."""
        return f"arn:{partition_of(self.region)}:iam::{self.account}:user{self.user_path}{self.user_name}"


def _listed(text: str) -> frozenset[str]:
    return frozenset(part.strip() for part in text.split(",") if part.strip())


def partition_of(region: str) -> str:
    """The partition of a region. Source: AWS general reference, "Amazon Resource Names (ARNs)"."""
    return {"cn": "aws-cn", "us-gov": "aws-us-gov"}.get(region.rsplit("-", 2)[0], "aws")


def home_of_iam(partition: str, region: str) -> str:
    """The region that IAM's calls are in, wherever they are made.

    Source: AWS general reference, "AWS Identity and Access Management endpoints"; IAM user guide, "Logging IAM and AWS
    STS API calls with AWS CloudTrail".

    Args:
        partition: for example ``aws``.
        region: the one that is called, for a partition that is not known here.
    """
    return {"aws": "us-east-1", "aws-cn": "cn-north-1", "aws-us-gov": "us-gov-west-1"}.get(partition, region)
