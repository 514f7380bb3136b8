"""Who acts in the lab: each with its own credentials, its own clients, and every call recorded."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cached_property, lru_cache, partial
from typing import Any

import boto3
import botocore.session
from botocore.loaders import Loader

from stslab.calls import Recorder
from stslab.clients import Discreet, OfAnObserver, OfTheAdmin, OnlyReading, part_of_clients
from stslab.credentials import Credentials
from stslab.overhearing import learn_from
from stslab.profiles import ProfileFile
from stslab.scrub import Scrubber


@lru_cache(maxsize=1)
def loader() -> Loader:
    """The loader of all sessions.

    botocore parses a service's model anew for every session, unless the sessions share their loader; and its default
    loader also looks into ``~/.aws/models``.
    """
    return Loader(extra_search_paths=[Loader.BUILTIN_DATA_PATH], include_default_search_paths=False)


class Sessions:
    """Makes boto3 sessions that share one loader and read no file but the run's own.

    Args:
        profiles: the run's credentials file.
        region: the region of every client.
        account: the account that has to own every bucket, 12 digits.
        recorder: what keeps the calls.
        scrubber: learns the secrets that are used.
        wiring: what every client is made with, beside its credentials.
        only_reading: whether nothing may be changed by any of them.
    """

    def __init__(
        self,
        profiles: ProfileFile,
        region: str,
        account: str,
        recorder: Recorder,
        scrubber: Scrubber,
        wiring: Mapping[str, Any],
        *,
        only_reading: bool = False,
    ) -> None:
        self._profiles = profiles
        self._region = region
        self._account = account
        self._recorder = recorder
        self._scrubber = scrubber
        self._wiring = wiring
        self._only_reading = only_reading

    @cached_property
    def _nobodys(self) -> boto3.Session:
        return self._session("default")

    def of_credentials(self, name: str, arn: str, credentials: Credentials) -> Principal:
        """A principal that holds its credentials in memory only."""
        self._scrubber.learn(*credentials.secrets)
        token = credentials.session_token
        given = {
            "aws_access_key_id": credentials.access_key_id,
            "aws_secret_access_key": credentials.secret_access_key.reveal(),
            "aws_session_token": token.reveal() if token else None,
        }
        return self._of(name, arn, partial(self._nobodys.client, **given))

    def of_profile(self, profile: str, arn: str) -> Principal:
        """A principal that reads its credentials from a profile of the run's file, as ``aws --profile`` does."""
        return self._of(profile, arn, self._session(profile).client)

    def of_chain(self, name: str, arn: str, session: botocore.session.Session) -> Principal:
        """An admin whose credentials a session of the person's own finds, and renews."""
        self._settle(session)
        session.register("creating-client-class", part_of_clients(OfAnObserver if self._only_reading else OfTheAdmin))
        return self._of(name, arn, boto3.Session(botocore_session=session).client)

    def of_person(self, profile: str, session: botocore.session.Session) -> Principal:
        """A principal that reads its credentials from a profile of the person's own files; who it is AWS has to say."""
        self._settle(session)
        return self._of(profile, "", boto3.Session(botocore_session=session).client)

    def _settle(self, session: botocore.session.Session) -> None:
        """Give a session the run's manners, and its region."""
        learn_from(session, self._scrubber)
        session.register_component("data_loader", loader())
        session.register("creating-client-class", part_of_clients(Discreet))
        if self._only_reading:
            session.register("creating-client-class", part_of_clients(OnlyReading))
        session.set_config_variable("region", self._region)

    def _of(self, name: str, arn: str, client: Callable[..., Any]) -> Principal:
        def make_client(service: str, **elsewhere: str) -> Any:
            made = client(service, **self._wiring, **elsewhere)
            if service == "s3":
                made.meta.events.register("provide-client-params.s3", self._owned)
            return made

        return Principal(name, arn, make_client, self._recorder)

    def _owned(self, params: Mapping[str, Any], model: Any, **_: Any) -> Mapping[str, Any]:
        """Have S3 refuse a bucket of another account. Source: Amazon S3 user guide, "Verifying bucket ownership"."""
        takes_it = "ExpectedBucketOwner" in model.input_shape.members and "Bucket" in params
        return {"ExpectedBucketOwner": self._account, **params} if takes_it else params

    def _session(self, profile: str) -> boto3.Session:
        session = botocore.session.Session(profile=profile)
        self._settle(session)
        session.set_config_variable("credentials_file", str(self._profiles.path))
        session.set_config_variable("config_file", str(self._profiles.config_path))
        return boto3.Session(botocore_session=session)


class Principal:
    """An identity with boto3 clients.

    Args:
        name: what the lab calls it: ``admin``, ``sts``, ``assumed``.
        arn: the ARN with which GetCallerIdentity should answer.
        make_client: makes a client of a service with the principal's credentials, in a region if one is given.
        recorder: what keeps the calls.
    """

    def __init__(self, name: str, arn: str, make_client: Callable[..., Any], recorder: Recorder) -> None:
        self.name = name
        self.arn = arn
        self._make_client = make_client
        self._recorder = recorder
        self._clients: dict[tuple[str, str], Any] = {}

    def client(self, service: str, region: str = "") -> Any:
        """A boto3 client of a service, made at first use.

        Args:
            service: its name.
            region: a region other than the run's.
        """
        wanted = service, region
        if wanted not in self._clients:
            elsewhere = {"region_name": region} if region else {}
            self._clients[wanted] = self._make_client(service, **elsewhere)
            self._recorder.watch(self._clients[wanted], lambda: self.arn)
        return self._clients[wanted]

    @cached_property
    def sts(self) -> Any:
        """The STS client."""
        return self.client("sts")

    @cached_property
    def iam(self) -> Any:
        """The IAM client."""
        return self.client("iam")

    @cached_property
    def s3(self) -> Any:
        """The S3 client."""
        return self.client("s3")

    @cached_property
    def cloudformation(self) -> Any:
        """The CloudFormation client."""
        return self.client("cloudformation")

    def introduce(self) -> None:
        """Ask STS who this is (``aws sts get-caller-identity``), and go by that ARN from now on."""
        self.arn = str(self.sts.get_caller_identity()["Arn"])

    def __repr__(self) -> str:
        return f"<Principal {self.name} {self.arn}>"
