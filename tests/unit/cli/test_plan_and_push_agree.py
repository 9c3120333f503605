"""Whatever the folder, the bucket and the live flows are: push does what plan said, and nothing else."""

from collections.abc import Mapping
from contextlib import chdir
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple

from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from appflow_gitops.flows.diff import diff
from appflow_gitops.flows.ownership import PREFIX, Ownership
from appflow_gitops.origin import Provenance
from appflow_gitops.sync.action import Action
from appflow_gitops.sync.declaration import document_keys, read_declaration
from appflow_gitops.validation.environment import NO_ENVIRONMENT
from appflow_gitops_cli.documents.keys import find_keys
from appflow_gitops_cli.documents.sources import find_sources
from appflow_gitops_cli.environment import read_environment
from appflow_gitops_cli.plan.planner import FlowPlanner
from appflow_gitops_cli.plan.report import FlowPlan, PlanReport
from appflow_gitops_cli.push.planner import Planner
from appflow_gitops_cli.push.uploader import Uploader
from appflow_gitops_cli.stack_limits import StackLimits
from fakes.bucket import BUCKET
from fakes.flow_documents import orders, scheduled, text
from fakes.push import FakeStack, InlineCalls, one_by_one
from fakes.world import World

FLOWS = ("customers", "orders", "returns")
ROLE = "arn:aws:iam::111122223333:role/glue"
CATALOG = {"glueDataCatalog": {"roleArn": ROLE, "databaseName": "sales", "tablePrefix": "orders"}}
FILES = ("a.json", "b.json", "c.json")


def without_duplicates(folder: Mapping[str, Mapping[str, Any]]) -> dict[str, dict[str, Any]]:
    """Each flow in the first document that declares it: push sends none of several."""
    taken: set[str] = set()
    kept = {}
    for file, declared in folder.items():
        if left := {name: build for name, build in declared.items() if name not in taken}:
            kept[file] = left
            taken |= left.keys()
    return kept


flows = st.builds(
    lambda build, members: partial(build, **members),
    st.sampled_from([orders, scheduled]),
    st.fixed_dictionaries(
        {"description": st.sampled_from(["one", "two"])},
        optional={
            "metadataCatalogConfig": st.just(CATALOG),
            "tags": st.dictionaries(st.sampled_from(["team", "cost"]), st.sampled_from(["x", "y"])),
        },
    ),
)
folders = st.dictionaries(
    st.sampled_from(FILES),
    st.dictionaries(st.sampled_from(FLOWS), flows, min_size=1, max_size=2),
    min_size=1,
)


class State(NamedTuple):
    """What users see of a flow."""

    configuration: Mapping[str, Any]
    status: str
    tags: Mapping[str, str]
    owner: str | None


def content(declared: Mapping[str, Any]) -> str:
    return f"[{', '.join(text(build(flowName=name)) for name, build in declared.items())}]"


def seen(world: World) -> dict[str, State]:
    return {
        name: State(
            world.flows.configuration(name),
            world.flows.status(name),
            {key: value for key, value in world.flows.tags(name).items() if not key.startswith(PREFIX)},
            Ownership.of(world.flows.tags(name)).document,
        )
        for name in world.flows.backend.flows
    }


limits = st.builds(
    StackLimits,
    flow_name_prefix=st.sampled_from(["", "", "o"]),
    flow_buckets=st.sampled_from([(), (), ("arn:aws:s3:::other",)]),
    glue_catalog_roles=st.sampled_from([None, (), (ROLE,)]),
)


def planned(world: World, limits: StackLimits, *, prune: bool) -> PlanReport:
    sources = find_sources(["flows"])
    keys = find_keys(["flows"], sources, "flows/", read_environment(None, None))
    planner = FlowPlanner(
        world.flows,
        world.bucket,
        BUCKET,
        keys,
        NO_ENVIRONMENT,
        limits,
        may_create=world.may_create,
        prune=prune,
        clock=world.clock,
    )
    return planner.plan_all(sources, InlineCalls(), one_by_one)


def pushed(world: World, limits: StackLimits, *, prune: bool) -> bool:
    """Whether push has no objection. A document that cannot be sent does not keep the others back."""
    stack = FakeStack(world)
    planner = Planner(
        world.flows,
        world.bucket,
        BUCKET,
        world.stored_environment,
        world.clock,
        one_by_one,
        limits,
        may_create=world.may_create,
        prune=prune,
    )
    plan = planner.plan("flows", "flows/", read_environment(None, None))
    Uploader(stack, stack, BUCKET, Provenance(), one_by_one).execute(plan, prune=prune)
    stack.settle()
    return not any(step.problems for step in plan.steps)


@settings(max_examples=40, deadline=None, phases=[Phase.generate])
@given(
    before=folders,
    after=folders.map(without_duplicates),
    edits=st.dictionaries(st.sampled_from(FLOWS), flows),
    data=st.data(),
)
def test_push_does_what_plan_said_and_nothing_else(before: Any, after: Any, edits: Any, data: Any) -> None:
    world = World(may_create=data.draw(st.booleans(), "may_create"))
    for name in data.draw(st.sets(st.sampled_from(FLOWS)), "unmanaged"):
        world.flows.edit(orders(flowName=name, description="by hand"))
    for file, declared in before.items():
        world.clock.advance(1)
        world.apply(f"flows/{file}", content(declared))
    for name, build in edits.items():
        if name in world.flows.backend.flows:
            world.clock.advance(1)
            world.flows.edit(orders(flowName=name, description=build(flowName=name)["description"]))
    prune, stack = data.draw(st.booleans(), "prune"), data.draw(limits, "limits")
    with TemporaryDirectory() as folder, chdir(folder):
        Path("flows").mkdir()
        for file, declared in after.items():
            Path("flows", file).write_text(content(declared))
        world.clock.advance(60)
        report, live, keys, owned = (
            planned(world, stack, prune=prune),
            seen(world),
            stored(world),
            with_document(world),
        )
        world.clock.advance(60)
        accepted = pushed(world, stack, prune=prune)
    assert accepted is not any(flow.action is Action.REFUSE for flow in report.flows)
    result = seen(world)
    for flow in report.flows:
        check(flow, live.get(flow.name), result.get(flow.name))
    declared_flows = {flow.name for flow in report.flows}
    heirs = {flow.name: flow.heirs for flow in report.taken_over}
    untouched = live.keys() - declared_flows - heirs.keys()
    for name, keys_of_heirs in heirs.items():
        assert result[name].owner in {f"s3://{BUCKET}/{key}" for key in keys_of_heirs}
    assert result.keys() - live.keys() <= declared_flows
    assert {name: result[name] for name in untouched} == {name: live[name] for name in untouched}
    assert keys - stored(world) == set(report.deleted)
    orphaned = owned - with_document(world)
    assert {orphan.name for orphan in report.orphans} == orphaned


def stored(world: World) -> set[str]:
    return set(document_keys(world.bucket, BUCKET, "flows/"))


def with_document(world: World) -> set[str]:
    """The flows whose document declares them."""
    return {
        live.name
        for live in world.flows.summaries()
        if (key := live.owner.key_in(BUCKET))
        and (read := read_declaration(BUCKET, key, documents=world.bucket, environment=NO_ENVIRONMENT))
        and live.name in read.flows
    }


def check(flow: FlowPlan, before: State | None, after: State | None) -> None:
    """The flow is, after the push, as its plan said."""
    if flow.action is Action.REFUSE:
        is_taken_over = flow.refusal and "takes it over first" in flow.refusal.message
        assert is_taken_over or after == before
        return
    assert after is not None
    changed = {item.path[0] for item in flow.changes}
    if before is None:
        assert flow.action is Action.CREATE
        assert (after.status == "Draft") is flow.in_draft
        return
    assert flow.action is not Action.CREATE
    assert (difference_of(before, after) - {"flowStatus"}) == (changed - {"flowStatus"})
    assert (flow.action is Action.UNCHANGED) is (not changed)
    assert (after.owner != before.owner) is (flow.moved_from is not None or before.owner is None)


def difference_of(before: State, after: State) -> set[str]:
    """The top-level members that differ, by AppFlow's rules for what is equal."""
    items = diff(after.configuration, before.configuration)  # type: ignore[arg-type]
    return {str(item.path[0]) for item in items} | ({"tags"} if after.tags != before.tags else set())
