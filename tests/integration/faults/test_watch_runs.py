"""Every call that watch_runs makes, times every way in which it can fail, through the real adapters.

Whatever fails, the next scan or the repeated event reports the change of health, with one id.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass

import pytest

from appflow_gitops.aws.appflow import AppFlowService
from appflow_gitops.aws.bus import EventBridgeBus
from appflow_gitops.aws.documents import S3Documents
from appflow_gitops.aws.health_records import S3HealthRecords
from appflow_gitops.aws.runs import AppFlowRuns
from appflow_gitops.aws.state_object import SCHEMA_KEY, S3StateObject
from appflow_gitops.flows.ownership import DOCUMENT, VERSION
from appflow_gitops.status.health import HealthEventReporter
from appflow_gitops.sync.errors import PermanentError, TransientError
from appflow_gitops.sync.health.health import Health
from appflow_gitops.sync.health.record import HealthRecord
from appflow_gitops.sync.health.watcher import HealthScan, RunEvent, RunWatcher
from appflow_gitops.sync.stored_environment import StoredEnvironment
from appflow_gitops_local.appflow.controls import controls
from appflow_gitops_local.appflow.runs import outcome_from_json
from fakes.flow_documents import orders, text
from watch_runs.wiring import broken_fields

from .conftest import BUCKET, Clients, Deployment
from .wire import REFUSED, TRANSIENT

CLIENT_TRIES = 4
OF_AN_EVENT = ("GetObject", "DescribeFlow", "DescribeFlowExecutionRecords", "PutObject", "PutEvents")
OF_A_SCAN = (*OF_AN_EVENT, "ListFlows", "ListObjectsV2", "DeleteObject")


@dataclass(frozen=True)
class Watching:
    """The watcher on the wire, with a failed run of ``orders`` and the record of a flow that is gone."""

    watcher: RunWatcher
    deployment: Deployment
    records: S3HealthRecords

    def scan(self) -> HealthScan:
        return self.watcher.scan("scan", lambda: 900.0)

    def scan_without_failures(self) -> None:
        """The next scan: not every malformed answer of S3 is detected."""
        self.deployment.wire.strikes.clear()
        self.scan()

    def observe(self) -> None:
        self.watcher.observe(RunEvent("orders"), "event")

    def attempt(self, act: Callable[[], object]) -> type[Exception] | None:
        try:
            act()
        except (TransientError, PermanentError) as error:
            return type(error)
        return None

    def assert_reported_once(self) -> None:
        reported = self.deployment.wire.reported()
        assert {event["data"]["health"] for event in reported} == {"Degraded"}
        assert len({event["metadata"]["id"] for event in reported}) == 1
        record = self.records.read("orders")
        assert record
        assert (record.health, record.reported, record.reporting) == (Health.DEGRADED, Health.DEGRADED, None)


@pytest.fixture
def watching(deployment: Deployment, wired: Clients) -> Watching:
    version = deployment.dropped("flows/orders.json", text(orders())).document
    assert version
    tags = {DOCUMENT: f"s3://{BUCKET}/flows/orders.json", VERSION: version.versionId}
    deployment.appflow.create_flow({**orders(), "tags": tags})
    controls.outcomes.clear()
    controls.outcomes.add(outcome_from_json({"flowName": "orders", "status": "Error", "message": "expired"}))
    deployment.appflow.start_flow({"flowName": "orders"})
    records = S3HealthRecords(wired.s3, BUCKET)
    records.write("gone", HealthRecord(health=Health.HEALTHY))
    documents = S3Documents(wired.s3)
    watcher = RunWatcher(
        flows=AppFlowService(wired.appflow),
        runs=AppFlowRuns(wired.appflow),
        records=records,
        reporter=HealthEventReporter(EventBridgeBus(wired.events, "flows")),
        documents=documents,
        environment=StoredEnvironment(documents, BUCKET).read,
        clock=time.time,
        bucket=BUCKET,
        broken_fields=lambda: broken_fields(S3StateObject(wired.s3, BUCKET, SCHEMA_KEY)),
    )
    deployment.wire.reset()
    return Watching(watcher, deployment, records)


@pytest.mark.parametrize("failure", TRANSIENT)
@pytest.mark.parametrize("operation", OF_A_SCAN)
def test_a_scan_whose_calls_fail_for_a_while_reports_in_the_end(
    watching: Watching, operation: str, failure: str
) -> None:
    watching.deployment.wire.strike(operation, TRANSIENT[failure], CLIENT_TRIES)
    while watching.attempt(watching.scan):
        pass
    watching.scan_without_failures()
    assert watching.deployment.wire.struck[operation]
    watching.assert_reported_once()
    assert watching.records.names() == {"orders"}


@pytest.mark.parametrize("failure", TRANSIENT)
@pytest.mark.parametrize("operation", OF_AN_EVENT)
def test_an_event_whose_calls_fail_for_a_while_is_reported_in_the_end(
    watching: Watching, operation: str, failure: str
) -> None:
    watching.deployment.wire.strike(operation, TRANSIENT[failure], CLIENT_TRIES)
    while watching.attempt(watching.observe):
        pass
    watching.scan_without_failures()
    assert watching.deployment.wire.struck[operation]
    watching.assert_reported_once()


@pytest.mark.parametrize("operation", OF_A_SCAN)
def test_after_a_refused_call_the_next_scan_reports(watching: Watching, operation: str) -> None:
    watching.deployment.wire.strike(operation, REFUSED, 1)
    watching.attempt(watching.scan)
    assert watching.deployment.wire.struck[operation] == 1
    watching.scan()
    watching.assert_reported_once()
    assert watching.records.names() == {"orders"}


@pytest.mark.parametrize("operation", OF_AN_EVENT)
def test_a_refused_call_of_an_event_is_not_reported_as_a_health(watching: Watching, operation: str) -> None:
    watching.deployment.wire.strike(operation, REFUSED, 1)
    watching.attempt(watching.observe)
    watching.scan()
    watching.assert_reported_once()


@pytest.mark.parametrize(
    "operation", ["DescribeFlow", "DescribeFlowExecutionRecords", "PutEvents", "PutObject"]
)
def test_a_scan_names_the_flow_whose_call_was_refused(watching: Watching, operation: str) -> None:
    watching.deployment.wire.strike(operation, REFUSED, 1)
    assert watching.scan().failed == {"orders": "AccessDeniedException"}
