"""What has to be true of an account before anything is written into it."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from botocore.exceptions import ClientError

from stslab.answers import code_of, message_of
from stslab.documents import LabDocuments
from stslab.errors import BadInput, NotPermitted
from stslab.principals import Principal
from stslab.settings import LabSettings
from stslab.submission.admission import admit


@dataclass(frozen=True)
class Account:
    """An account as it shows itself to the run.

    Args:
        id: 12 digits, as GetCallerIdentity answers.
        arn: who the run is there.
        aliases: the account's names.
    """

    id: str
    arn: str
    aliases: Sequence[str] = ()

    @property
    def shown(self) -> str:
        """The account with its names, for people."""
        return f"{self.id} ({', '.join(self.aliases)})" if self.aliases else self.id


def account_of(account_id: str, admin: Principal, *, strictly: bool) -> Account:
    """Look at an account, which changes nothing.

    Args:
        account_id: 12 digits, as GetCallerIdentity answers.
        admin: who asks.
        strictly: whether a run is refused that cannot find out; an emulator may not know such a thing.

    Raises:
        BadInput: it may not ask.
    """
    try:
        aliases = admin.iam.list_account_aliases()["AccountAliases"]
        return Account(account_id, admin.arn, [str(alias) for alias in aliases])
    except NotPermitted:
        if strictly:
            raise BadInput(
                "--target", "the account's alias cannot be seen", "give the run iam:ListAccountAliases"
            ) from None
    except ClientError as error:
        if strictly:
            problem = f"the account's alias cannot be seen ({code_of(error)}, {message_of(error).rstrip('.')})"
            raise BadInput("--target", problem, "try again") from None
    return Account(account_id, admin.arn)


def require_account(account: Account, told: str, denied: Collection[str], *, guarded: bool) -> None:
    """Refuse an account that the run was not told of, or that nobody should practise in.

    Args:
        account: the account.
        told: the account that the run was told, or empty.
        denied: accounts that no run may touch.
        guarded: whether it is a real account, where an id has to be told and the root user does nothing.

    Raises:
        BadInput: it is refused.
    """
    if account.id in denied:
        raise BadInput(
            "--deny-accounts", f"account {account.id} is on the list", "use the credentials of another account"
        )
    production = next((alias for alias in account.aliases if "prod" in alias.lower()), None)
    if production:
        remedy = "use a sandbox account"
        raise BadInput(
            "--target", f"account {account.id} is called {production}, which is no place to practise", remedy
        )
    if guarded and not told:
        raise BadInput("--account", "a real account has to be told", f"say --account={account.id} if that is the one")
    if told and told != account.id:
        remedy = "use the credentials of that account, or tell the other"
        raise BadInput("--account", f"the credentials are of account {account.id}, and {told} was told", remedy)
    if guarded and re.fullmatch(r"arn:[\w-]+:iam::\d{12}:root", account.arn):
        remedy = "use a role that may do what policies/sandbox lists"
        raise BadInput("--target", "the credentials are those of the account's root user", remedy)


def require_documents(documents: LabDocuments, lab: LabSettings, *, renamed: bool) -> None:
    """Refuse a template that holds what the lab has no use for, or documents that count on the lab's own names.

    Args:
        documents: template and policy.
        lab: the settings with the lab's own names.
        renamed: whether this run gives other names.

    Raises:
        BadInput: they are refused.
    """
    template = documents.template
    if not template.fault:
        admit(template.path, template.text, template.data)
    if not renamed:
        return
    for document in (template, documents.policy):
        for name in (lab.user_name, lab.stack_name, lab.session_name):
            if re.search(rf"(?<![\w+=,.@-]){re.escape(name)}(?![\w+=,.@])", _said(document.text)):
                problem = f"it names {name}, and this run puts its own id behind that name"
                raise BadInput(str(document.path), problem, "say --exact-names, or leave the name out of it")


def _said(text: str) -> str:
    """The text without YAML's comments."""
    return re.sub(r"(?m)(^|\s)#.*$", "", text)
