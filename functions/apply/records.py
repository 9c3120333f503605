"""SQS records: parsed into deliveries, and named in the response. The only module that knows their form.

See "Using Lambda with Amazon SQS" in the Lambda developer guide.
"""

from typing import Any

from pydantic import ValidationError

from appflow_gitops.sync.change import Change
from appflow_gitops.sync.delivery import Delivery
from appflow_gitops.sync.ports import DeadLetter

Record = dict[str, Any]


def parse_delivery(record: Record) -> Delivery | DeadLetter:
    """The delivery in a record, or the dead letter that a body becomes that is not a change."""
    attributes = record["attributes"]
    try:
        change = Change.model_validate_json(record["body"])
    except ValidationError:
        return DeadLetter(record["body"], attributes["MessageGroupId"], record["messageId"])
    return Delivery(
        change=change,
        attempt=int(attributes["ApproximateReceiveCount"]),
        sequence=attributes.get("SequenceNumber", ""),
    )


def batch_response(retried: list[Record]) -> dict[str, list[dict[str, str]]]:
    """The response by which Lambda deletes all messages of the batch but these."""
    return {"batchItemFailures": [{"itemIdentifier": record["messageId"]} for record in retried]}
