"""The suite's own admin in an account of moto's."""

from __future__ import annotations

import json

from stslab.credentials import Credentials, Secret

ADMIN = "stslab-admin"


def make_admin(account: str, region: str) -> Credentials:
    """Put the admin into moto's own state, so that there is no first call that goes unchecked.

    Args:
        account: the account's id, 12 digits.
        region: a region of the account's partition.
    """
    from moto.iam.models import iam_backends
    from moto.utilities.utils import get_partition

    backend = iam_backends[account][get_partition(region)]
    everything = {"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"}}
    backend.create_user(region, ADMIN)
    backend.put_user_policy(ADMIN, "Everything", json.dumps(everything))
    key = backend.create_access_key(ADMIN)
    return Credentials(key.access_key_id, Secret(key.secret_access_key))
