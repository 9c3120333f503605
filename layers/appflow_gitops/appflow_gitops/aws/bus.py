"""The stack's event bus: the port ``StatusBus`` served with boto3, and requests as the command sends them."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from appflow_gitops.aws.errors import translated
from appflow_gitops.origin import DocumentVersion
from appflow_gitops.status.events import SOURCE, StatusEvent
from appflow_gitops.sync.errors import TransientError
from appflow_gitops.sync.request import REQUESTED

if TYPE_CHECKING:
    from mypy_boto3_events import EventBridgeClient
    from mypy_boto3_events.type_defs import PutEventsRequestEntryTypeDef

ENTRY_ATTEMPTS = 3
REQUESTER = "appflow-gitops.push"
"""The source of the command's requests. One that is our own ``SOURCE`` would never reach intake."""


@dataclass(frozen=True, slots=True)
class EventBridgeBus:
    """Sends to one bus."""

    client: "EventBridgeClient"
    name: str

    def publish(self, events: Sequence[StatusEvent]) -> None:
        """Send all of them. PutEvents may take some and refuse others: those alone are sent again."""
        for event in events:
            self._sent(
                {
                    "EventBusName": self.name,
                    "Source": SOURCE,
                    "DetailType": event.detail_type,
                    "Detail": event.detail(),
                    "Resources": list(event.resources),
                }
            )

    def request(self, document: DocumentVersion) -> str:
        """Ask for the latest version of the document once more; the event's id, which is the request's identity."""
        return self._sent(
            {
                "EventBusName": self.name,
                "Source": REQUESTER,
                "DetailType": REQUESTED,
                "Detail": json.dumps({"document": {"bucket": document.bucket, "key": document.key}}),
            }
        )

    def _sent(self, entry: "PutEventsRequestEntryTypeDef") -> str:
        code = ""
        for _ in range(ENTRY_ATTEMPTS):
            with translated():
                answer = self.client.put_events(Entries=[entry])
            if not answer["FailedEntryCount"]:
                return answer["Entries"][0]["EventId"]
            code = answer["Entries"][0].get("ErrorCode", "")
        raise TransientError(code or "EventRefused", "The bus did not take the event.")
