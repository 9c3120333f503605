"""Deliveries from the records of an SQS event. The only place that knows their form."""

from typing import Any

from pydantic import ValidationError

from appflow_gitops.sync.apply.delivery import Delivery
from appflow_gitops.sync.change import Change
from appflow_gitops.sync.errors import TransientError

Record = dict[str, Any]
"""As "Using Lambda with Amazon SQS" in the Lambda developer guide has it."""


def delivery(record: Record) -> Delivery:
    """The delivery in a record.

    Raises ``TransientError`` for a body that is no change: nobody knows what to report, so it ends in the dead
    letters, whose alarm tells.
    """
    try:
        change = Change.model_validate_json(record["body"])
    except ValidationError as error:
        raise TransientError("InvalidMessage", f"{error.error_count()} members are not a change's.") from None
    attributes = record["attributes"]
    return Delivery(
        change=change,
        attempt=int(attributes["ApproximateReceiveCount"]),
        sequence=attributes.get("SequenceNumber", ""),
    )


def coming_back(records: list[Record]) -> dict[str, list[dict[str, str]]]:
    """The answer by which Lambda deletes all messages of the batch but these."""
    return {"batchItemFailures": [{"itemIdentifier": record["messageId"]} for record in records]}
