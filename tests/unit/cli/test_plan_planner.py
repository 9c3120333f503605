"""What ``plan`` says about a folder: moves, orphans, duplicates, and what push would refuse."""

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import pytest

from appflow_gitops.origin import Provenance
from appflow_gitops.sync.action import Action
from appflow_gitops.sync.errors import PermanentError
from appflow_gitops.validation.environment import NO_ENVIRONMENT, Environment
from appflow_gitops.validation.policy.read import read_policy
from appflow_gitops_cli.documents.keys import find_keys
from appflow_gitops_cli.documents.sources import find_sources
from appflow_gitops_cli.environment import read_environment
from appflow_gitops_cli.plan.planner import FlowPlanner
from appflow_gitops_cli.plan.report import FlowPlan, PlanReport
from appflow_gitops_cli.stack_limits import StackLimits
from fakes.bucket import BUCKET
from fakes.flow_documents import orders, scheduled, text
from fakes.push import InlineCalls, one_by_one
from fakes.world import World

KEY = "flows/orders.json"


@pytest.fixture(autouse=True)
def _in_a_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("flows").mkdir()


@pytest.fixture
def world() -> World:
    return World()


def plan(world: World, environment: Environment = NO_ENVIRONMENT, **options: Any) -> PlanReport:
    """The plan for the folder ``flows``."""
    sources = find_sources(["flows"])
    keys = find_keys(["flows"], sources, "flows/", read_environment(None, None))
    planner = FlowPlanner(world.flows, world.bucket, BUCKET, keys, environment, clock=world.clock, **options)
    return planner.plan_all(sources, InlineCalls(), one_by_one)


def write(name: str, *flows: dict[str, Any]) -> None:
    Path("flows", name).write_text(f"[{', '.join(map(text, flows))}]" if len(flows) != 1 else text(flows[0]))


@pytest.fixture
def applied(world: World) -> World:
    """A world whose flow ``orders`` belongs to a document of commit 4f2c."""
    world.may_create = True
    world.apply(KEY, text(orders()), commit="4f2c")
    return world


def only(report: PlanReport) -> FlowPlan:
    [flow] = report.flows
    return flow


@pytest.mark.parametrize(
    ("flow", "is_draft"),
    [
        (orders(), False),
        (scheduled(), True),
        (scheduled(flowStatus="Suspended"), True),
        (scheduled(flowStatus="Active"), False),
    ],
    ids=["on demand", "without a status", "suspended", "active"],
)
def test_a_created_flow_that_needs_a_start_stays_in_draft(
    world: World, flow: dict[str, Any], *, is_draft: bool
) -> None:
    write("orders.json", flow)
    found = only(plan(world, may_create=True))
    assert (found.action, found.in_draft) == (Action.CREATE, is_draft)
    assert only(plan(world)).in_draft is False


def test_an_existing_flow_is_never_planned_as_a_draft(world: World) -> None:
    world.flows.edit(scheduled())
    write("orders.json", scheduled(description="new"))
    assert not only(plan(world)).in_draft


def test_a_flow_moves_from_the_document_that_owns_it(applied: World) -> None:
    write("new.json", orders())
    moved = plan(applied, prune=True)
    assert (only(moved).moved_from, only(moved).is_change, moved.deleted) == (KEY, True, (KEY,))
    refused = plan(applied)
    assert (only(refused).action, only(refused).moved_from) == (Action.REFUSE, None)
    assert refused.deleted == ()


def test_a_flow_of_its_own_document_does_not_move(applied: World) -> None:
    write("orders.json", orders())
    assert only(plan(applied)).moved_from is None


def test_documents_that_only_the_bucket_has_are_noted_or_deleted(applied: World) -> None:
    write("other.json", orders(flowName="other"))
    noted, pruned = plan(applied), plan(applied, prune=True)
    assert noted.notes == (
        f"the bucket has 1 document that the folder lacks ('{KEY}'); --prune deletes it and keeps the flows",
    )
    assert (noted.orphans, noted.deleted, noted.replaces_all) == ((), (), False)
    [orphan] = pruned.orphans
    assert (orphan.name, orphan.key, orphan.by_push) == ("orders", KEY, True)
    assert (pruned.notes, pruned.deleted, pruned.replaces_all) == ((), (KEY,), True)


def test_a_flow_that_was_orphaned_earlier_is_only_noted(applied: World) -> None:
    applied.bucket.put(KEY, text(orders(flowName="other")))
    write("orders.json", orders(flowName="other"))
    report = plan(applied)
    assert report.orphans == ()
    assert report.notes == ("1 flow orphaned earlier ('orders'); see 'appflow-gitops status'",)


def test_a_flow_that_another_stored_document_declares_too_is_taken_over(applied: World) -> None:
    applied.bucket.put("flows/heir.json", text(orders(description="heir")))
    write("orders.json", orders(flowName="other"))
    report = plan(applied)
    assert report.orphans == ()
    [taken] = report.taken_over
    assert (taken.name, taken.key, taken.heirs) == ("orders", KEY, ("flows/heir.json",))


def test_a_stored_duplicate_of_a_flow_is_noted(applied: World) -> None:
    applied.bucket.put("flows/copy.json", text(orders(description="copy")))
    write("orders.json", orders(description="new"))
    [note, _] = sorted(plan(applied).notes)
    assert note == (
        "flow 'orders': 'flows/copy.json' in the bucket declares it too, and is rejected while flows/orders.json "
        "declares it"
    )


def missing(*commits: str) -> Callable[[Iterable[Provenance]], frozenset[str]]:
    """A working copy without these commits."""
    return lambda found: frozenset(each.commit for each in found if each.commit in commits)


@pytest.mark.parametrize(
    ("commit", "description", "prune", "refused"),
    [
        ("4f2c", "new", False, True),
        ("9c1e", "new", False, False),
        ("4f2c", orders()["description"], False, False),
        ("4f2c", None, False, False),
        ("4f2c", None, True, True),
    ],
    ids=["changed", "known commit", "same content", "other document", "deleted"],
)
def test_a_push_from_an_older_checkout_is_announced_as_refused(
    applied: World, commit: str, description: str | None, *, prune: bool, refused: bool
) -> None:
    if description is None:
        write("other.json", orders(flowName="other"))
    else:
        write("orders.json", orders(description=description))
    report = plan(applied, missing_commits=missing(commit), prune=prune)
    assert any(note.startswith("push will refuse this: ") for note in report.notes) is refused
    assert not any("refuse this" in note for note in plan(applied, prune=prune).notes)


def test_an_unreadable_document_does_not_count_as_a_newer_one(applied: World) -> None:
    write("orders.json", orders(description="new"))
    applied.bucket.unreadable[KEY] = PermanentError("InvalidObjectState", "archived")
    assert not any("refuse this" in note for note in plan(applied, missing_commits=missing("4f2c")).notes)


POLICY = """
documents:
  - {prefix: flows/, flows: ['*']}
windows:
  - {allow: [orders], start: 2001-01-01T00:00, duration: 1h}
"""


def policy(content: str) -> Environment:
    return Environment(read_policy(content.encode(), "policy.yaml")[0])


def test_only_a_change_that_is_made_waits_for_its_window(applied: World) -> None:
    environment = policy(POLICY)
    write("orders.json", orders(description="new"))
    assert only(plan(applied, environment)).hold
    assert only(plan(applied)).hold is None
    write("orders.json", orders())
    assert only(plan(applied, environment)).hold is None
    write("copy.json", orders(description="copy"))
    assert [flow.hold for flow in plan(applied, environment).flows] == [None, None]


def test_observed_flows_are_counted_and_marked(applied: World) -> None:
    environment = policy("documents: [{prefix: flows/, flows: ['*'], mode: observe}]")
    write("orders.json", orders(description="new"), orders(flowName="other"))
    report = plan(applied, environment, may_create=True)
    assert [flow.is_observed for flow in report.flows] == [True, True]
    assert "2 flows observed: the policy has mode observe, so push changes nothing there" in report.notes


def refused(report: PlanReport) -> tuple[str, str]:
    refusal = only(report).refusal
    assert refusal
    return refusal.code, refusal.message


def test_a_flow_of_another_document_says_which_and_how_to_free_it(applied: World) -> None:
    write("new.json", orders())
    code, message = refused(plan(applied))
    assert code == "OwnedByAnotherDocument"
    assert message == (
        f"the flow belongs to s3://{BUCKET}/{KEY}; remove it from that document first, "
        "or delete that document with --prune"
    )
    applied.flows.retag("orders", {"appflow-gitops:document": "s3://another/flows/orders.json"})
    assert refused(plan(applied)) == (
        code,
        "the flow belongs to s3://another/flows/orders.json; remove it from that document first",
    )


def test_a_flow_that_stored_documents_declare_too_is_not_taken_over(applied: World) -> None:
    for name in ("b", "a"):
        applied.bucket.put(f"flows/{name}.json", text(orders()))
    write("orders.json", orders(flowName="other"))
    write("new.json", orders())
    [found] = [flow for flow in plan(applied, may_create=True).flows if flow.name == "orders"]
    assert found.refusal
    assert (found.refusal.code, found.refusal.message) == (
        "OwnedByAnotherDocument",
        (
            "the flow is also declared by flows/a.json and flows/b.json in the bucket, and would move there first; "
            "remove it there, or delete what only the bucket has with --prune"
        ),
    )


def test_a_flow_that_may_not_be_created_says_why(world: World) -> None:
    write("orders.json", orders())
    code, message = refused(plan(world, policy("documents: [{prefix: flows/, flows: ['*'], create: false}]"),
                                 may_create=True))  # fmt: skip
    assert (code[:4], "create" in message) == ("AFG3", True)
    key = "arn:aws:kms:us-east-1:123456789012:key/a"
    write("orders.json", orders(kmsArn=key))
    limits = StackLimits.of({"FlowKeys": "other", "FlowBuckets": "arn:aws:s3:::shop-*"})
    assert refused(plan(world, may_create=True, limits=limits)) == (
        "AccessDeniedException",
        f"the stack may not use the key '{key}' (FlowKeys lacks it)",
    )


def test_a_document_that_push_does_not_send_names_every_problem(world: World) -> None:
    write("a.json", orders())
    write("b.json", orders())
    limits = StackLimits.of({"FlowNamePrefix": "x-"})
    report = plan(world, may_create=True, limits=limits)
    assert [flow.refusal and flow.refusal.message for flow in report.flows] == [
        f"push does not send the document: flow 'orders': flows/{other}.json declares it too; "
        "flow 'orders': the stack may only change flows whose name starts with 'x-'"
        for other in ("b", "a")
    ]


def test_notes_count_documents_and_flows(applied: World) -> None:
    applied.flows.edit(orders(flowName="lost"))
    applied.flows.retag("lost", {"appflow-gitops:document": f"s3://{BUCKET}/flows/deleted.json"})
    applied.bucket.put("flows/b.json", text(orders(flowName="b")))
    write("other.json", orders(flowName="other"))
    assert plan(applied, may_create=True).notes == (
        (
            f"the bucket has 2 documents that the folder lacks ('flows/b.json', '{KEY}'); --prune deletes them and "
            "keeps the flows"
        ),
        "1 flow orphaned earlier ('lost'); see 'appflow-gitops status'",
    )


@pytest.mark.parametrize(
    ("trigger", "warned"),
    [("rat(1hours)", ["AFG253"]), ("rate(1hours)", [])],
)
def test_warnings_of_changed_flows_are_shown_except_those_that_the_plan_says_anyway(
    world: World, trigger: str, warned: list[str]
) -> None:
    schedule = {"Scheduled": {"scheduleExpression": trigger, "dataPullMode": "Complete"}}
    flow = scheduled(triggerConfig={"triggerType": "Scheduled", "triggerProperties": schedule})
    write("orders.json", flow)
    report = plan(world, may_create=True)
    assert [each.rule for document in report.warned for each in document.findings] == warned
    world.flows.edit(flow)
    assert plan(world).warned == ()


@pytest.mark.parametrize(("commit", "reads"), [("4f2c", 1), ("9c1e", 0)])
def test_a_document_in_sync_is_read_only_if_its_flow_has_an_unknown_commit(
    applied: World, commit: str, reads: int
) -> None:
    write("orders.json", orders())
    before = len(applied.calls.made)
    plan(applied, missing_commits=missing(commit))
    assert [subject for _, subject in applied.calls.made[before:]].count(KEY) == reads


def test_a_file_that_cannot_be_read_is_an_invalid_document(applied: World) -> None:
    Path("flows/lost.json").symlink_to("nowhere")
    write("orders.json", orders())
    report = plan(applied)
    [invalid] = report.invalid
    assert (invalid.file, invalid.findings[0].rule) == ("flows/lost.json", "AFG000")
    assert (report.exit_status, only(report).action) == (1, Action.UNCHANGED)


def test_a_document_is_read_if_one_of_its_flows_has_an_unknown_commit(world: World) -> None:
    world.may_create = True
    world.apply(KEY, f"[{text(orders())}, {text(orders(flowName='other'))}]", commit="4f2c")
    world.flows.retag("other", {"appflow-gitops:commit": "9c1e"})
    write("orders.json", orders(), orders(flowName="other"))
    before = len(world.calls.made)
    plan(world, missing_commits=missing("9c1e"))
    assert [subject for _, subject in world.calls.made[before:]].count(KEY) == 1
