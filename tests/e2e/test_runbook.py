"""The runbook in docs/operations.md: every block runs on the local cloud and does what the page says."""

import json
import os
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from appflow_gitops.sync.change import Change
from e2e.stack import ROOT, DeployedStack

PAGE = (ROOT / "docs/operations.md").read_text(encoding="utf-8")
DOCUMENT = (ROOT / "events/documents/orders.yaml").read_bytes()
VISIBLE, HIDDEN = "ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"


def blocks() -> dict[str, str]:
    """The bash blocks of the page by heading and number in the section, such as ``drift 1``."""
    found: dict[str, str] = {}
    heading, number = "", 0
    for match in re.finditer(r"```bash\n(.*?)```|^#+ ([^\n]+)$", PAGE, re.DOTALL | re.MULTILINE):
        if match[2]:
            heading, number = match[2], 0
        else:
            found[f"{heading} {number}"] = match[1]
            number += 1
    return found


BLOCKS = blocks()
SETUP = "Operations 0"
DELETE_STACK = "Removing the stack and keeping the flows 1"
ROTATE = "Rotating a connector profile 0"


@pytest.fixture
def folder(tmp_path: Path, programs: Path) -> Path:
    """The working folder of the operator, with the commands of the page."""
    (tmp_path / "bin").symlink_to(programs)
    return tmp_path


def run(stack: DeployedStack, folder: Path, block: str, *options: str) -> subprocess.CompletedProcess[str]:
    """Run a block after the setup block in bash."""
    return subprocess.run(
        ["bash", *options, "-c", f"{BLOCKS[SETUP]}\n{block}"],  # noqa: S607 - the operator's shell
        cwd=folder,
        env={
            "PATH": f"{folder}/bin:{os.environ['PATH']}",
            "APPFLOW_GITOPS_STACK": "appflow-gitops",
            "AWS_ENDPOINT_URL": stack.cloud.endpoint,
            "AWS_DEFAULT_REGION": "us-east-1",
            "AWS_ACCESS_KEY_ID": "local",
            "AWS_SECRET_ACCESS_KEY": "local",
        },
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )


def succeeded(stack: DeployedStack, folder: Path, name: str) -> str:
    """The output of a block, of which every command has to succeed."""
    ended = run(stack, folder, BLOCKS[name], "-euo", "pipefail")
    assert ended.returncode == 0, ended.stderr
    return ended.stdout


class Letters:
    """The messages that a test adds to one of the stack's dead-letter queues."""

    def __init__(self, stack: DeployedStack, output: str) -> None:
        self._sqs = stack.cloud.client("sqs")
        self._url = stack.cloud.outputs[output]
        self._before = self._stored()

    def add(self, body: Any, group: str | None = None) -> None:
        fifo = {"MessageGroupId": group, "MessageDeduplicationId": os.urandom(8).hex()} if group else {}
        self._sqs.send_message(QueueUrl=self._url, MessageBody=json.dumps(body), **fifo)

    def count(self) -> int:
        """Messages of this test that are in the queue, received ones included."""
        return self._stored() - self._before

    def _stored(self) -> int:
        answer = self._sqs.get_queue_attributes(QueueUrl=self._url, AttributeNames=[VISIBLE, HIDDEN])
        return sum(int(number) for number in answer["Attributes"].values())


@pytest.fixture
def changes(stack: DeployedStack) -> Letters:
    return Letters(stack, "DeadLetterQueueUrl")


@pytest.fixture
def events(stack: DeployedStack) -> Letters:
    return Letters(stack, "EventsDeadLetterQueueUrl")


def change_of(flow: str) -> dict[str, Any]:
    """The body of a queued change: a request for a flow that does not exist, which ends Failed."""
    change = Change(
        identity=os.urandom(8).hex(),
        flowName=flow,
        correlationId="1",
        requestedAt="2026-11-26T12:00:00Z",
        desired={"flowName": flow},
    )
    return change.model_dump(mode="json")


def uploaded(stack: DeployedStack, key: str) -> dict[str, Any]:
    """S3's event about an uploaded document that the real rule did not deliver: it is not in the bucket yet."""
    return {
        "id": os.urandom(8).hex(),
        "source": "aws.s3",
        "detail-type": "Object Created",
        "time": "2026-11-26T12:00:00Z",
        "detail": {
            "bucket": {"name": stack.bucket},
            "object": {"key": key, "etag": "1", "version-id": "gone"},
        },
    }


@pytest.mark.parametrize("name", sorted(BLOCKS.keys() - {SETUP, DELETE_STACK, ROTATE}))
def test_every_block_succeeds_when_there_is_nothing_to_do(
    stack: DeployedStack, folder: Path, name: str
) -> None:
    succeeded(stack, folder, name)


def test_dead_changes_are_listed_and_moved_back_to_their_queue(
    stack: DeployedStack, folder: Path, changes: Letters
) -> None:
    changes.add(change_of("orders"), "orders")
    assert succeeded(stack, folder, "flow-changes-dead-letters 0") == "orders\n"
    succeeded(stack, folder, "flow-changes-dead-letters 1")
    assert stack.status_event()["detail"]["data"]["flowName"] == "orders"
    assert changes.count() == 0


def test_only_the_dead_changes_of_the_named_flow_are_discarded(
    stack: DeployedStack, folder: Path, changes: Letters
) -> None:
    for flow in ("orders", "returns", "orders"):
        changes.add(change_of(flow), flow)
    succeeded(stack, folder, "flow-changes-dead-letters 2")
    assert changes.count() == 1


def test_dead_events_are_listed_and_every_one_reaches_intake_again(
    stack: DeployedStack, folder: Path, events: Letters
) -> None:
    keys = ["flows/a.yaml", "flows/b.yaml"]
    events.add(uploaded(stack, keys[0]))
    events.add({"requestPayload": uploaded(stack, keys[1]), "responsePayload": {"errorMessage": "denied"}})
    assert "flows/" in succeeded(stack, folder, "events-dead-letters 0")
    succeeded(stack, folder, "events-dead-letters 1")
    assert events.count() == 0
    reported = stack.status_events(len(keys))
    assert sorted(event["detail"]["data"]["document"]["key"] for event in reported) == sorted(keys)


def test_a_dead_event_that_lambda_does_not_accept_is_kept(
    stack: DeployedStack, folder: Path, events: Letters
) -> None:
    events.add(uploaded(stack, "flows/orders.yaml"))
    block = BLOCKS["events-dead-letters 1"]
    assert "output IntakeFunctionName" in block
    # As a terminal runs it, which goes on after an error.
    run(stack, folder, block.replace("output IntakeFunctionName", "output StatusLogGroupName"))
    assert events.count() == 1


def test_an_edit_is_listed_and_a_scan_that_is_started_reports_it(stack: DeployedStack, folder: Path) -> None:
    flow = json.loads((ROOT / "events/documents/price-list.json").read_text())
    stack.appflow.create_flow(**flow)
    stack.drop("flows/price-list.json", json.dumps(flow).encode())
    stack.status_event()
    stack.appflow.update_flow(**{**flow, "description": "edited"})
    listed = run(stack, folder, BLOCKS["drift 0"])
    assert listed.returncode == 1, "status exits with 1 if a flow is out of sync"
    assert flow["flowName"] in listed.stdout
    succeeded(stack, folder, "drift 1")
    assert stack.status_event()["detail-type"] == "Flow Drift Detected"


def test_new_credentials_are_stored_in_the_profile(stack: DeployedStack, folder: Path) -> None:
    config = {
        "connectorProfileProperties": {"Datadog": {"instanceUrl": "https://api.datadoghq.com"}},
        "connectorProfileCredentials": {"Datadog": {"apiKey": "old", "applicationKey": "old"}},
    }
    stack.appflow.create_connector_profile(
        connectorProfileName="crm",
        connectorType="Datadog",
        connectionMode="Public",
        connectorProfileConfig=config,
    )
    (folder / "profile.json").write_text(json.dumps(config))
    assert "crm" in succeeded(stack, folder, ROTATE)


def test_rules_of_consumers_are_listed_before_the_stack_is_deleted(
    stack: DeployedStack, folder: Path
) -> None:
    # DeployedStack subscribes to status events with this rule, as a consumer would.
    listed = succeeded(stack, folder, "Removing the stack and keeping the flows 0")
    assert listed.split() == ["status-events"]
    succeeded(stack, folder, DELETE_STACK)
    with pytest.raises(ClientError, match="does not exist"):
        stack.cloud.client("cloudformation").describe_stacks(StackName="appflow-gitops")


def test_the_page_purges_no_queue_and_starts_scans_asynchronously() -> None:
    assert "purge" not in PAGE
    invocations = [line for line in PAGE.replace("\\\n", " ").splitlines() if "aws lambda invoke " in line]
    assert invocations
    assert [line for line in invocations if "--invocation-type Event" not in line] == []
