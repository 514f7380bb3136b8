"""What the sandbox tells a person when it is ready: what to paste, and what to do then."""

from __future__ import annotations

import re
import shlex
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from stslab.sandbox.folder import AwsFolder

OVERRIDING = (
    "AWS_PROFILE",
    "AWS_DEFAULT_PROFILE",
    "AWS_ACCESS_KEY_ID",
    "AWS_SECRET_ACCESS_KEY",
    "AWS_SESSION_TOKEN",
    "AWS_WEB_IDENTITY_TOKEN_FILE",
    "AWS_ENDPOINT_URL",
    "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS",
)
"""Variables that count for more than the files, beside those of one service's endpoint.

Source: AWS CLI user guide, "Configure environment variables"; AWS SDKs and Tools reference guide, "Service-specific
endpoints" and "Assume role credential provider".
"""


def _fish(text: str) -> str:
    """A text in fish's single quotes. Source: fish documentation, "The fish language", Quotes."""
    escaped = text.replace("\\", "\\\\").replace("'", "\\'")
    return f"'{escaped}'"


def _powershell(text: str) -> str:
    """A text in PowerShell's single quotes, for which it takes the typographic ones, too.

    Source: PowerShell documentation, "about_Quoting_Rules"; CodeGeneration.EscapeSingleQuotedStringContent.
    """
    doubled = re.sub("(['\u2018\u2019\u201a\u201b])", r"\1\1", text)
    return f"'{doubled}'"


SHELLS: Mapping[str, tuple[str, Callable[[str], str]]] = {
    "bash, zsh": ("export {}={}", shlex.quote),
    "fish": ("set -gx {} {}", _fish),
    "PowerShell": ("$env:{} = {}", _powershell),
}
"""By shell, how a variable is set for what is started in it, and how a text is quoted."""


def exports(folder: AwsFolder) -> Mapping[str, Sequence[str]]:
    """The two lines that point the AWS CLI at a folder, by shell."""
    files = {"AWS_CONFIG_FILE": str(folder.config), "AWS_SHARED_CREDENTIALS_FILE": str(folder.credentials)}
    return {
        shell: [form.format(name, quoted(path)) for name, path in files.items()]
        for shell, (form, quoted) in SHELLS.items()
    }


def guide(account: str, region: str, endpoint: str, folder: AwsFolder, check: str, state: Path | None) -> str:
    """The guide for one account, on one screen.

    Args:
        account: 12 digits.
        region: its region.
        endpoint: where it answers.
        folder: its AWS files.
        check: the command that says how far one is.
        state: the file that keeps the sandbox, if there is one.
    """
    lines = [f"Account {account} in {region} answers at {endpoint}, and decides as AWS would.", ""]
    lines += ["Paste the two lines for your shell into another terminal:"]
    for shell, commands in exports(folder).items():
        lines += [f"# {shell}", *commands]
    lines += [
        "",
        "There the AWS CLI is the account's admin; your own ~/.aws is left alone. Then do the lab as it is written:",
        "  aws iam create-user --user-name sts-machine-user",
        "  ...",
        f"At any time, to see how far you are and what comes next: {check}",
        "Profiles sts and assumed come here; any other that you make needs an endpoint_url in the config file.",
        "",
        _ending(state),
    ]
    return "\n".join(lines) + "\n"


def class_guide(accounts: int, endpoint: str, out: Path, state: Path | None) -> str:
    """The guide for a class, for the teacher.

    Args:
        accounts: how many there are.
        endpoint: where they answer.
        out: the folder with a folder for each.
        state: the file that keeps the sandbox, if there is one.
    """
    files = {"AWS_CONFIG_FILE": "config", "AWS_SHARED_CREDENTIALS_FILE": "credentials"}
    lines = [f"{accounts} accounts answer at {endpoint}, strangers to each other; each has a folder in {out}."]
    lines += ["Give each student one, with the lines for the shell, which have to be pasted in that very folder:"]
    for shell, (form, _) in SHELLS.items():
        lines += [f"# {shell}", *(form.format(name, f'"$PWD/{file}"') for name, file in files.items())]
    return "\n".join([*lines, _ending(state)]) + "\n"


def _ending(state: Path | None) -> str:
    if state is None:
        return "Ctrl-C ends the sandbox, and everything in it is forgotten; --state FILE keeps it."
    return f"Ctrl-C ends the sandbox; --state {shlex.quote(str(state))} goes on with it."


def warnings(environ: Mapping[str, str]) -> str:
    """What to say of variables that would have the AWS CLI go elsewhere; empty where there are none."""
    of_services = sorted(name for name in environ if name.startswith("AWS_ENDPOINT_URL_"))
    found = [name for name in (*OVERRIDING, *of_services) if name in environ]
    told = ""
    if found:
        what = "counts" if len(found) == 1 else "count"
        told = f"{' and '.join(found)} {what} for more than these files; there say, too: unset {' '.join(found)}\n"
    given = {name.lower(): value for name, value in environ.items()}
    bypassed = [each.strip() for each in given.get("no_proxy", "").split(",")]
    if given.get("http_proxy") and not {"127.0.0.1", "*"} & set(bypassed):
        told += "There is a proxy, which does not reach the sandbox; there say, too: export NO_PROXY=127.0.0.1\n"
    return told
