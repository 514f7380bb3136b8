"""Errors in the form that each service's protocol has for them."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import Any
from xml.sax.saxutils import escape

_IN_JSON = {
    "AccessDenied": "AccessDeniedException",
    "ExpiredToken": "ExpiredTokenException",
    "IncompleteSignature": "IncompleteSignatureException",
    "InvalidClientTokenId": "UnrecognizedClientException",
    "MissingAuthenticationToken": "MissingAuthenticationTokenException",
    "SignatureDoesNotMatch": "InvalidSignatureException",
}
"""What the JSON protocols call it, with status 400. Source: DynamoDB API reference, "Common errors"."""


def refusal(service: str, headers: Mapping[str, Any], code: str, message: str, status: int = 403) -> Exception:
    """Make the exception that moto turns into an error answer.

    Args:
        service: the service that answers, for example ``sts``.
        headers: the request's headers; a JSON protocol names its operation in ``X-Amz-Target``.
        code: the error code.
        message: the sentence.
        status: the HTTP status; S3 takes its own from the code.
    """
    from moto.core.exceptions import JsonRESTError
    from moto.s3.exceptions import S3ClientError
    from werkzeug.exceptions import HTTPException

    if service == "s3":
        return S3ClientError(code, message)
    if "X-Amz-Target" in headers:
        return JsonRESTError(_IN_JSON.get(code, code), message)
    error = f"<Type>Sender</Type><Code>{escape(code)}</Code><Message>{escape(message)}</Message>"
    answer = HTTPException(
        f"<ErrorResponse><Error>{error}</Error><RequestId>{uuid.uuid4()}</RequestId></ErrorResponse>"
    )
    answer.code = status
    return answer
