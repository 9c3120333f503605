"""Deliveries from SQS records. The only place that knows their form."""

from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord
from pydantic import ValidationError

from appflow_gitops.sync.change import Change
from appflow_gitops.sync.delivery import Delivery
from appflow_gitops.sync.errors import TransientError


def delivery(record: SQSRecord) -> Delivery:
    """The delivery in a record.

    Raises ``TransientError`` for a body that is no change: nobody knows what to report, so it ends in the dead
    letters, whose alarm tells.
    """
    try:
        change = Change.model_validate_json(record.body)
    except ValidationError as error:
        raise TransientError("InvalidMessage", f"{error.error_count()} members are not a change's.") from None
    return Delivery(
        change=change,
        attempt=int(record.attributes.approximate_receive_count),
        sequence=record.attributes.sequence_number or "",
    )
