"""AWS as the commands reach it: clients from boto3's usual environment, errors told in one line.

``AWS_ENDPOINT_URL`` leads to the local cloud as it does for any SDK.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from appflow_gitops.aws import clients
from appflow_gitops.aws.appflow import AppFlowService
from appflow_gitops.aws.documents import S3Documents
from appflow_gitops.aws.requests import EventBridgeRequests
from appflow_gitops.aws.stack import (
    CREATES_FLOWS,
    DOCUMENTS_BUCKET,
    EVENT_BUS,
    STAGE,
    STATUS_LOG,
    read_stack,
)
from appflow_gitops.aws.status_log import CloudWatchStatusLog
from appflow_gitops.sync.errors import SyncError
from appflow_gitops_cli.main import CannotRun
from appflow_gitops_cli.printable import printable

DOCUMENTS_PREFIX = "flows/"
"""Where documents lie in the bucket, as template.yaml has it."""

_WAYS_OUT = {
    "NoRegionError": "set AWS_DEFAULT_REGION, or a region in the profile that AWS_PROFILE names",
    "NoCredentialsError": "set AWS_PROFILE, or whatever else brings boto3 its credentials",
    "ExpiredToken": "sign in again",
    "ExpiredTokenException": "sign in again",
    "NoSuchStack": "name another with --stack, or the bucket itself with --bucket",
}


@dataclass(frozen=True, slots=True)
class Home:
    """Where a stack's documents live, which of the bucket's stages gives them their variables ("" for none), and
    whether flows that are missing are created.

    ``bus`` takes requests, ``status_log`` keeps what became of changes; a stack of an older version has no log.
    """

    bucket: str
    stage: str
    creates_flows: bool = False
    bus: str = ""
    status_log: str = ""


@contextmanager
def aws_errors_told() -> Iterator[None]:
    """Raises CannotRun for whatever AWS, or the way to it, refused."""
    try:
        yield
    except SyncError as error:
        raise CannotRun(told(error)) from None


def told(error: SyncError) -> str:
    """The error on one line, with the way out where there is one."""
    way_out = _WAYS_OUT.get(error.code)
    what = error.message if error.code in error.message or way_out else f"{error.code}: {error.message}"
    return printable(f"{what.rstrip('.')} ({way_out})" if way_out else what)


def flow_service() -> AppFlowService:
    """The flows of the account and region. Raises ``SyncError``."""
    return AppFlowService(clients.appflow(clients.PATIENT))


def documents() -> S3Documents:
    """The documents, in whatever bucket. Raises ``SyncError``."""
    return S3Documents(clients.s3(clients.PATIENT))


def requests_to(bus: str) -> EventBridgeRequests:
    """Requests on the bus. Raises ``SyncError``."""
    return EventBridgeRequests(clients.events(clients.PATIENT), bus)


def status_log(group: str) -> CloudWatchStatusLog:
    """The status events in the log group. Raises ``SyncError``."""
    return CloudWatchStatusLog(clients.logs(clients.PATIENT), group)


def home_of(stack: str) -> Home:
    """Where the stack keeps its documents. Raises ``SyncError``, and CannotRun for a stack without documents."""
    deployed = read_stack(clients.cloudformation(clients.PATIENT), stack)
    bucket = deployed.outputs.get(DOCUMENTS_BUCKET)
    if bucket is None:
        raise CannotRun(f"the stack {stack!r} has no output {DOCUMENTS_BUCKET}")
    parameters = deployed.parameters
    return Home(
        bucket,
        parameters.get(STAGE, ""),
        creates_flows=parameters.get(CREATES_FLOWS) == "true",
        bus=deployed.outputs.get(EVENT_BUS, ""),
        status_log=deployed.outputs.get(STATUS_LOG, ""),
    )
