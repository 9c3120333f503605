"""The event bus that status events go to: the port ``StatusBus`` served with boto3."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from appflow_gitops.aws.errors import translated
from appflow_gitops.status.events import SOURCE, DriftEvent, StatusEvent
from appflow_gitops.sync.errors import TransientError

if TYPE_CHECKING:
    from mypy_boto3_events import EventBridgeClient
    from mypy_boto3_events.type_defs import PutEventsRequestEntryTypeDef

ENTRY_ATTEMPTS = 3


@dataclass(frozen=True, slots=True)
class EventBridgeBus:
    """Sends status events to one bus."""

    client: "EventBridgeClient"
    name: str

    def publish(self, events: Sequence[StatusEvent | DriftEvent]) -> None:
        """Send all of them. PutEvents may take some and refuse others: those alone are sent again."""
        for event in events:
            self._publish_one(event)

    def _publish_one(self, event: StatusEvent | DriftEvent) -> None:
        entry: PutEventsRequestEntryTypeDef = {
            "EventBusName": self.name,
            "Source": SOURCE,
            "DetailType": event.detail_type,
            "Detail": event.detail(),
            "Resources": list(event.resources),
        }
        code = ""
        for _ in range(ENTRY_ATTEMPTS):
            with translated():
                answer = self.client.put_events(Entries=[entry])
            if not answer["FailedEntryCount"]:
                return
            code = answer["Entries"][0].get("ErrorCode", "")
        raise TransientError(code or "EventRefused", "The bus did not take a status event.")
