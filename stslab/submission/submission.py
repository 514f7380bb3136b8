"""A submission, read whole: its documents, its files, and how its lab was done."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from stslab.documents import Document, LabDocuments, load_documents
from stslab.errors import BadInput
from stslab.settings import DEFAULTS, REGION, REGION_TOLD
from stslab.submission.circumstances import Circumstances, circumstances_of
from stslab.submission.contents import Contents, File, Refused, contents_of, shown
from stslab.submission.finding import find_policy, find_template, without
from stslab.submission.intrinsics import values_of
from stslab.submission.overrides import FILE, Overrides, read_overrides
from stslab.submission.parameters import parameters_in
from stslab.submission.script import Deploy, read_deploy

ACKNOWLEDGED = ("CAPABILITY_IAM", "CAPABILITY_NAMED_IAM")
"""What a person acknowledges who deploys in the console, which asks for what the template needs."""

_SCRIPT_BYTES = 100_000
_DOCUMENTS = frozenset({".yaml", ".yml", ".json", ".md", ".txt", ".template"})


@dataclass(frozen=True)
class Submission:
    """What was handed in, and the settings that its lab is performed with.

    Args:
        documents: template and policy, each with a fault where it cannot be used.
        contents: all files.
        settings: values by the name of the lab's setting, where the submission tells them.
        user_path: the path of the user.
        capabilities: what the deployment acknowledges.
        parameters: values of the template's parameters.
        circumstances: what the account has to be like.
        refusal: why nothing of it was read; empty where it was.
    """

    documents: LabDocuments
    contents: Contents
    settings: Mapping[str, str] = field(default_factory=dict)
    user_path: str = "/"
    capabilities: tuple[str, ...] = ("CAPABILITY_IAM",)
    parameters: Mapping[str, str] = field(default_factory=dict)
    circumstances: Circumstances = field(default_factory=Circumstances)
    refusal: str = ""


def own_documents(folder: Path) -> Submission:
    """The documents of a folder that is one's own, which are taken at their word.

    Raises:
        BadInput: one is missing, there twice, does not parse, or is no such document.
    """
    documents = load_documents(folder)
    try:
        return Submission(documents, contents_of(folder))
    except Refused as refusal:
        return Submission(documents, Contents(), refusal=str(refusal))


def read_submission(path: Path, references: Mapping[str, Document] | None = None) -> Submission:
    """Read a submission, a folder or a zip; whatever is wrong with it is in what is returned.

    Args:
        path: the folder or zip.
        references: documents to put in place of the submission's ``template`` and ``policy``.
    """
    references = references or {}
    try:
        contents = contents_of(path)
        overrides = _overrides(contents)
    except BadInput as refusal:
        said = str(refusal)
        documents = LabDocuments(references.get("template", without(said)), references.get("policy", without(said)))
        return Submission(documents, Contents(), refusal=said)
    deploy, remarks = _script(contents, overrides.paths.get("deploy"))
    policy = find_policy(contents, overrides.paths.get("policy"))
    if "template" in references:
        template, parameters = references["template"], {}
    else:
        template = find_template(contents, overrides.paths.get("template"))
        told_parameters = overrides.parameters
        parameters = dict(_parameters(contents, deploy, template) if told_parameters is None else told_parameters)
    told = _told(deploy) | dict(overrides.settings)
    region, stack_name = told.get("region", REGION_TOLD), told.get("stack-name")
    found = circumstances_of(
        template.data,
        policy.data,
        values_of(template.data, parameters, region, stack_name or DEFAULTS["stack-name"]),
        default_user=told.get("user-name", DEFAULTS["user-name"]),
        stack_name=stack_name,
        any_role="template" in references,
    )
    guessed = {"account": found.account, "user-name": found.user, "stack-name": found.stack_name}
    capabilities = overrides.capabilities
    if capabilities is None and deploy is not None:
        capabilities = deploy.capabilities
    template = replace(template, remarks=(*template.remarks, *remarks, *found.remarks))
    return Submission(
        LabDocuments(template, references.get("policy", policy)),
        contents,
        settings={name: value for name, value in guessed.items() if value} | told,
        user_path=overrides.user_path or found.user_path,
        capabilities=ACKNOWLEDGED if capabilities is None else capabilities,
        parameters=parameters,
        circumstances=found,
    )


def _overrides(contents: Contents) -> Overrides:
    file = contents.find(FILE)
    return read_overrides(file.text()) if file else Overrides()


def _script(contents: Contents, told: str | None) -> tuple[Deploy | None, tuple[str, ...]]:
    """The command that deploys the stack, and remarks on how it was found and read."""
    if told is None:
        scripts = [file for file in contents.files if _is_script(file)]
    else:
        named = contents.find(told)
        scripts = [named] if named else []
    read = {file: _deploy_of(file) for file in scripts}
    found = {file: deploy for file, deploy in read.items() if deploy is not None}
    if not found:
        return None, ()
    file, deploy = next(iter(found.items()))
    notes = tuple(f"{shown(file.path)}, {note}" for note in deploy.notes)
    several = [shown(each.path) for each, other in found.items() if other != deploy]
    if several:
        notes += (f"There are several deploy scripts; {shown(file.path)} counts, not {', '.join(several)}.",)
    return deploy, notes


def _is_script(file: File) -> bool:
    parts = file.path.parts
    placed = len(parts) == 1 or (len(parts) == 2 and parts[0] == "bin")
    return placed and parts[-1].lower().startswith("deploy") and file.path.suffix.lower() not in _DOCUMENTS


def _deploy_of(file: File) -> Deploy | None:
    if file.size > _SCRIPT_BYTES:
        return None
    try:
        return read_deploy(file.text())
    except BadInput:
        return None


def _told(deploy: Deploy | None) -> dict[str, str]:
    """What the deploy script says of stack and region; a region that there is not is left to the default."""
    told = {"stack-name": deploy.stack_name, "region": deploy.region} if deploy else {}
    if not re.fullmatch(REGION, told.get("region") or ""):
        told.pop("region", None)
    return {name: value for name, value in told.items() if value}


def _parameters(contents: Contents, deploy: Deploy | None, template: Document) -> dict[str, str]:
    if deploy is None:
        return {}
    given = {**_of_file(contents, deploy.parameters_file), **deploy.parameters}
    if deploy.operation != "deploy":
        return given
    # Of --parameter-overrides only those are sent that the template declares. Source: aws/aws-cli,
    # awscli/customizations/cloudformation/deploy.py, merge_parameters.
    declared = template.data.get("Parameters")
    return {name: value for name, value in given.items() if isinstance(declared, Mapping) and name in declared}


def _of_file(contents: Contents, path: str | None) -> dict[str, str]:
    file = contents.find(path or "")
    try:
        return parameters_in(json.loads(file.text())) if file and file.size <= _SCRIPT_BYTES else {}
    except (ValueError, RecursionError, BadInput):
        return {}
