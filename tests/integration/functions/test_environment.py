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
    """Let apply carry out what is queued; the data of its status events."""
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
    return deployment.reported()


def test_the_policy_binds_a_document_at_intake_and_again_when_it_is_applied(deployment: Deployment) -> None:
    drop(deployment, "policy.yaml", "documents: [{prefix: flows/sales/, flows: [sales-*]}]\n")
    drop(deployment, KEY, text(orders(flowName="hr-payroll")))
    [reported] = deployment.reported()
    assert (reported["outcome"], reported["findings"][0]["rule"]) == ("Rejected", "AFG301")
    drop(deployment, KEY, text(orders(flowName="sales-orders")))
    deployment.drop("policy.yaml", b"documents: []\n")
    [reported] = deliver(deployment)
    assert (reported["outcome"], reported["findings"][0]["rule"]) == ("Rejected", "AFG301")


def test_a_broken_policy_is_reported_when_it_is_dropped(deployment: Deployment) -> None:
    drop(deployment, "policy.yaml", "documents:\n- {prefix: sales}\n")
    [reported] = deployment.reported()
    assert {(one["rule"], one["pointer"], one["line"]) for one in reported["findings"]} == {
        ("AFG311", "/documents/0/flows", 2),
        ("AFG311", "/documents/0/prefix", 2),
    }


def test_a_document_gets_the_variables_of_the_environment(
    deployment: Deployment, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("STAGE", "prod")
    drop(deployment, "variables/prod.yaml", "SHOP: Berlin\n")
    drop(deployment, KEY, text(orders(description="Orders of ${env.SHOP}")))
    [reported] = deliver(deployment)
    assert reported["outcome"] == "Applied"
    assert "Orders of Berlin" in [change["desired"] for change in reported["changes"]]


@pytest.mark.parametrize(("required", "outcome"), [("true", "Rejected"), ("false", "Applied")])
def test_a_stack_that_requires_a_policy_applies_nothing_without_one(
    deployment: Deployment, monkeypatch: pytest.MonkeyPatch, required: str, outcome: str
) -> None:
    monkeypatch.setenv("REQUIRE_POLICY", required)
    drop(deployment, KEY, text(orders(description="changed")))
    [reported] = deliver(deployment) if outcome == "Applied" else deployment.reported()
    assert reported["outcome"] == outcome
    assert [one["rule"] for one in reported.get("findings", ())] == ["AFG313"] * (required == "true")
