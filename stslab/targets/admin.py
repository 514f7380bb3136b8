"""Who is in an account of moto's before the lab begins: the suite's own admin, and whom the lab's role trusts else."""

from __future__ import annotations

import json
from collections.abc import Iterable

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


def make_others(account: str, region: str, arns: Iterable[str]) -> None:
    """Put users and roles that may do nothing into moto's own state: IAM takes no trust policy that names nobody.

    Args:
        account: the account's id, 12 digits.
        region: a region of the account's partition.
        arns: their ARNs, all of the account's.
    """
    from moto.iam.models import iam_backends
    from moto.utilities.utils import get_partition

    backend = iam_backends[account][get_partition(region)]
    nobody = {"Version": "2012-10-17", "Statement": {"Effect": "Deny", "Principal": "*", "Action": "sts:AssumeRole"}}
    for arn in arns:
        kind, _, path_and_name = arn.split(":", 5)[5].partition("/")
        path, _, name = f"/{path_and_name}".rpartition("/")
        if kind == "user" and name not in backend.users:
            backend.create_user(region, name, f"{path}/")
        elif kind == "role":
            backend.create_role(name, json.dumps(nobody), f"{path}/", None, "", [], None)
