"""What SQS, EventBridge and Lambda refuse and moto lets through. Pure; ``server`` asks before moto is asked.

Sources: SendMessage in the Amazon SQS API reference (characters of the two ids), PutEvents in the Amazon
EventBridge user guide (size of an entry and of a request).
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

_ID = re.compile(r"""[A-Za-z0-9!"#$%&'()*+,\-./:;<=>?@\[\\\]^_`{|}~]{1,128}""")
_PUT_EVENTS_BYTES = 256 * 1024


@dataclass(frozen=True, slots=True)
class Refusal:
    """An error answer: AWS's code and a sentence."""

    code: str
    message: str


def refusal(target: str, request: Mapping[str, Any]) -> Refusal | None:
    """Why the operation ``target`` (the X-Amz-Target header) would be refused on AWS; None when it is
    fine.
    """
    if target == "AmazonSQS.SendMessage":
        return _bad_ids([request])
    if target == "AmazonSQS.SendMessageBatch":
        return _bad_ids(request.get("Entries", []))
    if target == "AWSEvents.PutEvents":
        return _too_large(request.get("Entries", []))
    return None


def _bad_ids(messages: Iterable[Mapping[str, Any]]) -> Refusal | None:
    for message in messages:
        for member in ("MessageGroupId", "MessageDeduplicationId"):
            value = message.get(member)
            if value is not None and not _ID.fullmatch(value):
                return Refusal(
                    "InvalidParameterValue",
                    f"Value {value} for parameter {member} is invalid. Reason: {member} can only include "
                    "alphanumeric and punctuation characters. 1 to 128 in length.",
                )
    return None


def _too_large(entries: Iterable[Mapping[str, Any]]) -> Refusal | None:
    total = sum(entry_bytes(entry) for entry in entries)
    if total <= _PUT_EVENTS_BYTES:
        return None
    return Refusal(
        "ValidationException", f"Total size of the entries in the request is over the limit: {total} bytes."
    )


def entry_bytes(entry: Mapping[str, Any]) -> int:
    """The size of one PutEvents entry as EventBridge counts it."""
    texts = [
        entry.get("Source", ""),
        entry.get("DetailType", ""),
        entry.get("Detail", ""),
        *entry.get("Resources", []),
    ]
    return sum(len(text.encode()) for text in texts) + (14 if "Time" in entry else 0)
