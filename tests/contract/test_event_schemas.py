"""The stored schemas and docs/status-events.md match the events that the functions send and accept."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator
from referencing import Registry, Resource

from appflow_gitops.origin import Mode
from appflow_gitops.status.bus import BusEvent
from appflow_gitops.status.drift import render_drift, render_limited
from appflow_gitops.status.envelope import SOURCE
from appflow_gitops.status.health import render_health
from appflow_gitops.sync.drift.report import Drift, LimitedRepairs
from appflow_gitops.sync.errors import PermanentError
from appflow_gitops.sync.intake.request import parse_request
from appflow_gitops.sync.outcome import Outcome
from appflow_gitops_cli.schema.flow_schema import flow_document_schema
from fakes.calls import Fault
from fakes.flow_documents import orders, scheduled, text
from fakes.world import World
from tools.docs.event_schemas import (
    MEMBERS,
    drift_event_schema,
    flow_change_requested_schema,
    flow_run_requested_schema,
    health_event_schema,
    limited_repairs_event_schema,
    schema_drift_event_schema,
    status_event_schema,
)
from tools.docs.status_events import (
    EXAMPLES,
    example_drift,
    example_event,
    example_health,
    example_limited_repairs,
    example_schema_drift,
    files,
    main,
)

ROOT = Path(__file__).parents[2]
STATUS: Any = status_event_schema()
DRIFT: Any = drift_event_schema()
LIMITED: Any = limited_repairs_event_schema()
HEALTH: Any = health_event_schema()
SCHEMA_DRIFT: Any = schema_drift_event_schema()
RUN: Any = flow_run_requested_schema()
REQUEST: Any = flow_change_requested_schema()
SAMPLES = sorted((ROOT / "events").glob("flow-change-requested*.json"))

resources: Any = Resource.from_contents(flow_document_schema())
REGISTRY: Any = Registry().with_resource(resources.id(), resources)


def problems(schema: Any, value: object) -> list[str]:
    return [error.message for error in Draft202012Validator(schema, registry=REGISTRY).iter_errors(value)]


def delivered(event: BusEvent) -> dict[str, Any]:
    """Return an event as EventBridge delivers it."""
    return {
        "source": SOURCE,
        "detail-type": event.detail_type,
        "resources": list(event.resources),
        "detail": json.loads(event.detail()),
    }


def closed(schema: Any) -> Any:
    """Return the schema with additional members forbidden."""
    models = {
        name: {"additionalProperties": "properties" not in model, **model}
        for name, model in schema["$defs"].items()
    }
    return {**schema, "$defs": models}


def applied(world: World) -> None:
    world.flows.edit(orders())
    flow = orders(description="Another")
    world.apply("flows/orders.yaml", text(flow), commit="4f2c1a9", branch="main")


def unchanged(world: World) -> None:
    world.flows.edit(orders())
    world.apply("flows/orders.json", text(orders()))


def adjusted(world: World) -> None:
    world.flows.edit(orders())
    schedule = scheduled()
    past = schedule["triggerConfig"]["triggerProperties"]["Scheduled"]
    past["scheduleStartTime"] = world.clock.now - 86400
    world.apply("flows/orders.json", text(schedule))


def rejected(world: World) -> None:
    world.apply("flows/orders.yaml", "flowName: orders\ntasks: none\n")


def rejected_request(world: World) -> None:
    world.intake.handle(world.requested({"flowName": "orders"}, actor="jo"))


def refused(world: World) -> None:
    world.flows.edit(orders())
    moved = orders()
    moved["sourceFlowConfig"]["sourceConnectorProperties"]["S3"]["bucketName"] = "elsewhere"
    world.apply("flows/orders.json", text(moved))


def missing(world: World) -> None:
    world.apply("flows/orders.json", text(orders()))


def retries_exhausted(world: World) -> None:
    world.flows.edit(orders())
    error = OSError("the line is dead")
    world.calls.faults = lambda operation, _: Fault(error) if operation == "DescribeFlow" else None
    world.apply("flows/orders.json", text(orders(description="Another")))


def superseded(world: World) -> None:
    world.drop("flows/orders.json", text(orders()))
    world.bucket.put("flows/orders.json", text(orders(description="Another")))
    world.settle()


def planned(world: World) -> None:
    world.flows.edit(orders())
    world.intake.handle(world.requested(scheduled(), mode=Mode.PLAN, actor="jo"))
    world.settle()


def observed(world: World) -> None:
    world.bucket.put("policy.yaml", "documents: [{prefix: flows/, flows: ['*'], mode: observe}]")
    world.flows.edit(orders())
    world.apply("flows/orders.json", text(orders(description="changed")))


def started(world: World) -> None:
    world.flows.edit(orders())
    world.clock.advance(60)
    world.bucket.put("policy.yaml", "documents: []\nrequests: {flows: [], runs: [orders]}\n")
    world.run_requested("orders")
    world.settle()


def truncated(world: World) -> None:
    world.apply("flows/orders.yaml", "\n---\n".join(["flowName: [1, 2]\nsourceFlowConfig: 5"] * 900))


EVENTS: dict[str, tuple[Callable[[World], None], Outcome]] = {
    "applied": (applied, Outcome.APPLIED),
    "unchanged": (unchanged, Outcome.UNCHANGED),
    "adjusted": (adjusted, Outcome.APPLIED),
    "rejected": (rejected, Outcome.REJECTED),
    "rejected request": (rejected_request, Outcome.REJECTED),
    "refused": (refused, Outcome.FAILED),
    "missing": (missing, Outcome.FAILED),
    "retries exhausted": (retries_exhausted, Outcome.FAILED),
    "superseded": (superseded, Outcome.SUPERSEDED),
    "planned": (planned, Outcome.PLANNED),
    "observed": (observed, Outcome.OBSERVED),
    "started": (started, Outcome.STARTED),
    "truncated": (truncated, Outcome.REJECTED),
}


@pytest.mark.parametrize(("happens", "outcome"), EVENTS.values(), ids=EVENTS)
def test_every_sent_event_matches_the_closed_schema(
    happens: Callable[[World], None], outcome: Outcome
) -> None:
    world = World()
    happens(world)
    assert outcome.value in world.bus.outcomes
    for event in map(delivered, world.bus.events):
        assert problems(closed(STATUS), event) == []


def drifted(world: World) -> None:
    applied(world)
    world.flows.edit(orders(description="by hand"))


def flow_gone(world: World) -> None:
    world.bucket.put("flows/orders.yaml", text(orders()), branch="main")


def document_gone(world: World) -> None:
    applied(world)
    world.bucket.delete("flows/orders.yaml")


def much_drifted(world: World) -> None:
    world.flows.edit(orders(tasks=many_tasks("x" * 1900)))
    world.apply("flows/orders.json", text(orders(tasks=many_tasks("y" * 1900))))
    world.flows.edit(orders(tasks=many_tasks("z" * 1900)))


def many_tasks(field: str) -> list[dict[str, Any]]:
    [projection, task, _] = orders()["tasks"]
    fields = [f"{field}{number}" for number in range(90)]
    mapped = [{**task, "sourceFields": [each], "destinationField": each[-200:]} for each in fields]
    return [{**projection, "sourceFields": fields}, *mapped]


DRIFTS: dict[str, tuple[Callable[[World], None], Drift]] = {
    "drifted": (drifted, Drift.DRIFTED),
    "pending": (refused, Drift.PENDING),
    "missing": (flow_gone, Drift.MISSING),
    "orphaned": (document_gone, Drift.ORPHANED),
    "truncated": (much_drifted, Drift.DRIFTED),
}


@pytest.mark.parametrize(("happens", "drift"), DRIFTS.values(), ids=DRIFTS)
def test_every_drift_event_matches_the_closed_schema(happens: Callable[[World], None], drift: Drift) -> None:
    world = World()
    happens(world)
    [report] = world.scan(self_heal=True).reported
    event = delivered(render_drift(report))
    assert event["detail"]["data"]["drift"] == drift.value
    assert event["detail"]["data"]["changesTruncated"] == (happens is much_drifted)
    assert problems(closed(DRIFT), event) == []


def test_the_example_of_a_drift_is_valid() -> None:
    assert problems(closed(DRIFT), example_drift()) == []


@pytest.mark.parametrize(
    ("outcome", "health"),
    [
        ({"status": "Error", "message": "the token expired"}, "Degraded"),
        ({"records": 5, "putFailures": 2}, "Degraded"),
        ({"records": 0}, None),
    ],
)
def test_every_health_event_matches_the_closed_schema(outcome: dict[str, Any], health: str | None) -> None:
    world = World(may_create=True)
    world.apply("flows/orders.json", text(orders()), commit="4f2c1a9", branch="main")
    reports = world.observe(world.flows.run("orders", **outcome))
    events = [delivered(render_health(report)) for report in reports]
    assert [event["detail"]["data"]["health"] for event in events] == ([health] if health else [])
    for event in events:
        assert problems(closed(HEALTH), event) == []


def test_the_example_of_a_health_event_is_valid() -> None:
    assert problems(closed(HEALTH), example_health()) == []


def test_every_event_of_limited_repairs_matches_the_closed_schema() -> None:
    """An event without room for all names is truncated."""
    for number in (1, 20_000):
        names = tuple(f"flow-{index:05}" for index in range(number))
        limited = LimitedRepairs("id", "scan-1", 0.0, "3f2a9c01b7de", 0, names, 0, number)
        event = delivered(render_limited(limited))
        assert problems(closed(LIMITED), event) == []
        assert event["detail"]["data"]["flowNamesTruncated"] == (number > 1)
    assert problems(closed(LIMITED), example_limited_repairs()) == []


def test_the_example_of_a_schema_drift_event_is_valid() -> None:
    assert problems(closed(SCHEMA_DRIFT), example_schema_drift()) == []


@pytest.mark.parametrize("path", files())
def test_the_generated_files_are_up_to_date(path: str) -> None:
    assert (ROOT / path).read_text(encoding="utf-8") == files()[path], "run: make docs"


def test_the_generator_writes_every_file(tmp_path: Path) -> None:
    for folder in ("docs", "schemas"):
        (tmp_path / folder).mkdir()
    main(tmp_path)
    assert {path for path in files() if (tmp_path / path).is_file()} == set(files())


@pytest.mark.parametrize("outcome", Outcome)
def test_every_outcome_has_an_explanation_and_a_valid_example(outcome: Outcome) -> None:
    assert outcome.meaning
    assert EXAMPLES[outcome].outcome is outcome
    assert problems(STATUS, example_event(outcome)) == []


def test_a_detail_type_that_contradicts_the_outcome_is_invalid() -> None:
    event = {**example_event(Outcome.APPLIED), "detail-type": "Flow Change Failed"}
    assert problems(STATUS, event) != []


def test_an_event_with_an_unknown_member_is_valid() -> None:
    event = example_event(Outcome.APPLIED)
    event["detail"]["data"]["cost"] = 5
    assert problems(STATUS, event) == []


def test_every_description_belongs_to_a_member() -> None:
    schemas = json.dumps([RUN, STATUS, DRIFT, LIMITED, HEALTH, SCHEMA_DRIFT, REQUEST])
    assert [name for name, words in MEMBERS.items() if json.dumps(words) not in schemas] == []


def test_the_sample_of_a_requested_run_matches_the_schema() -> None:
    sample = json.loads((ROOT / "events/flow-run-requested.json").read_text(encoding="utf-8"))
    assert problems(RUN, sample["detail"]) == []
    assert problems(RUN, {**sample["detail"], "force": True}) != []


@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: path.name)
def test_the_sample_requests_match_the_schema(path: Path) -> None:
    assert problems(REQUEST, json.loads(path.read_text(encoding="utf-8"))["detail"]) == []


pointers = st.fixed_dictionaries(
    {"bucket": st.text(max_size=3), "key": st.text(max_size=3)}, optional={"versionId": st.text(max_size=3)}
)
scalars = st.none() | st.booleans() | st.integers() | st.text(max_size=3)
requests = st.fixed_dictionaries(
    {},
    optional={
        "document": st.just(orders()) | st.text(max_size=3) | st.just([orders()]) | pointers | scalars,
        "provenance": st.dictionaries(st.sampled_from(["commit", "branch"]), scalars, max_size=2) | scalars,
        "force": scalars,
        "mode": st.sampled_from(["apply", "plan", "Plan"]) | scalars,
        "surprise": scalars,
    },
)


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(requests)
def test_intake_accepts_exactly_the_requests_that_match_the_schema(detail: dict[str, Any]) -> None:
    try:
        parse_request(detail)
    except PermanentError:
        assert problems(REQUEST, detail) != []
    else:
        assert problems(REQUEST, detail) == []
