"""The use case of ``intake`` with its ports, built once per execution environment."""

import os
import time
from functools import cache

from appflow_gitops.aws import clients
from appflow_gitops.aws.bus import EventBridgeBus
from appflow_gitops.aws.documents import S3Documents, VersionCache
from appflow_gitops.aws.queue import SqsChanges
from appflow_gitops.status.events import StatusReporter
from appflow_gitops.sync.intake.intake import Intake
from appflow_gitops.sync.stored_environment import StoredEnvironment
from intake.settings import IntakeSettings


@cache
def intake() -> Intake:
    """Read the settings and make the clients."""
    settings = IntakeSettings.model_validate(dict(os.environ))
    documents = S3Documents(clients.s3(), VersionCache())
    return Intake(
        documents=documents,
        queue=SqsChanges(clients.sqs(), settings.flow_changes_queue_url),
        reporter=StatusReporter(EventBridgeBus(clients.events(), settings.event_bus_name)),
        clock=time.time,
        bucket=settings.documents_bucket,
        prefix=settings.documents_prefix,
        environment=StoredEnvironment(documents, settings.documents_bucket, settings.stage).read,
    )
