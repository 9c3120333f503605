"""The functions read the policy and the variables from the bucket, as they are deployed."""

import json
from typing import Any

import pytest

from apply.handler import handler as apply
from fakes.flow_documents import orders, text
from intake.handler import handler as intake

from .conftest import Context, Deployment

KEY = "flows/sales/orders.json"


def drop(deployment: Deployment, key: str, content: str) -> None:
    """Store an object and let intake have its event."""
    stored = {"key": key, "version-id": deployment.drop(key, content.encode()), "etag": "x"}
    event: dict[str, Any] = {
        "id": "event",
        "time": "2026-03-02T08:20:00Z",
        "detail-type": "Object Created",
        "source": "aws.s3",
        "detail": {"bucket": {"name": deployment.bucket}, "object": stored},
    }
    context: Any = Context()
    intake(event, context)


def deliver(deployment: Deployment) -> list[dict[str, Any]]:
    """Let apply have what is queued; the data of the status events that come of it."""
    records = [
        {
            "messageId": str(number),
            "receiptHandle": "x",
            "body": json.dumps(body),
            "attributes": {"ApproximateReceiveCount": "1", "SequenceNumber": f"{number:020}"},
            "eventSource": "aws:sqs",
        }
        for number, body in enumerate(deployment.queued())
    ]
    context: Any = Context()
    assert apply({"Records": records}, context) == {"batchItemFailures": []}
    return deployment.told()


def test_a_document_is_held_to_the_policy_at_intake_and_when_it_is_applied(deployment: Deployment) -> None:
    drop(deployment, "policy.yaml", "documents: [{prefix: flows/sales/, flows: [sales-*]}]\n")
    drop(deployment, KEY, text(orders(flowName="hr-payroll")))
    [told] = deployment.told()
    assert (told["outcome"], told["findings"][0]["rule"]) == ("Rejected", "AFG301")
    drop(deployment, KEY, text(orders(flowName="sales-orders")))
    deployment.drop("policy.yaml", b"documents: []\n")
    [told] = deliver(deployment)
    assert (told["outcome"], told["findings"][0]["rule"]) == ("Rejected", "AFG301")


def test_a_broken_policy_is_told_when_it_is_dropped(deployment: Deployment) -> None:
    drop(deployment, "policy.yaml", "documents:\n- {prefix: sales}\n")
    [told] = deployment.told()
    assert {(one["rule"], one["pointer"], one["line"]) for one in told["findings"]} == {
        ("AFG311", "/documents/0/flows", 2),
        ("AFG311", "/documents/0/prefix", 2),
    }


def test_a_document_gets_the_variables_of_the_stage(
    deployment: Deployment, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("STAGE", "prod")
    drop(deployment, "variables/prod.yaml", "SHOP: Berlin\n")
    drop(deployment, KEY, text(orders(description="Orders of ${env.SHOP}")))
    [told] = deliver(deployment)
    assert told["outcome"] == "Applied"
    assert "Orders of Berlin" in [change["desired"] for change in told["changes"]]
