"""Events of deletions in versioned buckets, which S3 sends and moto does not."""

from collections.abc import Iterator
from contextlib import contextmanager
from types import SimpleNamespace
from unittest.mock import patch

from moto.s3 import notifications
from moto.s3.models import FakeDeleteMarker, S3Backend

_CREATED = notifications.S3NotificationEvent.OBJECT_REMOVED_DELETE_MARKER_CREATED_EVENT


@contextmanager
def deletion_events() -> Iterator[None]:
    """Send an event for every delete marker, as moto does for the deletion of an object without versions."""
    create = S3Backend._set_delete_marker  # noqa: SLF001 - moto has no hook for it

    def create_and_notify(backend: S3Backend, bucket_name: str, key_name: str) -> FakeDeleteMarker:
        marker = create(backend, bucket_name, key_name)
        described = SimpleNamespace(name=key_name, size=0, etag="", version_id=marker.version_id)
        notifications.send_event(backend.account_id, _CREATED, backend.get_bucket(bucket_name), described)
        return marker

    with patch.object(S3Backend, "_set_delete_marker", create_and_notify):
        yield
