"""Documents and requests become live flows, and every one is reported."""

import copy
import hashlib
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from e2e.stack import ROOT, DeployedStack

REFERENCE = ROOT / "events" / "reference"
DOCUMENTS = ROOT / "events" / "documents"
CONNECTORS = {
    "salesforce": "Salesforce",
    "zendesk": "Zendesk",
    "googleanalytics": "GoogleAnalytics",
    "marketo": "Marketo",
    "s3": "S3",
}


def price_list(**changes: Any) -> dict[str, Any]:
    flow: dict[str, Any] = json.loads((DOCUMENTS / "price-list.json").read_text())
    return {**flow, **changes}


def in_the_api_spelling(sample: dict[str, Any]) -> dict[str, Any]:
    """The UpdateFlow request that a reference sample means."""
    request = copy.deepcopy(sample)
    request.pop("useDefaultEncryption", None)
    source = request["sourceFlowConfig"]
    source["sourceConnectorProperties"] = renamed(source["sourceConnectorProperties"])
    for destination in request["destinationFlowConfigList"]:
        properties = renamed(destination["destinationConnectorProperties"])
        del properties["S3"]["bucketKey"]
        destination["destinationConnectorProperties"] = properties
    for task in request["tasks"]:
        if "connectorOperator" in task:
            task["connectorOperator"] = renamed(task["connectorOperator"])
    return request


def renamed(members: dict[str, Any]) -> dict[str, Any]:
    return {CONNECTORS[name]: value for name, value in members.items()}


def sha256_of_canonical(request: dict[str, Any]) -> str:
    """RFC 8785 for requests without numbers and with ASCII names: sorted members, no white space."""
    text = json.dumps(request, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


@pytest.mark.parametrize("sample", sorted(REFERENCE.iterdir()), ids=lambda path: path.stem)
def test_a_reference_sample_is_applied_exactly_as_printed(stack: DeployedStack, sample: Path) -> None:
    request = in_the_api_spelling(json.loads(sample.read_text()))
    other = copy.deepcopy(request)
    other["description"] = "As it was before"
    other["tasks"][-1]["destinationField"] = "something_else"
    stack.appflow.create_flow(**other)

    version = stack.drop(f"flows/{sample.name}", sample.read_bytes())

    event = stack.status_event()
    assert event["detail-type"] == "Flow Change Applied", event
    data = event["detail"]["data"]
    assert data["document"]["versionId"] == version
    assert {change["pointer"] for change in data["changes"]} >= {"/description"}
    live = stack.appflow.describe_flow(flowName=request["flowName"])
    assert live["description"] == "TestFlow"
    assert {str(task["destinationField"]) for task in live["tasks"] if "destinationField" in task} == {
        task["destinationField"] for task in request["tasks"] if "destinationField" in task
    }
    (call,) = stack.calls("UpdateFlow")
    assert call["clientToken"][:64] == sha256_of_canonical(request) == data["contentDigest"]
    assert call["clientToken"] == data["clientToken"]


def test_the_same_document_again_is_unchanged_and_writes_nothing(stack: DeployedStack) -> None:
    stack.appflow.create_flow(**price_list())
    stack.drop("flows/price-list.json", json.dumps(price_list(description="new")).encode())
    assert stack.status_event()["detail"]["data"]["outcome"] == "Applied"
    stack.control("DELETE", "calls")
    stack.drop("flows/price-list.json", json.dumps(price_list(description="new")).encode())
    assert stack.status_event()["detail"]["data"]["outcome"] == "Unchanged"
    assert stack.calls("UpdateFlow") == []


def test_every_flow_of_a_file_has_its_own_outcome(stack: DeployedStack) -> None:
    tickets, incidents = yaml.safe_load_all((DOCUMENTS / "support.yaml").read_text())
    del tickets["flowStatus"]  # the API has no such parameter
    stack.appflow.create_flow(**{**tickets, "description": "old"})
    stack.appflow.create_flow(**incidents)
    stack.drop("flows/team a/support+more.yaml", (DOCUMENTS / "support.yaml").read_bytes())
    outcomes = {event["detail"]["data"]["flowName"]: event["detail-type"] for event in stack.status_events(2)}
    assert outcomes == {
        "support-tickets": "Flow Change Applied",
        "support-incidents": "Flow Change Unchanged",
    }


def test_the_commit_of_a_dropped_document_is_reported(stack: DeployedStack) -> None:
    stack.appflow.create_flow(**price_list())
    stack.drop(
        "flows/a.json", json.dumps(price_list(description="new")).encode(), **{"git-commit": "4f0c1c2"}
    )
    assert stack.status_event()["detail"]["data"]["provenance"]["commit"] == "4f0c1c2"


def test_a_requested_change_is_applied_with_its_provenance(stack: DeployedStack) -> None:
    stack.appflow.create_flow(**price_list(description="old"))
    provenance = {"commit": "4f0c1c2", "repository": "https://github.com/acme/flows", "actor": "release-bot"}
    event_id = stack.request({"document": price_list(description="asked for"), "provenance": provenance})
    event = stack.status_event()
    assert event["detail-type"] == "Flow Change Applied"
    assert event["detail"]["data"]["provenance"] == provenance
    assert event["detail"]["metadata"]["correlationId"] == event_id
    assert event["resources"] == [stack.appflow.describe_flow(flowName="price-list")["flowArn"]]
    assert stack.appflow.describe_flow(flowName="price-list")["description"] == "asked for"


def test_a_throttled_update_is_retried_and_applied(stack: DeployedStack) -> None:
    stack.appflow.create_flow(**price_list(description="old"))
    stack.control(
        "POST",
        "faults",
        {"operation": "UpdateFlow", "error": "ThrottlingException", "status": 429, "times": 2},
    )
    stack.drop("flows/price-list.json", json.dumps(price_list()).encode())
    assert stack.status_event()["detail-type"] == "Flow Change Applied"


def test_an_update_whose_response_is_lost_is_made_once(stack: DeployedStack) -> None:
    stack.appflow.create_flow(**price_list(description="old"))
    stack.control("POST", "faults", {"operation": "UpdateFlow", "error": "", "when": "after"})
    stack.drop("flows/price-list.json", json.dumps(price_list()).encode())
    assert stack.status_event()["detail-type"] == "Flow Change Applied"
    assert len({call["clientToken"] for call in stack.calls("UpdateFlow")}) == 1


def test_the_aws_cli_works_on_the_endpoint(stack: DeployedStack, tmp_path: Path) -> None:
    stack.appflow.create_flow(**price_list(description="old"))
    changed = tmp_path / "flow.json"
    changed.write_text(json.dumps(price_list(description="by hand")))

    updated = aws(stack, "appflow", "update-flow", "--cli-input-json", f"file://{changed}")
    described = aws(stack, "appflow", "describe-flow", "--flow-name", "price-list")

    assert json.loads(updated) == {"flowStatus": "Active"}
    assert json.loads(described)["description"] == "by hand"


def test_a_document_copied_with_the_aws_cli_is_applied(stack: DeployedStack) -> None:
    stack.appflow.create_flow(**price_list(description="old"))
    aws(stack, "s3", "cp", str(DOCUMENTS / "price-list.json"), f"s3://{stack.bucket}/flows/price-list.json")
    assert stack.status_event()["detail-type"] == "Flow Change Applied"


def aws(stack: DeployedStack, *arguments: str) -> str:
    command = [
        sys.executable,
        str(Path(sys.executable).parent / "aws"),
        "--endpoint-url",
        stack.cloud.endpoint,
    ]
    environment = {
        "PATH": os.environ["PATH"],
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_ACCESS_KEY_ID": "local",
        "AWS_SECRET_ACCESS_KEY": "local",
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
    }
    ended = subprocess.run(
        [*command, *arguments], env=environment, check=True, capture_output=True, text=True, timeout=60
    )
    return ended.stdout
