"""The last step of every change: its status event goes out. ``intake`` and ``apply`` both end here."""

from appflow_gitops.status.events import StatusEvent
from appflow_gitops.sync.errors import PermanentError, TransientError
from appflow_gitops.sync.ports import StatusBus


def report(event: StatusEvent, bus: StatusBus) -> StatusEvent:
    """Send the event and give it back.

    Raises ``TransientError`` whenever the bus does not take it, also when it refuses for good: a change is never done
    without a word, so it is tried again and then waits in the dead letters.
    """
    try:
        bus.publish([event])
    except PermanentError as error:
        raise TransientError(error.code, error.message) from error
    return event
