"""The flowStatus, and how the operations change it."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest

from integration.appflow.controls import Clock, control
from integration.appflow.requests import (
    ON_DEMAND,
    ON_EVENT,
    PROJECTION,
    Refusal,
    flow,
    refusal,
    scheduled,
)

if TYPE_CHECKING:
    from mypy_boto3_appflow import AppflowClient

WITH_ACTIVATION = pytest.mark.parametrize("trigger", [scheduled(), ON_EVENT], ids=["scheduled", "event"])


def status(appflow: "AppflowClient", name: str = "orders") -> str:
    return appflow.describe_flow(flowName=name)["flowStatus"]


@pytest.mark.parametrize(
    ("trigger", "expected"),
    [(ON_DEMAND, "Active"), (scheduled(), "Draft"), (ON_EVENT, "Draft")],
    ids=["on demand", "scheduled", "event"],
)
def test_a_new_flow_is_active_on_demand_and_a_draft_otherwise(
    appflow: "AppflowClient", trigger: dict[str, Any], expected: str
) -> None:
    answer = appflow.create_flow(**flow(triggerConfig=trigger))

    assert answer["flowStatus"] == expected == status(appflow)


def test_new_tasks_leave_an_on_demand_flow_active(appflow: "AppflowClient") -> None:
    appflow.create_flow(**flow())

    assert appflow.update_flow(**flow(tasks=[PROJECTION]))["flowStatus"] == "Active"


@WITH_ACTIVATION
def test_a_flow_whose_trigger_was_on_demand_becomes_a_draft(
    appflow: "AppflowClient", trigger: dict[str, Any]
) -> None:
    appflow.create_flow(**flow())

    assert appflow.update_flow(**flow(triggerConfig=trigger))["flowStatus"] == "Draft"
    assert status(appflow) == "Draft"


@WITH_ACTIVATION
def test_a_flow_that_becomes_on_demand_is_active(appflow: "AppflowClient", trigger: dict[str, Any]) -> None:
    appflow.create_flow(**flow(triggerConfig=trigger))

    assert appflow.update_flow(**flow())["flowStatus"] == "Active"


def test_a_draft_stays_one(appflow: "AppflowClient") -> None:
    appflow.create_flow(**flow(triggerConfig=scheduled()))

    assert appflow.update_flow(**flow(triggerConfig=scheduled("rate(2hours)")))["flowStatus"] == "Draft"


@pytest.mark.parametrize("switch", ["Active", "Draft"])
def test_an_active_schedule_probably_stays_active(
    appflow: "AppflowClient", behave: Callable[..., None], switch: str
) -> None:
    if switch != "Active":
        behave(updateOfActiveSchedule=switch)
    appflow.create_flow(**flow(triggerConfig=scheduled()))
    appflow.start_flow(flowName="orders")

    assert appflow.update_flow(**flow(triggerConfig=scheduled("rate(2hours)")))["flowStatus"] == switch


@pytest.mark.parametrize(
    ("live", "switch", "expected"),
    [
        ("Suspended", "keep", "Suspended"),
        ("Suspended", "Active", "Active"),
        ("Suspended", "Draft", "Draft"),
        ("Errored", "keep", "Errored"),
        ("Errored", "Active", "Active"),
        ("Errored", "Draft", "Draft"),
    ],
)
def test_what_an_update_does_to_an_inactive_flow_is_unknown_and_a_switch(
    appflow: "AppflowClient",
    clock: Clock,
    behave: Callable[..., None],
    *,
    live: str,
    switch: str,
    expected: str,
) -> None:
    behave(updateOfInactive=switch, deactivatedStatus=live, errorThreshold=1)
    appflow.create_flow(**flow(triggerConfig=scheduled()))
    appflow.start_flow(flowName="orders")
    control("POST", "runs", {"flowName": "orders", "status": "Error"})
    clock.forward(hours=1)
    assert status(appflow) == live

    answer = appflow.update_flow(**flow(triggerConfig=scheduled("rate(2hours)")))

    assert answer["flowStatus"] == expected


def test_starting_an_on_demand_flow_runs_it(appflow: "AppflowClient") -> None:
    appflow.create_flow(**flow())

    answer = appflow.start_flow(flowName="orders")

    assert (answer["flowStatus"], len(answer["executionId"])) == ("Active", 36)
    run = appflow.describe_flow(flowName="orders")["lastRunExecutionDetails"]
    assert run["mostRecentExecutionStatus"] == "Successful"


@WITH_ACTIVATION
def test_starting_any_other_flow_activates_it(appflow: "AppflowClient", trigger: dict[str, Any]) -> None:
    appflow.create_flow(**flow(triggerConfig=trigger))

    answer = appflow.start_flow(flowName="orders")

    assert answer["flowStatus"] == "Active" == status(appflow)
    assert "executionId" not in answer


@WITH_ACTIVATION
def test_stopping_suspends_until_the_next_start(appflow: "AppflowClient", trigger: dict[str, Any]) -> None:
    appflow.create_flow(**flow(triggerConfig=trigger))
    appflow.start_flow(flowName="orders")

    assert appflow.stop_flow(flowName="orders")["flowStatus"] == "Suspended" == status(appflow)
    assert appflow.start_flow(flowName="orders")["flowStatus"] == "Active"


def test_an_on_demand_flow_cannot_be_stopped(appflow: "AppflowClient") -> None:
    appflow.create_flow(**flow())

    assert refusal(appflow.stop_flow, flowName="orders")[:2] == ("UnsupportedOperationException", 400)
    assert status(appflow) == "Active"


def test_a_flow_can_be_updated_while_it_runs(
    appflow: "AppflowClient", clock: Clock, behave: Callable[..., None]
) -> None:
    behave(runSeconds=60)
    appflow.create_flow(**flow())
    appflow.start_flow(flowName="orders")

    appflow.update_flow(**flow(description="for later runs"))

    live = appflow.describe_flow(flowName="orders")
    assert (live["lastRunExecutionDetails"]["mostRecentExecutionStatus"], live["description"]) == (
        "InProgress",
        "for later runs",
    )
    clock.forward(seconds=60)
    run = appflow.list_flows()["flows"][0]["lastRunExecutionDetails"]
    assert run["mostRecentExecutionStatus"] == "Successful"


@WITH_ACTIVATION
def test_an_active_flow_is_deleted_only_with_force(appflow: "AppflowClient", trigger: dict[str, Any]) -> None:
    appflow.create_flow(**flow(triggerConfig=trigger))
    appflow.start_flow(flowName="orders")

    assert refusal(appflow.delete_flow, flowName="orders") == Refusal(
        "ConflictException",
        409,
        "Conflict executing request: Flow is in active state, "
        "please set forceDelete to true or deactivate the flow: orders",
    )
    appflow.delete_flow(flowName="orders", forceDelete=True)
    assert appflow.list_flows()["flows"] == []


@pytest.mark.parametrize("trigger", [ON_DEMAND, scheduled()], ids=["on demand", "draft"])
def test_other_flows_are_deleted_without_force(appflow: "AppflowClient", trigger: dict[str, Any]) -> None:
    appflow.create_flow(**flow(triggerConfig=trigger))

    appflow.delete_flow(flowName="orders")

    assert refusal(appflow.describe_flow, flowName="orders")[:2] == ("ResourceNotFoundException", 404)


def test_a_flow_name_is_unique(appflow: "AppflowClient") -> None:
    appflow.create_flow(**flow())

    assert refusal(appflow.create_flow, **flow()) == Refusal(
        "ConflictException", 409, "Conflict executing request: Flow with name orders already exists."
    )
