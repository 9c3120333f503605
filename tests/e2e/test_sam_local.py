"""What `sam local` needs of a running local cloud: environments and events. `make sam-local` runs it in containers."""

import dataclasses
import json
from collections.abc import Callable
from typing import Any

import pytest

from appflow_gitops_local.cloud import Settings
from e2e.clouds import Clouds
from e2e.commands import run_command
from e2e.stack import ROOT, DeployedStack

Invoked = Callable[[str, dict[str, Any]], Any]


@pytest.fixture(scope="module")
def stack(clouds: Clouds) -> DeployedStack:
    """A local cloud that does not run the functions."""
    settings = Settings(
        template=ROOT / "template.yaml",
        runtime=None,
        parameters={"CreateMissingFlows": "true"},
        require_resources=False,
    )
    return clouds.stack(settings)


def printed(stack: DeployedStack, *arguments: str) -> dict[str, Any]:
    """The JSON that a command of ``local`` printed."""
    command = run_command(stack, "local", *arguments)
    assert command.returncode == 0, command.stderr
    return json.loads(command.stdout)  # type: ignore[no-any-return]


@pytest.fixture(scope="module")
def environments(stack: DeployedStack) -> dict[str, Any]:
    """What ``sam-env`` prints for containers that reach the local cloud where this process does."""
    return printed(stack, "sam-env", "--container-endpoint", stack.cloud.endpoint)


@pytest.fixture(scope="module")
def invoked(stack: DeployedStack, clouds: Clouds, environments: dict[str, Any]) -> Invoked:
    """Returns the answer of a function that has its environment and no other."""

    def invoked(name: str, event: dict[str, Any]) -> Any:
        environment = environments[name]
        (function,) = [each for each in stack.cloud.deployment.functions.values() if name in each.name]
        runtime = clouds.runtime(environment["AWS_ENDPOINT_URL"], "us-east-1", lambda *_: None)
        worker = runtime.start(dataclasses.replace(function, environment=environment))
        try:
            return worker.invoke(event, "request")
        finally:
            worker.close()

    return invoked


def test_the_environment_has_every_variable_and_the_endpoint_of_the_container(stack: DeployedStack) -> None:
    environments = printed(stack, "sam-env")
    assert set(environments) == {
        "IntakeFunction",
        "ApplyFunction",
        "DetectDriftFunction",
        "WatchRunsFunction",
    }
    port = stack.cloud.endpoint.rsplit(":", 1)[1]
    for environment in environments.values():
        assert environment["DOCUMENTS_BUCKET"] == stack.bucket
        assert environment["AWS_ENDPOINT_URL"] == f"http://host.docker.internal:{port}"
    queues = {name: found.get("FLOW_CHANGES_QUEUE_URL", "") for name, found in environments.items()}
    inside = f"http://host.docker.internal:{port}/"
    assert {name for name, url in queues.items() if url.startswith(inside)} == set(environments) - {
        "WatchRunsFunction"
    }


@pytest.mark.parametrize(
    ("arguments", "flows"),
    [
        (("s3",), ["orders"]),
        (("s3", "events/documents/business-partners.json", "--notification"), ["business-partners"]),
        (("request",), ["price-list"]),
        (("request", "events/documents/repositories.yaml", "--document-as", "text"), ["repositories"]),
        (("request", "events/documents/support.yaml"), ["support-incidents", "support-tickets"]),
        (
            (
                *("request", "events/documents/account-changes.json"),
                *("--document-as", "pointer", "--key", "flows/a b/accounts.json"),
            ),
            ["account-changes"],
        ),
    ],
    ids=" ".join,
)
def test_an_event_for_intake_leads_to_applied_changes(
    stack: DeployedStack, invoked: Invoked, arguments: tuple[str, ...], flows: list[str]
) -> None:
    command = run_command(stack, "local", "event", *arguments, folder=ROOT)
    answer = invoked("IntakeFunction", json.loads(command.stdout))
    assert (sorted(change["flow"] for change in answer["queued"]), answer["reported"]) == (flows, [])
    assert invoked("ApplyFunction", printed(stack, "event", "queue")) == {"batchItemFailures": []}
    assert {event["detail"]["data"]["outcome"] for event in stack.status_events(len(flows))} == {"Applied"}


def test_the_event_of_a_requested_run_needs_a_grant(stack: DeployedStack, invoked: Invoked) -> None:
    answer = invoked("IntakeFunction", printed(stack, "event", "run-request", "orders"))
    assert [(each["flow"], each["outcome"]) for each in answer["reported"]] == [("orders", "Rejected")]
    assert "requests.runs in policy.yaml" in answer["reported"][0]["error"]


def test_an_empty_queue_is_reported(stack: DeployedStack) -> None:
    command = run_command(stack, "local", "event", "queue")
    assert (command.returncode, command.stdout) == (2, "")
    assert command.stderr.startswith("Error: the queue is empty: ")


def test_the_event_of_the_schedule_starts_a_scan(stack: DeployedStack, invoked: Invoked) -> None:
    answer = invoked("DetectDriftFunction", printed(stack, "event", "schedule"))
    assert answer["failed"] == {}


def test_the_event_of_a_confirmation_starts_a_scan(stack: DeployedStack, invoked: Invoked) -> None:
    answer = invoked("DetectDriftFunction", printed(stack, "event", "confirmation"))
    assert answer["failed"] == {}


@pytest.mark.parametrize("endpoint", ["http://127.0.0.1:9", "127.0.0.1:5000"])
def test_without_a_local_cloud_the_commands_say_how_to_start_one(stack: DeployedStack, endpoint: str) -> None:
    command = run_command(stack, "local", "sam-env", "--endpoint", endpoint)
    assert command.returncode == 2
    assert command.stderr == (
        f"Error: no local cloud answers at {endpoint}: start it with appflow-gitops local up\n"
    )


def test_the_event_of_a_run_makes_a_flow_degraded(stack: DeployedStack, invoked: Invoked) -> None:
    invoked("IntakeFunction", printed(stack, "event", "s3"))
    invoked("ApplyFunction", printed(stack, "event", "queue"))
    answer = invoked("WatchRunsFunction", printed(stack, "event", "run", "orders"))
    assert answer == {"reported": [{"flow": "orders", "health": "Degraded"}]}
