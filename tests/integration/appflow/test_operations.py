"""Every operation of botocore's model is there; one of a later model is answered in JSON."""

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

import pytest
from botocore.exceptions import ClientError
from moto import settings

from appflow_gitops_local.appflow.responses import AppFlowResponse
from appflow_gitops_local.appflow.shapes import service_model
from integration.appflow.requests import refusal

if TYPE_CHECKING:
    from mypy_boto3_appflow import AppflowClient


def code(call: Callable[[], object]) -> str:
    """The error code of a call without members; empty if it succeeds."""
    try:
        call()
    except ClientError as error:
        return str(error.response["Error"]["Code"])
    return ""


@pytest.mark.parametrize("operation", service_model().operation_names)
def test_an_operation_is_supported(appflow: "AppflowClient", operation: str) -> None:
    method = appflow.meta.method_to_api_mapping
    call = getattr(appflow, next(name for name, api in method.items() if api == operation))
    arn = {"resourceArn": "arn:aws:appflow:us-east-1:123456789012:flow/orders"}

    answer = code(partial(call, **(arn if "Resource" in operation else {})))

    assert answer in {"", "ValidationException", "ResourceNotFoundException"}


@pytest.mark.skipif(settings.TEST_SERVER_MODE, reason="removes a function of the server")
def test_an_unsupported_operation_gets_a_json_response(
    appflow: "AppflowClient", monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delattr(AppFlowResponse, "list_connectors")

    assert refusal(appflow.list_connectors) == (
        "NotImplementedException",
        501,
        "The operation ListConnectors is not supported.",
    )
