"""P9 with real processes: killed right after any single call to AWS, and then retried.

``tests/unit/sync/test_crashes.py`` does the same with fakes, in more scenarios.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest

from appflow_gitops.flows.ownership import Ownership
from fakes.flow_documents import orders, scheduled, text

from .conftest import BUCKET, Cloud, Worker

KEY = "flows/orders.json"


@dataclass(frozen=True)
class Scenario:
    """The live flow, the document, the number of calls of intake and apply, and the outcome."""

    prepare: Callable[[Cloud, Worker], None]
    document: str
    intake: int
    apply: int
    updates: int = 1
    outcome: str = "Applied"
    status: str = "Active"
    flows: tuple[str, ...] = ("orders",)


def nothing(cloud: Cloud, worker: Worker) -> None:
    pass


def on_demand(cloud: Cloud, _: Worker) -> None:
    cloud.appflow.create_flow(orders(description="before"))


def in_sync(cloud: Cloud, worker: Worker) -> None:
    on_demand(cloud, worker)
    see_through(cloud, worker, cloud.drop(KEY, text(orders()) + "\n"))


def two_flows(cloud: Cloud, worker: Worker) -> None:
    on_demand(cloud, worker)
    cloud.appflow.create_flow(orders(flowName="returns", description="before"))


SCENARIOS = {
    "update": Scenario(on_demand, text(orders()), 3, 8),
    "on demand becomes scheduled": Scenario(on_demand, text(scheduled(flowStatus="Active")), 3, 9),
    "create and activate": Scenario(nothing, text(scheduled(flowStatus="Active")), 3, 8),
    "unchanged": Scenario(in_sync, text(orders()), 3, 5, updates=0, outcome="Unchanged"),
    "rejected": Scenario(on_demand, "{", 3, 0, updates=0, outcome="Rejected"),
    "two flows": Scenario(
        two_flows,
        f"[{text(orders())}, {text(orders(flowName='returns'))}]",
        3,
        16,
        updates=2,
        flows=("orders", "returns"),
    ),
}


def see_through(
    cloud: Cloud,
    worker: Worker,
    event: dict[str, Any],
    *,
    intake: int | None = None,
    apply: int | None = None,
) -> list[str]:
    """Intake and apply; ``intake`` or ``apply`` dies after that call, then both are retried. The calls made."""
    answer = worker.carry_out("intake", event, intake)
    if answer.get("died"):
        answer = worker.carry_out("intake", event)
    calls = [*answer["calls"]]
    batch = cloud.batch()
    if batch["Records"]:
        answer = worker.carry_out("apply", batch, apply)
        if answer.get("died"):
            for record in batch["Records"]:
                record["attributes"]["ApproximateReceiveCount"] = "2"
            answer = worker.carry_out("apply", batch)
        assert answer["answer"] == {"batchItemFailures": []}
        calls += answer["calls"]
        for record in batch["Records"]:
            cloud.sqs.delete_message(QueueUrl=cloud.queue_url, ReceiptHandle=record["receiptHandle"])
    return calls


@pytest.mark.parametrize("name", SCENARIOS)
def test_the_scenario_makes_as_many_calls_as_are_crashed_below(
    cloud: Cloud, worker: Worker, name: str
) -> None:
    scenario = SCENARIOS[name]
    scenario.prepare(cloud, worker)
    calls = see_through(cloud, worker, cloud.drop(KEY, scenario.document))
    assert len(calls) == scenario.intake + scenario.apply


@pytest.mark.parametrize(
    ("name", "function", "call"),
    [
        (name, function, call + 1)
        for name, scenario in SCENARIOS.items()
        for function, calls in (("intake", scenario.intake), ("apply", scenario.apply))
        for call in range(calls)
    ],
)
def test_p9_a_process_killed_after_this_call_loses_nothing_and_repeats_no_update(
    cloud: Cloud, worker: Worker, name: str, function: str, call: int
) -> None:
    scenario = SCENARIOS[name]
    scenario.prepare(cloud, worker)
    cloud.reported()
    cloud.appflow.calls.clear()
    see_through(cloud, worker, cloud.drop(KEY, scenario.document), **{function: call})
    sent = [
        made.client_token
        for made in cloud.appflow.calls.recent()
        if made.operation in {"UpdateFlow", "CreateFlow"}
    ]
    assert len(set(sent)) == len(sent) == scenario.updates
    reported = cloud.reported()
    assert {detail["data"]["outcome"] for detail in reported} == {scenario.outcome}
    assert len({detail["metadata"]["id"] for detail in reported}) == len(scenario.flows)
    for flow in scenario.flows:
        live = cloud.appflow.flows[flow]
        assert live.status == scenario.status
        assert live.runs == []
        if scenario.outcome != "Rejected":
            assert live.definition.members["description"] == "Orders of the shop"
            assert Ownership.of(live.tags).document == f"s3://{BUCKET}/{KEY}"
