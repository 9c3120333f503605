"""The status log through boto3: events as EventBridge writes them, page by page, between other entries."""

import json
import time
from typing import Any

import boto3
import pytest

from appflow_gitops.aws import clients
from appflow_gitops.aws.status_log import CloudWatchStatusLog, status_event
from appflow_gitops.sync.errors import PermanentError
from appflow_gitops.sync.outcome import Outcome
from fakes.status_events import ended

GROUP = "/aws/events/flows/status"


def logged(id_: str) -> str:
    """A status event as EventBridge writes it."""
    event = ended(Outcome.APPLIED, "orders", id_=id_)
    return json.dumps(
        {"source": "appflow-gitops", "resources": ["arn"], "detail": json.loads(event.detail())}
    )


@pytest.fixture
def log(aws: None) -> CloudWatchStatusLog:  # noqa: ARG001 - the account has to be there
    boto3.client("logs").create_log_group(logGroupName=GROUP)
    return CloudWatchStatusLog(clients.logs(), GROUP)


def write(stream: str, *messages: str, at: float | None = None) -> None:
    client = boto3.client("logs")
    client.create_log_stream(logGroupName=GROUP, logStreamName=stream)
    timestamp = int((at or time.time()) * 1000)
    client.put_log_events(
        logGroupName=GROUP,
        logStreamName=stream,
        logEvents=[{"timestamp": timestamp, "message": message} for message in messages],
    )


def ids(log: CloudWatchStatusLog, start: float) -> list[str]:
    return [entry.event.metadata.id for entry in log.since(start)]


def test_status_events_are_read_back_with_the_time_they_are_logged_under(log: CloudWatchStatusLog) -> None:
    now = time.time()
    write("a", logged("1"), at=now)
    [entry] = log.since(now - 60)
    assert entry.at == pytest.approx(now, abs=0.01)
    assert (entry.event.metadata.id, entry.event.data.outcome) == ("1", "Applied")


def test_earlier_events_are_not_read(log: CloudWatchStatusLog) -> None:
    now = time.time()
    write("a", logged("before"), at=now - 120)
    write("b", logged("after"), at=now)
    assert ids(log, now - 60) == ["after"]


@pytest.mark.parametrize(("count", "filters"), [(0, False), (2, True), (60, False)])
def test_only_events_on_some_flows_are_requested_if_cloudwatch_accepts_a_pattern_of_that_length(
    count: int, filters: bool
) -> None:
    asked: list[dict[str, Any]] = []

    class Reader:
        def filter_log_events(self, **members: Any) -> Any:
            asked.append(members)
            return {}

    list(CloudWatchStatusLog(Reader(), GROUP).since(0, tuple(f"orders-{number}" for number in range(count))))
    pattern = '{ ($.detail.data.flowName = "orders-0") || ($.detail.data.flowName = "orders-1") }'
    assert asked[0].get("filterPattern") == (pattern if filters else None)


def test_all_pages_are_read(log: CloudWatchStatusLog) -> None:
    write("a", *(logged(str(number)) for number in range(7)))

    def two_a_page(params: dict[str, Any], **_: object) -> None:
        params["limit"] = 2

    client: Any = log.client
    client.meta.events.register("provide-client-params.cloudwatch-logs.FilterLogEvents", two_a_page)
    assert sorted(ids(log, time.time() - 60)) == [str(number) for number in range(7)]


@pytest.mark.parametrize(
    "message",
    [
        "no JSON",
        "[]",
        "{}",
        '{"detail": 1}',
        '{"detail": {"metadata": {}}}',
        logged("1").replace("Applied", "New"),
    ],
)
def test_unknown_entries_are_skipped(message: str) -> None:
    assert status_event(message) is None


def test_unknown_members_of_a_newer_stack_are_ignored() -> None:
    entry = json.loads(logged("1"))
    entry["detail"]["data"]["mood"] = entry["detail"]["metadata"]["mood"] = "good"
    event = status_event(json.dumps(entry))
    assert event is not None
    assert event.data.flowName == "orders"


@pytest.mark.usefixtures("aws")
def test_a_missing_log_group_is_a_sync_error() -> None:
    with pytest.raises(PermanentError) as raised:
        list(CloudWatchStatusLog(clients.logs(), GROUP).since(0))
    assert raised.value.code == "ResourceNotFoundException"
