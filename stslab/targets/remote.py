"""An account behind endpoints: an emulator's, or a real one of AWS's."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import botocore.session
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError
from botocore.parsers import ResponseParserError

from stslab.answers import code_of, message_of
from stslab.credentials import Credentials, Secret
from stslab.errors import TargetError
from stslab.marks import CHECKING
from stslab.overhearing import learn_from
from stslab.principals import Principal, Sessions
from stslab.result import Ruling
from stslab.scrub import Scrubber
from stslab.targets.base import Patience, Target
from stslab.targets.place import Place

ATTEMPTS = 5
"""How often botocore makes a call that the wire or the service fails, in its standard mode. Source: AWS SDKs and Tools
reference guide, "Retry behavior"."""

OF_AWS = Patience(in_a_row=4, between_seconds=0.5, longest_wait=120, longest_stack=1800, settling=60)
"""Four in a row is what botocore's own integration tests wait for; two minutes is what terraform-provider-aws waits for
IAM at most."""

OF_AN_EMULATOR = Patience(in_a_row=3, between_seconds=0, longest_wait=120, longest_stack=600, settling=1)
"""As patient, and no pause where there is nothing to wait for."""


LOOK_AT_AWS = Patience(in_a_row=4, between_seconds=0.5, longest_wait=20, longest_stack=20, settling=0)
"""As sure of an answer, but who looks does not wait for two minutes: he looks again. An emulator is not waited for."""


class RemoteTarget(Target):
    """An account that outlives the run.

    Args:
        place: where it is.
        region: the region of the stack.
        answer_seconds: how long to wait for an answer.
        scrubber: learns the admin's credentials, so that they are never printed.
        looks: whether somebody looks who changes nothing, and waits less: no answer has to last for a verdict.
    """

    almighty = False

    def __init__(
        self, place: Place, region: str, answer_seconds: int, scrubber: Scrubber, *, looks: bool = False
    ) -> None:
        self.place = place
        self.name = place.name
        self.region = region
        self.account = ""
        self.arn = ""
        self.patience = OF_AWS if place.is_aws_itself else OF_AN_EMULATOR
        if looks:
            self.patience = LOOK_AT_AWS if place.is_aws_itself else Patience()
        self._seconds = answer_seconds
        self._scrubber = scrubber
        self._looks = looks
        self._chain: botocore.session.Session | None = None

    def open(self) -> None:
        """Find out who the admin is, which changes nothing; harmless when called twice.

        Raises:
            TargetError: there are no credentials, or nobody answers.
            BadInput: there is no such profile.
        """
        if self._chain is not None:
            return
        chain = self.place.chain()
        learn_from(chain, self._scrubber)
        try:
            found = chain.get_credentials()
            if found is None:
                remedy = "give some as boto3 takes them, or name an --aws-profile"
                if self._looks:
                    remedy = "paste the two lines that stslab sandbox prints, or name an --aws-profile"
                raise TargetError(f"There are no AWS credentials; {remedy}.")
            held = found.get_frozen_credentials()
            token = Secret(held.token) if held.token else None
            self._scrubber.learn(*Credentials(held.access_key, Secret(held.secret_key), token).secrets)
            me = chain.create_client("sts", region_name=self.region, **self.wiring).get_caller_identity()
            self.account, self.arn = str(me["Account"]), str(me["Arn"])
        except ClientError as error:
            said = (
                f"{self.name} does not take the admin's credentials: {code_of(error)}, {message_of(error).rstrip('.')}"
            )
            raise TargetError(f"{said}; renew them, or name others with --aws-profile.") from error
        except BotoCoreError as fault:
            said = f"{self.name} cannot be had: {str(fault).rstrip('.')}"
            raise TargetError(f"{said}; see that it runs and is reached from here.") from fault
        except (KeyError, ResponseParserError):
            said = f"{self.name} does not answer as STS does"
            raise TargetError(f"{said}; see that it is an endpoint for AWS's services.") from None
        self._chain = chain

    def admin(self, sessions: Sessions) -> Principal:
        """Give the person's own identity as the admin.

        Raises:
            TargetError: the target is not open.
        """
        if self._chain is None:
            raise TargetError(f"{self.name} is not open; open the target first.")
        return sessions.of_chain("admin", self.arn, self._chain)

    @property
    def wiring(self) -> Mapping[str, Any]:
        """The endpoint and the manners of every client; none is sent anywhere else by a setting of the machine."""
        at_endpoint = bool(self.place.endpoint_url) and not self.place.is_aws_itself
        return {
            "endpoint_url": self.place.endpoint_url or None,
            "config": Config(
                retries={"mode": "standard", "total_max_attempts": ATTEMPTS},
                connect_timeout=min(self._seconds, 10),
                read_timeout=self._seconds,
                ignore_configured_endpoint_urls=True,
                # Whoever reads the account's history has to tell these calls from the student's.
                user_agent_extra=CHECKING if self._looks else None,
                # Hosts named after buckets are AWS's own; an emulator's name may not be known with one before it.
                s3={"addressing_style": "path"} if at_endpoint else None,
            ),
        }

    def require_stacks(self) -> None:
        """Know of every stack: the account itself makes them."""

    def close(self) -> None:
        """Nothing was taken."""

    def decisions(self) -> int | None:
        """The account does not show its decisions."""
        return None

    def ruling(self) -> Ruling | None:
        """The account does not say why; what it says of a denial is in the answer."""
        return None
