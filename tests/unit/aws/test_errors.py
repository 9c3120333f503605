"""The table of AWS's errors: each row, and what is in no row."""

from typing import Any

import pytest
from botocore.exceptions import (
    ClientError,
    ConnectionClosedError,
    ConnectTimeoutError,
    EndpointConnectionError,
    NoCredentialsError,
    ParamValidationError,
    ReadTimeoutError,
)
from botocore.parsers import ResponseParserError

from appflow_gitops.aws.clients import name_bare_429
from appflow_gitops.aws.errors import as_sync_error, translated
from appflow_gitops.sync.errors import PermanentError, TransientError

ENDPOINT = "https://appflow.eu-west-1.amazonaws.com"


def answered(code: str, status: int, message: str = "as AWS says") -> ClientError:
    answer: Any = {
        "Error": {"Code": code, "Message": message},
        "ResponseMetadata": {"HTTPStatusCode": status},
    }
    return ClientError(answer, "UpdateFlow")


@pytest.mark.parametrize(
    ("code", "status"),
    [
        ("ValidationException", 400),
        ("AccessDeniedException", 403),
        ("AccessDenied", 403),
        ("ResourceNotFoundException", 404),
        ("ServiceQuotaExceededException", 402),
        ("ConnectorAuthenticationException", 401),
        ("UnsupportedOperationException", 400),
        ("NoSuchBucket", 404),
        ("KeyTooLongError", 400),
        ("InvalidArgument", 400),
        ("InvalidObjectState", 403),
        ("InvalidRequest", 400),
        ("KMS.DisabledException", 400),
        ("BatchRequestTooLong", 400),
        ("AWS.SimpleQueueService.BatchRequestTooLong", 400),
        ("InvalidMessageContents", 400),
        ("InvalidParameterValue", 400),
    ],
)
def test_p8_a_refusal_is_permanent(code: str, status: int) -> None:
    error = as_sync_error(answered(code, status))
    assert isinstance(error, PermanentError)
    assert (error.code, error.message) == (code, "as AWS says")


@pytest.mark.parametrize(
    ("code", "status", "unanswered"),
    [
        ("ThrottlingException", 429, False),
        ("ThrottlingException", 400, False),
        ("429", 429, False),
        ("TooManyRequestsException", 429, False),
        ("SlowDown", 503, True),
        ("ConflictException", 409, False),
        ("ConnectorServerException", 400, False),
        ("InternalServerException", 500, True),
        ("500", 500, True),
        ("503", 503, True),
        ("ValidationException", 500, True),
        ("ValidationException", 429, False),
        ("SomethingNew", 418, False),
    ],
)
def test_p8_an_error_that_may_pass_is_transient(code: str, status: int, unanswered: bool) -> None:
    error = as_sync_error(answered(code, status))
    assert isinstance(error, TransientError)
    assert (error.code, error.unanswered) == (code, unanswered)


@pytest.mark.parametrize(
    "lost",
    [
        ConnectionClosedError(endpoint_url=ENDPOINT),
        ReadTimeoutError(endpoint_url=ENDPOINT),
        ResponseParserError("no JSON"),
    ],
)
def test_p8_a_lost_or_malformed_answer_is_transient_and_may_have_been_carried_out(lost: Exception) -> None:
    with pytest.raises(TransientError) as caught, translated():
        raise lost
    assert caught.value.unanswered


@pytest.mark.parametrize(
    "unsent", [ConnectTimeoutError(endpoint_url=ENDPOINT), EndpointConnectionError(endpoint_url=ENDPOINT)]
)
def test_p8_a_call_that_never_left_is_transient_and_was_not_carried_out(unsent: Exception) -> None:
    with pytest.raises(TransientError) as caught, translated():
        raise unsent
    assert not caught.value.unanswered


def test_a_request_that_botocore_refuses_is_permanent() -> None:
    error = as_sync_error(ParamValidationError(report="Missing required parameter\nin input"))
    assert isinstance(error, PermanentError)
    assert "\n" not in error.message


def test_missing_credentials_are_transient() -> None:
    assert isinstance(as_sync_error(NoCredentialsError()), TransientError)


def test_an_error_that_is_not_awss_passes_through() -> None:
    with pytest.raises(KeyError), translated():
        raise KeyError("ours")


def test_a_bare_429_is_named_so_that_the_client_retries_it() -> None:
    parsed = {"Error": {"Code": "429", "Message": ""}}
    name_bare_429((None, parsed))
    assert parsed["Error"]["Code"] == "ThrottlingException"


def test_no_other_answer_is_renamed() -> None:
    parsed = {"Error": {"Code": "ValidationException"}}
    name_bare_429((None, parsed))
    name_bare_429(None)
    assert parsed["Error"]["Code"] == "ValidationException"
