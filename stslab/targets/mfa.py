"""MFA codes in a request to STS: whose device it is, and whether the code is the one that it shows now.

Source: IAM user guide, "Secure API access with MFA"; STS API reference, SerialNumber and TokenCode.
"""

from __future__ import annotations

import base64
import time
from typing import Any

from stslab.errors import Undetermined
from stslab.targets.callers import Actor
from stslab.targets.refusals import refusal

STEP = 30
"""Seconds for which a code is shown. Source: RFC 6238."""


def shows_code(call: Any, actor: Actor) -> bool:
    """Whether a user shows a right MFA code with a request; ``False`` where he shows none.

    Args:
        call: moto's response object of the request.
        actor: who calls.

    Raises:
        Undetermined: the device is one whose codes cannot be known here.
        Exception: AccessDenied for a device that is not the caller's, or a wrong code, in AWS's words.
    """
    serial, code = (str(call.data.get(name, [""])[0]) for name in ("SerialNumber", "TokenCode"))
    if not serial and not code:
        return False
    if not (serial and code):
        raise _denied(call, "must provide both MFA serial number and one time pass code.")
    if actor.user is None or serial not in actor.user.mfa_devices:
        verify = "Please verify your MFA serial number is valid and associated with this user."
        raise _denied(call, f"unable to validate MFA code.  {verify}")
    seed = _seed(serial)
    if seed is None:
        raise Undetermined(f"moto does not have the secret of the MFA device {serial}, so it cannot verify its codes.")
    if not _is_current(seed, code):
        raise _denied(call, "with invalid MFA one time pass code. ")
    return True


def _seed(serial: str) -> str | None:
    from moto.iam.models import iam_backends

    _, partition, _, _, account, _ = serial.split(":", 5) if serial.startswith("arn:") else ["", "", "", "", "", ""]
    if not account:
        return None
    device = iam_backends[account][partition].virtual_mfa_devices.get(serial)
    return None if device is None else str(device.base32_string_seed)


def _is_current(seed: str, code: str) -> bool:
    """Whether a device with this seed shows the code, give or take the one before and the one after."""
    from cryptography.hazmat.primitives.hashes import SHA1
    from cryptography.hazmat.primitives.twofactor import InvalidToken
    from cryptography.hazmat.primitives.twofactor.totp import TOTP

    device = TOTP(base64.b32decode(seed), 6, SHA1(), STEP, enforce_key_length=False)  # noqa: S303 (RFC 6238's)
    for moment in (time.time() - STEP, time.time(), time.time() + STEP):
        try:
            device.verify(code.encode(), int(moment))
        except InvalidToken:
            continue
        return True
    return False


def _denied(call: Any, what: str) -> Exception:
    return refusal("sts", call.headers, "AccessDenied", f"MultiFactorAuthentication failed, {what}")
