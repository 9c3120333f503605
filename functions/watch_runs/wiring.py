"""The use case of ``watch_runs`` with its ports, built once per execution environment."""

import os
import time
from functools import cache

from appflow_gitops.aws import clients
from appflow_gitops.aws.appflow import AppFlowService
from appflow_gitops.aws.bus import EventBridgeBus
from appflow_gitops.aws.documents import S3Documents, VersionCache
from appflow_gitops.aws.health_records import S3HealthRecords
from appflow_gitops.aws.runs import AppFlowRuns
from appflow_gitops.status.health import HealthEventReporter
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
    )
