"""Runs: their records, schedules, outcomes and the deactivation after failures."""

from collections.abc import Callable
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from integration.appflow.controls import NOON, Clock, control, reset
from integration.appflow.requests import ON_EVENT, destination, flow, refusal, scheduled, source

if TYPE_CHECKING:
    from mypy_boto3_appflow import AppflowClient

Switch = Callable[..., None]


def script(**outcome: Any) -> None:
    status, answer = control("POST", "runs", {"flowName": "orders", **outcome})
    assert status == 200, answer


def records(appflow: "AppflowClient", name: str = "orders") -> list[Any]:
    return list(appflow.describe_flow_execution_records(flowName=name, maxResults=100)["flowExecutions"])


def statuses(appflow: "AppflowClient") -> list[str]:
    """The executionStatus of every run, oldest first."""
    return [record["executionStatus"] for record in records(appflow)][::-1]


def activate(appflow: "AppflowClient", expression: str = "rate(1hours)", **schedule: Any) -> None:
    appflow.create_flow(**flow(triggerConfig=scheduled(expression, **schedule)))
    appflow.start_flow(flowName="orders")


def test_a_run_on_demand_has_a_record(appflow: "AppflowClient", clock: Clock) -> None:
    appflow.create_flow(**flow())
    script(records=3, bytes=700)

    started = appflow.start_flow(flowName="orders")["executionId"]

    assert records(appflow) == [
        {
            "executionId": started,
            "executionStatus": "Successful",
            "executionResult": {"bytesProcessed": 700, "bytesWritten": 700, "recordsProcessed": 3},
            "startedAt": clock(),
            "lastUpdatedAt": clock(),
        }
    ]


def test_a_failed_run_has_a_message(appflow: "AppflowClient") -> None:
    appflow.create_flow(**flow())
    script(status="Error", message="The source is not reachable.", putFailures=2, records=3, bytes=700)

    appflow.start_flow(flowName="orders")

    (record,) = records(appflow)
    assert (record["executionResult"]["bytesProcessed"], record["executionResult"]["bytesWritten"]) == (
        700,
        0,
    )
    assert record["executionStatus"] == "Error"
    error = {"executionMessage": "The source is not reachable.", "putFailuresCount": 2}
    assert record["executionResult"]["errorInfo"] == error
    last = appflow.list_flows()["flows"][0]["lastRunExecutionDetails"]
    assert last["mostRecentExecutionMessage"] == "The source is not reachable."


def test_outcomes_apply_to_as_many_runs_as_they_say(appflow: "AppflowClient") -> None:
    appflow.create_flow(**flow())
    script(status="Error", times=2)

    for _ in range(3):
        appflow.start_flow(flowName="orders")

    assert statuses(appflow) == ["Error", "Error", "Successful"]
    assert control("GET", "runs")[1] == {"runs": []}


def test_an_outcome_without_a_flow_applies_to_any(appflow: "AppflowClient") -> None:
    appflow.create_flow(**flow())
    control("POST", "runs", {"status": "Error", "times": None})

    appflow.start_flow(flowName="orders")

    assert statuses(appflow) == ["Error"]
    assert control("DELETE", "runs") == (200, {"runs": []})


@pytest.mark.parametrize(
    "outcome",
    [
        {"status": "Failed"},
        {"records": "3"},
        {"records": -1},
        {"recrods": 3},
        {"times": 0},
        {"seconds": 1e300},
        [],
    ],
    ids=["status", "type", "negative", "name", "never", "duration", "list"],
)
@pytest.mark.usefixtures("appflow")
def test_an_invalid_outcome_is_rejected(outcome: Any) -> None:
    status, answer = control("POST", "runs", outcome)

    assert (status, list(answer)) == (400, ["message"])


def test_records_are_listed_newest_first_in_pages_of_twenty(appflow: "AppflowClient") -> None:
    appflow.create_flow(**flow())
    ids = [appflow.start_flow(flowName="orders")["executionId"] for _ in range(21)]

    first = appflow.describe_flow_execution_records(flowName="orders")
    second = appflow.describe_flow_execution_records(flowName="orders", nextToken=first["nextToken"])

    shown = [record["executionId"] for record in first["flowExecutions"] + second["flowExecutions"]]
    assert (len(first["flowExecutions"]), shown) == (20, ids[::-1])


def test_a_run_takes_its_time(appflow: "AppflowClient", clock: Clock, behave: Switch) -> None:
    behave(runSeconds=60)
    appflow.create_flow(**flow())
    appflow.start_flow(flowName="orders")
    assert statuses(appflow) == ["InProgress"]
    assert "executionResult" not in records(appflow)[0]

    clock.forward(seconds=60)

    assert statuses(appflow) == ["Successful"]
    assert records(appflow)[0]["lastUpdatedAt"] == clock()


def test_runs_in_progress_are_canceled(appflow: "AppflowClient", clock: Clock, behave: Switch) -> None:
    behave(cancelSeconds=30)
    appflow.create_flow(**flow())
    finished = appflow.start_flow(flowName="orders")["executionId"]
    script(status="InProgress")
    hanging = appflow.start_flow(flowName="orders")["executionId"]
    clock.forward(hours=1)

    answer = appflow.cancel_flow_executions(flowName="orders", executionIds=[hanging, finished, "unknown"])

    assert answer["invalidExecutions"] == [finished, "unknown"]
    assert statuses(appflow) == ["Successful", "CancelStarted"]
    again = appflow.cancel_flow_executions(flowName="orders", executionIds=[hanging])
    assert again["invalidExecutions"] == [hanging]
    clock.forward(seconds=30)
    assert statuses(appflow) == ["Successful", "Canceled"]


def test_all_runs_are_canceled_without_ids(appflow: "AppflowClient") -> None:
    appflow.create_flow(**flow())
    script(status="InProgress", times=2)
    for _ in range(2):
        appflow.start_flow(flowName="orders")

    assert appflow.cancel_flow_executions(flowName="orders")["invalidExecutions"] == []
    assert statuses(appflow) == ["Canceled", "Canceled"]


def test_scheduled_runs_happen_as_the_clock_moves(appflow: "AppflowClient", clock: Clock) -> None:
    appflow.create_flow(**flow(triggerConfig=scheduled("rate(1hours)")))
    clock.forward(hours=5)
    assert records(appflow) == [], "a draft does not run"
    appflow.start_flow(flowName="orders")
    activated = clock()

    clock.forward(hours=3)

    assert [record["startedAt"] for record in records(appflow)][::-1] == [
        activated + timedelta(hours=hour) for hour in (1, 2, 3)
    ]


def test_a_schedule_starts_and_ends_when_it_says(appflow: "AppflowClient", clock: Clock) -> None:
    start, end = clock() + timedelta(minutes=10), clock() + timedelta(minutes=40)
    activate(
        appflow,
        "rate(15minutes)",
        scheduleStartTime=int(start.timestamp()),
        scheduleEndTime=int(end.timestamp()),
    )

    clock.forward(hours=2)

    starts = [record["startedAt"] for record in records(appflow)][::-1]
    assert starts == [start, start + timedelta(minutes=15), end]


@pytest.mark.parametrize(
    ("expression", "hours"),
    [
        ("cron(0 13,15 * * ? *)", [1, 3]),
        ("cron(0 0/6 ? * MON-FRI *)", [12, 18]),
        ("cron(0 14 2 3 ? 2026)", [26]),
    ],
)
def test_cron_schedules_are_due_in_utc(
    appflow: "AppflowClient", clock: Clock, expression: str, hours: list[int]
) -> None:
    noon = clock()  # of a Sunday
    activate(appflow, expression)

    for _ in range(27):
        clock.forward(hours=1)

    starts = [record["startedAt"] for record in records(appflow)][::-1]
    assert starts[: len(hours)] == [noon + timedelta(hours=hour) for hour in hours]


def test_a_cron_schedule_is_not_due_before_its_start(appflow: "AppflowClient", clock: Clock) -> None:
    start = clock() + timedelta(hours=2)
    activate(appflow, "cron(0 * * * ? *)", scheduleStartTime=int(start.timestamp()))

    clock.forward(hours=3)

    assert [record["startedAt"] for record in records(appflow)][::-1] == [start, start + timedelta(hours=1)]


@pytest.mark.parametrize("expression", ["hourly", "cron(99 * * * ? *)", "cron(1)"])
def test_a_schedule_that_cannot_be_read_never_runs(
    appflow: "AppflowClient", clock: Clock, expression: str
) -> None:
    activate(appflow, expression)

    clock.forward(days=2)

    assert records(appflow) == []


@pytest.mark.parametrize("stop", [True, False], ids=["stopped", "deleted and created"])
def test_a_stopped_schedule_does_not_run(appflow: "AppflowClient", clock: Clock, stop: bool) -> None:
    activate(appflow)
    if stop:
        appflow.stop_flow(flowName="orders")
    else:
        appflow.delete_flow(flowName="orders", forceDelete=True)
        appflow.create_flow(**flow(triggerConfig=scheduled()))

    clock.forward(hours=3)

    assert records(appflow) == []


def test_starting_an_active_schedule_again_does_not_move_it(appflow: "AppflowClient", clock: Clock) -> None:
    activate(appflow)
    activated = clock()
    clock.forward(minutes=40)

    appflow.start_flow(flowName="orders")

    clock.forward(minutes=40)
    assert [record["startedAt"] for record in records(appflow)] == [activated + timedelta(hours=1)]


def test_an_updated_schedule_is_used_at_once(appflow: "AppflowClient", clock: Clock) -> None:
    activate(appflow, "rate(1days)")

    appflow.update_flow(**flow(triggerConfig=scheduled("rate(1hours)")))

    clock.forward(hours=2)
    assert len(records(appflow)) == 2


def test_incremental_runs_pull_from_the_last_successful_one(appflow: "AppflowClient", clock: Clock) -> None:
    activate(appflow, dataPullMode="Incremental", scheduleOffset=300)
    activated, offset = clock(), timedelta(seconds=300)
    clock.forward(hours=1)
    script(status="Error")

    clock.forward(hours=2)

    windows = [(record["dataPullStartTime"], record["dataPullEndTime"]) for record in records(appflow)][::-1]
    first, second, third = (activated + timedelta(hours=hour) for hour in (1, 2, 3))
    assert windows == [
        (first - timedelta(days=30), first - offset),
        (first - offset, second - offset),
        (first - offset, third - offset),
    ]


def test_a_complete_pull_in_between_does_not_move_the_position(
    appflow: "AppflowClient", clock: Clock
) -> None:
    activate(appflow, dataPullMode="Incremental")
    clock.forward(hours=1)
    position = clock()
    for mode in ("Complete", "Incremental"):
        appflow.update_flow(**flow(triggerConfig=scheduled(dataPullMode=mode)))
        clock.forward(hours=1)

    assert records(appflow)[0]["dataPullStartTime"] == position


def test_the_first_pull_starts_where_the_schedule_says(appflow: "AppflowClient", clock: Clock) -> None:
    since = clock() - timedelta(days=400)
    activate(appflow, firstExecutionFrom=int(since.timestamp()))

    clock.forward(hours=1)

    assert records(appflow)[0]["dataPullStartTime"] == since


def test_a_complete_pull_has_no_window(appflow: "AppflowClient", clock: Clock) -> None:
    activate(appflow, dataPullMode="Complete")

    clock.forward(hours=1)

    assert "dataPullStartTime" not in records(appflow)[0]


@pytest.mark.parametrize(("threshold", "runs"), [({}, 5), ({"flowErrorDeactivationThreshold": 2}, 2)])
def test_failures_in_a_row_deactivate_a_schedule(
    appflow: "AppflowClient", clock: Clock, threshold: dict[str, int], runs: int
) -> None:
    activate(appflow, **threshold)
    script(status="Error", message="The token expired.", times=None)

    clock.forward(hours=9)

    assert statuses(appflow) == ["Error"] * runs
    live = appflow.describe_flow(flowName="orders")
    assert live["flowStatus"] == "Suspended"
    assert "The token expired." in live["flowStatusMessage"]


def test_a_success_resets_the_count_of_failures(appflow: "AppflowClient", clock: Clock) -> None:
    activate(appflow, flowErrorDeactivationThreshold=2)
    for status in ("Error", "Successful", "Error"):
        script(status=status)

    clock.forward(hours=4)

    assert statuses(appflow) == ["Error", "Successful", "Error", "Successful"]


def test_starting_a_deactivated_flow_clears_its_message(appflow: "AppflowClient", clock: Clock) -> None:
    activate(appflow, flowErrorDeactivationThreshold=1)
    script(status="Error")
    clock.forward(hours=1)
    assert "flowStatusMessage" in appflow.describe_flow(flowName="orders")

    appflow.start_flow(flowName="orders")

    assert "flowStatusMessage" not in appflow.describe_flow(flowName="orders")
    clock.forward(hours=1)
    assert statuses(appflow) == ["Error", "Successful"]


def test_an_event_triggered_flow_runs_once_for_each_outcome(appflow: "AppflowClient") -> None:
    appflow.create_flow(**flow(triggerConfig=ON_EVENT))
    appflow.start_flow(flowName="orders")

    script(times=2)

    assert statuses(appflow) == ["Successful", "Successful"]


def accounts(*names: str) -> None:
    """Describe Account, the source of the flow."""
    fields = [{"identifier": name} for name in names]
    control("POST", "entities", {"connectorType": "Salesforce", "entity": "Account", "fields": fields})


def test_a_run_fails_when_a_mapped_field_is_gone(appflow: "AppflowClient") -> None:
    appflow.create_flow(**flow())
    accounts("Id", "Name")
    appflow.start_flow(flowName="orders")
    accounts("Name")

    appflow.start_flow(flowName="orders")

    assert statuses(appflow) == ["Successful", "Error"]
    message = records(appflow)[0]["executionResult"]["errorInfo"]["executionMessage"]
    assert message == "The source object Account does not have the mapped fields: Id"


def test_a_map_of_merged_fields_needs_each_of_them(appflow: "AppflowClient") -> None:
    merge = {"taskType": "Merge", "sourceFields": ["First", "Last"], "destinationField": "First,Last"}
    mapped = {**flow()["tasks"][1], "sourceFields": ["First,Last"], "destinationField": "Name"}
    appflow.create_flow(
        **flow(tasks=[{**flow()["tasks"][0], "sourceFields": ["First", "Last"]}, merge, mapped])
    )
    accounts("First", "Last")

    appflow.start_flow(flowName="orders")

    assert statuses(appflow) == ["Successful"]


def test_a_run_fails_when_a_field_of_the_destination_is_gone(appflow: "AppflowClient") -> None:
    appflow.create_flow(**flow(destination=destination("Zendesk", object="users")))
    fields = [{"identifier": "name"}]
    control("POST", "entities", {"connectorType": "Zendesk", "entity": "users", "fields": fields})

    appflow.start_flow(flowName="orders")

    assert (
        "destination object users" in records(appflow)[0]["executionResult"]["errorInfo"]["executionMessage"]
    )


@pytest.mark.parametrize(("delay", "expected"), [(0, "Successful"), (15, "Error")])
def test_a_run_right_after_an_update_may_use_the_previous_definition(
    appflow: "AppflowClient", clock: Clock, behave: Switch, delay: int, expected: str
) -> None:
    behave(updatePropagationSeconds=delay)
    appflow.create_flow(**flow())
    accounts("Name")
    map_name = {**flow()["tasks"][1], "sourceFields": ["Name"]}
    projection = {**flow()["tasks"][0], "sourceFields": ["Name"]}
    clock.forward(hours=1)
    appflow.update_flow(**flow(tasks=[projection, map_name]))

    appflow.start_flow(flowName="orders")
    clock.forward(seconds=15)
    appflow.start_flow(flowName="orders")

    assert statuses(appflow) == [expected, "Successful"]


def test_describe_flow_may_show_a_run_later_than_list_flows(
    appflow: "AppflowClient", clock: Clock, behave: Switch
) -> None:
    behave(lastRunLagSeconds=10)
    appflow.create_flow(**flow())
    appflow.start_flow(flowName="orders")

    assert "lastRunExecutionDetails" in appflow.list_flows()["flows"][0]
    assert "lastRunExecutionDetails" not in appflow.describe_flow(flowName="orders")
    clock.forward(seconds=10)
    assert "lastRunExecutionDetails" in appflow.describe_flow(flowName="orders")


@pytest.mark.parametrize(("seed", "same"), [(1, True), (2, False)])
def test_the_same_seed_gives_the_same_history(appflow: "AppflowClient", seed: int, same: bool) -> None:
    def history(seed: int) -> list[Any]:
        reset()
        control("POST", "behaviour", {"fixedTime": NOON.timestamp(), "seed": seed})
        activate(appflow)
        control("POST", "behaviour", {"clockOffsetSeconds": 3 * 3600})
        return records(appflow)

    assert len(history(1)) == 3
    assert (history(1) == history(seed)) is same


def test_records_of_an_unknown_flow_are_not_found(appflow: "AppflowClient") -> None:
    for call in (appflow.describe_flow_execution_records, appflow.cancel_flow_executions):
        assert refusal(call, flowName="unknown")[:2] == ("ResourceNotFoundException", 404)


def test_only_fields_that_tasks_use_matter(appflow: "AppflowClient") -> None:
    appflow.create_flow(**flow(sourceFlowConfig=source("S3", bucketName="lake"), tasks=[]))

    appflow.start_flow(flowName="orders")

    assert statuses(appflow) == ["Successful"]
