"""The use case of ``intake`` with its ports, built once per execution environment."""

import os
import time
from dataclasses import replace
from functools import cache

from appflow_gitops.aws import clients
from appflow_gitops.aws.bus import EventBridgeBus
from appflow_gitops.aws.documents import S3Documents, VersionCache
from appflow_gitops.aws.held_changes import S3HeldChanges, SqsReleaseTimer
from appflow_gitops.aws.queue import SqsChanges, SqsFailedEvents
from appflow_gitops.aws.takeovers import S3Takeovers
from appflow_gitops.status.reporter import StatusReporter
from appflow_gitops.sync.intake.intake import Intake
from appflow_gitops.sync.intake.release import Releaser
from appflow_gitops.sync.stored_environment import StoredEnvironment
from appflow_gitops.sync.takeover import Takeovers
from intake.settings import IntakeSettings


@cache
def intake() -> Intake:
    """Read the settings and make the clients."""
    settings = IntakeSettings.model_validate(dict(os.environ))
    storage, queues = clients.s3(), clients.sqs()
    changes = SqsChanges(queues, settings.flow_changes_queue_url)
    documents = S3Documents(storage, VersionCache())
    environment = StoredEnvironment(
        documents, settings.documents_bucket, settings.stage, settings.require_policy
    )
    return Intake(
        releaser=Releaser(
            changes=S3HeldChanges(storage, settings.documents_bucket),
            timer=SqsReleaseTimer(queues, settings.release_timers_queue_url),
            queue=changes,
            environment=replace(environment, is_paused=settings.paused).read,
            clock=time.time,
        ),
        documents=documents,
        queue=changes,
        reporter=StatusReporter(EventBridgeBus(clients.events(), settings.event_bus_name)),
        clock=time.time,
        takeovers=Takeovers(S3Takeovers(storage, settings.documents_bucket), documents, environment.read),
        bucket=settings.documents_bucket,
        prefix=settings.documents_prefix,
        environment=environment.read,
    )


@cache
def dead_letters() -> SqsFailedEvents:
    """The queue of the events whose retries are exhausted."""
    settings = IntakeSettings.model_validate(dict(os.environ))
    return SqsFailedEvents(clients.sqs(), settings.events_dead_letter_queue_url)
