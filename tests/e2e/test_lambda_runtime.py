"""The artifacts of ``sam build`` under Lambda's own runtime client, against the local cloud.

The Runtime Interface Emulator starts each function from its handler string with its own folder, the layer and nothing
else on its path. On the machine and the Python that template.yaml asks for, these are the very artifacts that are
deployed; elsewhere the same build with native parts for the machine at hand.
"""

import hashlib
import json
import os
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import yaml

from appflow_gitops_local.artifacts import build
from appflow_gitops_local.cloud import LocalCloud, Settings
from appflow_gitops_local.rie import Emulator, EmulatorMissingError, RieRuntime, find_emulator
from appflow_gitops_local.runtime import Function, FunctionError
from e2e.clouds import Clouds
from e2e.stack import PATIENCE, ROOT, DeployedStack

EVENTS = ROOT / "events"
DOCUMENTS = EVENTS / "documents"
FLOWS = {
    flow["flowName"]: flow
    for name in ("orders.yaml", "price-list.json", "repositories.yaml", "support.yaml")
    for flow in yaml.safe_load_all((DOCUMENTS / name).read_bytes())
}
SCAN_DUE = EVENTS / "drift-scan-due.json"
RUN_ENDED = EVENTS / "flow-run-ended.json"
REPAIRS_CONFIRMED = EVENTS / "flow-repairs-confirmed.json"
RUN_REQUESTED = EVENTS / "flow-run-requested.json"
SAM = ROOT / ".venv-sam/bin/sam"
# The version ids in the sample events.
ORDERS_VERSION = "3sL4kqtJlcpXroDTDmJ.rmSpXd3dIbrHY"
PRICES_VERSION = "096fKKXTRTtl3on89fVO.nfljtsv6qko"
SUPPORT_VERSION = "QUpfdndhfd8438MNFDN93jdnJFkdmqnh"

INTAKE, APPLY, DETECT_DRIFT = "IntakeFunctionName", "ApplyFunctionName", "DetectDriftFunctionName"
WATCH_RUNS = "WatchRunsFunctionName"
Sample = dict[str, Any]


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build(SAM, ROOT / "template.yaml", tmp_path_factory.mktemp("artifacts"))


@pytest.fixture(scope="module")
def emulator(tmp_path_factory: pytest.TempPathFactory) -> Emulator:
    return find_emulator(tmp_path_factory.mktemp("client"))


class Log:
    """What the functions logged, one line after the other. A line may come later than the event that it is about."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self._news = threading.Condition()

    def append(self, line: str) -> None:
        with self._news:
            self.lines.append(line)
            self._news.notify_all()

    def await_invocations(self, function: str, count: int) -> None:
        """Wait until so many invocations of the function have logged something."""
        with self._news:
            logged = self._news.wait_for(lambda: len(self.cold_starts(function)) >= count, PATIENCE)
        assert logged, self.lines

    def starts(self, function: str) -> int:
        """How often the function was started."""
        return sum(line.startswith(f"{function}: INIT_REPORT") for line in self.lines)

    def cold_starts(self, function: str) -> list[bool]:
        """Of every record that says so: whether it was written by the first invocation after a start."""
        records = [line.partition(": ")[2] for line in self.lines if line.startswith(f"{function}: {{")]
        return [json.loads(record)["cold_start"] for record in records if '"cold_start"' in record]


@contextmanager
def running(clouds: Clouds, template: Path, emulator: Emulator, log: Log) -> Iterator[DeployedStack]:
    settings = Settings(
        template=template,
        concurrency=1,
        require_resources=False,
        runtime=partial(RieRuntime, emulator),
        trace=log.append,
    )
    clouds.close()
    with LocalCloud(settings) as cloud:
        yield DeployedStack(cloud)


@pytest.fixture(scope="module")
def stack(clouds: Clouds, template: Path, emulator: Emulator) -> Iterator[DeployedStack]:
    with running(clouds, template, emulator, Log()) as deployed:
        yield deployed


def make_live(stack: DeployedStack, *names: str) -> None:
    """Flows of the sample documents as they were before."""
    for name in names:
        flow = {member: value for member, value in FLOWS[name].items() if member != "flowStatus"}
        stack.appflow.create_flow(**{**flow, "description": "As it was before"})


def drop(stack: DeployedStack, flow: dict[str, Any]) -> None:
    stack.drop("flows/price-list.json", json.dumps(flow).encode())


def request(stack: DeployedStack, flow: dict[str, Any]) -> None:
    stack.request({"document": flow})


def enqueue(stack: DeployedStack, flow: dict[str, Any]) -> None:
    message = change(flow)
    stack.cloud.client("sqs").send_message(
        QueueUrl=stack.cloud.outputs["FlowChangesQueueUrl"],
        MessageBody=json.dumps(message),
        MessageGroupId=message["flowName"],
        MessageDeduplicationId=message["identity"],
    )


def change(flow: dict[str, Any]) -> dict[str, Any]:
    """The message that intake makes of a requested flow."""
    identity = hashlib.sha256(json.dumps(flow).encode()).hexdigest()
    return {
        "identity": identity,
        "flowName": flow["flowName"],
        "correlationId": identity,
        "requestedAt": "2026-03-02T08:20:00Z",
        "desired": flow,
    }


@pytest.mark.parametrize(
    ("trigger", "functions"),
    [(drop, [INTAKE, APPLY]), (request, [INTAKE, APPLY]), (enqueue, [APPLY])],
    ids=["a dropped document", "a requested change", "a queued change"],
)
def test_each_trigger_starts_its_function_once_and_then_finds_it_warm(
    clouds: Clouds,
    template: Path,
    emulator: Emulator,
    trigger: Callable[[DeployedStack, dict[str, Any]], None],
    functions: list[str],
) -> None:
    log = Log()
    with running(clouds, template, emulator, log) as stack:
        make_live(stack, "price-list")
        for description in ("cold", "warm"):
            trigger(stack, {**FLOWS["price-list"], "description": description})
            assert stack.status_event()["detail-type"] == "Flow Change Applied"
            assert stack.appflow.describe_flow(flowName="price-list")["description"] == description
        for name in (stack.cloud.outputs[function] for function in functions):
            log.await_invocations(name, 2)
            assert log.starts(name) == 1
            assert log.cold_starts(name) == [True, False]


def test_a_due_scan_starts_detect_drift_once_and_then_finds_it_warm(
    clouds: Clouds, template: Path, emulator: Emulator
) -> None:
    log = Log()
    with running(clouds, template, emulator, log) as stack:
        make_live(stack, "price-list")
        drop(stack, FLOWS["price-list"])
        assert stack.status_event()["detail-type"] == "Flow Change Applied"
        for due in (json.loads(SCAN_DUE.read_text()), generated("cloudwatch", "scheduled-event")):
            by_hand = {
                member: value for member, value in FLOWS["price-list"].items() if member != "flowStatus"
            }
            stack.appflow.update_flow(**{**by_hand, "description": f"by hand, before {due['id']}"})
            assert invoke(stack, DETECT_DRIFT, due)["drifting"] == {"drifted": 1}
            event = stack.status_event()
            assert event["detail-type"] == "Flow Drift Detected"
            assert event["detail"]["metadata"]["correlationId"] == due["id"]
        name = stack.cloud.outputs[DETECT_DRIFT]
        # Each scan logs the drift and its end.
        log.await_invocations(name, 4)
        assert log.starts(name) == 1
        assert log.cold_starts(name) == [True, True, False, False]


# Each sample event: its function, the documents it names with the versions it gives them, and its flows.
SAMPLES: dict[str, tuple[str, dict[str, str], list[str]]] = {
    "s3-object-created.json": (INTAKE, {"flows/orders.yaml": ORDERS_VERSION}, ["orders"]),
    "s3-notification.json": (
        INTAKE,
        {"flows/sales & marketing/price-list.json": PRICES_VERSION, "flows/support.yaml": SUPPORT_VERSION},
        ["price-list", "support-incidents", "support-tickets"],
    ),
    "flow-change-requested.json": (INTAKE, {}, ["price-list"]),
    "flow-change-requested-text.json": (INTAKE, {}, ["repositories"]),
    "flow-change-requested-pointer.json": (
        INTAKE,
        {"flows/support.yaml": ""},
        ["support-incidents", "support-tickets"],
    ),
    "sqs-flow-changes.json": (APPLY, {"flows/orders.yaml": ORDERS_VERSION}, ["orders", "price-list"]),
}


@pytest.mark.parametrize(
    "path",
    sorted({*EVENTS.glob("*.json")} - {SCAN_DUE, RUN_ENDED, RUN_REQUESTED, REPAIRS_CONFIRMED}),
    ids=lambda path: path.stem,
)
def test_each_sample_event_is_understood(stack: DeployedStack, path: Path) -> None:
    function, documents, flows = SAMPLES[path.name]
    text = path.read_text().replace("appflow-gitops-documents", stack.bucket)
    make_live(stack, *flows)
    for key, version in documents.items():
        dropped = dropped_and_reported(stack, key)
        text = text.replace(version, dropped) if version else text

    invoke(stack, function, json.loads(text))

    reported = {event["detail"]["data"]["flowName"]: event for event in stack.status_events(len(flows))}
    assert sorted(reported) == flows
    assert {event["detail"]["data"]["outcome"] for event in reported.values()} <= {"Applied", "Unchanged"}


def test_the_sample_event_of_a_failed_run_makes_its_flow_degraded(stack: DeployedStack) -> None:
    make_live(stack, "orders")
    dropped_and_reported(stack, "flows/orders.yaml")
    event = json.loads(RUN_ENDED.read_text())
    moment = f"{datetime.now(UTC).replace(tzinfo=None).isoformat(timespec='milliseconds')}Z[UTC]"
    event["detail"] |= {
        "start-time": moment,
        "end-time": moment,
    }  # runs before the flow was made do not count
    answer = invoke(stack, WATCH_RUNS, event)
    assert answer == {"reported": [{"flow": "orders", "health": "Degraded"}]}
    assert stack.status_event()["detail-type"] == "Flow Health Changed"


def test_the_sample_confirmation_of_repairs_starts_a_scan(stack: DeployedStack) -> None:
    answer = invoke(stack, DETECT_DRIFT, json.loads(REPAIRS_CONFIRMED.read_text()))
    assert (answer["failed"], answer["limited"]) == ({}, [])
    stack.status_events(len(answer["reported"]))


def test_the_sample_request_of_a_run_starts_its_flow_if_the_policy_allows_it(stack: DeployedStack) -> None:
    on_demand = {member: value for member, value in FLOWS["price-list"].items() if member != "flowStatus"}
    stack.appflow.create_flow(**{**on_demand, "flowName": "orders"})
    stack.drop("policy.yaml", b"documents: []\nrequests: {flows: [], runs: [orders]}\n")
    invoke(stack, INTAKE, json.loads(RUN_REQUESTED.read_text()))
    event = stack.status_event()
    stack.cloud.client("s3").delete_object(Bucket=stack.bucket, Key="policy.yaml")
    assert (event["detail-type"], event["detail"]["data"]["flowName"]) == ("Flow Run Started", "orders")
    assert len(stack.calls("StartFlow")) == 1


def test_the_s3_event_that_the_sam_cli_generates_is_understood(stack: DeployedStack) -> None:
    key = "flows/orders.yaml"
    make_live(stack, "orders")
    dropped_and_reported(stack, key)
    event = generated("s3", "put", "--bucket", stack.bucket, "--key", key)
    content = (DOCUMENTS / "orders.yaml").read_bytes()
    event["Records"][0]["s3"]["object"]["eTag"] = hashlib.md5(content, usedforsecurity=False).hexdigest()

    invoke(stack, INTAKE, event)

    assert stack.status_event()["detail"]["data"]["outcome"] == "Unchanged"


def test_the_sqs_event_that_the_sam_cli_generates_is_understood(stack: DeployedStack) -> None:
    make_live(stack, "price-list")
    event = generated("sqs", "receive-message")
    event["Records"][0]["body"] = json.dumps(change(FLOWS["price-list"]))

    assert invoke(stack, APPLY, event) == {"batchItemFailures": []}

    assert stack.status_event()["detail"]["data"]["outcome"] == "Applied"


def dropped_and_reported(stack: DeployedStack, key: str) -> str:
    """Drop a sample document and wait for the outcomes of its flows; return its version id.

    A repeated event counts as new once the queue is empty: moto forgets the changes that were deleted from it.
    """
    content = (DOCUMENTS / Path(key).name).read_bytes()
    version = stack.drop(key, content)
    stack.status_events(content.count(b"flowName"))
    deadline = time.monotonic() + PATIENCE
    while changes_in_queue(stack):
        assert time.monotonic() < deadline, "the changes were reported, and are still in the queue"
        time.sleep(0.05)
    return version


def changes_in_queue(stack: DeployedStack) -> bool:
    """Whether changes wait in the queue or are being applied."""
    names = ("ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible")
    queue = stack.cloud.outputs["FlowChangesQueueUrl"]
    found = stack.cloud.client("sqs").get_queue_attributes(QueueUrl=queue, AttributeNames=[*names])
    return any(int(found["Attributes"][name]) for name in names)


def invoke(stack: DeployedStack, function: str, event: Sample) -> Any:
    """The function's answer to an event, by Lambda's own API."""
    answer = stack.cloud.client("lambda").invoke(
        FunctionName=stack.cloud.outputs[function], Payload=json.dumps(event)
    )
    payload = json.loads(answer["Payload"].read())
    assert "FunctionError" not in answer, payload
    return payload


def generated(*arguments: str) -> Sample:
    """What ``sam local generate-event`` prints. It knows neither EventBridge's S3 events nor custom ones."""
    run = subprocess.run(
        [SAM, "local", "generate-event", *arguments],
        env={"SAM_CLI_TELEMETRY": "0", "HOME": os.environ["HOME"]},
        capture_output=True,
        check=True,
    )
    event: Sample = json.loads(run.stdout)
    return event


def run(emulator: Emulator, folder: Path, handler: str, event: Sample, timeout: int = 5) -> Any:
    """What a handler in a folder makes of an event."""
    function = Function("worker", "", handler, timeout, 128, (folder,), {})
    worker = RieRuntime(emulator, "http://127.0.0.1:1", "us-east-1", lambda *_: None).start(function)
    try:
        return worker.invoke(event, "request")
    finally:
        worker.close()


HANDLER = """
import os, time

def raises(event, context): raise ValueError("no such flow")
def exits(event, context): os._exit(3)
def sleeps(event, context): time.sleep(5)
def imports(event, context): import boto3
def echoes(event, context): return {"event": event, "seconds": context.get_remaining_time_in_millis() // 1000}
"""


@pytest.mark.parametrize(
    ("handler", "timeout", "reported"),
    [
        ("raises", 60, "ValueError: no such flow"),
        ("exits", 60, "Runtime.ExitError: RequestId: .* exit status 3"),
        ("sleeps", 1, "Sandbox.Timedout: Task timed out after 1.00 seconds"),
        ("imports", 60, "ModuleNotFoundError: No module named 'boto3'"),
        ("missing", 60, "Runtime.HandlerNotFound: Handler 'missing' missing on module 'bee'"),
    ],
)
def test_an_error_in_a_function_is_reported_as_lambda_reports_it(
    emulator: Emulator, tmp_path: Path, handler: str, timeout: int, reported: str
) -> None:
    (tmp_path / "bee.py").write_text(HANDLER)
    with pytest.raises(FunctionError, match=reported):
        run(emulator, tmp_path, f"bee.{handler}", {}, timeout)


def test_a_function_gets_the_event_and_its_time(emulator: Emulator, tmp_path: Path) -> None:
    (tmp_path / "bee.py").write_text(HANDLER)
    assert run(emulator, tmp_path, "bee.echoes", {"a": "\u00e9"}) == {"event": {"a": "\u00e9"}, "seconds": 4}


def test_a_missing_emulator_is_reported_with_its_source(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(EmulatorMissingError, match=r"a part of the AWS SAM CLI.*make install"):
        find_emulator()
