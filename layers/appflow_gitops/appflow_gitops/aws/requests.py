"""The command's requests: ``Flow Change Requested`` events on the stack's event bus."""

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from appflow_gitops.aws.bus import put_event
from appflow_gitops.origin import DocumentVersion
from appflow_gitops.sync.intake.request import REQUESTED

if TYPE_CHECKING:
    from mypy_boto3_events import EventBridgeClient

REQUESTER = "appflow-gitops.push"
"""The source of the command's requests. The rule for requests excludes the source of status events."""


@dataclass(frozen=True, slots=True)
class EventBridgeRequests:
    """Sends requests to one bus."""

    client: "EventBridgeClient"
    bus: str

    def request(self, document: DocumentVersion) -> str:
        """Request the latest version of the document; return the event's id, which is the request's identity."""
        return put_event(
            self.client,
            {
                "EventBusName": self.bus,
                "Source": REQUESTER,
                "DetailType": REQUESTED,
                "Detail": json.dumps({"document": {"bucket": document.bucket, "key": document.key}}),
            },
        )
