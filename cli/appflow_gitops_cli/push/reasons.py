"""Why ``push --wait`` waits: the retries that apply logs for the flows of the pushed documents."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Protocol

from appflow_gitops.aws.apply_log import Retry
from appflow_gitops.quoting import quoted
from appflow_gitops.sync.errors import SyncError
from appflow_gitops_cli.push.tracking import StatusTracker

INTERVAL = 10.0
"""Seconds between two reads of the log."""
LOOK_BACK = 120.0
"""Seconds before the push: retries since then are still in progress."""


class RetryLog(Protocol):
    """The log of apply."""

    def retries(self, start: float) -> Iterator[Retry]:
        """The retries since ``start`` (epoch seconds)."""
        ...


@dataclass(slots=True)
class Reasons:
    """Reports each reason once. ``began`` is the time of the push, in epoch seconds.

    A log that cannot be read gives no reasons: the push does not depend on it.
    """

    log: RetryLog
    began: float
    reported: set[str] = field(default_factory=set)
    last_read: float = 0.0
    is_readable: bool = True

    def poll(self, tracker: StatusTracker, now: float) -> Iterator[str]:
        """Yield a line for each new reason, at most every ``INTERVAL`` seconds of ``now``."""
        if not self.is_readable or now - max(self.last_read, self.began) < INTERVAL:
            return
        self.last_read = now
        waiting = {flow: sent for sent in tracker.pending for flow in sent.document.flows}
        ours = {id_ for sent in (*tracker.sent, *tracker.again.values()) for id_ in sent.status_ids}
        try:
            found = [retry for retry in self.log.retries(self.began - LOOK_BACK) if retry.flow in waiting]
        except SyncError:
            self.is_readable = False
            return
        for retry in found:
            change = "its change" if retry.change in ours else "an earlier change of this flow"
            reason = f"waiting for {quoted(retry.flow)}: {change} is being retried: {retry.code}"
            if reason not in self.reported:
                self.reported.add(reason)
                yield reason
