"""What a run can be told: names, account, region, folders. One table serves options, ini file and help."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from stslab.errors import BadInput


@dataclass(frozen=True)
class Setting:
    """One thing that can be set: ``--name`` on the command line, ``lab_name`` in an ini file."""

    name: str
    default: str
    help: str
    pattern: str = ""
    shape: str = ""

    @property
    def option(self) -> str:
        """The command-line option."""
        return f"--{self.name}"

    @property
    def ini(self) -> str:
        """The key in an ini file."""
        return "lab_" + self.name.replace("-", "_")

    def check(self, value: str) -> str:
        """Return the value.

        Raises:
            BadInput: it does not have the shape that AWS demands.
        """
        if self.pattern and not re.fullmatch(self.pattern, value):
            raise BadInput(self.option, f"{value!r} will not do", f"give {self.shape}")
        return value


_NAME = r"[\w+=,.@-]"

# Patterns: the IAM, STS, CloudFormation and S3 API references, for the parameters of these names.
SETTINGS = (
    Setting("policies", "", "folder with template.yaml and policy.json (default: the reference documents)"),
    Setting("reports", "reports", "folder for lab.html, junit.xml and result.json"),
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
    Setting("account", "123456789012", "the account on moto", r"[0-9]{12}", "12 digits"),
    Setting(
        "region", "us-east-1", "the region of the stack", r"[a-z]{2}(-[a-z]+)+-[0-9]", "a region such as us-east-1"
    ),
)


@dataclass(frozen=True)
class LabSettings:
    """The settings of one run, every one of them checked."""

    policies: Path
    reports: Path
    user_name: str
    policy_name: str
    stack_name: str
    session_name: str
    bucket_name: str
    account: str
    region: str

    @classmethod
    def of(cls, values: Mapping[str, str], root: Path, here: Path) -> LabSettings:
        """Take the settings from values by name.

        Args:
            values: what was given, by :attr:`Setting.name`.
            root: the suite's folder, where the reference documents are.
            here: the folder that relative paths start from.

        Raises:
            BadInput: a value will not do.
        """
        checked = {s.name.replace("-", "_"): s.check(values[s.name]) for s in SETTINGS}
        policies, reports = checked.pop("policies"), checked.pop("reports")
        return cls(policies=here / policies if policies else root / "policies", reports=here / reports, **checked)
