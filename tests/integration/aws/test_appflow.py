"""AppFlow through boto3, as far as sync needs it."""

import json
from typing import Any

import pytest

from appflow_gitops.aws import clients
from appflow_gitops.aws.appflow import AppFlowService
from appflow_gitops.sync.errors import PermanentError, TransientError
from appflow_gitops_local.appflow.controls import controls
from appflow_gitops_local.appflow.faults import fault_from_json
from fakes.flow_documents import orders, scheduled

TOKEN = "0" * 64


@pytest.fixture
def flows(aws: None) -> AppFlowService:  # noqa: ARG001 - the account has to be there
    return AppFlowService(clients.appflow())


def fail(**fault: Any) -> None:
    controls.faults.add(fault_from_json(fault))


def test_a_flow_is_created_described_and_updated(flows: AppFlowService) -> None:
    flows.create(orders(), TOKEN, kms_arn=None, tags={"team": "shop"})
    flows.update(orders(description="after"), TOKEN)
    live = flows.describe("orders")
    assert live is not None
    assert live.configuration["description"] == "after"
    assert live.tags == {"team": "shop"}
    assert live.arn.endswith(":flow/orders")


def test_a_flow_that_does_not_exist_is_none(flows: AppFlowService) -> None:
    assert flows.describe("orders") is None


def test_times_go_and_come_back_as_epoch_seconds(flows: AppFlowService) -> None:
    flow = scheduled()
    flow["triggerConfig"]["triggerProperties"]["Scheduled"]["scheduleStartTime"] = 4102444800
    flows.create(flow, TOKEN, kms_arn=None, tags={})
    live = flows.describe("orders")
    assert live is not None
    trigger: Any = live.configuration["triggerConfig"]
    assert trigger["triggerProperties"]["Scheduled"]["scheduleStartTime"] == 4102444800


def test_a_scheduled_flow_is_started_stopped_and_tagged(flows: AppFlowService) -> None:
    flows.create(scheduled(), TOKEN, kms_arn=None, tags={})
    flows.start("orders")
    started = flows.describe("orders")
    assert started is not None
    flows.stop("orders")
    flows.tag(started.arn, {"team": "shop"})
    stopped = flows.describe("orders")
    assert stopped is not None
    assert (started.status, stopped.status) == ("Active", "Suspended")
    assert stopped.tags == {"team": "shop"}


def test_what_appflow_refuses_comes_out_as_a_permanent_error_with_its_words(flows: AppFlowService) -> None:
    flows.create(orders(), TOKEN, kms_arn=None, tags={})
    moved = json.loads(json.dumps(orders()).replace("shop-lake", "other-lake"))
    with pytest.raises(PermanentError, match="can not be updated"):
        flows.update(moved, TOKEN)


def test_a_reused_token_comes_out_as_a_transient_conflict(flows: AppFlowService) -> None:
    flows.create(orders(), "1", kms_arn=None, tags={})
    flows.update(orders(description="one"), TOKEN)
    with pytest.raises(TransientError, match="ConflictException"):
        flows.update(orders(description="two"), TOKEN)


def test_a_missing_permission_is_reported_by_its_code(flows: AppFlowService) -> None:
    fail(operation="DescribeFlow", error="AccessDeniedException")
    with pytest.raises(PermanentError, match="AccessDeniedException"):
        flows.describe("orders")


def test_all_flows_are_listed_page_by_page(flows: AppFlowService) -> None:
    names = [f"flow-{number:03}" for number in range(101)]
    for name in names:
        flows.create(
            orders(flowName=name), TOKEN.replace("0", name[-1]) + name, kms_arn=None, tags={"n": name}
        )
    controls.calls.clear()
    listed = list(flows.summaries())
    assert [summary.name for summary in listed] == names
    assert [summary.tags["n"] for summary in listed] == names
    assert controls.calls.counts() == {"ListFlows": 2}


def test_a_summary_has_the_same_update_time_as_the_flow(flows: AppFlowService) -> None:
    flows.create(orders(), TOKEN, kms_arn=None, tags={})
    flows.client.start_flow(flowName="orders")
    (summary,) = flows.summaries()
    live = flows.describe("orders")
    assert live is not None
    assert summary.last_updated_at == live.last_updated_at
    assert (summary.arn, summary.status, summary.trigger_type) == (live.arn, "Active", "OnDemand")
    assert summary.last_run is not None
    assert summary.last_run.status == "Successful"
    assert summary.last_run.at
