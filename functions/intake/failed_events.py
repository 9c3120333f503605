"""Events that intake failed on for the last time, as Lambda keeps them. The only module that knows their form.

See "Capturing records of Lambda asynchronous invocations" in the Lambda developer guide.
"""

import json
from collections.abc import Iterator
from typing import Any

Event = dict[str, Any]


def queued_messages(event: Event) -> Iterator[str]:
    """The bodies of the messages, if the event is from the queue of failed events or that of the timers."""
    for record in event.get("Records", ()):
        if record.get("eventSource") == "aws:sqs":
            yield record["body"]


def failed_event(body: str) -> tuple[Event, str]:
    """The event that intake failed on, and why. Raises ValueError for another body."""
    match json.loads(body):
        case {"requestPayload": dict() as event, "responsePayload": {"errorMessage": str(cause)}}:
            return event, cause
        case {"requestPayload": dict() as event, "requestContext": {"condition": str(condition)}}:
            return event, condition
    raise ValueError("not the record of a failed event")
