"""How soon a change is applied after trouble, on the local cloud: ``--durations=10`` shows the seconds."""

import json
import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from appflow_gitops_local.cloud import Settings
from e2e.clouds import Clouds
from e2e.stack import ROOT, DeployedStack, promised
from fakes.flow_documents import orders, scheduled

KEY = "flows/orders.json"
WITHIN_A_MINUTE = promised(60.0)
AFTER_A_CORRECTION = promised(20.0)
REFUSED = {"error": "AccessDeniedException", "status": 403, "times": None}
THROTTLED = {"error": "ThrottlingException", "status": 429, "times": None}


@pytest.fixture(scope="module")
def stack(clouds: Clouds) -> DeployedStack:
    parameters = {"CreateMissingFlows": "true"}
    settings = Settings(template=ROOT / "template.yaml", parameters=parameters, require_resources=False)
    return clouds.stack(settings)


def drop(stack: DeployedStack, flow: dict[str, Any], key: str = KEY) -> None:
    stack.drop(key, json.dumps(flow).encode())


def fail(stack: DeployedStack, operation: str, fault: dict[str, Any]) -> None:
    stack.control("POST", "faults", {"operation": operation, **fault})


def outcome(stack: DeployedStack) -> dict[str, Any]:
    """The data of the next status event."""
    data: dict[str, Any] = stack.status_event()["detail"]["data"]
    return data


def outcome_within(stack: DeployedStack, seconds: float, cause: Callable[[], object]) -> dict[str, Any]:
    """Do something; the data of the status event that follows, in time."""
    started = time.monotonic()
    cause()
    data = outcome(stack)
    assert time.monotonic() - started <= seconds, data
    return data


def test_a_flow_is_created_deleted_and_created_again_within_a_minute(stack: DeployedStack) -> None:
    def create_again() -> None:
        drop(stack, orders())
        stack.status_event()
        stack.appflow.delete_flow(flowName="orders", forceDelete=True)
        drop(stack, orders())

    data = outcome_within(stack, WITHIN_A_MINUTE, create_again)
    assert (data["outcome"], data["action"]) == ("Applied", "create")
    assert stack.appflow.describe_flow(flowName="orders")["description"] == "Orders of the shop"


@pytest.mark.parametrize(
    ("operation", "step"),
    [
        ("TagResource", "updated, but could not be tagged"),
        ("StartFlow", "updated, but could not be activated"),
    ],
)
def test_a_step_that_is_refused_after_the_update_is_reported_with_changes_and_token(
    stack: DeployedStack, operation: str, step: str
) -> None:
    drop(stack, scheduled(flowStatus="Active"))
    assert outcome(stack)["outcome"] == "Applied"
    stack.control("POST", "behaviour", {"updateOfActiveSchedule": "Draft"})
    fail(stack, operation, REFUSED)
    drop(stack, scheduled(flowStatus="Active", description="changed"))
    data = outcome(stack)
    assert (data["outcome"], data["action"]) == ("Failed", "update")
    assert [change["pointer"] for change in data["changes"]] == ["/description"]
    assert data["clientToken"] == stack.calls("UpdateFlow")[-1]["clientToken"]
    assert data["error"]["code"] == "AccessDeniedException"
    assert data["error"]["message"].startswith(step)


def test_a_corrected_version_is_applied_within_seconds_after_the_retries_of_the_last_one_are_exhausted(
    stack: DeployedStack,
) -> None:
    stack.appflow.create_flow(**orders(description="before"))
    fail(stack, "UpdateFlow", THROTTLED)
    drop(stack, orders(description="throttled"))
    error = outcome(stack)["error"]
    assert error["code"] == "RetriesExhausted"
    assert "after 5 deliveries: ThrottlingException" in error["message"]
    stack.control("DELETE", "faults")
    data = outcome_within(stack, AFTER_A_CORRECTION, lambda: drop(stack, orders(description="corrected")))
    assert data["outcome"] == "Applied"
    assert stack.appflow.describe_flow(flowName="orders")["description"] == "corrected"


def test_a_flow_follows_within_a_minute_when_its_new_file_is_written_before_the_old_one_is_deleted(
    stack: DeployedStack,
) -> None:
    drop(stack, orders(), "flows/old.json")
    stack.status_event()

    def move() -> None:
        drop(stack, orders(description="moved"), "flows/new.json")
        assert outcome(stack)["error"]["code"] == "OwnedByAnotherDocument"
        stack.cloud.client("s3").delete_object(Bucket=stack.bucket, Key="flows/old.json")

    data = outcome_within(stack, WITHIN_A_MINUTE, move)
    assert (data["outcome"], data["document"]["key"]) == ("Applied", "flows/new.json")


def test_a_request_dated_2099_does_not_block_one_of_today(stack: DeployedStack) -> None:
    stack.appflow.create_flow(**orders(description="before"))
    for description, date in (("of 2099", datetime(2099, 1, 1, tzinfo=UTC)), ("of today", datetime.now(UTC))):
        stack.request({"document": orders(description=description)}, Time=date)
        assert outcome(stack)["outcome"] == "Applied"
    assert stack.appflow.describe_flow(flowName="orders")["description"] == "of today"
