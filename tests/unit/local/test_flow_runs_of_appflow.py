"""Runs on a virtual clock, asked of the backend itself."""

import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from appflow_gitops_local.appflow.behaviour import Behaviour
from appflow_gitops_local.appflow.controls import controls
from appflow_gitops_local.appflow.entities import EntityDescription
from appflow_gitops_local.appflow.events import FIELD_IMPORT
from appflow_gitops_local.appflow.flows import moment_of
from appflow_gitops_local.appflow.models import AppFlowBackend
from appflow_gitops_local.appflow.runner import new_run
from appflow_gitops_local.appflow.runs import Outcome, outcome_from_json
from appflow_gitops_local.appflow.wire import epoch

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


class Account:
    """AppFlow with one flow, and a clock that the test moves."""

    def __init__(self) -> None:
        self.now = NOON
        self.backend = AppFlowBackend("us-east-1", "123456789012")
        self.behave()

    def behave(self, **switches: Any) -> None:
        self.backend.behaviour = Behaviour(
            clock=lambda: self.now, strict_profiles=False, strict_s3_source=False, **switches
        )

    def create(
        self,
        trigger: str = "Scheduled",
        *,
        source: Mapping[str, bool] | None = None,
        connector: str = "S3",
        tasks: Sequence[Mapping[str, Any]] = (),
        **schedule: Any,
    ) -> None:
        scheduled = {"Scheduled": {"scheduleExpression": "rate(1hours)", **schedule}}
        properties = {"triggerProperties": scheduled} if trigger == "Scheduled" else {}
        crm = {"connectorType": "Salesforce", "connectorProfileName": "crm"}
        self.backend.create_flow(
            {
                "flowName": "orders",
                "triggerConfig": {"triggerType": trigger, **properties},
                "sourceFlowConfig": {
                    **crm,
                    "sourceConnectorProperties": {"Salesforce": {"object": "Account", **(source or {})}},
                },
                "destinationFlowConfigList": [
                    {
                        "connectorType": connector,
                        "destinationConnectorProperties": {connector: {"bucketName": "lake"}},
                    }
                ],
                "tasks": list(tasks),
            }
        )
        if trigger != "OnDemand":
            self.start()

    def start(self) -> None:
        self.backend.start_flow({"flowName": "orders"})

    def forward(self, **by: float) -> None:
        self.now += timedelta(**by)
        self.backend.catch_up()

    @property
    def flow(self) -> Any:
        return self.backend.flows["orders"]

    def events(self) -> list[dict[str, Any]]:
        """The details of the events since the last time, in the order in which they are sent."""
        sent: list[dict[str, Any]] = []
        controls.send_events, before = lambda _, __, entries: sent.extend(entries), controls.send_events
        try:
            self.backend.deliver_events()
        finally:
            controls.send_events = before
        return sent


@pytest.fixture
def account() -> Iterator[Account]:
    controls.reset()
    yield Account()
    controls.reset()


def test_a_run_knows_whether_the_schedule_started_it(account: Account) -> None:
    account.create("OnDemand")
    account.start()
    [run] = account.flow.runs
    assert run.scheduled is False
    account.backend.delete_flow({"flowName": "orders"})
    account.create()
    account.forward(hours=1)
    [run] = account.flow.runs
    assert run.scheduled is True


def test_calls_that_start_and_stop_a_flow_name_it_and_its_status(account: Account) -> None:
    arn = "arn:aws:appflow:us-east-1:123456789012:flow/orders"
    account.create("OnDemand")
    backend, name = account.backend, {"flowName": "orders"}
    started = backend.start_flow(name)
    other = backend.start_flow(name)["executionId"]
    assert [UUID(execution_id).version for execution_id in (started["executionId"], other)] == [4, 4]
    assert started == {"flowArn": arn, "flowStatus": "Active", "executionId": started["executionId"]}
    backend.delete_flow(name)
    account.create()
    assert backend.start_flow(name) == {"flowArn": arn, "flowStatus": "Active"}
    assert backend.stop_flow(name) == {"flowArn": arn, "flowStatus": "Suspended"}


@pytest.mark.parametrize(
    ("outcome", "status", "error"),
    [
        (Outcome(), "Successful", None),
        (Outcome(putFailures=2), "Successful", {"putFailuresCount": 2}),
        (Outcome(message="ignored"), "Successful", None),
        (
            Outcome(status="Error"),
            "Error",
            {"executionMessage": "The flow run failed.", "putFailuresCount": 0},
        ),
    ],
)
def test_a_record_has_an_error_if_the_run_failed_or_records_were_rejected(
    account: Account, outcome: Outcome, status: str, error: dict[str, Any] | None
) -> None:
    account.create("OnDemand")
    controls.outcomes.add(outcome)
    account.start()
    [record] = account.backend.describe_flow_execution_records({"flowName": "orders"})["flowExecutions"]
    assert record["executionStatus"] == status
    assert record["executionResult"].get("errorInfo") == error
    [entry] = account.backend.list_flows({})["flows"]
    message = {"mostRecentExecutionMessage": error["executionMessage"]} if status == "Error" and error else {}
    assert {**entry["lastRunExecutionDetails"], **message} == entry["lastRunExecutionDetails"]
    assert entry["lastRunExecutionDetails"]["mostRecentExecutionTime"] == epoch(NOON)
    assert entry["lastRunExecutionDetails"]["mostRecentExecutionStatus"] == status


def test_a_flow_that_is_created_again_has_runs_of_its_own(account: Account) -> None:
    ids = []
    for _ in range(2):
        account.create("OnDemand")
        ids.append(account.backend.start_flow({"flowName": "orders"})["executionId"])
        account.backend.delete_flow({"flowName": "orders"})
    assert len(set(ids)) == 2


def test_nothing_is_sent_when_nothing_ran(account: Account) -> None:
    sent: list[object] = []
    controls.send_events, before = lambda *given: sent.append(given), controls.send_events
    account.backend.deliver_events()
    controls.send_events = before
    assert sent == []


def test_map_all_of_an_entity_that_does_not_exist_has_no_fields(account: Account) -> None:
    controls.entities.describe(EntityDescription("Salesforce", "Account", None))
    account.create("OnDemand", tasks=[{"taskType": "Map_all", "sourceFields": [], "taskProperties": {}}])
    tasks = account.backend.describe_flow({"flowName": "orders"})["tasks"]
    assert sorted((task["taskType"], task["sourceFields"]) for task in tasks) == [
        ("Filter", []),
        ("Map_all", []),
    ]


def test_runs_that_overlap_end_in_the_order_of_their_ends(account: Account) -> None:
    account.behave(run_seconds=5400)
    account.create()
    controls.outcomes.add(Outcome("orders", seconds=9000))
    account.forward(hours=4)
    statuses = [run.shown_status for run in account.flow.runs]
    assert statuses == ["Successful", "Successful", "InProgress", "InProgress"]
    kinds = [(event["DetailType"].split()[1], event["Time"]) for event in account.events()]
    assert kinds == sorted(kinds, key=lambda each: each[1])
    assert [kind for kind, _ in kinds] == ["Start", "Start", "Start", "End", "End", "Start"]


def test_runs_that_are_due_before_a_failure_start_before_it_deactivates_the_flow(account: Account) -> None:
    account.behave(error_threshold=1)
    account.create()
    controls.outcomes.add(Outcome("orders", "Error", seconds=9000))
    account.forward(hours=4)
    assert [run.started for run in account.flow.runs] == [NOON + timedelta(hours=hour) for hour in (1, 2, 3)]
    assert account.flow.status == "Suspended"


@pytest.mark.parametrize(
    ("source", "connector", "known", "imported"),
    [
        ({"enableDynamicFieldUpdate": True}, "S3", ["Id"], ["A,B,C,D"]),
        ({"enableDynamicFieldUpdate": True}, "S3", ["Id", "A", "B", "C", "D", "Gone"], []),
        ({"enableDynamicFieldUpdate": True}, "S3", None, []),
        ({"enableDynamicFieldUpdate": True}, "Upsolver", ["Id"], []),
        ({"enableDynamicFieldUpdate": False}, "S3", ["Id"], []),
        ({}, "S3", ["Id"], []),
    ],
)
def test_new_fields_are_reported_if_the_flow_transfers_them(
    account: Account, source: dict[str, bool], connector: str, known: list[str] | None, imported: list[str]
) -> None:
    account.create("OnDemand", source=source, connector=connector)
    for names in (known, ["D", "C", "B", "A", "Id"]):
        if names is not None:
            fields = tuple({"identifier": name} for name in names)
            controls.entities.describe(EntityDescription("Salesforce", "Account", fields))
        account.start()
    account.start()
    reports = [event for event in account.events() if event["DetailType"] == FIELD_IMPORT]
    assert [json.loads(event["Detail"])["imported-fields"] for event in reports] == imported


@pytest.mark.parametrize(
    ("outcome", "runs"),
    [
        (Outcome("orders"), 1),
        (Outcome("orders", times=2), 2),
        (Outcome("orders", times=None), 0),
        (Outcome(None), 0),
        (Outcome("other"), 0),
    ],
)
def test_only_an_outcome_that_names_an_event_triggered_flow_runs_it(
    account: Account, outcome: Outcome, runs: int
) -> None:
    account.create("Event")
    controls.outcomes.add(outcome)
    account.forward(seconds=1)
    assert len(account.flow.runs) == runs
    reports = [event for event in account.events() if event["DetailType"] == "AppFlow Event Flow Report"]
    assert len(reports) == (1 if runs else 0)


def test_an_event_triggered_flow_runs_only_while_it_is_active_and_as_long_as_its_outcome_says(
    account: Account,
) -> None:
    account.create("Event")
    controls.outcomes.add(Outcome("orders", seconds=60))
    account.forward(seconds=1)
    assert [run.shown_status for run in account.flow.runs] == ["InProgress"]
    account.forward(seconds=60)
    assert [run.shown_status for run in account.flow.runs] == ["Successful"]
    account.backend.stop_flow({"flowName": "orders"})
    controls.outcomes.add(Outcome("orders"))
    account.forward(seconds=1)
    assert len(account.flow.runs) == 1


@pytest.mark.parametrize(
    ("switch", "threshold", "failures"),
    [(5, None, 5), (None, None, None), (5, 2, 2), (1, 3, 3), (None, 1, 1)],
)
def test_a_schedule_is_deactivated_after_its_number_of_failures_or_that_of_the_switch(
    account: Account, switch: int | None, threshold: int | None, failures: int | None
) -> None:
    account.behave(error_threshold=switch)
    account.create(**({} if threshold is None else {"flowErrorDeactivationThreshold": threshold}))
    controls.outcomes.add(Outcome("orders", "Error", times=None))
    account.forward(hours=9)
    assert len(account.flow.runs) == (failures or 9)
    assert account.flow.status == ("Suspended" if failures else "Active")


def test_a_flow_on_demand_is_never_deactivated(account: Account) -> None:
    account.behave(error_threshold=1)
    account.create("OnDemand")
    controls.outcomes.add(Outcome("orders", "Error", times=2))
    account.start()
    account.start()
    assert (account.flow.status, account.flow.failures) == ("Active", 2)


def test_a_canceled_run_neither_counts_as_a_failure_nor_moves_the_position(account: Account) -> None:
    account.create()
    controls.outcomes.add(Outcome("orders", "InProgress"))
    account.forward(hours=1)
    account.backend.cancel_flow_executions({"flowName": "orders"})
    assert [run.shown_status for run in account.flow.runs] == ["Canceled"]
    assert (account.flow.failures, account.flow.position) == (0, None)


@pytest.mark.parametrize(
    ("outcome", "failure", "expected"),
    [
        (Outcome(), None, ("Successful", 10, 2560, None)),
        (Outcome(records=3), None, ("Successful", 3, 768, None)),
        (Outcome(records=3, bytes=7), None, ("Successful", 3, 7, None)),
        (Outcome(status="Error"), None, ("Error", 0, 0, "The flow run failed.")),
        (Outcome(status="Error", records=3, message="no"), None, ("Error", 3, 768, "no")),
        (Outcome(status="InProgress"), None, ("InProgress", 0, 0, None)),
        (Outcome(records=3), "gone", ("Error", 0, 0, "gone")),
        (Outcome(message="no"), "gone", ("Error", 0, 0, "gone")),
    ],
)
def test_a_run_has_the_outcome_that_was_set_unless_it_fails_in_any_case(
    outcome: Outcome, failure: str | None, expected: tuple[Any, ...]
) -> None:
    run = new_run("id", NOON, outcome, failure, Behaviour())
    assert (run.status, run.records, run.bytes, run.message) == expected


@pytest.mark.parametrize(("seconds", "takes"), [(None, 60), (0.0, 0), (5.0, 5)])
def test_a_run_takes_as_long_as_its_outcome_or_the_switch_says(seconds: float | None, takes: int) -> None:
    run = new_run("id", NOON, Outcome(seconds=seconds), None, Behaviour(run_seconds=60.0))
    assert run.ends == NOON + timedelta(seconds=takes)
    assert new_run("id", NOON, Outcome(status="InProgress"), None, Behaviour()).ends is None


def test_a_run_takes_less_than_a_billion_seconds() -> None:
    assert outcome_from_json({"seconds": 1e9}).seconds == 1e9
    assert outcome_from_json({"seconds": None}).seconds is None
    with pytest.raises(ValueError, match=r"^seconds: expected less than 1,000,000,000$"):
        outcome_from_json({"seconds": 1e9 + 1})


@pytest.mark.parametrize(
    ("seconds", "moment"),
    [
        (None, NOON),
        (0, datetime(1970, 1, 1, tzinfo=UTC)),
        (NOON.timestamp() + 60, NOON + timedelta(minutes=1)),
        (1e12, NOON),
        (1e17, NOON),
        (1e300, NOON),
        (float("nan"), NOON),
    ],
)
def test_seconds_without_a_date_are_read_as_none(seconds: float | None, moment: datetime) -> None:
    assert moment_of(seconds, NOON) == moment


def test_times_on_the_wire_are_seconds_with_milliseconds() -> None:
    assert epoch(datetime(2026, 3, 1, 12, 0, 0, 123456, tzinfo=UTC)) == 1772366400.123
