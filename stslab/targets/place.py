"""Where a run goes: moto, an emulator at an endpoint, or AWS."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import botocore.session
from botocore.exceptions import BotoCoreError

from stslab.errors import BadInput
from stslab.principals import loader

MOTO, ENDPOINT, AWS = "moto", "endpoint", "aws"
ADMIN = "admin"


@dataclass(frozen=True)
class Place:
    """Where a run goes, with whose credentials.

    Args:
        kind: :data:`MOTO`, :data:`ENDPOINT` or :data:`AWS`.
        endpoint_url: where every service answers, or empty where AWS's own endpoints do.
        profile: the profile of the run's admin, or empty.
        region: the region of the person's own settings, or empty.
    """

    kind: str = MOTO
    endpoint_url: str = ""
    profile: str = ""
    region: str = ""

    @property
    def is_aws_itself(self) -> bool:
        """Whether AWS answers there."""
        return (self.kind == AWS and not self.endpoint_url) or _is_awss(self.endpoint_url)

    @property
    def is_guarded(self) -> bool:
        """Whether the guards of a real account apply."""
        return self.kind == AWS or self.is_aws_itself

    @property
    def name(self) -> str:
        """What reports call it."""
        return f"{self.kind} at {self.endpoint_url}" if self.endpoint_url else self.kind

    def chain(self) -> botocore.session.Session:
        """A session that finds credentials as boto3 does for the person who runs this.

        Raises:
            BadInput: there is no such profile, or a file of profiles cannot be read.
        """
        session = botocore.session.Session(profile=self.profile or None)
        every_profile(session)
        try:
            session.get_scoped_config()
        except BotoCoreError as fault:
            remedy = "choose another with --aws-profile, or look into the files in ~/.aws"
            raise BadInput("--aws-profile", str(fault).rstrip("."), remedy) from None
        return session


def placed(target: str, endpoint_url: str, profile: str, environ: Mapping[str, str]) -> Place:
    """Find out where a run goes.

    Args:
        target: what was told with ``--target``, or empty.
        endpoint_url: what was told with ``--endpoint-url``, or empty.
        profile: what was told with ``--aws-profile``, or empty.
        environ: the environment variables.

    Raises:
        BadInput: what was told does not go together.
    """
    kind = target or (ENDPOINT if endpoint_url else MOTO)
    if kind == MOTO:
        for option, value in (("--endpoint-url", endpoint_url), ("--aws-profile", profile)):
            if value:
                raise BadInput(
                    option, "moto is in this process and has neither", "say --target=endpoint, or leave it out"
                )
        return Place()
    single = sorted(name for name in environ if name.startswith("AWS_ENDPOINT_URL_"))
    if single:
        remedy = "unset it, and give one endpoint for all with AWS_ENDPOINT_URL or --endpoint-url"
        raise BadInput(single[0], "a run goes to one place, and this is for one service", remedy)
    place = Place(kind, profile=profile)
    session = place.chain()
    configured: Any = session.get_scoped_config().get("endpoint_url")
    url = endpoint_url or environ.get("AWS_ENDPOINT_URL", "") or (configured if isinstance(configured, str) else "")
    if kind == ENDPOINT and not url:
        raise BadInput("--target", "there is no endpoint", "give one with --endpoint-url or AWS_ENDPOINT_URL")
    if url:
        _require_url(url)
    return Place(kind, url.rstrip("/"), profile, str(session.get_config_variable("region") or ""))


def observed(target: str, endpoint_url: str, profile: str, environ: Mapping[str, str]) -> Place:
    """Find out where the account is that is to be looked at, and who looks.

    That is AWS, unless an endpoint is told, or set for the profile. Who looks is the profile ``admin`` where it has
    credentials and nothing tells another: while a student does the lab, the default may be the lab's own user.

    Args:
        target: as for :func:`placed`, and so are the others.
        endpoint_url: what was told with ``--endpoint-url``, or empty.
        profile: what was told with ``--aws-profile``, or empty.
        environ: the environment variables.

    Raises:
        BadInput: what was told does not go together.
    """
    if target == MOTO:
        problem = "moto is made anew for each run, so there is nothing to look at"
        raise BadInput("--target", problem, "say --target=endpoint or --target=aws")
    config = environ.get("AWS_CONFIG_FILE", "")
    if config and not Path(config).exists() and "AWS_ACCESS_KEY_ID" not in environ:
        problem = f"there is no {config}, so the sandbox that it is of has ended"
        raise BadInput("AWS_CONFIG_FILE", problem, "start one, and paste the two lines that it prints")
    if not profile and not environ.keys() & {"AWS_PROFILE", "AWS_ACCESS_KEY_ID"}:
        admin = every_profile(botocore.session.Session()).get(ADMIN, {})
        # With nothing but these it holds no credentials.
        profile = ADMIN if admin.keys() - {"region", "endpoint_url", "output"} else ""
    place = placed(target or AWS, endpoint_url, profile, environ)
    if not target and place.endpoint_url and not place.is_aws_itself:
        return replace(place, kind=ENDPOINT)
    return place


def every_profile(session: botocore.session.Session) -> Mapping[str, Mapping[str, Any]]:
    """The profiles of a person's AWS files by name, each with its settings.

    Raises:
        BadInput: a file cannot be read as one of AWS's.
    """
    try:
        profiles: Mapping[str, Mapping[str, Any]] = session.full_config["profiles"]
    except (BotoCoreError, UnicodeDecodeError) as fault:
        where = getattr(fault, "kwargs", {}).get("path", "the AWS files")
        remedy = "put it right: each profile is a line in brackets, with lines such as region = us-east-1 below it"
        raise BadInput(str(where), "it cannot be read as an AWS config or credentials file", remedy) from None
    return profiles


def _require_url(url: str) -> None:
    """Refuse what is no bare URL of a server, without repeating it: there may be a password in it."""
    try:
        parts = urlsplit(url)
        whole = parts.scheme in ("http", "https") and bool(parts.hostname) and (parts.port or 1) > 0
    except ValueError:
        whole = False
    if not whole:
        raise BadInput("--endpoint-url", "it is no URL", "give one such as http://127.0.0.1:4566")
    if parts.username or parts.password or parts.query or parts.fragment or parts.path.strip("/"):
        raise BadInput("--endpoint-url", "it has more than a host and a port", "give those only")
    if parts.scheme == "http" and _is_awss(url):
        raise BadInput("--endpoint-url", "AWS is spoken to without encryption", "begin it with https")


def _is_awss(url: str) -> bool:
    host = (urlsplit(url).hostname or "").rstrip(".")
    return any(host == domain or host.endswith(f".{domain}") for domain in _domains())


@lru_cache(maxsize=1)
def _domains() -> frozenset[str]:
    """The domains of AWS's endpoints in every partition.

    Source: botocore's partitions.json, dnsSuffix and dualStackDnsSuffix; AWS general reference, "AWS service
    endpoints", for on.aws, where dual-stack endpoints of single services are.
    """
    partitions = loader().load_data("partitions")["partitions"]
    suffixes = {each["outputs"][name] for each in partitions for name in ("dnsSuffix", "dualStackDnsSuffix")}
    return frozenset(suffixes | {"on.aws"})
