"""Events in the form that functions receive on AWS, built from moto's state. Pure; called by ``delivery``.

moto's own events differ in details: S3's carry one constant id and sequencer and a few members in other
words. Sources: "Using EventBridge" in the Amazon S3 user guide, "Using Lambda with Amazon SQS" in the Lambda
developer guide.
"""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

_REASONS = {"ObjectCreated": "PutObject", "ObjectRemoved": "DeleteObject"}
"""moto's word -> S3's. moto does not distinguish a copy or a multipart upload from a put."""


@dataclass(frozen=True, slots=True)
class Message:
    """One message as received from a queue; ``attributes`` are SQS's own (``ApproximateReceiveCount`` and so
    on).
    """

    message_id: str
    receipt_handle: str
    body: str
    attributes: Mapping[str, str]
    message_attributes: Mapping[str, Mapping[str, Any]]

    @property
    def receive_count(self) -> int:
        """How often the message was received, this time included."""
        return int(self.attributes["ApproximateReceiveCount"])


def sqs_event(messages: Iterable[Message], queue_arn: str, region: str) -> dict[str, Any]:
    """The event with which Lambda hands a batch of a queue to a function."""
    return {
        "Records": [
            {
                "messageId": message.message_id,
                "receiptHandle": message.receipt_handle,
                "body": message.body,
                "attributes": dict(message.attributes),
                "messageAttributes": {
                    name: _message_attribute(value) for name, value in message.message_attributes.items()
                },
                "md5OfBody": hashlib.md5(message.body.encode(), usedforsecurity=False).hexdigest(),
                "eventSource": "aws:sqs",
                "eventSourceARN": queue_arn,
                "awsRegion": region,
            }
            for message in messages
        ]
    }


def _message_attribute(value: Mapping[str, Any]) -> dict[str, Any]:
    """A message attribute with its members in lower camel case, as Lambda spells them."""
    spelled = {name[0].lower() + name[1:]: member for name, member in value.items()}
    return {"stringListValues": [], "binaryListValues": [], **spelled}


def eventbridge_event(event: dict[str, Any], event_id: str, sequencer: str) -> dict[str, Any]:
    """An event as EventBridge would have delivered it.

    ``event_id`` and ``sequencer`` take the place of the constants in moto's S3 events; other events keep
    their id.
    """
    event = {name: member for name, member in event.items() if name != "ingestion-time"}
    if event.get("source") != "aws.s3":
        return event
    detail = dict(event["detail"])
    detail["object"] = _s3_object(detail["object"], sequencer)
    detail["reason"] = _REASONS.get(detail.get("reason", ""), detail.get("reason"))
    return {**event, "id": event_id, "detail": detail}


def _s3_object(described: Mapping[str, Any], sequencer: str) -> dict[str, Any]:
    """S3's words for an object: ``etag`` in lower case, no ``version-id`` where the bucket is not
    versioned.
    """
    renamed = {"etag" if name == "eTag" else name: member for name, member in described.items()}
    if renamed.get("version-id") in (None, "null"):
        renamed.pop("version-id", None)
    return {**renamed, "sequencer": sequencer}
