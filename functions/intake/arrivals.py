"""Arrivals from the three kinds of events that reach intake. The only place that knows their forms."""

from collections.abc import Iterator
from functools import partial
from typing import Any
from urllib.parse import unquote_plus

from appflow_gitops.origin import DocumentVersion
from appflow_gitops.status.events import StatusError
from appflow_gitops.sync.errors import PermanentError
from appflow_gitops.sync.intake import Arrival
from appflow_gitops.sync.request import parse_request

OBJECT_CREATED = "Object Created"
REQUESTED = "Flow Change Requested"
Event = dict[str, Any]
NO_VERSION = (None, "", "null")


def arrivals(event: Event) -> Iterator[Arrival]:
    """The arrivals in an event; none in one that is not ours to handle."""
    if "Records" in event:
        yield from _notified(event["Records"])
    elif event.get("detail-type") == OBJECT_CREATED:
        yield _created(event)
    elif event.get("detail-type") == REQUESTED:
        yield _requested(event)


def _created(event: Event) -> Arrival:
    """EventBridge's event, with the key as it is."""
    bucket, stored = event["detail"]["bucket"], event["detail"]["object"]
    version = _version(bucket["name"], stored["key"], stored.get("version-id"), stored.get("etag"))
    return Arrival(
        identity=_identity(version, stored.get("sequencer")),
        event_id=event["id"],
        time=event["time"],
        document=version,
    )


def _notified(records: list[Event]) -> Iterator[Arrival]:
    """The classic notification: several records, keys URL-encoded."""
    for record in records:
        if not record["eventName"].startswith("ObjectCreated"):
            continue
        bucket, stored = record["s3"]["bucket"], record["s3"]["object"]
        key = unquote_plus(stored["key"])
        version = _version(bucket["name"], key, stored.get("versionId"), stored.get("eTag"))
        identity = _identity(version, stored.get("sequencer"))
        yield Arrival(
            identity=identity,
            event_id=record.get("responseElements", {}).get("x-amz-request-id", identity),
            time=record["eventTime"],
            document=version,
        )


def _requested(event: Event) -> Arrival:
    asked = partial(Arrival, identity=event["id"], event_id=event["id"], time=event["time"], requested=True)
    try:
        request = parse_request(event["detail"])
    except PermanentError as error:
        return asked(document=StatusError(code=error.code, message=error.message))
    return asked(
        document=request.document, provenance=request.provenance, force=request.force, mode=request.mode
    )


def _version(bucket: str, key: str, version_id: str | None, etag: str | None) -> DocumentVersion:
    return DocumentVersion(
        bucket=bucket, key=key, versionId=None if version_id in NO_VERSION else version_id, eTag=etag
    )


def _identity(version: DocumentVersion, sequencer: str | None) -> str:
    """What is the same whenever this event comes again.

    Without versions, the same content dropped again has the same ETag; the sequencer tells the two drops apart.
    """
    label = version.versionId or f"{version.eTag}#{sequencer}"
    return f"{version.uri}@{label}"
