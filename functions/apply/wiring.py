"""The use case of ``apply`` with its ports, built once per execution environment."""

import os
import time
from functools import cache
from typing import TYPE_CHECKING, Literal

from appflow_gitops.aws import clients
from appflow_gitops.aws.appflow import AppFlowService
from appflow_gitops.aws.bus import EventBridgeBus
from appflow_gitops.aws.deadline import Deadline
from appflow_gitops.aws.documents import S3Documents, VersionCache
from appflow_gitops.aws.held_changes import S3HeldChanges, SqsReleaseTimer
from appflow_gitops.aws.queue import SqsChanges, SqsDeadLetters
from appflow_gitops.aws.takeovers import S3Takeovers
from appflow_gitops.status.reporter import StatusReporter
from appflow_gitops.sync.apply.applier import Applier
from appflow_gitops.sync.apply.attempts import Attempts
from appflow_gitops.sync.apply.holder import Holder
from appflow_gitops.sync.apply.reconcile import Reconciler
from appflow_gitops.sync.former_buckets import parse_former_buckets
from appflow_gitops.sync.stored_environment import StoredEnvironment
from apply.settings import ApplySettings

if TYPE_CHECKING:
    from appflow_gitops.sync.apply.field_gate import FieldGate

deadline = Deadline()
"""The time left for reading documents and changing flows; the handler sets it."""


@cache
def attempts() -> Attempts:
    """Read the settings and make the clients."""
    settings = ApplySettings.model_validate(dict(os.environ))
    storage = deadline.guard(clients.s3())
    documents = S3Documents(storage, VersionCache())
    flows = AppFlowService(deadline.guard(clients.appflow()))
    queues = clients.sqs()
    applier = Applier(
        reconciler=Reconciler(flows=flows, clock=time.time, may_create=settings.create_missing_flows),
        documents=documents,
        takeovers=S3Takeovers(storage, settings.documents_bucket),
        reporter=StatusReporter(EventBridgeBus(clients.events(), settings.event_bus_name)),
        holder=Holder(
            S3HeldChanges(storage, settings.documents_bucket),
            SqsReleaseTimer(queues, settings.release_timers_queue_url),
            time.time,
        ),
        environment=StoredEnvironment(
            documents,
            settings.documents_bucket,
            settings.stage,
            settings.require_policy,
            settings.paused,
        ).read_listed,
        former_buckets=parse_former_buckets(settings.former_buckets),
        fields=None if settings.check_fields == "off" else field_gate(settings.check_fields),
    )
    return Attempts(
        applier,
        SqsChanges(queues, settings.flow_changes_queue_url),
        SqsDeadLetters(queues, settings.dead_letter_queue_url),
        time.time,
        settings.max_attempts,
    )


def field_gate(check_fields: Literal["warn", "refuse"]) -> "FieldGate":
    """Build the check of fields. Its modules are imported only if the stack uses it."""
    from appflow_gitops.aws.connector_entities import AppFlowEntities  # noqa: PLC0415 - see the docstring
    from appflow_gitops.sync.apply.field_gate import FieldGate  # noqa: PLC0415
    from appflow_gitops.sync.field_check import FieldChecker  # noqa: PLC0415

    connectors = AppFlowEntities(deadline.guard(clients.appflow(clients.ONCE)))
    return FieldGate(FieldChecker(connectors, time.monotonic), refuses=check_fields == "refuse")
