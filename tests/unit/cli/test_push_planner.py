"""What a push plans when the bucket has objects that cannot be read."""

from pathlib import Path

import pytest

from appflow_gitops.sync.errors import PermanentError
from appflow_gitops_cli.environment import read_environment
from appflow_gitops_cli.push.planner import Planner
from appflow_gitops_cli.push.steps import Step
from fakes.bucket import BUCKET
from fakes.flow_documents import orders, text
from fakes.push import one_by_one
from fakes.world import World


def test_p7_one_unreadable_object_of_fifty_stops_no_push(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The readable documents are compared as always; the unreadable one is uploaded again."""
    monkeypatch.chdir(tmp_path)
    Path("flows").mkdir()
    world = World(may_create=True)
    for number in range(50):
        name = f"flow-{number:02}"
        world.drop(f"flows/{name}.json", text(orders(flowName=name)))
        changed = {"description": "changed"} if number < 20 else {}
        Path(f"flows/{name}.json").write_text(text(orders(flowName=name, **changed)))
    world.settle()
    world.bucket.unreadable["flows/flow-30.json"] = PermanentError("InvalidObjectState", "It is archived.")
    planner = Planner(world.flows, world.bucket, BUCKET, world.stored_environment, world.clock, one_by_one)
    steps = planner.plan("flows", "flows/", read_environment(None, None)).steps
    uploaded = [each.document.key for each in steps if each.step is Step.UPLOAD]
    assert uploaded == [f"flows/flow-{number:02}.json" for number in (*range(20), 30)]
    assert sum(each.step is Step.UNCHANGED for each in steps) == 29


def test_observed_documents_in_sync_are_not_sent_again_and_count_for_no_mass_change(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("flows").mkdir()
    world = World()
    world.bucket.put("policy.yaml", "documents: [{prefix: flows/, flows: ['*'], mode: observe}]")
    for number in range(12):
        name = f"flow-{number:02}"
        world.flows.edit(orders(flowName=name, description="live"))
        document = text(orders(flowName=name, description="live" if number else "document"))
        world.bucket.put(f"flows/{name}.json", document)
        Path(f"flows/{name}.json").write_text(document if number < 6 else text(orders(flowName=name)))
    planner = Planner(world.flows, world.bucket, BUCKET, world.stored_environment, world.clock, one_by_one)
    plan = planner.plan("flows", "flows/", read_environment(None, None))
    assert [each.step for each in plan.steps] == [Step.REAPPLY, *[Step.UNCHANGED] * 5, *[Step.UPLOAD] * 6]
    assert (plan.share.changed, plan.share.existing) == (0, 12)
