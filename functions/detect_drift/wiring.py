"""The use case of ``detect_drift`` with its ports, built once per execution environment."""

import os
import time
from functools import cache
from typing import TYPE_CHECKING

from appflow_gitops.aws import clients
from appflow_gitops.aws.appflow import AppFlowService
from appflow_gitops.aws.bus import EventBridgeBus
from appflow_gitops.aws.deadline import Deadline
from appflow_gitops.aws.documents import S3Documents, VersionCache
from appflow_gitops.aws.held_changes import S3HeldChanges, SqsReleaseTimer
from appflow_gitops.aws.queue import SqsChanges, SqsFailedChanges
from appflow_gitops.aws.state_object import SCHEMA_KEY, S3StateObject
from appflow_gitops.status.drift import DriftEventReporter
from appflow_gitops.sync.drift.detector import DriftDetector
from appflow_gitops.sync.former_buckets import AdoptableFlows, parse_former_buckets
from appflow_gitops.sync.stored_environment import StoredEnvironment
from detect_drift.settings import DetectDriftSettings

if TYPE_CHECKING:
    from appflow_gitops.sync.schema_drift.detector import SchemaDriftDetector


deadline = Deadline()
"""The time left for describing the objects of connectors; the handler sets it."""


@cache
def detector() -> DriftDetector:
    """Read the settings and make the clients."""
    settings = DetectDriftSettings.model_validate(dict(os.environ))
    storage, queues = clients.s3(), clients.sqs()
    documents = S3Documents(storage, VersionCache())
    return DriftDetector(
        flows=AdoptableFlows(
            AppFlowService(clients.appflow()), parse_former_buckets(settings.former_buckets)
        ),
        documents=documents,
        queue=SqsChanges(queues, settings.flow_changes_queue_url),
        dead_letters=SqsFailedChanges(queues, dead) if (dead := settings.dead_letter_queue_url) else None,
        held=S3HeldChanges(storage, settings.documents_bucket),
        timer=SqsReleaseTimer(queues, settings.release_timers_queue_url),
        reporter=DriftEventReporter(EventBridgeBus(clients.events(), settings.event_bus_name)),
        state=S3StateObject(storage, settings.documents_bucket),
        environment=StoredEnvironment(
            documents, settings.documents_bucket, settings.stage, settings.require_policy
        ).read,
        clock=time.time,
        bucket=settings.documents_bucket,
        prefix=settings.documents_prefix,
        self_heal=settings.self_heal,
        change_at_most=settings.change_at_most,
    )


@cache
def schema_detector() -> "SchemaDriftDetector | None":
    """The use case that compares fields; ``None`` if the stack does not check them. Imported only if it does."""
    settings = DetectDriftSettings.model_validate(dict(os.environ))
    if settings.check_fields == "off":
        return None
    from appflow_gitops.aws.connector_entities import AppFlowEntities  # noqa: PLC0415 - see the docstring
    from appflow_gitops.status.schema_drift import SchemaDriftEventReporter  # noqa: PLC0415
    from appflow_gitops.sync.field_check import FieldChecker  # noqa: PLC0415
    from appflow_gitops.sync.schema_drift.detector import SchemaDriftDetector  # noqa: PLC0415

    return SchemaDriftDetector(
        FieldChecker(AppFlowEntities(deadline.guard(clients.appflow(clients.ONCE))), time.monotonic),
        SchemaDriftEventReporter(EventBridgeBus(clients.events(), settings.event_bus_name)),
        S3StateObject(clients.s3(), settings.documents_bucket, SCHEMA_KEY),
        time.time,
    )
