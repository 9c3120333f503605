"""boto3 clients as every function wants them: few retries, jittered, within the time of one invocation.

Each function's ``ports.py`` asks for the clients it needs, on its first invocation and not at import.
"""

from typing import TYPE_CHECKING, Any

import boto3
from botocore.config import Config

if TYPE_CHECKING:
    from mypy_boto3_appflow import AppflowClient
    from mypy_boto3_events import EventBridgeClient
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_sqs import SQSClient

CONFIG = Config(
    retries={"mode": "standard", "total_max_attempts": 4},
    connect_timeout=3,
    read_timeout=10,
)
THROTTLED = "ThrottlingException"


def appflow() -> "AppflowClient":
    """An AppFlow client that also retries a bare 429."""
    client = boto3.client("appflow", config=CONFIG)
    client.meta.events.register_first("needs-retry.appflow", name_bare_429)
    return client


def events() -> "EventBridgeClient":
    """An EventBridge client."""
    return boto3.client("events", config=CONFIG)


def s3() -> "S3Client":
    """An S3 client."""
    return boto3.client("s3", config=CONFIG)


def sqs() -> "SQSClient":
    """An SQS client."""
    return boto3.client("sqs", config=CONFIG)


def name_bare_429(response: tuple[Any, dict[str, Any]] | None, **_: object) -> None:
    """Give a 429 without an error type the code that botocore's standard mode retries.

    AppFlow throttles without declaring it; such an answer reaches boto3 as code "429", which is not retried
    (cdklabs/cdk-appflow issue 107).
    """
    if response is not None:
        error = response[1].get("Error", {})
        if error.get("Code") == "429":
            error["Code"] = THROTTLED
