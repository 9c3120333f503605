"""What a function answers to a batch is read as Lambda reads it."""

from typing import Any

import pytest

from appflow_gitops_local.delivery import failed_messages
from appflow_gitops_local.envelopes import Message

BATCH = [Message(name, "handle", "{}", {"ApproximateReceiveCount": "1"}, {}) for name in ("a", "b", "c")]
ALL = {"a", "b", "c"}


@pytest.mark.parametrize(
    ("answer", "failed"),
    [
        (None, set()),
        ({}, set()),
        ({"other": 1}, set()),
        ({"batchItemFailures": None}, set()),
        ({"batchItemFailures": []}, set()),
        ({"batchItemFailures": [{"itemIdentifier": "b"}]}, {"b"}),
        ({"batchItemFailures": [{"itemIdentifier": "b"}, {"itemIdentifier": "b"}]}, {"b"}),
        ({"batchItemFailures": [{"itemIdentifier": "unknown"}]}, ALL),
        ({"batchItemFailures": [{"itemIdentifier": ""}]}, ALL),
        ({"batchItemFailures": [{"itemIdentifier": None}]}, ALL),
        ({"batchItemFailures": [{"wrong": "b"}]}, ALL),
        ({"batchItemFailures": ["b"]}, ALL),
        ({"batchItemFailures": "b"}, ALL),
        ("text", ALL),
    ],
)
def test_a_partial_response_is_read_as_lambda_reads_it(answer: Any, failed: set[str]) -> None:
    assert failed_messages(answer, BATCH) == failed
