"""The use case of ``watch_runs`` with its ports, built once per execution environment."""

import os
import time
from collections.abc import Mapping
from functools import cache, partial

from appflow_gitops.aws import clients
from appflow_gitops.aws.appflow import AppFlowService
from appflow_gitops.aws.bus import EventBridgeBus
from appflow_gitops.aws.documents import S3Documents, VersionCache
from appflow_gitops.aws.health_records import S3HealthRecords
from appflow_gitops.aws.runs import AppFlowRuns
from appflow_gitops.aws.state_object import SCHEMA_KEY, S3StateObject
from appflow_gitops.status.health import HealthEventReporter
from appflow_gitops.sync.health.health import BrokenFields
from appflow_gitops.sync.health.watcher import RunWatcher
from appflow_gitops.sync.stored_environment import StoredEnvironment
from watch_runs.settings import WatchRunsSettings


@cache
def watcher() -> RunWatcher:
    """Read the settings and make the clients."""
    settings = WatchRunsSettings.model_validate(dict(os.environ))
    storage, appflow = clients.s3(), clients.appflow()
    documents = S3Documents(storage, VersionCache())
    return RunWatcher(
        flows=AppFlowService(appflow),
        runs=AppFlowRuns(appflow),
        records=S3HealthRecords(storage, settings.documents_bucket),
        reporter=HealthEventReporter(EventBridgeBus(clients.events(), settings.event_bus_name)),
        documents=documents,
        environment=StoredEnvironment(documents, settings.documents_bucket).read,
        clock=time.time,
        bucket=settings.documents_bucket,
        broken_fields=dict
        if settings.check_fields == "off"
        else partial(broken_fields, S3StateObject(storage, settings.documents_bucket, SCHEMA_KEY)),
    )


def broken_fields(state: S3StateObject) -> Mapping[str, BrokenFields]:
    """The flows that the schema state of detect_drift calls broken, by name."""
    from appflow_gitops.sync.schema_drift.state import read_schema_state  # noqa: PLC0415 - only with CheckFields

    flows = read_schema_state(state.read()).flows
    return {name: BrokenFields(broken.since, broken.reason) for name, broken in flows.items()}
