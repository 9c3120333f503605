"""Access to AWS for the commands: clients from boto3's usual environment, errors as one-line messages.

``AWS_ENDPOINT_URL`` points the clients to the local cloud, as for any SDK.
"""

import os
import socket
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from difflib import get_close_matches
from urllib.parse import urlsplit

import click
from botocore.utils import get_environ_proxies

from appflow_gitops.aws import clients
from appflow_gitops.aws.appflow import AppFlowService
from appflow_gitops.aws.apply_log import ApplyLog
from appflow_gitops.aws.connector_entities import AppFlowEntities
from appflow_gitops.aws.documents import S3Documents
from appflow_gitops.aws.health_records import S3HealthRecords
from appflow_gitops.aws.held_changes import S3HeldChanges
from appflow_gitops.aws.requests import EventBridgeRequests
from appflow_gitops.aws.runs import AppFlowRuns
from appflow_gitops.aws.stack import (
    APPLY_LOG,
    CHECK_FIELDS,
    CREATES_FLOWS,
    DOCUMENTS_BUCKET,
    EVENT_BUS,
    FORMER_BUCKETS,
    HISTORY_LOG,
    PAUSED,
    REQUIRES_POLICY,
    STAGE,
    STATUS_LOG,
    read_stack,
)
from appflow_gitops.aws.status_log import CloudWatchStatusLog
from appflow_gitops.flows.live import LiveFlow
from appflow_gitops.origin import DocumentVersion
from appflow_gitops.quoting import quoted
from appflow_gitops.sync.errors import PermanentError, SyncError
from appflow_gitops.sync.field_check import FieldChecker
from appflow_gitops.sync.former_buckets import AdoptableFlows, parse_former_buckets
from appflow_gitops.sync.ports import DocumentStore
from appflow_gitops.sync.stored_environment import StoredEnvironment
from appflow_gitops_cli.main import CommandError
from appflow_gitops_cli.printable import printable
from appflow_gitops_cli.progress import ThrottlingNotice
from appflow_gitops_cli.project_file import select_stage_hint
from appflow_gitops_cli.stack_limits import StackLimits

DOCUMENTS_PREFIX = "flows/"
"""The prefix of documents in the bucket, as in template.yaml."""

_PORTS = {"http": 80, "https": 443}
_ENDPOINT_TIMEOUT = 2
"""Seconds to connect to AWS_ENDPOINT_URL."""

_HINTS = {
    "NoRegionError": "set AWS_DEFAULT_REGION, or AWS_PROFILE to a profile with a region",
    "NoCredentialsError": "set AWS_PROFILE or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY",
    "ExpiredToken": "sign in again",
    "ExpiredTokenException": "sign in again",
    "NoSuchStack": "select another stack with --stack, or the bucket with --bucket",
    "NoSuchBucket": "select another stack with --stack, or another bucket with --bucket",
}
"""Error code -> what to do."""

_DEPENDS_ON_ACCOUNT = frozenset({"NoSuchStack", "NoSuchBucket", "AccessDenied", "AccessDeniedException"})
"""Codes of errors that often mean the wrong account or region, so that the message names both."""

_REGION_VARIABLES = ("AWS_REGION", "AWS_DEFAULT_REGION")


@dataclass(frozen=True, slots=True)
class Deployment:
    """The documents bucket of a stack, and what the stack does with the documents in it.

    ``stage`` selects the variables file ("" for none). ``creates_flows``: the stack creates missing flows;
    ``refuses_fields``: it rejects changes with errors about fields. ``bus``
    receives requests. ``status_log`` stores the status events, ``history_log`` for longer, ``apply_log`` the log of
    apply; stacks of older versions do not have them ("").
    ``limits`` is what the stack may change and use. Flows of documents in ``former_buckets`` have no owner.
    ``requires_policy``: nothing is allowed while the bucket has no policy. ``is_paused``: all changes are held.
    """

    bucket: str
    stage: str
    creates_flows: bool = False
    refuses_fields: bool = False
    bus: str = ""
    status_log: str = ""
    history_log: str = ""
    apply_log: str = ""
    limits: StackLimits = field(default_factory=StackLimits)
    former_buckets: frozenset[str] = frozenset()
    requires_policy: bool = False
    is_paused: bool = False

    def flows(self) -> AdoptableFlows:
        """The flows of the account and region as the stack sees them. Raises ``SyncError``."""
        return AdoptableFlows(flow_service(), self.former_buckets)

    def environment(self, stored: DocumentStore, stage: str | None = None) -> StoredEnvironment:
        """The environment in the bucket, of the stack's stage unless another ``stage`` is selected."""
        return StoredEnvironment(
            stored, self.bucket, stage or self.stage, self.requires_policy, self.is_paused
        )


@contextmanager
def translate_aws_errors() -> Iterator[None]:
    """Raise CommandError for an error of AWS, or of the connection to it."""
    for name in _REGION_VARIABLES:
        if os.environ.get(name) == "":
            del os.environ[name]  # botocore would take the region ''
    _require_endpoint(os.environ.get("AWS_ENDPOINT_URL", ""))
    try:
        yield
    except SyncError as error:
        raise CommandError(format_error(error)) from None


def _require_endpoint(url: str) -> None:
    """Raise CommandError if nothing listens at the URL. The clients would retry for many seconds, as for AWS."""
    if not url:
        return
    parts = urlsplit(url)
    if parts.scheme not in _PORTS or not parts.hostname:
        raise CommandError(
            f"invalid AWS_ENDPOINT_URL {quoted(url)}: expected a URL such as 'http://127.0.0.1:5000'"
        )
    if get_environ_proxies(url):  # the proxy answers
        return
    try:
        address = parts.hostname, parts.port or _PORTS[parts.scheme]
        socket.create_connection(address, timeout=_ENDPOINT_TIMEOUT).close()
    except (OSError, ValueError):
        raise CommandError(
            f"nothing answers at {printable(url)} (start it with 'appflow-gitops local up', or unset AWS_ENDPOINT_URL)"
        ) from None


def format_error(error: SyncError, hint: str | None = None) -> str:
    """The error on one line, with a hint if there is one. ``hint`` replaces the usual hint for its code."""
    if error.code == "NoSuchStack":
        hint = select_stage_hint() or hint
    hint = hint or _HINTS.get(error.code)
    message = error.message if hint or error.code in error.message else f"{error.code}: {error.message}"
    message = message.rstrip(".")
    if error.code in _DEPENDS_ON_ACCOUNT:
        message += f" in {clients.describe_account()}"
    return printable(f"{message} ({hint})" if hint else message)


def flow_service() -> AppFlowService:
    """The flows of the account and region. Raises ``SyncError``."""
    client = clients.appflow(clients.PATIENT)
    clients.on_throttling(client, ThrottlingNotice(sys.stderr))
    return AppFlowService(client)


def field_checker() -> FieldChecker:
    """Checks fields against the connectors of the account and region. Raises ``SyncError``."""
    return FieldChecker(AppFlowEntities(clients.appflow(clients.PATIENT)), time.monotonic)


def run_service() -> AppFlowRuns:
    """The runs of the flows of the account and region. Raises ``SyncError``."""
    return AppFlowRuns(clients.appflow(clients.PATIENT))


def health_records(bucket: str) -> S3HealthRecords:
    """The health records in the bucket. Raises ``SyncError``."""
    return S3HealthRecords(clients.s3(clients.PATIENT), bucket)


def existing_flow(name: str) -> LiveFlow:
    """The live flow. Raises ``SyncError``, and CommandError if it does not exist."""
    service = flow_service()
    live = service.describe(name)
    if live is None:
        raise CommandError(
            f"flow {quoted(name)} does not exist in {clients.describe_account()}{_similar_flow(service, name)}"
        )
    return live


def _similar_flow(service: AppFlowService, name: str) -> str:
    """The suggestion of a flow with a similar name, if the caller may list flows."""
    try:
        similar = get_close_matches(name, [flow.name for flow in service.summaries()], 1)
    except PermanentError:
        return ""
    return f"; did you mean {quoted(similar[0])}?" if similar else ""


def documents() -> S3Documents:
    """The documents in S3, in any bucket. Raises ``SyncError``."""
    return S3Documents(clients.s3(clients.PATIENT))


def held_changes(bucket: str) -> S3HeldChanges:
    """The held changes in the bucket. Raises ``SyncError``."""
    return S3HeldChanges(clients.s3(clients.PATIENT), bucket)


def requests_to(bus: str) -> EventBridgeRequests:
    """Sends requests to the event bus. Raises ``SyncError``."""
    return EventBridgeRequests(clients.events(clients.PATIENT), bus)


def status_log(group: str) -> CloudWatchStatusLog:
    """The status events in the log group. Raises ``SyncError``."""
    return CloudWatchStatusLog(clients.logs(clients.PATIENT), group)


def apply_log(group: str) -> ApplyLog:
    """The log of apply. Raises ``SyncError``."""
    return ApplyLog(clients.logs(clients.PATIENT), group)


def read_deployment(stack: str) -> Deployment:
    """Read the outputs and parameters of the stack.

    Raises ``SyncError``, and CommandError for a stack without a documents bucket.
    """
    deployed = read_stack(clients.cloudformation(clients.PATIENT), stack)
    bucket = deployed.outputs.get(DOCUMENTS_BUCKET)
    if bucket is None:
        raise CommandError(
            f"stack {quoted(stack)} has no output {DOCUMENTS_BUCKET}; select a stack of appflow-gitops with --stack"
        )
    parameters = deployed.parameters
    return Deployment(
        bucket,
        parameters.get(STAGE, ""),
        creates_flows=parameters.get(CREATES_FLOWS) == "true",
        refuses_fields=parameters.get(CHECK_FIELDS) == "refuse",
        bus=deployed.outputs.get(EVENT_BUS, ""),
        status_log=deployed.outputs.get(STATUS_LOG, ""),
        history_log=deployed.outputs.get(HISTORY_LOG, ""),
        apply_log=deployed.outputs.get(APPLY_LOG, ""),
        limits=StackLimits.of(parameters),
        former_buckets=parse_former_buckets(parameters.get(FORMER_BUCKETS, "")),
        requires_policy=parameters.get(REQUIRES_POLICY) == "true",
        is_paused=parameters.get(PAUSED) == "true",
    )


def differs(store: DocumentStore, bucket: str, key: str, content: bytes) -> bool:
    """Whether the object has other content, or does not exist. Raises ``SyncError``."""
    stored = store.read(DocumentVersion(bucket=bucket, key=key))
    return stored is None or stored.content != content


def replaces_all_message(number: int, folder: str) -> str:
    """The error of --prune with a folder that is probably the wrong one."""
    return (
        f"--prune would delete every document in the bucket ({number:,}), because {printable(folder)} has none of "
        "them; check DIR and --prefix, or confirm with --allow-empty"
    )


ALLOW_EMPTY = click.option(
    "--allow-empty",
    is_flag=True,
    help="Let --prune delete every document in the bucket, for example after the last one was deleted in Git.",
)
