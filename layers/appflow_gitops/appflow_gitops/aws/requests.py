"""The command's requests: ``Flow Change Requested`` and ``Flow Repairs Confirmed`` events on the stack's event bus."""

import json
from typing import TYPE_CHECKING

from appflow_gitops.aws.bus import put_event
from appflow_gitops.origin import DocumentVersion
from appflow_gitops.service import service
from appflow_gitops.sync.drift.limit import CONFIRMED
from appflow_gitops.sync.intake.request import REQUESTED

if TYPE_CHECKING:
    from mypy_boto3_events import EventBridgeClient

REQUESTER = "appflow-gitops.push"
"""The source of the command's requests. The rule for requests excludes the source of status events."""


@service
class EventBridgeRequests:
    """Sends requests to one bus."""

    client: "EventBridgeClient"
    bus: str

    def request(self, document: DocumentVersion) -> str:
        """Request the latest version of the document; return the event's id, which is the request's identity."""
        return self._send(REQUESTED, {"document": {"bucket": document.bucket, "key": document.key}})

    def confirm(self, confirmation: str) -> str:
        """Confirm repairs that exceed the limit; return the event's id."""
        return self._send(CONFIRMED, {"confirmation": confirmation})

    def _send(self, detail_type: str, detail: object) -> str:
        return put_event(
            self.client,
            {
                "EventBusName": self.bus,
                "Source": REQUESTER,
                "DetailType": detail_type,
                "Detail": json.dumps(detail),
            },
        )
