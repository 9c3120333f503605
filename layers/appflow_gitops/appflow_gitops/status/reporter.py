"""Status events of outcomes, sent to the bus. Their form is imported with the first one: a start gets faster by it."""

from appflow_gitops.service import service
from appflow_gitops.status.bus import EventBus
from appflow_gitops.sync.errors import PermanentError, TransientError
from appflow_gitops.sync.outcome import OutcomeReport


@service
class StatusReporter:
    """Implements ``OutcomeReporter``: sends a status event for each outcome."""

    bus: EventBus

    def report(self, report: OutcomeReport) -> None:
        """Send the status event. Raises ``TransientError`` when the bus does not accept it, for whatever reason."""
        from appflow_gitops.status.events import render_outcome  # noqa: PLC0415 - deferred, see the module docstring

        try:
            self.bus.publish(render_outcome(report))
        except PermanentError as error:
            raise TransientError(error.code, error.message) from error
