"""Identity providers' tokens: refused where AWS would refuse them whatever they say, else beyond what is known here.

Source: STS API reference, AssumeRoleWithWebIdentity and AssumeRoleWithSAML, "Errors".
"""

from __future__ import annotations

import base64
import binascii
import json
from typing import Any

from stslab.errors import Undetermined
from stslab.targets.context import one
from stslab.targets.refusals import refusal

OPERATIONS = frozenset({"AssumeRoleWithSAML", "AssumeRoleWithWebIdentity"})
"""Operations that carry an identity provider's token and no signature."""


def refuse(call: Any, operation: str) -> Exception:
    """The refusal of a request that carries an identity provider's token.

    Raises:
        Undetermined: the token may be good, which only its issuer could tell.
    """
    problem = _web_identity(call) if operation == "AssumeRoleWithWebIdentity" else _saml(call)
    if not problem:
        raise Undetermined(f"moto cannot verify the token of sts:{operation}.")
    return refusal("sts", call.headers, "InvalidIdentityToken", problem, 400)


def _web_identity(call: Any) -> str:
    parts = one(call, "WebIdentityToken").split(".")
    try:
        issuer = str(json.loads(base64.urlsafe_b64decode(f"{parts[1]}==" if len(parts) == 3 else ""))["iss"])
    except (ValueError, KeyError, TypeError):
        return "The ID Token provided is not a valid JWT. (You may see this error if you sent an Access Token)"
    host = issuer.removeprefix("https://").rstrip("/")
    known = {arn.partition("oidc-provider/")[2] for arn in _providers(call, "open_id_providers")}
    return "" if host in known else f"No OpenIDConnect provider found in your account for {issuer}"


def _saml(call: Any) -> str:
    try:
        base64.b64decode(one(call, "SAMLAssertion"), validate=True)
    except (binascii.Error, ValueError):
        return "Invalid base64 SAMLResponse"
    if one(call, "PrincipalArn") in _providers(call, "saml_providers"):
        return ""
    return "The SAML provider that the request names is not in your account"


def _providers(call: Any, kind: str) -> set[str]:
    """The ARNs of the providers in the role's account."""
    from moto.iam.models import iam_backends

    parts = one(call, "RoleArn").split(":", 5)
    if len(parts) < 6 or parts[4] not in iam_backends:
        return set()
    backends = iam_backends[parts[4]].values()
    return {str(provider.arn) for backend in backends for provider in getattr(backend, kind).values()}
