"""A thousand invalid versions of one document cost every reader a bounded number of calls (P10)."""

from collections.abc import Callable
from pathlib import Path

import pytest

from appflow_gitops.sync.inventory import take_inventory
from appflow_gitops_cli.environment import read_environment
from appflow_gitops_cli.push.planner import Planner
from fakes.bucket import BUCKET
from fakes.flow_documents import orders, text
from fakes.push import one_by_one
from fakes.world import World

KEY = "flows/orders.json"
INVALID = 1_000
MORE_READS = 25


def apply_a_late_event(world: World) -> None:
    """The event of the valid version arrives again, later than SQS would drop it as a duplicate."""
    world.clock.advance(3600)
    world.intake.handle(world.event_of(world.bucket.objects[KEY][0].version))
    world.settle()


def apply_another_document(world: World) -> None:
    """The flow belongs to the document, so apply has to find out whether it still declares the flow."""
    world.apply("flows/another.json", text(orders(description="of another")))


def scan(world: World) -> None:
    """The flow was edited, so the scan inspects it."""
    world.flows.edit(orders(description="by hand"))
    world.scan(self_heal=True)


def status(world: World) -> None:
    environment = world.stored_environment.read()
    take_inventory(
        world.flows,
        world.bucket,
        bucket=BUCKET,
        prefix="flows/",
        environment=environment,
        now=world.clock.now,
        each=one_by_one,
    )


def push(world: World) -> None:
    planner = Planner(world.flows, world.bucket, BUCKET, world.stored_environment, world.clock, one_by_one)
    planner.plan("flows", "flows/", read_environment(None, None))


def reads(reader: Callable[[World], None], invalid: int) -> int:
    """The GetObject calls of a reader, with so many invalid versions of the document."""
    world = World()
    world.flows.edit(orders(description="before"))
    world.apply(KEY, text(orders()))
    for number in range(invalid):
        world.bucket.put(KEY, "{" * (number + 1))
    world.calls.made.clear()
    reader(world)
    return world.calls.count("GetObject")


@pytest.mark.parametrize("reader", [apply_a_late_event, apply_another_document, scan, status, push])
def test_p10_a_thousand_invalid_versions_cost_at_most_25_reads_more(
    reader: Callable[[World], None], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "flows").mkdir()
    (tmp_path / KEY).write_text(text(orders()))
    monkeypatch.chdir(tmp_path)
    more = reads(reader, INVALID) - reads(reader, 0)
    assert 0 < more <= MORE_READS
