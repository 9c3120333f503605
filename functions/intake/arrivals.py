"""Arrivals from the three kinds of events that reach intake. The only place that knows their forms."""

from collections.abc import Iterator
from functools import partial
from typing import Any
from urllib.parse import unquote_plus

from aws_lambda_powertools.utilities.data_classes import (
    EventBridgeEvent,
    S3Event,
    S3EventBridgeNotificationEvent,
)

from appflow_gitops.origin import DocumentVersion
from appflow_gitops.status.events import StatusError
from appflow_gitops.sync.change import drop_identity
from appflow_gitops.sync.errors import PermanentError
from appflow_gitops.sync.intake import Arrival
from appflow_gitops.sync.request import REQUESTED, parse_request

OBJECT_CREATED = "Object Created"
NO_VERSION = (None, "", "null")


def arrivals(event: dict[str, Any]) -> Iterator[Arrival]:
    """The arrivals in an event; none in one that is not ours to handle."""
    if "Records" in event:
        yield from _notified(S3Event(event))
    elif event.get("detail-type") == OBJECT_CREATED:
        yield _created(S3EventBridgeNotificationEvent(event))
    elif event.get("detail-type") == REQUESTED:
        yield _requested(EventBridgeEvent(event))


def _created(event: S3EventBridgeNotificationEvent) -> Arrival:
    stored = event.detail.object
    # EventBridge gives the key as it is; `stored.key` would decode it and turn a "+" into a space.
    version = _version(event.detail.bucket.name, stored["key"], stored.get("version-id"), stored.get("etag"))
    return Arrival(
        identity=drop_identity(version, stored.get("sequencer")),
        event_id=event.get_id,
        time=event.time,
        document=version,
    )


def _notified(event: S3Event) -> Iterator[Arrival]:
    """The classic notification: several records, keys URL-encoded."""
    for record in event.records:
        if not record.event_name.startswith("ObjectCreated"):
            continue
        stored = record.s3.get_object
        key = unquote_plus(stored["key"])
        version = _version(record.s3.bucket.name, key, stored.version_id, stored.get("eTag"))
        identity = drop_identity(version, stored.get("sequencer"))
        yield Arrival(
            identity=identity,
            event_id=record.response_elements.get("x-amz-request-id", identity),
            time=record.event_time,
            document=version,
        )


def _requested(event: EventBridgeEvent) -> Arrival:
    asked = partial(Arrival, identity=event.get_id, event_id=event.get_id, time=event.time, requested=True)
    try:
        request = parse_request(event.detail)
    except PermanentError as error:
        return asked(document=StatusError(code=error.code, message=error.message))
    return asked(
        document=request.document, provenance=request.provenance, force=request.force, mode=request.mode
    )


def _version(bucket: str, key: str, version_id: str | None, etag: str | None) -> DocumentVersion:
    return DocumentVersion(
        bucket=bucket, key=key, versionId=None if version_id in NO_VERSION else version_id, eTag=etag
    )
