"""boto3 clients for the functions: few retries, jittered, within the time of one invocation.

Each function's ``wiring.py`` makes the clients it needs. The command reads whole fleets and uses ``PATIENT`` ones.
Every function raises ``SyncError`` where the environment names no region.
"""

import json
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, TypeVar

import boto3
from botocore.client import BaseClient
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError
from botocore.parsers import ResponseParserError

from appflow_gitops.aws.errors import THROTTLING_CODES, translated

if TYPE_CHECKING:
    from mypy_boto3_appflow import AppflowClient
    from mypy_boto3_events import EventBridgeClient
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_sqs import SQSClient

    from appflow_gitops.aws.log_entries import LogReader
    from appflow_gitops.aws.stack import StackReader

CONFIG = Config(
    retries={"mode": "standard", "total_max_attempts": 4},
    connect_timeout=3,
    read_timeout=10,
)
ONCE = Config(retries={"mode": "standard", "total_max_attempts": 1}, connect_timeout=3, read_timeout=10)
"""For calls whose failure blocks nothing: 13 seconds are the longest."""
CALLS_AT_ONCE = 8
PATIENT = Config(
    # Adaptive: slows down all calls of a client when one is throttled. Hundreds of flows are described at a time.
    retries={"mode": "adaptive", "total_max_attempts": 10},
    connect_timeout=5,
    read_timeout=30,
    max_pool_connections=CALLS_AT_ONCE,
)
THROTTLED = "ThrottlingException"
FIRST_FAILURE = 300
"""The lowest HTTP status of an error, whose body need not be JSON."""

Client = TypeVar("Client", bound=BaseClient)


def appflow(config: Config = CONFIG) -> "AppflowClient":
    """An AppFlow client that also retries a bare 429."""
    with translated():
        client = boto3.client("appflow", config=config)
    client.meta.events.register_first("needs-retry.appflow", name_bare_429)
    return refusing_malformed(client)


def cloudformation(config: Config = CONFIG) -> "StackReader":
    """A CloudFormation client."""
    with translated():
        client: StackReader = boto3.client("cloudformation", config=config)
        return client


def events(config: Config = CONFIG) -> "EventBridgeClient":
    """An EventBridge client."""
    with translated():
        return refusing_malformed(boto3.client("events", config=config))


def logs(config: Config = CONFIG) -> "LogReader":
    """A CloudWatch Logs client."""
    with translated():
        client: LogReader = boto3.client("logs", config=config)
        return client


def s3(config: Config = CONFIG) -> "S3Client":
    """An S3 client."""
    with translated():
        return boto3.client("s3", config=config)


def describe_account() -> str:
    """The region and the account of the current credentials, for an error message; without the account if unknown."""
    session = boto3.session.Session()
    region = session.region_name or "no region"
    try:
        account = session.client("sts", config=CONFIG).get_caller_identity()["Account"]
    except (BotoCoreError, ClientError):
        return region
    return f"{region}, account {account}"


def sqs() -> "SQSClient":
    """An SQS client."""
    return refusing_malformed(boto3.client("sqs", config=CONFIG))


def refusing_malformed(client: Client) -> Client:
    """Make the client refuse a malformed answer, and return it."""
    client.meta.events.register("before-parse", refuse_malformed)
    return client


def refuse_malformed(response_dict: Mapping[str, Any], **_: object) -> None:
    """Raise ResponseParserError for a successful answer whose body is not a JSON object.

    botocore parses such a body (a proxy's page) as an answer without members: the call would count as carried out.
    """
    if response_dict["status_code"] >= FIRST_FAILURE or not response_dict["body"]:
        return
    try:
        answer = json.loads(response_dict["body"])
    except ValueError:
        answer = None
    if not isinstance(answer, dict):
        raise ResponseParserError("the answer is not a JSON object")


def on_throttling(client: BaseClient, report: Callable[[], None]) -> None:
    """Call ``report`` for each answer that says that the client is throttled, before it is retried."""

    def check(response: tuple[Any, dict[str, Any]] | None, **_: object) -> None:
        if response is not None and response[1].get("Error", {}).get("Code") in THROTTLING_CODES:
            report()

    client.meta.events.register("needs-retry", check)


def name_bare_429(response: tuple[Any, dict[str, Any]] | None, **_: object) -> None:
    """Set the code that botocore's standard mode retries on a 429 without an error type.

    AppFlow throttles although its model declares no such error: boto3 sees code "429", which it does not retry
    (cdklabs/cdk-appflow issue 107).
    """
    if response is not None:
        error = response[1].get("Error", {})
        if error.get("Code") == "429":
            error["Code"] = THROTTLED
