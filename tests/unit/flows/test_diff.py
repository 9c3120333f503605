import copy
import random
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from appflow_gitops.findings import Json, Path
from appflow_gitops.flows.diff import DiffItem, diff
from appflow_gitops.flows.normalise import normalise
from generators.small_flows import (
    UPDATED_AT,
    Flow,
    accounts,
    edited,
    mapping,
    requests,
    service_view,
    without,
)

ACCOUNTS = accounts()
CHANCE = st.randoms(use_true_random=False)


@pytest.mark.parametrize(
    ("path", "live", "expected"),
    [
        (("description",), "Old", ("change", "Old", "Accounts to the lake")),
        (("description",), None, ("add", None, "Accounts to the lake")),
        (("sourceFlowConfig", "apiVersion"), "v55", ("remove", "v55", None)),
        (("tasks", 2, "destinationField"), "Name", ("change", "Name", "FullName")),
        (("tasks", 2, "sourceFields"), ["FirstName"], ("change", ["FirstName"], ["Name"])),
        (
            ("tasks", 3, "connectorOperator", "Salesforce"),
            "LESS_THAN",
            ("change", "LESS_THAN", "GREATER_THAN"),
        ),
        (("tasks", 4, "taskProperties", "MASK_VALUE"), "#", ("change", "#", "*")),
        (("tasks", 1, "taskProperties"), {"VALUE": "1"}, ("remove", {"VALUE": "1"}, None)),
        (("tasks", 0, "sourceFields"), ["Id"], ("change", ["Id"], ["Id", "Name"])),
    ],
)
def test_a_difference_has_path_operation_and_both_values(
    path: Path, live: Json, expected: tuple[str, Json, Json]
) -> None:
    (item,) = diff(ACCOUNTS, edited(ACCOUNTS, path, live))
    assert (item.path, (item.op, item.live, item.desired)) == (path, expected)


def test_a_pointer_is_a_json_pointer() -> None:
    assert DiffItem("add", ("tasks", 3, "taskProperties", "a/b~c"), None, "x").pointer == (
        "/tasks/3/taskProperties/a~1b~0c"
    )


def test_a_changed_explicit_default_has_both_values() -> None:
    path = ("sourceFlowConfig", "sourceConnectorProperties", "Salesforce", "enableDynamicFieldUpdate")
    (item,) = diff(edited(ACCOUNTS, path, False), edited(ACCOUNTS, path, True))
    assert (item.op, item.live, item.desired) == ("change", True, False)


def test_added_tasks_have_the_document_index_and_removed_ones_the_live_index() -> None:
    extra = mapping("Old", "Old")
    tasks = ACCOUNTS["tasks"]
    assert isinstance(tasks, list)
    live = edited(ACCOUNTS, ("tasks",), [extra, *tasks[::-1][:-1]])
    added, removed = diff(ACCOUNTS, live)
    assert (added.op, added.pointer, added.desired) == ("add", "/tasks/0", tasks[0])
    assert (removed.op, removed.pointer, removed.live) == ("remove", "/tasks/0", extra)


def test_a_missing_duplicate_task_is_one_difference() -> None:
    twice = edited(ACCOUNTS, ("tasks", 5), mapping("Id", "Id"))
    assert [(item.op, item.path) for item in diff(ACCOUNTS, twice)] == [("remove", ("tasks", 5))]
    assert [(item.op, item.path) for item in diff(twice, ACCOUNTS)] == [("add", ("tasks", 5))]


def test_a_destination_on_one_side_only_is_one_difference() -> None:
    second: Flow = {
        "connectorType": "S3",
        "destinationConnectorProperties": {"S3": {"bucketName": "other-bucket"}},
    }
    two = edited(ACCOUNTS, ("destinationFlowConfigList", 1), second)
    path = ("destinationFlowConfigList", 1)
    assert diff(two, ACCOUNTS) == (DiffItem("add", path, None, second),)
    assert diff(ACCOUNTS, two) == (DiffItem("remove", path, second, None),)


def test_an_unknown_member_is_a_difference_if_nested_and_ignored_at_the_top() -> None:
    path = ("sourceFlowConfig", "newSetting")
    (item,) = diff(ACCOUNTS, edited(ACCOUNTS, path, "on") | {"newReadOnlyMember": 1})
    assert (item.op, item.path, item.live) == ("remove", path, "on")


def test_differences_are_in_document_order() -> None:
    desired = {name: ACCOUNTS[name] for name in ("tasks", "description", "triggerConfig", "flowName")}
    live = edited(ACCOUNTS, ("triggerConfig", "triggerType"), "Event")
    live = edited(live, ("tasks", 4, "taskProperties", "MASK_VALUE"), "#")
    live = edited(live, ("tasks", 1, "destinationField"), "Key")
    live = edited(live, ("description",), "Old")
    assert [item.pointer for item in diff(desired, live)] == [
        "/tasks/1/destinationField",
        "/tasks/4/taskProperties/MASK_VALUE",
        "/description",
        "/triggerConfig/triggerType",
        "/destinationFlowConfigList/0",
        "/sourceFlowConfig",
    ]


@given(request=requests(), chance=CHANCE)
def test_a_request_does_not_differ_from_its_described_flow(request: Flow, chance: random.Random) -> None:
    assert diff(request, service_view(request, chance), updated_at=UPDATED_AT + 86_400) == ()


@given(request=requests(), chance=CHANCE)
def test_normalising_is_idempotent(request: Flow, chance: random.Random) -> None:
    for side in (request, service_view(request, chance)):
        assert normalise(normalise(side)) == normalise(side)


@given(desired=requests(), live=requests(), chance=CHANCE)
def test_diff_is_deterministic_and_changes_neither_argument(
    desired: Flow, live: Flow, chance: random.Random
) -> None:
    view = service_view(live, chance)
    before = copy.deepcopy((desired, view))
    first = diff(desired, view)
    assert (desired, view) == before
    assert diff(desired, view) == first


@given(request=requests(), chance=CHANCE, data=st.data())
def test_one_changed_string_is_exactly_one_difference(
    request: Flow, chance: random.Random, data: st.DataObject
) -> None:
    texts = [path for path in _texts(request) if path[0] != "tasks" and path[-1] != "scheduleExpression"]
    path = data.draw(st.sampled_from(texts))
    (item,) = diff(edited(request, path, "changed"), service_view(request, chance))
    # A list is one value.
    assert item.path == (path[:-1] if isinstance(path[-1], int) else path)
    assert "changed" in str(item.desired)


@given(request=requests(), chance=CHANCE, data=st.data())
def test_a_changed_task_is_reported_inside_that_task_only(
    request: Flow, chance: random.Random, data: st.DataObject
) -> None:
    texts = [path for path in _texts(request) if path[0] == "tasks" and path[-1] != "taskType"]
    assume(texts)
    path = data.draw(st.sampled_from(texts))
    items = diff(edited(request, path, "changed"), service_view(request, chance))
    wanted = [item for item in items if item.desired is not None]
    assert {item.path[:2] for item in wanted} == {path[:2]}
    assert any("changed" in str(item.desired) for item in wanted)


@given(request=requests(), chance=CHANCE, data=st.data())
def test_a_task_removed_from_the_document_is_one_removal(
    request: Flow, chance: random.Random, data: st.DataObject
) -> None:
    tasks: Any = request["tasks"]
    own = [
        index
        for index, task in enumerate(tasks)
        if task["taskType"] in {"Merge", "Mask"} or _is_own_filter(task)
    ]
    assume(own)
    index = data.draw(st.sampled_from(own))
    (item,) = diff(without(request, ("tasks", index)), service_view(request, chance))
    assert item.op == "remove"
    assert normalise({"tasks": [item.live]}) == normalise({"tasks": [tasks[index]]})


def _is_own_filter(task: Flow) -> bool:
    return task["taskType"] == "Filter" and task["connectorOperator"] != {"Salesforce": "PROJECTION"}


def _texts(value: Json, path: Path = ()) -> list[Path]:
    match value:
        case dict():
            return [found for name, member in value.items() for found in _texts(member, (*path, name))]
        case list():
            return [found for index, entry in enumerate(value) for found in _texts(entry, (*path, index))]
        case str():
            return [path]
        case _:
            return []
