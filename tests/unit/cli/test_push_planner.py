"""What a push plans when the bucket has objects that cannot be read."""

from pathlib import Path

import pytest

from appflow_gitops.documents.variables import Variables
from appflow_gitops.origin import DocumentVersion, Provenance
from appflow_gitops.sync.errors import PermanentError
from appflow_gitops.sync.ports import StoredDocument
from appflow_gitops.validation.environment import Environment
from appflow_gitops_cli.environment import read_environment
from appflow_gitops_cli.push.mass_change import share_by_variables
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


def test_the_plan_has_the_etag_of_each_document_that_it_compared(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("flows").mkdir()
    Path("flows/orders.json").write_text(text(orders(description="changed")))
    world = World(may_create=True)
    stored = world.bucket.put("flows/orders.json", text(orders()))
    planner = Planner(world.flows, world.bucket, BUCKET, world.stored_environment, world.clock, one_by_one)
    plan = planner.plan("flows", "flows/", read_environment(None, None))
    assert plan.etags["flows/orders.json"] == stored.eTag is not None


def test_only_flows_of_the_folder_that_are_in_sync_are_checked_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("flows").mkdir()
    world = World(may_create=True)
    for name in ("kept", "changed", "elsewhere"):
        world.drop(f"flows/{name}.json", text(orders(flowName=name)))
    world.settle()
    Path("flows/kept.json").write_text(text(orders(flowName="kept")))
    Path("flows/changed.json").write_text(text(orders(flowName="changed", description="new")))
    planner = Planner(world.flows, world.bucket, BUCKET, world.stored_environment, world.clock, one_by_one)
    plan = planner.plan("flows", "flows/", read_environment(None, None))
    assert {flow.name for flow in plan.in_sync if flow.name != "changed"} == {"kept"}


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


def fleet(world: World, number: int, folder: str, description: str) -> None:
    """Documents and live flows of one folder, with the variable WHAT in the description."""
    for index in range(number):
        name = f"{folder}-{index:02}"
        world.flows.edit(orders(flowName=name, description="old"))
        world.bucket.put(f"flows/{folder}/{name}.json", text(orders(flowName=name, description=description)))


def test_variables_pushed_with_a_subfolder_count_the_flows_that_they_change_elsewhere(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    world = World(environment="dev")
    world.bucket.put("variables/dev.yaml", "WHAT: old")
    fleet(world, 1, "shop", "${env.WHAT}")
    fleet(world, 8, "crm", "${env.WHAT}")
    fleet(world, 3, "erp", "old")
    Path("flows/shop").mkdir(parents=True)
    Path("flows/shop/shop-00.json").write_text(text(orders(flowName="shop-00", description="${env.WHAT}")))
    Path("dev.yaml").write_text("WHAT: new")
    planner = Planner(world.flows, world.bucket, BUCKET, world.stored_environment, world.clock, one_by_one)
    share = planner.plan("flows/shop", "flows/shop/", read_environment(None, "dev.yaml")).share
    assert (share.changed, share.existing, share.is_mass_change) == (9, 12, True)
    without = planner.plan("flows/shop", "flows/shop/", read_environment(None, None)).share
    assert (without.changed, without.is_mass_change) == (0, False)


def test_flows_of_invalid_documents_do_not_make_the_changed_share_smaller(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    world = World()
    fleet(world, 20, "shop", "old")
    Path("flows/shop").mkdir(parents=True)
    for index in range(20):
        name = f"shop-{index:02}"
        content = text(orders(flowName=name, description="new", **({"tasks": "none"} if index > 4 else {})))
        Path(f"flows/shop/{name}.json").write_text(content)
    planner = Planner(
        world.flows, world.bucket, BUCKET, world.stored_environment, world.clock, one_by_one, force=True
    )
    share = planner.plan("flows", "flows/", read_environment(None, None)).share
    assert (share.changed, share.existing, share.blocked, share.is_mass_change) == (5, 5, 15, True)
    assert str(share) == (
        "this push would change 5 of 5 existing flows, more than 30 %, not counting 15 flows of invalid documents"
    )


def test_only_flows_that_the_push_leaves_without_a_document_are_orphans(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("flows").mkdir()
    world = World(may_create=True)
    for name in ("kept", "earlier", "invalid", "lost"):
        world.apply(f"flows/{name}.json", text(orders(flowName=name)))
    world.bucket.put("flows/earlier.json", text(orders(flowName="successor")))
    world.flows.edit(orders(flowName="elsewhere"))
    world.flows.retag("elsewhere", {"appflow-gitops:document": "s3://another/flows/elsewhere.json"})
    for name in ("kept", "successor"):
        Path(f"flows/{'earlier' if name == 'successor' else name}.json").write_text(
            text(orders(flowName=name))
        )
    Path("flows/invalid.json").write_text("{}")
    planner = Planner(world.flows, world.bucket, BUCKET, world.stored_environment, world.clock, one_by_one)
    orphans = planner.plan("flows", "flows/", read_environment(None, None)).orphans
    assert [flow.live.name for flow in orphans] == ["lost"]


def test_an_unreadable_document_beside_the_folder_counts_no_flow(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    world = World(environment="dev")
    world.bucket.put("variables/dev.yaml", "WHAT: old")
    fleet(world, 2, "crm", "${env.WHAT}")
    world.bucket.unreadable["flows/crm/crm-00.json"] = PermanentError("InvalidObjectState", "archived")
    Path("flows/shop").mkdir(parents=True)
    Path("flows/shop/a.json").write_text(text(orders(flowName="new")))
    Path("dev.yaml").write_text("WHAT: new")
    planner = Planner(world.flows, world.bucket, BUCKET, world.stored_environment, world.clock, one_by_one)
    share = planner.plan("flows/shop", "flows/shop/", read_environment(None, "dev.yaml")).share
    assert (share.changed, share.existing) == (1, 1)


def test_a_document_that_new_variables_make_invalid_changes_no_flow() -> None:
    version = DocumentVersion(bucket=BUCKET, key="flows/a.json")
    before, after = (Environment(variables=Variables({"WHAT": value})) for value in ("Map_all", "other"))
    flow = orders(tasks=[{"taskType": "${env.WHAT}", "sourceFields": []}])
    stored = StoredDocument(version, text(flow).encode(), Provenance())
    for live, existing in (({"orders"}, 1), ({"x"}, 0)):
        share = share_by_variables([stored], before, after, live)
        assert (share.changed, share.existing) == (0, existing)
