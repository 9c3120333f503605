"""SQS records: parsed into deliveries, and named in the response. The only module that knows their form.

See "Using Lambda with Amazon SQS" in the Lambda developer guide.
"""

from typing import Any

from pydantic import ValidationError

from appflow_gitops.sync.change import Change
from appflow_gitops.sync.delivery import Delivery
from appflow_gitops.sync.errors import TransientError

Record = dict[str, Any]


def parse_delivery(record: Record) -> Delivery:
    """The delivery in a record.

    Raises ``TransientError`` for a body that is not a change. It has no change to report an outcome for, so the
    message ends in the dead-letter queue, which has an alarm.
    """
    try:
        change = Change.model_validate_json(record["body"])
    except ValidationError as error:
        raise TransientError(
            "InvalidMessage", f"not a change: {error.error_count()} invalid members"
        ) from None
    attributes = record["attributes"]
    return Delivery(
        change=change,
        attempt=int(attributes["ApproximateReceiveCount"]),
        sequence=attributes.get("SequenceNumber", ""),
    )


def batch_response(retried: list[Record]) -> dict[str, list[dict[str, str]]]:
    """The response by which Lambda deletes all messages of the batch but these."""
    return {"batchItemFailures": [{"itemIdentifier": record["messageId"]} for record in retried]}
