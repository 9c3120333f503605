"""Runs and health records, through boto3."""

from typing import Any

import pytest

from appflow_gitops.aws import clients
from appflow_gitops.aws.appflow import AppFlowService
from appflow_gitops.aws.health_records import PREFIX, S3HealthRecords
from appflow_gitops.aws.runs import AppFlowRuns
from appflow_gitops.sync.errors import PermanentError
from appflow_gitops.sync.health.health import Health
from appflow_gitops.sync.health.record import HealthRecord
from appflow_gitops_local.appflow.controls import controls
from appflow_gitops_local.appflow.runs import outcome_from_json
from fakes.flow_documents import orders

BUCKET = "documents"


@pytest.fixture
def runs(aws: None) -> AppFlowRuns:  # noqa: ARG001 - the account has to be there
    clients.appflow().create_flow(**orders())
    return AppFlowRuns(clients.appflow())


def script(**outcome: Any) -> None:
    controls.outcomes.add(outcome_from_json({"flowName": "orders", **outcome}))


def test_runs_are_read_newest_first_with_their_results(runs: AppFlowRuns) -> None:
    script(records=5, putFailures=2)
    first = runs.start("orders")
    script(status="Error", message="the token expired")
    second = runs.start("orders")
    failed, moved = runs.latest("orders")
    assert (failed.id, moved.id) == (second, first)
    assert (failed.status, failed.message, failed.records) == ("Error", "the token expired", 0)
    assert (moved.status, moved.records, moved.rejected, moved.failed) == ("Successful", 5, 2, True)


def test_times_of_runs_are_those_of_list_flows(runs: AppFlowRuns) -> None:
    runs.start("orders")
    [summary] = AppFlowService(clients.appflow()).summaries()
    [run] = runs.latest("orders")
    assert summary.last_run
    assert summary.last_run.at == pytest.approx(run.started_at, abs=0.001)


def test_only_runs_in_progress_are_canceled(runs: AppFlowRuns) -> None:
    ended = str(runs.start("orders"))
    script(status="InProgress")
    started = str(runs.start("orders"))
    assert runs.cancel("orders", [ended]) == [ended]
    assert runs.cancel("orders") == []
    assert {run.id: run.status for run in runs.latest("orders")} == {ended: "Successful", started: "Canceled"}


def test_a_repeated_token_starts_one_run(runs: AppFlowRuns) -> None:
    service = AppFlowService(clients.appflow())
    assert service.start_run("orders", "a" * 64) == service.start_run("orders", "a" * 64)
    assert len(runs.latest("orders")) == 1


@pytest.fixture
def records(aws: None) -> S3HealthRecords:  # noqa: ARG001
    clients.s3().create_bucket(Bucket=BUCKET)
    return S3HealthRecords(clients.s3(), BUCKET)


def test_the_last_record_of_a_flow_is_read(records: S3HealthRecords) -> None:
    assert records.read("orders") is None
    records.write("orders", HealthRecord(health=Health.HEALTHY))
    records.write("orders", HealthRecord(health=Health.DEGRADED, assessedAt=1.5))
    assert records.read("orders") == HealthRecord(health=Health.DEGRADED, assessedAt=1.5)
    assert records.read("customers") is None


def test_a_record_of_another_version_counts_as_missing(records: S3HealthRecords) -> None:
    content = b'{"schemaVersion": "2", "health": "Healthy"}'
    clients.s3().put_object(Bucket=BUCKET, Key=f"{PREFIX}orders.json", Body=content)
    assert records.read("orders") is None


def test_records_are_listed_by_the_names_of_their_flows_and_deleted(records: S3HealthRecords) -> None:
    for name in ("orders", "shop.orders", "customers"):
        records.write(name, HealthRecord(health=Health.HEALTHY))
    records.delete("customers")
    records.delete("customers")
    assert records.names() == {"orders", "shop.orders"}


def test_a_missing_bucket_is_an_error(aws: None) -> None:  # noqa: ARG001
    with pytest.raises(PermanentError, match="NoSuchBucket"):
        S3HealthRecords(clients.s3(), "elsewhere").read("orders")
