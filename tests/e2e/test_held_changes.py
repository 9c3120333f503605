"""Windows and pauses in the local cloud: a change is held, others go on, and it is applied when the window opens."""

import json
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any, ClassVar

import pytest

from appflow_gitops_local.cloud import Settings
from appflow_gitops_local.runtime import Function, ProcessRuntime, ProcessWorker
from e2e.clouds import Clouds
from e2e.stack import ROOT, DeployedStack, promised

PRICES = json.loads((ROOT / "events" / "documents" / "price-list.json").read_bytes())
GRANT = {"documents": [{"prefix": "flows/", "flows": ["*"]}]}
HELD_WITHIN, APPLIED_WITHIN = promised(5.0), promised(10.0)
"""The promised seconds: from the upload, and from the opening."""


class KillableRuntime(ProcessRuntime):
    """Runs functions in processes that a test can kill."""

    workers: ClassVar[list[ProcessWorker]] = []

    def start(self, function: Function) -> ProcessWorker:
        worker = super().start(function)
        self.workers.append(worker)
        return worker

    @classmethod
    def kill(cls) -> None:
        """Kill every process; the next invocations start new ones."""
        while cls.workers:
            cls.workers.pop().close()


@pytest.fixture(scope="module")
def stack(clouds: Clouds) -> DeployedStack:
    """A stack whose functions have started, as the promised times assume."""
    settings = Settings(template=ROOT / "template.yaml", require_resources=False, runtime=KillableRuntime)
    started = clouds.stack(settings)
    started.drop("flows/missing.json", prices("missing", "first"))
    assert started.status_event()["detail-type"] == "Flow Change Failed"
    started.remove("flows/missing.json")
    return started


@pytest.fixture
def governed(stack: DeployedStack) -> Iterator[DeployedStack]:
    """A stack with two live flows; afterwards nothing is held."""
    for name in ("sales-prices", "shop-prices"):
        stack.appflow.create_flow(**{**PRICES, "flowName": name, "description": "old"})
    yield stack
    stack.remove("policy.yaml")
    stack.remove("paused.yaml")


def prices(name: str, description: str) -> bytes:
    return json.dumps({**PRICES, "flowName": name, "description": description}).encode()


def govern(stack: DeployedStack, **members: Any) -> None:
    stack.drop("policy.yaml", json.dumps({**GRANT, **members}).encode())


def window() -> tuple[dict[str, Any], float]:
    """A deny window around now, and when it ends: in 20 to 80 seconds."""
    now = time.time()
    minutes = 1 if 60 - now % 60 > 20 else 2
    start = datetime.fromtimestamp(now - now % 60, UTC).strftime("%H:%M")
    denied = {"deny": ["sales-*"], "start": start, "duration": f"{minutes}m", "reason": "month-end closing"}
    return denied, now - now % 60 + minutes * 60


def description(stack: DeployedStack, name: str) -> Any:
    return stack.appflow.describe_flow(flowName=name)["description"]


def data_of(event: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = event["detail"]["data"]
    return found


@pytest.mark.parametrize("crash", [False, True], ids=["", "with a crash in between"])
def test_a_change_in_a_deny_window_is_applied_once_when_it_ends(governed: DeployedStack, crash: bool) -> None:
    denied, end = window()
    govern(governed, windows=[denied])
    dropped = time.time()
    governed.drop("flows/sales.json", prices("sales-prices", "first"))
    held = governed.status_event()
    assert time.time() - dropped < HELD_WITHIN
    assert held["detail-type"] == "Flow Change Held"
    assert data_of(held)["reason"] == "in a deny window: month-end closing"
    assert datetime.fromisoformat(data_of(held)["heldUntil"]).timestamp() == end

    governed.drop("flows/shop.json", prices("shop-prices", "second"))
    assert governed.status_event()["detail-type"] == "Flow Change Applied"
    governed.drop("flows/sales.json", prices("sales-prices", "second"))
    assert governed.status_event()["detail-type"] == "Flow Change Held"
    if crash:
        KillableRuntime.kill()
    assert description(governed, "sales-prices") == "old"
    governed.control("DELETE", "calls")

    time.sleep(max(0.0, end - time.time()))
    superseded, applied = governed.status_events(2)
    assert time.time() - end < APPLIED_WITHIN
    assert [data_of(event)["outcome"] for event in (superseded, applied)] == ["Superseded", "Applied"]
    assert description(governed, "sales-prices") == "second"
    assert len(governed.calls("UpdateFlow")) == 1


def test_a_pause_holds_every_change_until_it_is_removed(governed: DeployedStack) -> None:
    governed.drop("paused.yaml", b"paused: [{flows: ['*'], reason: incident 4711}]\n")
    governed.drop("flows/shop.json", prices("shop-prices", "third"))
    held = governed.status_event()
    assert data_of(held)["reason"] == "changes of 'shop-prices' are paused: incident 4711"
    assert description(governed, "shop-prices") == "old"
    resumed = time.time()
    governed.remove("paused.yaml")
    assert governed.status_event()["detail-type"] == "Flow Change Applied"
    assert time.time() - resumed < APPLIED_WITHIN
