"""AWS's errors as ours: the one table of what is retried.

Every adapter in this package wraps its calls in ``translated``; no botocore error leaves the package.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    HTTPClientError,
    ParamValidationError,
)
from botocore.parsers import ResponseParserError

from appflow_gitops.sync.errors import PermanentError, SyncError, TransientError

PERMANENT_CODES = frozenset(
    {
        "AccessDenied",
        "AccessDeniedException",
        "ConnectorAuthenticationException",
        "ResourceNotFoundException",
        "ServiceQuotaExceededException",
        "UnsupportedOperationException",
        "ValidationException",
        # Amazon S3, the last two also for an archived object and for one with a key of its writer's own (SSE-C).
        "KeyTooLongError",
        "NoSuchBucket",
        "InvalidArgument",
        "InvalidObjectState",
        "InvalidRequest",
        # Amazon SQS
        "AWS.SimpleQueueService.BatchRequestTooLong",
        "BatchRequestTooLong",
        "InvalidMessageContents",
        "InvalidParameterValue",
    }
)
KMS_CODES = "KMS."
"""The prefix of S3's codes for a key that is disabled, is being deleted, or may not be used."""
THROTTLING_CODES = frozenset(
    {
        "429",
        "RequestLimitExceeded",
        "SlowDown",
        "Throttling",
        "ThrottledException",
        "ThrottlingException",
        "TooManyRequestsException",
    }
)
TRANSIENT_CODES = THROTTLING_CODES | {
    "ConflictException",
    "ConnectorServerException",
    "InternalServerException",
    "RequestTimeout",
    "RequestTimeoutException",
}
TOO_MANY_REQUESTS = 429
SERVER_ERROR = 500


@contextmanager
def translated() -> Iterator[None]:
    """Raise a botocore error from inside as a ``PermanentError`` or a ``TransientError``."""
    try:
        yield
    except (ClientError, BotoCoreError, ResponseParserError) as error:
        raise as_sync_error(error) from error


def as_sync_error(error: ClientError | BotoCoreError | ResponseParserError) -> SyncError:
    """The family of an error. An unknown code is transient: it is retried, and in the end dead-lettered."""
    if isinstance(error, ClientError):
        return _answered(error)
    if isinstance(error, ParamValidationError):
        return PermanentError("ValidationException", _one_line(str(error)))
    unanswered = isinstance(error, HTTPClientError | ResponseParserError)
    return TransientError(type(error).__name__, _one_line(str(error)), unanswered=unanswered)


def _answered(error: ClientError) -> SyncError:
    described = error.response.get("Error", {})
    code = described.get("Code") or "Unknown"
    status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
    message = _one_line(described.get("Message") or f"HTTP status {status} without a message")
    if code in TRANSIENT_CODES or status == TOO_MANY_REQUESTS:
        return TransientError(code, message, unanswered=status >= SERVER_ERROR)
    if status >= SERVER_ERROR:
        return TransientError(code, message, unanswered=True)
    if code in PERMANENT_CODES or code.startswith(KMS_CODES):
        return PermanentError(code, message)
    return TransientError(code, message)


def _one_line(text: str) -> str:
    return " ".join(text.split())
