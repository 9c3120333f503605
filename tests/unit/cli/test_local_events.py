"""``local sam-env`` and ``local event``: which call to the running local cloud prints which event."""

import json
from collections.abc import Callable
from typing import Any, ClassVar

import pytest

from appflow_gitops_local import running
from appflow_gitops_local.running import EmptyQueueError, NotRunningError
from appflow_gitops_local.stack import DOCUMENTS

from .conftest import Run, Write


class FakeRunningCloud:
    """Returns the name and arguments of each call. An error is raised by every call."""

    calls: ClassVar[list[list[Any]]] = []
    error: ClassVar[Exception | None] = None

    def __init__(self, endpoint: str, region: str, stack: str) -> None:
        self.calls.append(["running", endpoint, region, stack])
        self.endpoint = endpoint

    def __getattr__(self, name: str) -> Callable[..., Any]:
        def call(*arguments: Any) -> dict[str, Any]:
            if self.error:
                raise self.error
            self.calls.append([name, *map(str, arguments)])
            return {"call": self.calls[-1]}

        return call


@pytest.fixture(autouse=True)
def calls(monkeypatch: pytest.MonkeyPatch) -> list[list[Any]]:
    for name in ("AWS_ENDPOINT_URL", "AWS_DEFAULT_REGION", "APPFLOW_GITOPS_STACK"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(running, "RunningCloud", FakeRunningCloud)
    monkeypatch.setattr(FakeRunningCloud, "calls", [])
    return FakeRunningCloud.calls


SAMPLE, PRICES = f"{DOCUMENTS / 'orders.yaml'}", f"{DOCUMENTS / 'price-list.json'}"


@pytest.mark.parametrize(
    ("arguments", "call"),
    [
        ("s3 my/a.yaml", ["object_created", "my/a.yaml", "flows/a.yaml"]),
        ("s3", ["object_created", SAMPLE, "flows/orders.yaml"]),
        ("s3 --key flows/x/b.yaml my/a.yaml", ["object_created", "my/a.yaml", "flows/x/b.yaml"]),
        ("s3 --notification my/a.yaml", ["notification", "my/a.yaml", "flows/a.yaml"]),
        ("request my/a.yaml", ["requested", "my/a.yaml"]),
        ("request", ["requested", PRICES]),
        ("request --document-as value", ["requested", PRICES]),
        ("request --document-as text", ["requested_text", PRICES]),
        ("request --document-as pointer", ["requested_pointer", PRICES, "flows/price-list.json"]),
        ("request --document-as pointer --key flows/b.yaml", ["requested_pointer", PRICES, "flows/b.yaml"]),
        ("queue", ["queued", "10"]),
        ("queue --limit 1", ["queued", "1"]),
        ("schedule", ["scan_due"]),
        ("run orders", ["run_ended", "orders"]),
        ("run-request orders", ["run_requested", "orders"]),
        ("confirmation", ["repairs_confirmed"]),
    ],
)
def test_an_event_is_printed_as_json(
    run: Run, write: Write, calls: list[list[Any]], arguments: str, call: list[str]
) -> None:
    write("my/a.yaml", "")
    ended = run("local", "event", *arguments.split())
    assert (ended.exit_code, ended.output) == (0, f"{json.dumps({'call': call}, indent=2)}\n")
    assert calls == [["running", "http://127.0.0.1:5000", "us-east-1", "appflow-gitops"], call]


def test_the_running_cloud_is_named_by_the_environment_or_by_options(
    run: Run, calls: list[list[Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://localhost:1")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-west-1")
    monkeypatch.setenv("APPFLOW_GITOPS_STACK", "flows-dev")
    run("local", "event", "schedule")
    assert calls[0] == ["running", "http://localhost:1", "eu-west-1", "flows-dev"]
    options = ("--endpoint", "http://localhost:2", "--region", "eu-west-2", "--stack", "mine")
    run("local", "event", "schedule", *options)
    assert calls[2] == ["running", "http://localhost:2", "eu-west-2", "mine"]


@pytest.mark.parametrize(
    ("options", "url"),
    [
        ("", "http://host.docker.internal:5000"),
        ("--endpoint http://127.0.0.1:80", "http://host.docker.internal:80"),
        ("--endpoint http://127.0.0.1", "http://host.docker.internal"),
        ("--container-endpoint http://172.17.0.1:5000", "http://172.17.0.1:5000"),
    ],
)
def test_the_environment_of_functions_has_the_endpoint_as_containers_reach_it(
    run: Run, calls: list[list[Any]], options: str, url: str
) -> None:
    ended = run("local", "sam-env", *options.split())
    assert calls[1:] == [["wait", "0.0"], ["sam_environment", url]]
    assert ended.output == f"{json.dumps({'call': calls[2]}, indent=2)}\n"


def test_sam_env_waits_for_the_local_cloud_as_long_as_it_is_asked_to(
    run: Run, calls: list[list[Any]]
) -> None:
    run("local", "sam-env", "--wait", "2.5")
    assert calls[1] == ["wait", "2.5"]


@pytest.mark.parametrize(
    "arguments",
    [
        "event queue --limit 0",
        "event queue --limit 11",
        "event s3 missing.yaml",
        "event s3 .",
        "event run",
        "sam-env --wait -1",
        "sam-env --wait nan",
    ],
)
def test_wrong_usage_calls_nothing(run: Run, calls: list[list[Any]], arguments: str) -> None:
    ended = run("local", *arguments.split())
    assert (ended.exit_code, calls) == (2, [])


@pytest.mark.parametrize("kind", [EmptyQueueError, NotRunningError])
@pytest.mark.parametrize("command", [("sam-env",), ("event", "queue")])
def test_what_the_running_cloud_lacks_is_one_line(
    run: Run, monkeypatch: pytest.MonkeyPatch, command: tuple[str, ...], kind: type[Exception]
) -> None:
    monkeypatch.setattr(FakeRunningCloud, "error", kind("no cloud is running"))
    ended = run("local", *command)
    assert (ended.exit_code, ended.output) == (2, "Error: no cloud is running\n")
