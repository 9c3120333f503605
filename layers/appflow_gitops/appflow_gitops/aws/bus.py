"""The event bus that status events are sent to: the port ``EventBus`` implemented with boto3."""

from typing import TYPE_CHECKING

from appflow_gitops.aws.errors import translated
from appflow_gitops.service import service
from appflow_gitops.status.bus import BusEvent
from appflow_gitops.status.envelope import SOURCE
from appflow_gitops.sync.errors import TransientError

if TYPE_CHECKING:
    from mypy_boto3_events import EventBridgeClient
    from mypy_boto3_events.type_defs import PutEventsRequestEntryTypeDef

ENTRY_ATTEMPTS = 3


@service
class EventBridgeBus:
    """Sends events to one bus."""

    client: "EventBridgeClient"
    name: str

    def publish(self, event: BusEvent) -> None:
        """Send the event. Raises ``SyncError``."""
        put_event(
            self.client,
            {
                "EventBusName": self.name,
                "Source": SOURCE,
                "DetailType": event.detail_type,
                "Detail": event.detail(),
                "Resources": list(event.resources),
            },
        )


def put_event(client: "EventBridgeClient", entry: "PutEventsRequestEntryTypeDef") -> str:
    """Send one event, retrying while the bus refuses it; return its id. Raises ``SyncError``."""
    code = ""
    for _ in range(ENTRY_ATTEMPTS):
        with translated():
            answer = client.put_events(Entries=[entry])
        if not answer["FailedEntryCount"]:
            return answer["Entries"][0]["EventId"]
        code = answer["Entries"][0].get("ErrorCode", "")
    raise TransientError(code or "EventRefused", "the event bus refused the event")
