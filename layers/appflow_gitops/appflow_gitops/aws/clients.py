"""boto3 clients as every function wants them: few retries, jittered, within the time of one invocation.

Each function's ``ports.py`` asks for the clients it needs, on its first invocation and not at import. The command looks
at whole fleets and asks for ``PATIENT`` ones. Raises ``SyncError`` where the environment names no region.
"""

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar

import boto3
from botocore.client import BaseClient
from botocore.config import Config
from botocore.parsers import ResponseParserError

from appflow_gitops.aws.errors import translated

if TYPE_CHECKING:
    from mypy_boto3_appflow import AppflowClient
    from mypy_boto3_events import EventBridgeClient
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_sqs import SQSClient

    from appflow_gitops.aws.stack import StackReader
    from appflow_gitops.aws.status_log import LogReader

CONFIG = Config(
    retries={"mode": "standard", "total_max_attempts": 4},
    connect_timeout=3,
    read_timeout=10,
)
CALLS_AT_ONCE = 8
PATIENT = Config(
    # Slows down all calls of a client when one is throttled: hundreds of flows are described at a time.
    retries={"mode": "adaptive", "total_max_attempts": 10},
    connect_timeout=5,
    read_timeout=30,
    max_pool_connections=CALLS_AT_ONCE,
)
THROTTLED = "ThrottlingException"
FIRST_FAILURE = 300
"""Statuses from here on are errors, whose bodies need not be JSON."""

Client = TypeVar("Client", bound=BaseClient)


def appflow(config: Config = CONFIG) -> "AppflowClient":
    """An AppFlow client that also retries a bare 429."""
    with translated():
        client = boto3.client("appflow", config=config)
    client.meta.events.register_first("needs-retry.appflow", name_bare_429)
    return answered_in_json(client)


def cloudformation(config: Config = CONFIG) -> "StackReader":
    """A CloudFormation client."""
    with translated():
        client: StackReader = boto3.client("cloudformation", config=config)
        return client


def events(config: Config = CONFIG) -> "EventBridgeClient":
    """An EventBridge client."""
    with translated():
        return answered_in_json(boto3.client("events", config=config))


def logs(config: Config = CONFIG) -> "LogReader":
    """A CloudWatch Logs client."""
    with translated():
        client: LogReader = boto3.client("logs", config=config)
        return client


def s3(config: Config = CONFIG) -> "S3Client":
    """An S3 client."""
    with translated():
        return boto3.client("s3", config=config)


def sqs() -> "SQSClient":
    """An SQS client."""
    return answered_in_json(boto3.client("sqs", config=CONFIG))


def answered_in_json(client: Client) -> Client:
    """The same client, which now tells a garbled answer from an empty one."""
    client.meta.events.register("before-parse", refuse_garbled)
    return client


def refuse_garbled(response_dict: Mapping[str, Any], **_: object) -> None:
    """Raise ResponseParserError for an answer that says all is well in something else than a JSON object.

    botocore reads it as an answer without members, so that what was never carried out (a proxy's page) counts as done.
    """
    if response_dict["status_code"] >= FIRST_FAILURE or not response_dict["body"]:
        return
    try:
        answer = json.loads(response_dict["body"])
    except ValueError:
        answer = None
    if not isinstance(answer, dict):
        raise ResponseParserError("The answer is no JSON object.")


def name_bare_429(response: tuple[Any, dict[str, Any]] | None, **_: object) -> None:
    """Give a 429 without an error type the code that botocore's standard mode retries.

    AppFlow throttles without declaring it; such an answer reaches boto3 as code "429", which is not retried
    (cdklabs/cdk-appflow issue 107).
    """
    if response is not None:
        error = response[1].get("Error", {})
        if error.get("Code") == "429":
            error["Code"] = THROTTLED
