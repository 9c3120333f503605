"""``ignore`` in the policy: these members make no difference, and an update keeps their live values."""

import copy
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from appflow_gitops.findings import Path, parse_pointer
from appflow_gitops.flows.canonical import declared_digest, update_token
from appflow_gitops.flows.diff import diff
from appflow_gitops.flows.document import FlowDocument
from appflow_gitops.flows.live import LiveFlow
from appflow_gitops.sync.action import Action
from appflow_gitops.sync.plan import plan
from appflow_gitops.validation.policy.ignored import parse_member
from fakes.flow_documents import orders, scheduled, text
from fakes.world import World
from generators.small_flows import UPDATED_AT, accounts, map_all, mapping, projection, service_view

NOW = 1_768_478_400.0
KEY = "flows/orders.json"
SCHEDULED = "/triggerConfig/triggerProperties/Scheduled"
SALESFORCE = "/sourceFlowConfig/sourceConnectorProperties/Salesforce"
S3 = "/destinationFlowConfigList/0/destinationConnectorProperties/S3"
VALUES: dict[str, st.SearchStrategy[Any]] = {
    "/description": st.sampled_from(["a", "b", "c d"]),
    "/tasks": st.lists(
        st.sampled_from(["Id", "Name", "City"]).map(lambda field: mapping(field, field)), max_size=3
    ),
    "/triggerConfig": st.sampled_from([{"triggerType": "OnDemand"}, accounts()["triggerConfig"]]),
    f"{SCHEDULED}/scheduleExpression": st.sampled_from(["rate(5minutes)", "rate(12hours)"]),
    f"{SCHEDULED}/scheduleOffset": st.integers(1, 1000),
    f"{SCHEDULED}/dataPullMode": st.sampled_from(["Complete", "Incremental"]),
    f"{SALESFORCE}/includeDeletedRecords": st.booleans(),
    "/sourceFlowConfig/apiVersion": st.sampled_from(["v1", "v2"]),
    f"{S3}/s3OutputFormatConfig": st.just({"fileType": "CSV"}),
    f"{S3}/s3OutputFormatConfig/fileType": st.sampled_from(["CSV", "PARQUET"]),
    f"{S3}/s3OutputFormatConfig/prefixConfig/prefixFormat": st.sampled_from(["DAY", "HOUR"]),
    f"{S3}/s3OutputFormatConfig/prefixConfig/prefixType": st.sampled_from(["PATH", "FILENAME"]),
}
"""Pointers and live values for them."""


def path_of(pointer: str) -> Path:
    path = parse_member(pointer)
    assert isinstance(path, tuple), path
    return path


def value_at(value: Any, path: Path) -> Any:
    for step in path:
        if value is None or (isinstance(value, list) and step >= len(value)):  # type: ignore[operator]
            return None
        value = value[step] if isinstance(value, list) else value.get(step)
    return value


def put(flow: Any, path: Path, value: Any) -> None:
    """Set a member, or remove it (``None``), with the objects around it; the rest of the flow stays as it is."""
    *parents, name = path
    for step in parents:
        flow = flow[step] if isinstance(flow, list) else flow.setdefault(step, {})
    if value is None:
        flow.pop(name, None)
    else:
        flow[name] = value


def live_flow(configuration: Any, **facts: Any) -> LiveFlow:
    return LiveFlow("accounts", "arn", "Active", configuration, **facts)


EDITS = st.sets(st.sampled_from(sorted(VALUES)), min_size=1, max_size=4).flatmap(
    lambda pointers: st.fixed_dictionaries(
        {pointer: VALUES[pointer] for pointer in sorted(pointers, key=len)},
    )
)
REMOVABLE = sorted(set(VALUES) - {"/tasks", "/triggerConfig", f"{SCHEDULED}/scheduleExpression"})


def edited(edits: dict[str, Any], removed: set[str]) -> dict[str, Any]:
    """The sample flow after console edits of these members. A member of a removed object is not edited."""
    flow: dict[str, Any] = copy.deepcopy(accounts())
    on_demand = edits.get("/triggerConfig", {}).get("triggerType") == "OnDemand"
    for pointer, value in edits.items():
        if not (on_demand and pointer.startswith(SCHEDULED)):
            put(flow, path_of(pointer), None if pointer in removed else copy.deepcopy(value))
    return flow


@given(EDITS, st.sets(st.sampled_from(REMOVABLE)), st.randoms())
def test_what_differs_only_in_ignored_members_is_in_sync(
    edits: dict[str, Any], removed: set[str], chance: Any
) -> None:
    document = FlowDocument.model_validate(accounts()).ignoring(map(path_of, edits))
    live = live_flow(service_view(edited(edits, removed), chance), last_updated_at=float(UPDATED_AT))
    made = plan(document, live, now=NOW, may_create=False)
    assert (made.action, made.changes) == (Action.UNCHANGED, ())


@given(EDITS, st.sets(st.sampled_from(REMOVABLE)), st.booleans())
def test_an_update_sends_the_live_values_of_ignored_members_and_is_in_sync_then(
    edits: dict[str, Any], removed: set[str], swapped: bool
) -> None:
    configured, declared = edited(edits, removed), accounts()
    if swapped:  # what the document has, the live flow lacks
        configured, declared = declared, configured
    declared = {**declared, "metadataCatalogConfig": {"glueDataCatalog": dict(GLUE)}}
    document = FlowDocument.model_validate(declared).ignoring(map(path_of, edits))
    live = live_flow(configured)
    made = plan(document, live, now=0.0, may_create=False)
    assert made.action is Action.UPDATE
    assert [item.pointer for item in made.changes] == ["/metadataCatalogConfig"]
    assert made.request is not None
    after = copy.deepcopy(dict(made.request))
    del after["metadataCatalogConfig"]
    assert diff(after, configured) == ()
    FlowDocument.model_validate(made.request)


GLUE = {
    "roleArn": "arn:aws:iam::123456789012:role/catalog",
    "databaseName": "sales",
    "tablePrefix": "orders",
}


def test_a_member_of_an_object_that_the_live_flow_lacks_is_sent_as_declared() -> None:
    declared = {**accounts(), "metadataCatalogConfig": {"glueDataCatalog": GLUE}}
    pointer = "/metadataCatalogConfig/glueDataCatalog/tablePrefix"
    document = FlowDocument.model_validate(declared).ignoring([path_of(pointer)])
    made = plan(document, live_flow(accounts()), now=0.0, may_create=False)
    assert made.request is not None
    assert made.request["metadataCatalogConfig"] == {"glueDataCatalog": GLUE}


def test_a_new_flow_is_created_as_declared() -> None:
    document = FlowDocument.model_validate(orders(description="declared")).ignoring([("description",)])
    made = plan(document, None, now=NOW, may_create=True)
    assert made.request is not None
    assert made.request["description"] == "declared"


def test_the_status_can_be_ignored() -> None:
    document = FlowDocument.model_validate(scheduled(flowStatus="Active")).ignoring([("flowStatus",)])
    live = LiveFlow("orders", "arn", "Suspended", scheduled())
    made = plan(document, live, now=NOW, may_create=False)
    assert (made.action, made.status) == (Action.UNCHANGED, "Suspended")


def test_equal_tokens_mean_equal_parameters() -> None:
    """Documents that differ only in ignored members send equal requests, with equal tokens."""
    live = live_flow({**accounts(), "description": "live"})
    tokens, requests = set(), []
    for description in ("one", "two"):
        declared = {**accounts(), "description": description, "tasks": [mapping("Id", "Id")]}
        document = FlowDocument.model_validate(declared).ignoring([("description",)])
        made = plan(document, live, now=0.0, may_create=False)
        assert made.request is not None
        tokens.add(update_token(made.request, live))
        requests.append(made.request)
    assert len(tokens) == 1
    assert requests[0] == requests[1]


def test_the_digest_depends_on_what_is_ignored_but_not_on_its_value() -> None:
    def digest(*ignored: Path, **changes: Any) -> str:
        return declared_digest(FlowDocument.model_validate(orders(**changes)).ignoring(ignored))

    assert digest(("description",), description="a") == digest(("description",), description="b")
    assert digest(description="a") != digest(description="b")
    assert digest(description="a") != digest(("description",), description="a")
    assert digest(("description",)) != digest()


# In a stack

POLICY = """
documents: [{prefix: flows/, flows: ['*']}]
requests: {flows: ['*']}
ignore:
  - {flows: [orders], pointers: [/description]}
"""
NOTHING_IGNORED = POLICY.replace("[orders]", "[returns]")


@pytest.fixture
def ignoring(world: World) -> World:
    world.bucket.put("policy.yaml", POLICY)
    world.flows.edit(orders(description="live"))
    world.apply(KEY, text(orders(description="declared")))
    return world


def test_p5_an_ignored_difference_writes_nothing_to_the_configuration(ignoring: World) -> None:
    assert ignoring.bus.outcomes == ["Unchanged"]
    assert ignoring.calls.count("UpdateFlow") == 0


def test_an_update_keeps_the_live_value(ignoring: World) -> None:
    tasks = [*orders()["tasks"], mapping("City", "Town")]
    [event] = ignoring.apply(KEY, text(orders(description="declared", tasks=tasks)))
    assert (event.data.outcome, event.data.differences) == ("Applied", ())
    assert ignoring.flows.configuration("orders")["description"] == "live"


def test_a_request_keeps_the_live_value_too(ignoring: World) -> None:
    tasks = [*orders()["tasks"], mapping("City", "Town")]
    ignoring.intake.handle(ignoring.requested(orders(description="sent", tasks=tasks), force=True))
    ignoring.settle()
    assert ignoring.flows.configuration("orders")["description"] == "live"


def test_an_edit_of_an_ignored_member_does_not_count_as_drift(ignoring: World) -> None:
    ignoring.flows.edit(orders(description="edited"))
    assert ignoring.scan(self_heal=True).reported == []
    ignoring.calls.made.clear()
    assert ignoring.scan(self_heal=True).reported == []
    assert ignoring.calls.count("DescribeFlow") == 0


def test_what_is_ignored_no_longer_is_found_by_the_next_scan(ignoring: World) -> None:
    assert ignoring.scan(self_heal=True).reported == []
    ignoring.bucket.put("policy.yaml", NOTHING_IGNORED)
    [report] = ignoring.scan(self_heal=True).reported
    assert [item.pointer for item in report.changes] == ["/description"]
    ignoring.settle()
    assert ignoring.flows.configuration("orders")["description"] == "declared"


def test_what_is_ignored_now_does_not_count_as_drift_any_more(world: World) -> None:
    world.bucket.put("policy.yaml", NOTHING_IGNORED)
    world.flows.edit(orders(description="live"))
    world.apply(KEY, text(orders(description="declared")))
    world.flows.edit(orders(description="edited"))
    world.bucket.put("policy.yaml", POLICY)
    assert world.scan(self_heal=True).reported == []


def test_pointers_round_trip() -> None:
    for pointer in VALUES:
        assert tuple(map(str, path_of(pointer))) == parse_pointer(pointer)


def test_ignored_tasks_are_sent_without_those_that_map_all_generated() -> None:
    """AppFlow generates them again, and drops what it did not generate."""
    own = {**mapping("Phone", "Telephone"), "taskProperties": {"DATA_TYPE": "string"}}
    live = {**accounts(), "tasks": [map_all(), projection("Id", "Name"), mapping("Id", "Id"), own]}
    document = FlowDocument.model_validate({**accounts(), "tasks": [map_all()]})
    document = document.ignoring([("tasks",), ("description",)])
    made = plan(document, live_flow(live), now=0.0, may_create=False)
    assert made.action is Action.UNCHANGED
    document = FlowDocument.model_validate({**document.to_wire(), "description": "next"}).ignoring(
        [("tasks",)]
    )
    made = plan(document, live_flow(live), now=0.0, may_create=False)
    assert made.request is not None
    assert sorted(task["taskType"] for task in made.request["tasks"]) == ["Map", "Map_all"]


def test_p5_ignoring_a_member_writes_nothing_to_a_flow_with_generated_tasks() -> None:
    """The digest in the tags is that of the same version, before anything was ignored."""
    declared = {**accounts(), "tasks": [map_all()]}
    live = {**accounts(), "tasks": [map_all(), projection("Id"), mapping("Id", "Id")]}
    document = FlowDocument.model_validate(declared)
    tags = {"appflow-gitops:digest": declared_digest(document)}
    made = plan(document.ignoring([("description",)]), live_flow(live, tags=tags), now=0.0, may_create=False)
    assert made.action is Action.UNCHANGED
