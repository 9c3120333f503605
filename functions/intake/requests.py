"""Requests, parsed from the three kinds of events that reach intake. The only module that knows their forms.

They are read without a model. Sources: "Amazon S3 event message structure" and "Using EventBridge" in the Amazon S3
user guide, "Events" in the Amazon EventBridge user guide.
"""

from collections.abc import Iterator
from functools import partial
from typing import Any
from urllib.parse import unquote_plus

from appflow_gitops.origin import DocumentVersion
from appflow_gitops.sync.change import drop_identity
from appflow_gitops.sync.errors import PermanentError
from appflow_gitops.sync.intake.intake import IntakeRequest
from appflow_gitops.sync.intake.request import (
    REQUESTED,
    RUN_REQUESTED,
    parse_request,
    parse_run_request,
)

Event = dict[str, Any]

OBJECT_CREATED = "Object Created"
OBJECT_DELETED = "Object Deleted"
NO_VERSION = (None, "", "null")


def parse_requests(event: Event) -> Iterator[IntakeRequest]:
    """The requests in an event; none in an event of another kind."""
    if "Records" in event:
        yield from _notified(event["Records"])
    elif event.get("detail-type") in (OBJECT_CREATED, OBJECT_DELETED):
        yield _stored(event)
    elif event.get("detail-type") == REQUESTED:
        yield _requested(event)
    elif event.get("detail-type") == RUN_REQUESTED:
        yield _run_requested(event)


def _stored(event: Event) -> IntakeRequest:
    detail = event["detail"]
    stored = detail["object"]
    # EventBridge does not encode the key: decoding it would turn a "+" into a space.
    version = _version(detail["bucket"]["name"], stored["key"], stored.get("version-id"), stored.get("etag"))
    return IntakeRequest(
        identity=drop_identity(version, stored.get("sequencer")),
        event_id=event["id"],
        time=event["time"],
        document=version,
        deleted=event["detail-type"] == OBJECT_DELETED,
    )


def _notified(records: list[Event]) -> Iterator[IntakeRequest]:
    """The classic notification: several records, keys URL-encoded."""
    for record in records:
        if not record["eventName"].startswith("ObjectCreated"):
            continue
        bucket, stored = record["s3"]["bucket"], record["s3"]["object"]
        key = unquote_plus(stored["key"])
        version = _version(bucket["name"], key, stored.get("versionId"), stored.get("eTag"))
        identity = drop_identity(version, stored.get("sequencer"))
        yield IntakeRequest(
            identity=identity,
            event_id=record["responseElements"].get("x-amz-request-id", identity),
            time=record["eventTime"],
            document=version,
        )


def _requested(event: Event) -> IntakeRequest:
    request = _request_of(event)
    try:
        parsed = parse_request(event["detail"])
    except PermanentError as error:
        return request(document=error.detail)
    return request(
        document=parsed.document, provenance=parsed.provenance, force=parsed.force, mode=parsed.mode
    )


def _run_requested(event: Event) -> IntakeRequest:
    request = _request_of(event)
    try:
        parsed = parse_run_request(event["detail"])
    except PermanentError as error:
        return request(document=error.detail)
    return request(document=parsed, provenance=parsed.provenance)


def _request_of(event: Event) -> "partial[IntakeRequest]":
    """What every request has in common, without what is requested."""
    return partial(
        IntakeRequest, identity=event["id"], event_id=event["id"], time=event["time"], requested=True
    )


def _version(bucket: str, key: str, version_id: str | None, etag: str | None) -> DocumentVersion:
    return DocumentVersion(
        bucket=bucket, key=key, versionId=None if version_id in NO_VERSION else version_id, eTag=etag
    )
