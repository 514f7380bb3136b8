"""What an error answer of AWS means. An error is not a denial, and a dead key proves nothing."""

from __future__ import annotations

from typing import Any

from botocore.exceptions import ClientError

from stslab.calls import action_name, denial_code

CREDENTIAL_CODES = frozenset(
    {
        "InvalidClientTokenId",
        "InvalidAccessKeyId",
        "SignatureDoesNotMatch",
        "InvalidToken",
        "ExpiredToken",
        "ExpiredTokenException",
        "UnrecognizedClientException",
    }
)
"""The credential itself is refused. Source: STS and S3 API references, "Common errors" and "List of error codes"."""

UNKNOWN_KEY = frozenset({"InvalidClientTokenId", "InvalidAccessKeyId"})
"""What a new access key is answered with until it is known everywhere: by STS and IAM, and by S3."""

THROTTLES = frozenset(
    {
        "Throttling",
        "ThrottlingException",
        "ThrottledException",
        "RequestThrottled",
        "RequestThrottledException",
        "RequestLimitExceeded",
        "TooManyRequestsException",
        "SlowDown",
        "PriorRequestNotComplete",
        "BandwidthLimitExceeded",
        "LimitExceededException",
        "TransactionInProgressException",
        "EC2ThrottledException",
        "ProvisionedThroughputExceededException",
    }
)
"""Too much was asked, which says nothing of what was asked. Source: botocore, retries/standard.py, the throttling
error codes."""

NOT_FOUND = {
    "iam": frozenset({"NoSuchEntity"}),
    "s3": frozenset({"404", "NoSuchBucket"}),
    "cloudformation": frozenset({"ValidationError"}),
}
"""How each service says that there is no such thing. CloudFormation has no code of its own for it: DescribeStacks
answers ValidationError with "does not exist". Source: CloudFormation API reference, DescribeStacks."""


def code_of(error: ClientError) -> str:
    """The error code, for example ``AccessDenied``."""
    return str(error.response["Error"].get("Code", ""))


def status_of(error: ClientError) -> int:
    """The HTTP status; from 500 up it does not tell whether the call has had an effect."""
    return int(error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0))


def is_throttle(fault: Exception) -> bool:
    """Whether the service only says that too much is asked of it."""
    return isinstance(fault, ClientError) and code_of(fault) in THROTTLES


def is_missing(fault: Exception) -> bool:
    """Whether IAM says that something is not there, which it also says of what it does not know everywhere yet."""
    return isinstance(fault, ClientError) and code_of(fault) == "NoSuchEntity"


def tells_nothing(error: ClientError) -> bool:
    """Whether an error is the service's or the wire's own, and says nothing of what was asked."""
    return status_of(error) >= 500 or is_throttle(error)


def message_of(error: ClientError) -> str:
    """AWS's own sentence, with a full stop."""
    said = str(error.response["Error"].get("Message", "")) or code_of(error)
    return said if said.endswith(".") else f"{said}."


def service_of(operation: Any) -> str:
    """The service of a boto3 client's method, for example ``s3``."""
    return str(operation.__self__.meta.service_model.service_name)


def action_of(operation: Any) -> str:
    """The IAM action of a boto3 client's method, for example ``s3:ListAllMyBuckets``."""
    api_name = operation.__self__.meta.method_to_api_mapping[operation.__name__]
    return action_name(service_of(operation), api_name)


def is_denial(operation: Any, error: ClientError) -> bool:
    """Whether the answer says exactly that the action is not permitted."""
    return code_of(error) == denial_code(service_of(operation))


def is_absence(operation: Any, error: ClientError) -> bool:
    """Whether the answer says that what was asked for is not there."""
    service = service_of(operation)
    if code_of(error) not in NOT_FOUND[service]:
        return False
    return service != "cloudformation" or "does not exist" in message_of(error)
