"""Entries of CloudWatch log groups, page by page. ``status_log`` and ``apply_log`` read theirs with it."""

from collections.abc import Iterator
from typing import Any, Protocol

from appflow_gitops.aws.errors import translated


class LogReader(Protocol):
    """The part of boto3's CloudWatch Logs client that is used here."""

    def filter_log_events(self, **members: Any) -> Any:
        """FilterLogEvents."""
        ...


def log_entries(client: LogReader, group: str, start: float, **members: str) -> Iterator[Any]:
    """The entries since ``start`` (epoch seconds), oldest first in each log stream. Raises ``SyncError``.

    ``members`` are further members of FilterLogEvents.
    """
    following: dict[str, str] = {}
    while True:
        with translated():
            page = client.filter_log_events(
                logGroupName=group, startTime=int(start * 1000), **members, **following
            )
        yield from page.get("events", [])
        if not page.get("nextToken"):
            return
        following = {"nextToken": page["nextToken"]}
